//! The messages of a chat: roles, content parts, and that each tool call has its result.

use std::borrow::Cow;

use serde_json::Value;

use crate::cache::Segment;
use crate::media;
use crate::node::{Node, Problem};
use crate::tokens;

/// What the messages read so far amount to.
#[derive(Debug)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    /// Calls of the last assistant message: id and tool.
    calls: Vec<(&'v str, &'v str)>,
    /// Ids of those without a result yet.
    unanswered: Vec<&'v str>,
}

/// What one message says.
#[derive(Debug, Default)]
struct Content<'v> {
    text: Cow<'v, str>,
    images: usize,
    /// Bytes beside the text: calls, plans, thoughts, documents.
    other: usize,
}

impl<'v> Conversation<'v> {
    /// After `segments` of tools and documents.
    pub fn new(segments: Vec<Segment<'v>>) -> Self {
        Self {
            said: Cow::default(),
            images: 0,
            results: Vec::new(),
            segments,
            calls: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    /// Reads the list of messages.
    pub fn read(&mut self, messages: &Node<'_, 'v>) -> Result<(), Problem> {
        for message in messages.items_within(1..=usize::MAX)? {
            message.object()?;
            let role = message.need("role")?.word(&["user", "assistant", "system", "tool"])?;
            if role != "tool" {
                self.all_answered(messages)?;
            }
            let content = match role {
                "user" => self.user(&message)?,
                "assistant" => self.assistant(&message)?,
                "tool" => self.tool(&message)?,
                _ => {
                    message.only(&["role", "content"])?;
                    read_content(&message.need("content")?, &["text"])?
                }
            };
            let images = u32::try_from(content.images).unwrap_or(u32::MAX);
            let tokens = tokens::PER_MESSAGE
                + tokens::weigh(content.text.len() + content.other)
                + images.saturating_mul(tokens::PER_MEDIUM);
            self.segments.push(Segment { role, value: message.value(), tokens, mark: None });
            if role == "user" {
                self.said = content.text;
                self.images = content.images;
                self.results.clear();
            }
        }
        self.all_answered(messages)
    }

    fn user(&self, message: &Node<'_, 'v>) -> Result<Content<'v>, Problem> {
        message.only(&["role", "content"])?;
        let content = read_content(&message.need("content")?, &["text", "image_url", "document"])?;
        if content.text.trim().is_empty() && content.images == 0 {
            let text = "invalid request: message must be at least 1 token long or tool results must be specified.";
            return Err(message.said(text, None));
        }
        Ok(content)
    }

    fn assistant(&mut self, message: &Node<'_, 'v>) -> Result<Content<'v>, Problem> {
        message.only(&["role", "content", "tool_calls", "tool_plan", "citations"])?;
        let mut content = match message.get("content") {
            Some(content) => read_content(&content, &["text", "thinking"])?,
            None => Content::default(),
        };
        content.other += message.maybe("tool_plan", |plan| plan.text())?.map_or(0, str::len);
        message.maybe("citations", |citations| citations.items().map(drop))?;
        self.calls.clear();
        if let Some(calls) = message.get("tool_calls") {
            for call in calls.items()? {
                content.other += self.call(&call)?;
            }
        }
        if content.text.is_empty() && content.other == 0 {
            return Err(message.said("invalid request: message must not be empty in a turn", None));
        }
        Ok(content)
    }

    fn call(&mut self, call: &Node<'_, 'v>) -> Result<usize, Problem> {
        call.only(&["id", "type", "function"])?;
        let id = call.need("id")?.text()?;
        call.need("type")?.word(&["function"])?;
        let function = call.need("function")?;
        function.only(&["name", "arguments"])?;
        let name = function.need("name")?.text()?;
        let arguments = function.need("arguments")?;
        let text = arguments.text()?;
        if !serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object()) {
            let text = format!("invalid request: arguments of tool call '{id}' must be a JSON object.");
            return Err(arguments.said(text, None));
        }
        self.calls.push((id, name));
        self.unanswered.push(id);
        Ok(name.len() + text.len())
    }

    fn tool(&mut self, message: &Node<'_, 'v>) -> Result<Content<'v>, Problem> {
        message.only(&["role", "content", "tool_call_id"])?;
        let id = message.need("tool_call_id")?.text()?;
        let Some(at) = self.unanswered.iter().position(|call| *call == id) else {
            let text = format!("invalid request: tool call id '{id}' not found in previous tool calls.");
            return Err(message.said(text, None));
        };
        self.unanswered.swap_remove(at);
        let content = read_content(&message.need("content")?, &["text", "document"])?;
        let tool = self.calls.iter().find(|(call, _)| *call == id).map_or("", |(_, tool)| *tool);
        self.results.push((tool.into(), content.text.clone()));
        Ok(content)
    }

    fn all_answered(&self, messages: &Node) -> Result<(), Problem> {
        if self.unanswered.is_empty() {
            return Ok(());
        }
        let missing = self.unanswered.join(", ");
        let text =
            format!("invalid request: all tool calls must have a tool message with their result - missing: {missing}.");
        Err(messages.said(text, None))
    }
}

/// A text, or parts of the types `allowed`.
fn read_content<'v>(content: &Node<'_, 'v>, allowed: &'static [&'static str]) -> Result<Content<'v>, Problem> {
    if content.value().is_string() {
        return Ok(Content { text: content.text()?.into(), ..Content::default() });
    }
    let mut whole = Content::default();
    for part in content.items()? {
        part.object()?;
        match part.need("type")?.word(allowed)? {
            "text" => {
                part.only(&["type", "text"])?;
                append(&mut whole.text, part.need("text")?.text()?);
            }
            "thinking" => {
                part.only(&["type", "thinking"])?;
                whole.other += part.need("thinking")?.text()?.len();
            }
            "image_url" => {
                part.only(&["type", "image_url"])?;
                image(&part.need("image_url")?)?;
                whole.images += 1;
            }
            _ => {
                part.only(&["type", "document"])?;
                let document = part.need("document")?;
                document.only(&["data", "id"])?;
                let data = document.need("data")?;
                data.object()?;
                append_owned(&mut whole.text, &data.value().to_string());
            }
        }
    }
    Ok(whole)
}

fn image(image: &Node) -> Result<(), Problem> {
    image.only(&["url", "detail"])?;
    image.maybe("detail", |detail| detail.word(&["auto", "low", "high"]))?;
    let url = image.need("url")?;
    let good = match media::data_url(url.text()?) {
        Some((kind, data)) => media::IMAGE_TYPES.contains(&kind) && media::is_base64(data),
        None => media::is_web_url(url.text()?),
    };
    if good {
        return Ok(());
    }
    Err(url.said("invalid request: image_url must be a web address or a base64 data URI of a supported image.", None))
}

fn append<'v>(whole: &mut Cow<'v, str>, text: &'v str) {
    if whole.is_empty() {
        *whole = Cow::Borrowed(text);
    } else {
        append_owned(whole, text);
    }
}

fn append_owned(whole: &mut Cow<str>, text: &str) {
    let whole = whole.to_mut();
    if !whole.is_empty() {
        whole.push('\n');
    }
    whole.push_str(text);
}
