//! The messages of a request: turns in order, content blocks, cache points, and that tool results follow their uses.

use std::borrow::Cow;

use super::content::{at, cache_point, document, medium, union};
use super::error::by_model;
use super::reply::is_redacted;
use super::request::{name, use_id};
use crate::cache::Segment;
use crate::media;
use crate::node::{Node, Problem};
use crate::tokens;

const BLOCKS: &[&str] = &[
    "text",
    "image",
    "document",
    "video",
    "audio",
    "toolUse",
    "toolResult",
    "guardContent",
    "cachePoint",
    "reasoningContent",
    "citationsContent",
    "searchResult",
];

/// What the messages read so far amount to.
#[derive(Debug)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    /// Cache points in messages.
    pub marks: usize,
    thinks: bool,
    has_tools: bool,
    /// Uses of tools in the message before: id and tool.
    uses: Vec<(&'v str, &'v str)>,
    documents: Vec<&'v str>,
}

/// One message while its blocks are read.
#[derive(Debug, Default)]
struct Turn<'v> {
    text: Cow<'v, str>,
    images: usize,
    uses: Vec<(&'v str, &'v str)>,
    results: Vec<(&'v str, Cow<'v, str>)>,
    /// Kinds of its blocks, in order.
    kinds: Vec<&'static str>,
}

impl<'v> Conversation<'v> {
    /// After `segments` of tools and system prompt.
    pub fn new(segments: Vec<Segment<'v>>, thinks: bool, has_tools: bool) -> Self {
        Self {
            said: Cow::default(),
            images: 0,
            results: Vec::new(),
            segments,
            marks: 0,
            thinks,
            has_tools,
            uses: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Reads the list of messages.
    pub fn read(&mut self, messages: &Node<'_, 'v>) -> Result<(), Problem> {
        let items = messages.items()?;
        let count = items.len();
        let mut before = "";
        for (index, message) in items.enumerate() {
            message.only(&["role", "content"])?;
            let role = message.need("role")?.word(&["user", "assistant"])?;
            if index == 0 && role != "user" {
                let text = "A conversation must start with a user message. Try again with a conversation that starts with a \
                            user message.";
                return Err(message.said(text, None));
            }
            if role == before {
                let text = "A conversation must alternate between user and assistant roles. Make sure the conversation \
                            alternates between user and assistant roles and try again.";
                return Err(message.said(text, None));
            }
            before = role;
            let content = message.need("content")?;
            let turn = self.turn(role, &content)?;
            if turn.kinds.is_empty() {
                let text = format!(
                    "The content field in the Message object at {} is empty. Add a ContentBlock object to the content field and \
                     try again.",
                    at(&message)
                );
                return Err(message.said(text, None));
            }
            self.check_results(&content, &turn)?;
            if role == "assistant" {
                self.check_thinking(&content, &turn, index + 2 == count)?;
                self.uses = turn.uses;
            } else {
                self.hear(turn);
            }
        }
        if count == 0 {
            let text = "A conversation must start with a user message. Try again with a conversation that starts with a user message.";
            return Err(messages.said(text, None));
        }
        match self.uses.is_empty() {
            true => Ok(()),
            false => Err(messages.said(unanswered(&format!("messages.{count}.content"), &self.uses), None)),
        }
    }

    /// Takes in a user's turn.
    fn hear(&mut self, turn: Turn<'v>) {
        self.results.clear();
        for (id, text) in turn.results {
            let tool = self.uses.iter().find(|(used, _)| *used == id).map_or("", |(_, tool)| *tool);
            self.results.push((tool.into(), text));
        }
        if self.results.is_empty() || !turn.text.is_empty() {
            self.said = turn.text;
            self.images = turn.images;
        }
        self.uses.clear();
    }

    /// Each use in the message before must have its result here, and nothing else may have one.
    fn check_results(&self, content: &Node, turn: &Turn<'v>) -> Result<(), Problem> {
        if !self.has_tools && turn.kinds.iter().any(|kind| matches!(*kind, "toolUse" | "toolResult")) {
            let text = "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
            return Err(content.said(text, None));
        }
        let answered = |id: &str| turn.results.iter().any(|(result, _)| *result == id);
        let missing: Vec<(&str, &str)> = self.uses.iter().filter(|(id, _)| !answered(id)).copied().collect();
        if !missing.is_empty() {
            return Err(content.said(unanswered(&at(content), &missing), None));
        }
        if turn.results.len() > self.uses.len() {
            let text = format!(
                "The number of toolResult blocks at {} exceeds the number of toolUse blocks of previous turn.",
                at(content)
            );
            return Err(content.said(text, None));
        }
        Ok(())
    }

    fn check_thinking(&self, content: &Node, turn: &Turn, is_final: bool) -> Result<(), Problem> {
        let opening = turn.kinds.first().copied().unwrap_or_default();
        if !self.thinks || !is_final || turn.uses.is_empty() || opening == "reasoningContent" {
            return Ok(());
        }
        let found = if opening == "toolUse" { "tool_use" } else { "text" };
        Err(by_model(format!(
            "{}.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is enabled, a final \
             `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` \
             blocks).",
            at(content)
        )))
    }

    fn turn(&mut self, role: &'static str, content: &Node<'_, 'v>) -> Result<Turn<'v>, Problem> {
        let mut turn = Turn::default();
        let first = self.segments.len();
        for block in content.items()? {
            let kind = union(&block, "ContentBlock", BLOCKS)?;
            let inner = block.need(kind)?;
            if kind == "cachePoint" {
                let lifetime = cache_point(&inner)?;
                self.marks += 1;
                if let Some(last) = self.segments.last_mut() {
                    last.mark = Some(lifetime);
                }
                continue;
            }
            belongs(&block, kind, role)?;
            let tokens = match kind {
                "toolUse" => tool_use(&inner, &mut turn)?,
                "toolResult" => self.tool_result(&inner, &mut turn)?,
                "reasoningContent" => reasoning(&block, &inner)?,
                _ => self.plain(&block, kind, &mut turn)?,
            };
            turn.kinds.push(kind);
            self.segments.push(Segment { role, value: block.value(), tokens, mark: None });
        }
        if turn.kinds.contains(&"document") && !turn.kinds.contains(&"text") {
            let text = "A text block must be included in a message that contains a document block.";
            return Err(content.said(text, None));
        }
        if let Some(first) = self.segments.get_mut(first) {
            first.tokens += tokens::PER_MESSAGE;
        }
        Ok(turn)
    }

    /// A block that also a tool's result may have; gives its tokens.
    fn plain(&mut self, block: &Node<'_, 'v>, kind: &str, turn: &mut Turn<'v>) -> Result<u32, Problem> {
        let inner = block.need(kind)?;
        match kind {
            "text" => {
                let text = inner.text()?;
                if text.trim().is_empty() {
                    let text = format!(
                        "The text field in the ContentBlock object at {} is blank. Add text to the text field, and try again.",
                        at(block)
                    );
                    return Err(inner.said(text, None));
                }
                append(&mut turn.text, text);
                Ok(tokens::weigh(text.len()))
            }
            "json" => {
                let text = inner.value().to_string();
                let tokens = tokens::weigh(text.len());
                turn.text = text.into();
                Ok(tokens)
            }
            "image" | "video" | "audio" => {
                medium(&inner, kind)?;
                turn.images += usize::from(kind == "image");
                Ok(tokens::PER_MEDIUM)
            }
            "document" => {
                let name = document(&inner)?;
                if self.documents.contains(&name) {
                    return Err(inner.said("Documents in the conversation must have unique names.", None));
                }
                self.documents.push(name);
                Ok(tokens::PER_MEDIUM)
            }
            _ => {
                inner.object()?;
                Ok(tokens::weigh(inner.value().to_string().len()))
            }
        }
    }

    fn tool_result(&mut self, block: &Node<'_, 'v>, turn: &mut Turn<'v>) -> Result<u32, Problem> {
        block.only(&["toolUseId", "content", "status", "type"])?;
        let id = use_id(&block.need("toolUseId")?)?;
        let status = block.maybe("status", |field| field.word(&["success", "error"]))?;
        let mut result = Turn::default();
        let mut tokens = 0;
        let content = block.need("content")?;
        let parts = content.items()?;
        if parts.len() == 0 && status == Some("error") {
            let text = format!("The content field at {} cannot be empty when status value is error.", at(block));
            return Err(block.said(text, None));
        }
        for part in parts {
            let known = &["json", "text", "image", "document", "video", "searchResult"];
            let kind = union(&part, "ToolResultContentBlock", known)?;
            tokens += self.plain(&part, kind, &mut result)?;
        }
        turn.results.push((id, result.text));
        Ok(tokens)
    }
}

fn unanswered(place: &str, uses: &[(&str, &str)]) -> String {
    let ids: Vec<&str> = uses.iter().map(|(id, _)| *id).collect();
    format!("Expected toolResult blocks at {place} for the following Ids: {}", ids.join(", "))
}

/// Refuses blocks that only the other side may send.
fn belongs(block: &Node, kind: &str, role: &str) -> Result<(), Problem> {
    let side = match kind {
        "toolUse" | "reasoningContent" | "citationsContent" => "assistant",
        "toolResult" | "image" | "document" | "video" | "audio" | "searchResult" | "guardContent" => "user",
        _ => return Ok(()),
    };
    if side == role {
        return Ok(());
    }
    let text = format!(
        "The {kind} block at {} is not allowed in a message of the {role} role: include it in a message of the {side} role.",
        at(block)
    );
    Err(block.said(text, None))
}

/// Reads the system prompt.
pub(super) fn read_system<'v>(system: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<(), Problem> {
    let mut first = tokens::PER_MESSAGE;
    for block in system.items()? {
        let kind = union(&block, "SystemContentBlock", &["text", "guardContent", "cachePoint"])?;
        let inner = block.need(kind)?;
        match kind {
            "cachePoint" => {
                let lifetime = cache_point(&inner)?;
                if let Some(last) = segments.last_mut() {
                    last.mark = Some(lifetime);
                }
                continue;
            }
            "guardContent" => inner.object()?,
            _ => super::request::filled(&inner).map(drop)?,
        }
        let length = inner.value().as_str().map_or_else(|| inner.value().to_string().len(), str::len);
        let tokens = tokens::weigh(length) + std::mem::take(&mut first);
        segments.push(Segment { role: "system", value: block.value(), tokens, mark: None });
    }
    Ok(())
}

fn tool_use<'v>(block: &Node<'_, 'v>, turn: &mut Turn<'v>) -> Result<u32, Problem> {
    block.only(&["toolUseId", "name", "input", "type"])?;
    let id = use_id(&block.need("toolUseId")?)?;
    let name = name(&block.need("name")?)?;
    let input = block.need("input")?;
    if !input.value().is_object() {
        let text = format!(
            "The format of the value at {} is invalid. Provide a json object for the field and try again.",
            at(&input)
        );
        return Err(input.said(text, None));
    }
    if turn.uses.iter().any(|(used, _)| *used == id) {
        return Err(by_model("messages: `tool_use` ids must be unique"));
    }
    turn.uses.push((id, name));
    Ok(tokens::weigh(name.len() + input.value().to_string().len()))
}

/// Reasoning that comes back must be as it was sent.
fn reasoning(block: &Node, inner: &Node) -> Result<u32, Problem> {
    let invalid = |kind: &str| by_model(format!("{}: Invalid `signature` in `{kind}` block", at(block)));
    match union(inner, "ReasoningContentBlock", &["reasoningText", "redactedContent"])? {
        "redactedContent" => {
            let content = inner.need("redactedContent")?.text()?;
            if is_redacted(content) { Ok(tokens::weigh(content.len())) } else { Err(invalid("redacted_thinking")) }
        }
        _ => {
            let thought = inner.need("reasoningText")?;
            thought.only(&["text", "signature"])?;
            let text = thought.need("text")?.text()?;
            let Some(signature) = thought.get("signature") else {
                return Err(by_model(format!("{}.thinking.signature: Field required", at(block))));
            };
            if media::is_seal(signature.text()?, text) {
                Ok(tokens::weigh(text.len()))
            } else {
                Err(invalid("thinking"))
            }
        }
    }
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
