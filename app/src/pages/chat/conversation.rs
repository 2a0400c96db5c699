//! A conversation: prompts with each lane's answers, what of it a model is told, and how the browser keeps it.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Phase};
use super::lane::{Lane, LaneId};
use super::wire::{Ask, Message};

/// Older conversations than this many are dropped: browsers keep about 5 MB for a site.
const KEPT: usize = 30;
const TITLE_CHARS: usize = 60;

/// One prompt and what each lane said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub prompt: String,
    pub answers: Vec<(LaneId, Answer)>,
}

/// As it is kept in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Milliseconds since 1970 when it began.
    pub id: u64,
    pub lanes: Vec<Lane>,
    pub exchanges: Vec<Exchange>,
}

impl Conversation {
    /// The first line of the first prompt, short.
    pub fn title(&self) -> String {
        let first = self.exchanges.first().map_or("", |exchange| exchange.prompt.trim());
        let line = first.lines().next().unwrap_or_default();
        if line.chars().count() <= TITLE_CHARS {
            return line.to_owned();
        }
        line.chars().take(TITLE_CHARS - 1).chain(['…']).collect()
    }

    /// An answer that was running when the page went away will not go on.
    fn settled(mut self) -> Self {
        for (_, answer) in self.exchanges.iter_mut().flat_map(|exchange| &mut exchange.answers) {
            if answer.phase.is_running() {
                answer.phase = Phase::Stopped;
            }
        }
        self
    }
}

/// All conversations of this browser, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf(pub Vec<Conversation>);

impl Shelf {
    /// What cannot be read counts as empty: an older version of the site wrote it, or somebody else.
    pub fn read(text: &str) -> Self {
        let read: Self = serde_json::from_str(text).unwrap_or_default();
        Self(read.0.into_iter().map(Conversation::settled).collect())
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Puts a conversation on top, in place of its earlier state.
    pub fn put(&mut self, conversation: Conversation) {
        self.remove(conversation.id);
        self.0.insert(0, conversation);
        self.0.truncate(KEPT);
    }

    pub fn remove(&mut self, id: u64) {
        self.0.retain(|kept| kept.id != id);
    }
}

/// The request that asks a lane this prompt, after all that it was asked and has said before.
///
/// Exchanges it said nothing in are left out, so that roles alternate. Settings that are wrong are left out too: the form
/// does not let them be sent.
pub fn ask(lane: &Lane, past: &[Exchange], prompt: &str) -> Ask {
    let mut messages = Vec::new();
    let system = lane.settings.system.trim();
    if !system.is_empty() {
        messages.push(Message { role: "system", content: system.to_owned() });
    }
    for exchange in past {
        let said = exchange.answers.iter().find(|(id, _)| *id == lane.id).map(|(_, answer)| answer);
        if let Some(answer) = said.filter(|answer| answer.has_text()) {
            messages.push(Message { role: "user", content: exchange.prompt.clone() });
            messages.push(Message { role: "assistant", content: answer.text.clone() });
        }
    }
    messages.push(Message { role: "user", content: prompt.to_owned() });
    Ask {
        model: lane.model.slug.to_string(),
        messages,
        stream: true,
        temperature: lane.settings.temperature().unwrap_or_default(),
        max_tokens: lane.settings.max_tokens().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::{Choice, Settings};
    use super::*;

    fn lane(id: LaneId, settings: Settings) -> Lane {
        let model =
            Choice { slug: "a/b".parse().unwrap(), name: "B".into(), simulated: true, prompt: None, completion: None };
        Lane { id, model, on: true, settings }
    }

    fn said(text: &str) -> Answer {
        Answer { phase: Phase::Done, text: text.into(), ..Answer::default() }
    }

    fn exchange(prompt: &str, answers: Vec<(LaneId, Answer)>) -> Exchange {
        Exchange { prompt: prompt.into(), answers }
    }

    #[test]
    fn a_lane_is_told_its_own_past_only() {
        let past = [
            exchange("one", vec![(0, said("zero says")), (1, said("one says"))]),
            exchange("two", vec![(0, said(""))]),
            exchange("three", vec![(1, said("again"))]),
        ];
        let settings = Settings { system: " Be brief. ".into(), max_tokens: "9".into(), ..Settings::default() };
        let ask = ask(&lane(1, settings), &past, "four");
        let told: Vec<(&str, &str)> = ask.messages.iter().map(|m| (m.role, m.content.as_str())).collect();
        let expected = [
            ("system", "Be brief."),
            ("user", "one"),
            ("assistant", "one says"),
            ("user", "three"),
            ("assistant", "again"),
            ("user", "four"),
        ];
        assert_eq!(told, expected);
        assert_eq!((ask.model.as_str(), ask.max_tokens, ask.temperature), ("a/b", Some(9), None));
    }

    #[test]
    fn a_shelf_survives_the_browser_with_running_answers_stopped() {
        let mut shelf = Shelf::default();
        let running = Answer { phase: Phase::Streaming, text: "Half".into(), ..Answer::default() };
        let conversation = Conversation {
            id: 7,
            lanes: vec![lane(0, Settings::default())],
            exchanges: vec![exchange("Hi", vec![(0, running)])],
        };
        shelf.put(conversation.clone());
        let read = Shelf::read(&shelf.text());
        assert_eq!(read.0[0].exchanges[0].answers[0].1.phase, Phase::Stopped);
        assert_eq!(read.0[0].exchanges[0].answers[0].1.text, "Half");
        assert_eq!(read.0[0].lanes, conversation.lanes);
    }

    #[test]
    fn a_shelf_keeps_the_newest_and_each_once() {
        let mut shelf = Shelf::default();
        for id in (0..KEPT as u64 + 5).chain([20, 20]) {
            shelf.put(Conversation { id, lanes: vec![], exchanges: vec![] });
        }
        assert_eq!(shelf.0.len(), KEPT);
        assert_eq!(shelf.0[0].id, 20);
        assert_eq!(shelf.0.iter().filter(|c| c.id == 20).count(), 1);
        shelf.remove(20);
        assert_eq!(shelf.0.len(), KEPT - 1);
    }

    #[test]
    fn what_is_not_a_shelf_is_an_empty_one() {
        assert_eq!(Shelf::read("{\"v\":1}"), Shelf::default());
        assert_eq!(Shelf::read(""), Shelf::default());
    }

    #[test]
    fn a_title_is_the_first_line_cut_between_characters() {
        let title =
            |prompt: &str| Conversation { id: 0, lanes: vec![], exchanges: vec![exchange(prompt, vec![])] }.title();
        assert_eq!(title("\n Hello\nworld"), "Hello");
        assert_eq!(title(&"é".repeat(100)).chars().count(), TITLE_CHARS);
    }
}
