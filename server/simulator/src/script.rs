//! What to answer: a pure function from a dialect-free prompt to parts of reasoning, text and tool calls. No clock, no chance.

use std::borrow::Cow;

use serde_json::Value;

use crate::knobs::Knobs;
use crate::{schema, tokens};

/// Longest part of the user's text that is said back, in bytes.
const MAX_ECHO: usize = 2_000;

/// What the caller wants, whatever the dialect it was said in. `'v` is the request body.
#[derive(Debug, Default)]
pub(crate) struct Prompt<'v> {
    /// Text of the last user message.
    pub said: Cow<'v, str>,
    /// Images in the last user message.
    pub images: usize,
    /// Results that tools gave after that: name of the tool, text of the result.
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub tools: Vec<Tool<'v>>,
    pub choice: Choice<'v>,
    /// Several tools may be called at once.
    pub parallel: bool,
    pub format: Format<'v>,
    pub stops: Vec<&'v str>,
    /// Most completion tokens.
    pub limit: Option<u32>,
    /// Tokens to think before the answer.
    pub thought: u32,
}

/// A function the model may call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool<'v> {
    pub name: &'v str,
    /// JSON schema of its arguments.
    pub schema: Option<&'v Value>,
}

/// Which tools are to be called.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) enum Choice<'v> {
    /// Those whose name occurs in the user's text.
    #[default]
    Auto,
    None,
    /// At least one.
    Any,
    Named(&'v str),
}

/// What the answer's text must be.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Format<'v> {
    #[default]
    Text,
    /// Any JSON object.
    Json,
    /// JSON of this schema.
    Schema(&'v Value),
}

/// An ending that a request asks for by its `finish` knob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// `refusal`: the model declines.
    Refusal,
    /// `content_filter`: a filter stops the answer half-way.
    ContentFilter,
    /// `prompt_filter`: a filter stops the prompt, so that there is no answer.
    PromptFilter,
}

impl Ending {
    /// The ending called `name`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "refusal" => Some(Self::Refusal),
            "content_filter" => Some(Self::ContentFilter),
            "prompt_filter" => Some(Self::PromptFilter),
            _ => None,
        }
    }
}

/// What a part of an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Reasoning,
    Text,
    Refusal,
    /// A call of this tool; the text of the part is its arguments, as JSON.
    Call(String),
}

/// One part and its text, cut to the limit already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passage {
    pub part: Part,
    pub text: String,
    /// Completion tokens: the text's pieces, and one more for the name of a tool.
    pub tokens: u32,
}

impl Passage {
    pub fn new(part: Part, text: String) -> Self {
        let name = u32::from(matches!(part, Part::Call(_)));
        Self { tokens: tokens::count(&text) + name, part, text }
    }
}

/// Why an answer ends.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Finish {
    #[default]
    Stop,
    /// This stop sequence came.
    StopSequence(String),
    Length,
    ToolCalls,
    ContentFilter,
    Refusal,
}

/// A whole answer. The default is an answer without content.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub passages: Vec<Passage>,
    pub finish: Finish,
}

impl Script {
    /// The answer to `prompt`.
    pub fn write(prompt: &Prompt, knobs: &Knobs) -> Self {
        let mut script = Self::default();
        let thought = if prompt.thought > 0 { knobs.reasoning_tokens.unwrap_or(prompt.thought) } else { 0 };
        if thought > 0 {
            let mut text = format!("The user says: {} Step by step:", shorten(&prompt.said));
            tokens::fit(&mut text, thought);
            script.passages.push(Passage::new(Part::Reasoning, text));
        }
        script.speak(prompt, knobs);
        if let Some(limit) = prompt.limit {
            script.cut(limit);
        }
        script
    }

    /// Adds what follows the reasoning.
    fn speak(&mut self, prompt: &Prompt, knobs: &Knobs) {
        if knobs.ending == Some(Ending::Refusal) {
            self.passages.push(Passage::new(Part::Refusal, "I'm sorry, but I can't help with that.".to_owned()));
            self.finish = Finish::Refusal;
            return;
        }
        let calls = calls(prompt);
        if !calls.is_empty() && knobs.ending.is_none() {
            self.passages.extend(calls);
            self.finish = Finish::ToolCalls;
            return;
        }
        let mut text = text(prompt);
        if let Some(wanted) = knobs.output_tokens {
            tokens::fit(&mut text, wanted.saturating_sub(self.tokens()));
        }
        if let Some(stop) = stop(&mut text, &prompt.stops) {
            self.finish = Finish::StopSequence(stop);
        }
        if knobs.ending == Some(Ending::ContentFilter) {
            let half = tokens::count(&text) / 2;
            tokens::shorten(&mut text, half);
            self.finish = Finish::ContentFilter;
        }
        if !text.is_empty() {
            self.passages.push(Passage::new(Part::Text, text));
        }
    }

    /// Ends the answer after `limit` tokens.
    fn cut(&mut self, limit: u32) {
        let mut left = limit;
        for at in 0..self.passages.len() {
            let passage = &mut self.passages[at];
            if passage.tokens > left {
                let name = u32::from(matches!(passage.part, Part::Call(_)));
                tokens::shorten(&mut passage.text, left.saturating_sub(name));
                passage.tokens = left;
                self.passages.truncate(if left == 0 { at } else { at + 1 });
                self.finish = Finish::Length;
                return;
            }
            left -= passage.tokens;
        }
    }

    /// Completion tokens of the whole answer.
    pub fn tokens(&self) -> u32 {
        self.passages.iter().map(|passage| passage.tokens).sum()
    }

    /// Completion tokens of the reasoning.
    pub fn reasoning_tokens(&self) -> u32 {
        self.passages.iter().filter(|passage| passage.part == Part::Reasoning).map(|passage| passage.tokens).sum()
    }
}

/// The calls to make: of the tool demanded, or of those the user named, or, if one must be called, of the first.
fn calls(prompt: &Prompt) -> Vec<Passage> {
    let named = |tool: &&Tool| match prompt.choice {
        Choice::Named(name) => tool.name == name,
        Choice::None => false,
        Choice::Auto | Choice::Any => prompt.results.is_empty() && mentions(&prompt.said, tool.name),
    };
    let mut chosen: Vec<&Tool> = prompt.tools.iter().filter(named).collect();
    if chosen.is_empty() && prompt.choice == Choice::Any {
        chosen.extend(prompt.tools.first());
    }
    if !prompt.parallel {
        chosen.truncate(1);
    }
    let call = |tool: &Tool| {
        let arguments = tool.schema.map_or_else(|| "{}".to_owned(), |schema| schema::instance(schema).to_string());
        Passage::new(Part::Call(tool.name.to_owned()), arguments)
    };
    chosen.into_iter().map(call).collect()
}

/// Whether `name` stands in `text` as a word of its own, so that `get` is not found in `get_weather`.
fn mentions(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !text[..at].chars().next_back().is_some_and(part)
                && !text[at + name.len()..].chars().next().is_some_and(part)
        })
}

fn text(prompt: &Prompt) -> String {
    match prompt.format {
        Format::Schema(schema) => return schema::instance(schema).to_string(),
        Format::Json => return serde_json::json!({ "answer": shorten(&prompt.said) }).to_string(),
        Format::Text => {}
    }
    if !prompt.results.is_empty() {
        let lines =
            prompt.results.iter().map(|(tool, result)| format!("The tool {tool} returned: {}", shorten(result)));
        return lines.collect::<Vec<_>>().join("\n");
    }
    let seen = match prompt.images {
        0 => String::new(),
        1 => " I see 1 image.".to_owned(),
        n => format!(" I see {n} images."),
    };
    format!("You said: {}{seen}", shorten(&prompt.said))
}

/// Cuts `text` before the stop sequence that comes first, and tells which it is.
fn stop(text: &mut String, stops: &[&str]) -> Option<String> {
    let found = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| Some((text.find(stop)?, *stop)));
    let (at, stop) = found.min_by_key(|(at, _)| *at)?;
    text.truncate(at);
    Some(stop.to_owned())
}

fn shorten(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_ECHO)]
}

/// Where a reader of a script is; tells the pieces one by one, without copying them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Index of the passage.
    pub passage: usize,
    offset: usize,
}

impl Cursor {
    /// The next piece of the current passage, or `None` at its end.
    pub fn piece<'s>(&mut self, script: &'s Script) -> Option<&'s str> {
        let rest = &script.passages.get(self.passage)?.text[self.offset..];
        let length = tokens::first_piece(rest);
        self.offset += length;
        (length > 0).then(|| &rest[..length])
    }

    /// Goes on to the next passage.
    pub fn turn(&mut self) {
        *self = Self { passage: self.passage + 1, offset: 0 };
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use serde_json::json;

    use super::*;
    use crate::Config;

    fn write(prompt: &Prompt, model: &str) -> Script {
        let (_, knobs) = Knobs::read(&Config::default(), model, &HeaderMap::new()).expect("knobs");
        Script::write(prompt, &knobs)
    }

    fn said(text: &str) -> Prompt<'_> {
        Prompt { said: text.into(), parallel: true, ..Prompt::default() }
    }

    #[test]
    fn the_last_user_message_is_said_back() {
        let script = write(&Prompt { images: 2, ..said("hello.") }, "m");
        assert_eq!(script.passages[0].text, "You said: hello. I see 2 images.");
        assert_eq!(script.finish, Finish::Stop);
    }

    #[test]
    fn an_answer_has_exactly_the_tokens_asked_for() {
        let script = write(&Prompt { thought: 10, ..said("hello") }, "m?tokens=300");
        assert_eq!((script.tokens(), script.reasoning_tokens()), (300, 10));
    }

    #[test]
    fn a_limit_ends_it_with_length_wherever_it_falls() {
        for limit in 0..40 {
            let script = write(&Prompt { thought: 10, limit: Some(limit), ..said("a b c d e f g h i j") }, "m");
            assert_eq!(script.tokens(), limit.min(23));
            assert_eq!(script.finish == Finish::Length, limit < 23, "{limit}");
        }
    }

    #[test]
    fn the_first_stop_sequence_ends_it() {
        let script = write(&Prompt { stops: vec!["four", "two"], ..said("one two three four") }, "m");
        assert_eq!(script.passages[0].text, "You said: one ");
        assert_eq!(script.finish, Finish::StopSequence("two".into()));
    }

    #[test]
    fn tools_are_called_when_named_or_demanded() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        let tools = || vec![Tool { name: "time", schema: None }, Tool { name: "get_time", schema: Some(&schema) }];
        let names = |prompt: Prompt| -> Vec<Part> {
            write(&prompt, "m").passages.into_iter().map(|passage| passage.part).collect()
        };
        let call = |name: &str| Part::Call(name.into());
        let both = "use get_time and time";
        assert_eq!(names(Prompt { tools: tools(), ..said("use get_time") }), [call("get_time")]);
        assert_eq!(names(Prompt { tools: tools(), ..said(both) }), [call("time"), call("get_time")]);
        assert_eq!(names(Prompt { tools: tools(), parallel: false, ..said(both) }), [call("time")]);
        assert_eq!(names(Prompt { tools: tools(), choice: Choice::None, ..said(both) }), [Part::Text]);
        assert_eq!(names(Prompt { tools: tools(), choice: Choice::Any, ..said("hi") }), [call("time")]);
        assert_eq!(
            names(Prompt { tools: tools(), choice: Choice::Named("get_time"), ..said("hi") }),
            [call("get_time")]
        );
        let results = vec![("get_time".into(), "noon".into())];
        let after = write(&Prompt { tools: tools(), results, ..said(both) }, "m");
        assert_eq!(after.passages[0].text, "The tool get_time returned: noon");
    }
}
