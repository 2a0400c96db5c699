//! The messages of a chat completion: roles, content parts, and that each tool call has its result.

use std::borrow::Cow;

use serde_json::Value;

use crate::cache::Segment;
use crate::node::{Kind, Node, Problem, Step, Wrong};
use crate::openai::media;
use crate::tokens;

const ROLES: [&str; 6] = ["system", "assistant", "user", "function", "tool", "developer"];

/// What the messages read so far amount to.
#[derive(Debug, Default)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    /// A message says "json" somewhere, as `json_object` demands.
    pub mentions_json: bool,
    /// Calls of the last assistant message: id and tool.
    calls: Vec<(&'v str, &'v str)>,
    /// Ids of those without a result yet.
    unanswered: Vec<&'v str>,
}

/// Text of one message's content, and what else was in it.
#[derive(Debug, Default)]
struct Content<'v> {
    text: Cow<'v, str>,
    images: usize,
    /// Images, sounds and files.
    media: u32,
}

impl<'v> Conversation<'v> {
    /// Reads the list of messages.
    pub fn read(&mut self, messages: &Node<'_, 'v>) -> Result<(), Problem> {
        for message in messages.items_within(1..=usize::MAX)? {
            self.read_message(messages, &message)?;
        }
        self.all_answered(messages)
    }

    fn read_message(&mut self, messages: &Node, message: &Node<'_, 'v>) -> Result<(), Problem> {
        message.object()?;
        let role = message.need("role")?.word(&ROLES)?;
        if role != "tool" {
            self.all_answered(messages)?;
        }
        if let Some(name) = message.get("name") {
            name.text()?;
        }
        let (content, extra_bytes) = match role {
            "user" => (self.user(message)?, 0),
            "assistant" => self.assistant(message)?,
            "tool" => (self.tool(message)?, 0),
            "function" => (read_content(message, &["text"])?, 0),
            _ => {
                message.only(&["role", "content", "name"])?;
                (read_content(message, &["text"])?, 0)
            }
        };
        self.mentions_json |= content.text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"json"));
        let tokens = tokens::PER_MESSAGE
            + tokens::weigh(content.text.len() + extra_bytes)
            + content.media.saturating_mul(tokens::PER_MEDIUM);
        self.segments.push(Segment { role, value: message.value(), tokens, mark: None });
        match role {
            "user" => {
                self.said = content.text;
                self.images = content.images;
                self.results.clear();
            }
            "tool" => {
                let id = message.need("tool_call_id")?.text()?;
                let tool = self.calls.iter().find(|(call, _)| *call == id).map_or("", |(_, tool)| *tool);
                self.results.push((tool.into(), content.text));
            }
            _ => {}
        }
        Ok(())
    }

    fn user(&self, message: &Node<'_, 'v>) -> Result<Content<'v>, Problem> {
        message.only(&["role", "content", "name"])?;
        read_content(message, &["text", "image_url", "input_audio", "file"])
    }

    /// The content, and the bytes of tool calls and reasoning.
    fn assistant(&mut self, message: &Node<'_, 'v>) -> Result<(Content<'v>, usize), Problem> {
        message.only(&[
            "role",
            "content",
            "name",
            "refusal",
            "audio",
            "tool_calls",
            "function_call",
            "annotations",
            "reasoning_content",
        ])?;
        let mut bytes = 0;
        for key in ["refusal", "reasoning_content"] {
            if let Some(text) = message.get(key) {
                bytes += text.text()?.len();
            }
        }
        self.calls.clear();
        if let Some(calls) = message.get("tool_calls") {
            for call in calls.items_within(1..=128)? {
                bytes += self.call(&call)?;
            }
        }
        let silent =
            ["content", "tool_calls", "function_call", "refusal", "audio"].iter().all(|key| message.get(key).is_none());
        if silent {
            let problem = message.need("content").err().unwrap_or_else(|| message.fail(Wrong::Missing));
            let message = "Invalid value for 'content': expected a string, got null.".to_owned();
            return Err(dotted(Problem { wrong: Wrong::Said { message, code: None }, ..problem }));
        }
        let content = match message.get("content") {
            Some(_) => read_content(message, &["text", "refusal"])?,
            None => Content::default(),
        };
        Ok((content, bytes))
    }

    fn call(&mut self, call: &Node<'_, 'v>) -> Result<usize, Problem> {
        call.only(&["id", "type", "function"])?;
        let id = call.need("id")?.text()?;
        call.need("type")?.word(&["function"])?;
        let function = call.need("function")?;
        function.only(&["name", "arguments"])?;
        let name = function.need("name")?.text()?;
        let arguments = function.need("arguments")?.text()?;
        self.calls.push((id, name));
        self.unanswered.push(id);
        Ok(name.len() + arguments.len())
    }

    fn tool(&mut self, message: &Node<'_, 'v>) -> Result<Content<'v>, Problem> {
        message.only(&["role", "content", "name", "tool_call_id"])?;
        let id = message.need("tool_call_id")?.text()?;
        let Some(at) = self.unanswered.iter().position(|call| *call == id) else {
            let text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
            return Err(dotted(message.need("role")?.said(text, None)));
        };
        self.unanswered.swap_remove(at);
        read_content(message, &["text"])
    }

    fn all_answered(&self, messages: &Node) -> Result<(), Problem> {
        if self.unanswered.is_empty() {
            return Ok(());
        }
        let rule = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
        let missing = self.unanswered.join(", ");
        let text = format!("{rule} The following tool_call_ids did not have response messages: {missing}");
        Err(messages.said(text, None))
    }
}

/// The same problem with its path in OpenAI's other way of writing: `messages.[0].role`.
fn dotted(mut problem: Problem) -> Problem {
    for step in &mut problem.path {
        if let Step::Index(at) = step {
            *step = Step::Key(format!("[{at}]"));
        }
    }
    problem
}

/// The `content` of a message: a text, or parts of the types `allowed`.
fn read_content<'v>(message: &Node<'_, 'v>, allowed: &'static [&'static str]) -> Result<Content<'v>, Problem> {
    let content = message.need("content")?;
    match content.value() {
        Value::String(text) => Ok(Content { text: text.as_str().into(), ..Content::default() }),
        Value::Array(_) => {
            let mut whole = Content::default();
            for part in content.items_within(1..=usize::MAX)? {
                read_part(&part, allowed, &mut whole)?;
            }
            Ok(whole)
        }
        _ => Err(content.unexpected(Kind::Content)),
    }
}

fn read_part<'v>(
    part: &Node<'_, 'v>,
    allowed: &'static [&'static str],
    whole: &mut Content<'v>,
) -> Result<(), Problem> {
    part.object()?;
    match part.need("type")?.word(allowed)? {
        "text" => {
            part.only(&["type", "text"])?;
            append(&mut whole.text, part.need("text")?.text()?);
        }
        "refusal" => {
            part.only(&["type", "refusal"])?;
            append(&mut whole.text, part.need("refusal")?.text()?);
        }
        "image_url" => {
            part.only(&["type", "image_url"])?;
            image(&part.need("image_url")?)?;
            whole.images += 1;
            whole.media += 1;
        }
        "input_audio" => {
            part.only(&["type", "input_audio"])?;
            media::audio(&part.need("input_audio")?)?;
            whole.media += 1;
        }
        _ => {
            part.only(&["type", "file"])?;
            part.need("file")?.only(&["file_data", "file_id", "filename"])?;
            whole.media += 1;
        }
    }
    Ok(())
}

fn image(image: &Node) -> Result<(), Problem> {
    image.only(&["url", "detail"])?;
    if let Some(detail) = image.get("detail") {
        detail.word(&["auto", "low", "high"])?;
    }
    media::image_url(&image.need("url")?)
}

fn append<'v>(whole: &mut Cow<'v, str>, text: &'v str) {
    if whole.is_empty() {
        *whole = Cow::Borrowed(text);
    } else {
        let whole = whole.to_mut();
        whole.push('\n');
        whole.push_str(text);
    }
}
