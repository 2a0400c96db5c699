//! Stop sequences for endpoints that know none: the answer is cut here, as the provider would have cut it.
//!
//! The rest of the answer is still read, since its usage is what will be billed; the client does not see it.

use std::collections::{BTreeMap, VecDeque};

use canon::{Event, FinishReason};

/// Cuts answers at the first of some sequences.
#[derive(Debug)]
pub struct Stops {
    sequences: Vec<String>,
    choice: u32,
    choices: BTreeMap<u32, Cut>,
}

/// Of one choice.
#[derive(Debug, Default)]
struct Cut {
    /// The end of the text so far, if it may be the beginning of a sequence.
    held: String,
    /// The sequence that came.
    came: Option<String>,
}

impl Stops {
    /// `None` where there is nothing to look for.
    pub fn at(sequences: Vec<String>) -> Option<Self> {
        let sequences: Vec<String> = sequences.into_iter().filter(|sequence| !sequence.is_empty()).collect();
        (!sequences.is_empty()).then(|| Self { sequences, choice: 0, choices: BTreeMap::new() })
    }

    /// Looks through the events from `first` on.
    pub fn cut(&mut self, first: usize, out: &mut VecDeque<Event>) {
        for event in out.split_off(first.min(out.len())) {
            self.take(event, out);
        }
    }

    fn take(&mut self, event: Event, out: &mut VecDeque<Event>) {
        if let Event::Choice(number) = event {
            self.choice = number;
            out.push_back(event);
            return;
        }
        let Self { sequences, choice, choices } = self;
        let cut = choices.entry(*choice).or_default();
        match event {
            Event::Text(text) if cut.came.is_none() => cut.text(&text, sequences, out),
            Event::Finish { reason, native, stop_sequence } => {
                cut.release(out);
                let (reason, stop_sequence) = match cut.came.take() {
                    Some(sequence) => (FinishReason::Stop, Some(sequence)),
                    None => (reason, stop_sequence),
                };
                out.push_back(Event::Finish { reason, native, stop_sequence });
            }
            Event::Start { .. } | Event::Usage(_) => out.push_back(event),
            event if cut.came.is_none() => {
                cut.release(out);
                out.push_back(event);
            }
            _ => {}
        }
    }
}

impl Cut {
    fn text(&mut self, text: &str, sequences: &[String], out: &mut VecDeque<Event>) {
        self.held.push_str(text);
        let found = sequences.iter().filter_map(|sequence| Some((self.held.find(sequence.as_str())?, sequence)));
        if let Some((at, sequence)) = found.min_by_key(|(at, _)| *at) {
            self.held.truncate(at);
            self.came = Some(sequence.clone());
            self.release(out);
            return;
        }
        let keep = sequences.iter().map(|sequence| overlap(&self.held, sequence)).max().unwrap_or_default();
        let rest = self.held.split_off(self.held.len() - keep);
        self.release(out);
        self.held = rest;
    }

    /// What is held was no sequence, or stands before one.
    fn release(&mut self, out: &mut VecDeque<Event>) {
        if !self.held.is_empty() {
            out.push_back(Event::Text(std::mem::take(&mut self.held)));
        }
    }
}

/// The length of the longest end of `text` that `sequence` begins with.
fn overlap(text: &str, sequence: &str) -> usize {
    let fits = |length: &usize| sequence.get(..*length).is_some_and(|begin| text.ends_with(begin));
    (1..sequence.len()).rev().find(fits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str], sequences: &[&str]) -> (String, Option<String>) {
        let mut stops = Stops::at(sequences.iter().map(|s| (*s).to_owned()).collect()).unwrap();
        let mut out = VecDeque::new();
        let finish = Event::Finish { reason: FinishReason::Length, native: "max".to_owned(), stop_sequence: None };
        let events = pieces.iter().map(|piece| Event::Text((*piece).to_owned())).chain([finish]);
        for event in events {
            let first = out.len();
            out.push_back(event);
            stops.cut(first, &mut out);
        }
        let mut text = String::new();
        let mut came = None;
        for event in out {
            match event {
                Event::Text(piece) => text += &piece,
                Event::Finish { stop_sequence, .. } => came = stop_sequence,
                other => panic!("{other:?}"),
            }
        }
        (text, came)
    }

    #[test]
    fn an_answer_is_cut_before_the_sequence_that_comes_first_however_it_is_cut() {
        let whole = "äone END two STOP three";
        for at in (0..=whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let (a, b) = whole.split_at(at);
            assert_eq!(cut(&[a, b], &["STOP", "END"]), ("äone ".to_owned(), Some("END".to_owned())), "{at}");
        }
        let letters: Vec<String> = whole.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(cut(&letters, &["STOP"]), ("äone END two ".to_owned(), Some("STOP".to_owned())));
    }

    #[test]
    fn what_only_looked_like_a_sequence_is_told() {
        assert_eq!(cut(&["a ST", "OR", "E ST"], &["STOP"]), ("a STORE ST".to_owned(), None));
        assert_eq!(cut(&["aab", "aa", "b"], &["aabaac"]), ("aabaab".to_owned(), None));
    }

    #[test]
    fn calls_after_the_sequence_are_hidden_and_usage_is_not() {
        let mut stops = Stops::at(vec!["END".to_owned()]).unwrap();
        let usage = Event::Usage(domain::Usage { prompt: 1, completion: 9, ..Default::default() });
        let call = Event::ToolCall { index: 0, id: "a".to_owned(), name: "f".to_owned() };
        let mut out: VecDeque<Event> = [Event::Text("x END".to_owned()), call, usage.clone()].into();
        stops.cut(0, &mut out);
        assert_eq!(out, [Event::Text("x ".to_owned()), usage]);
    }
}
