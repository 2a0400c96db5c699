//! The messages of a request: roles, content blocks, cache marks, and that tool results follow their calls.

use std::borrow::Cow;

use serde_json::Value;

use super::request::Version;
use crate::cache::{Lifetime, Segment};
use crate::media;
use crate::node::{Kind, Node, Problem, Wrong};
use crate::tokens;

const BLOCKS: [&str; 7] = ["document", "image", "redacted_thinking", "text", "thinking", "tool_result", "tool_use"];

/// What the messages read so far amount to.
#[derive(Debug)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    /// Thinking is on, so that a last turn with tool calls must begin with its thinking.
    thinks: bool,
    version: Version,
    /// Calls of the message before: id and tool.
    calls: Vec<(&'v str, &'v str)>,
}

/// One message while its blocks are read.
#[derive(Debug, Default)]
struct Turn<'v> {
    text: Cow<'v, str>,
    images: usize,
    calls: Vec<(&'v str, &'v str)>,
    results: Vec<(&'v str, Cow<'v, str>)>,
    /// Type of the first block.
    opening: Option<&'static str>,
}

impl<'v> Conversation<'v> {
    /// After `segments` of tools and system prompt.
    pub fn new(segments: Vec<Segment<'v>>, thinks: bool, version: Version) -> Self {
        Self { said: Cow::default(), images: 0, results: Vec::new(), segments, thinks, version, calls: Vec::new() }
    }

    /// Reads the list of messages.
    pub fn read(&mut self, messages: &Node<'_, 'v>) -> Result<(), Problem> {
        let items = messages.items()?;
        let count = items.len();
        if count == 0 {
            return Err(messages.said("at least one message is required", None));
        }
        for (at, message) in items.enumerate() {
            message.only(&["role", "content"])?;
            let role = role(messages, &message)?;
            let content = message.need("content")?;
            let turn = self.turn(role, &content)?;
            let is_last = at + 1 == count;
            if turn.opening.is_none() && !(is_last && role == "assistant") {
                let text = "all messages must have non-empty content except for the optional final assistant message";
                return Err(message.said(text, None));
            }
            self.check_results(&message, at, &turn)?;
            if role == "assistant" {
                self.check_thinking(&content, &turn, at + 2 == count)?;
                self.calls = turn.calls;
            } else {
                self.hear(turn);
            }
        }
        match self.calls.first() {
            Some((call, _)) => Err(at_root(messages.said(unanswered(count - 1, call), None))),
            None => Ok(()),
        }
    }

    /// Takes in a user's turn.
    fn hear(&mut self, turn: Turn<'v>) {
        self.results.clear();
        for (id, text) in turn.results {
            let tool = self.calls.iter().find(|(call, _)| *call == id).map_or("", |(_, tool)| *tool);
            self.results.push((tool.into(), text));
        }
        if self.results.is_empty() || !turn.text.is_empty() {
            self.said = turn.text;
            self.images = turn.images;
        }
        self.calls.clear();
    }

    /// Each result must answer a call of the message before, and each of its calls must have one.
    fn check_results(&self, message: &Node, at: usize, turn: &Turn) -> Result<(), Problem> {
        for (id, _) in &turn.results {
            if !self.calls.iter().any(|(call, _)| call == id) {
                let text = format!(
                    "unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have a \
                     corresponding `tool_use` block in the previous message."
                );
                return Err(message.said(text, None));
            }
        }
        let missing = self.calls.iter().find(|(call, _)| !turn.results.iter().any(|(id, _)| call == id));
        match missing {
            Some((call, _)) => Err(at_root(message.said(unanswered(at.saturating_sub(1), call), None))),
            None => Ok(()),
        }
    }

    fn check_thinking(&self, content: &Node, turn: &Turn, is_final: bool) -> Result<(), Problem> {
        let thought = matches!(turn.opening, Some("thinking" | "redacted_thinking"));
        if !self.thinks || !is_final || turn.calls.is_empty() || thought {
            return Ok(());
        }
        let found = turn.opening.unwrap_or("text");
        let text = format!(
            "Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is enabled, a final `assistant` \
             message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend \
             you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our \
             documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
        );
        let mut problem = content.said(text, None);
        problem.path.extend([crate::node::Step::Index(0), crate::node::Step::Key("type".to_owned())]);
        Err(problem)
    }

    fn turn(&mut self, role: &'static str, content: &Node<'_, 'v>) -> Result<Turn<'v>, Problem> {
        let mut turn = Turn::default();
        let first = self.segments.len();
        match content.value() {
            Value::String(text) => {
                turn.text = text.as_str().into();
                turn.opening = (!text.is_empty()).then_some("text");
                let tokens = tokens::weigh(text.len());
                self.segments.push(Segment { role, value: content.value(), tokens, mark: None });
            }
            Value::Array(_) => {
                for block in content.items()? {
                    let (tokens, kind) = read_block(&block, role, &mut turn)?;
                    turn.opening.get_or_insert(kind);
                    if self.version == Version::Of2026 && (role, kind) == ("user", "text") {
                        no_citations(&block.variant(kind))?;
                    }
                    let mark = mark(&block)?;
                    self.segments.push(Segment { role, value: block.value(), tokens, mark });
                }
            }
            _ => return Err(content.unexpected(Kind::Content)),
        }
        if let Some(first) = self.segments.get_mut(first) {
            first.tokens += tokens::PER_MESSAGE;
        }
        Ok(turn)
    }
}

/// A problem that Anthropic tells with its place in the sentence.
fn at_root(problem: Problem) -> Problem {
    Problem { path: Vec::new(), ..problem }
}

fn unanswered(at: usize, call: &str) -> String {
    format!(
        "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {call}. Each `tool_use` block \
         must have a corresponding `tool_result` block in the next message."
    )
}

fn role(messages: &Node, message: &Node) -> Result<&'static str, Problem> {
    let role = message.need("role")?;
    if role.text()? == "system" {
        let text = "Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an \
                    input message role.";
        return Err(messages.said(text, None));
    }
    role.word(&["user", "assistant"])
}

/// Reads the system prompt: a text, or text blocks.
pub(super) fn read_system<'v>(system: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<(), Problem> {
    let mut first = tokens::PER_MESSAGE;
    let mut push = |value: &'v Value, bytes: usize, mark| {
        let tokens = tokens::weigh(bytes) + std::mem::take(&mut first);
        segments.push(Segment { role: "system", value, tokens, mark });
    };
    match system.value() {
        Value::String(text) => push(system.value(), text.len(), None),
        Value::Array(_) => {
            for block in system.items()? {
                block.object()?;
                block.need("type")?.word(&["text"])?;
                block.only(&["type", "text", "cache_control", "citations"])?;
                let text = non_empty(&block)?;
                push(block.value(), text.len(), mark(&block)?);
            }
        }
        _ => return Err(system.unexpected(Kind::Content)),
    }
    Ok(())
}

/// How long a `cache_control` wants its prefix to be kept.
pub(super) fn lifetime(control: &Node) -> Result<Lifetime, Problem> {
    control.object()?;
    control.need("type")?.word(&["ephemeral"])?;
    let control = control.variant("ephemeral");
    control.only(&["type", "ttl"])?;
    match control.get("ttl") {
        Some(ttl) if ttl.word(&["5m", "1h"])? == "1h" => Ok(Lifetime::Hour),
        _ => Ok(Lifetime::FiveMinutes),
    }
}

fn mark(block: &Node) -> Result<Option<Lifetime>, Problem> {
    block.get("cache_control").map(|control| lifetime(&control)).transpose()
}

fn non_empty<'v>(block: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    let text = block.need("text")?.text()?;
    if text.is_empty() {
        return Err(block.said("text content blocks must be non-empty", None));
    }
    Ok(text)
}

fn no_citations(block: &Node) -> Result<(), Problem> {
    block.get("citations").map_or(Ok(()), |citations| Err(citations.fail(Wrong::Unknown)))
}

/// Reads one block into `turn`; gives its tokens and its type.
fn read_block<'v>(block: &Node<'_, 'v>, role: &str, turn: &mut Turn<'v>) -> Result<(u32, &'static str), Problem> {
    block.object()?;
    let kind = block.need("type")?;
    let Some(kind) = BLOCKS.iter().copied().find(|known| kind.value() == *known) else {
        let tags: Vec<String> = BLOCKS.iter().map(|known| format!("'{known}'")).collect();
        let found = kind.text()?;
        let text = format!(
            "Input tag '{found}' found using 'type' does not match any of the expected tags: {}",
            tags.join(", ")
        );
        return Err(block.said(text, None));
    };
    let belongs = match kind {
        "thinking" | "redacted_thinking" | "tool_use" => role == "assistant",
        "tool_result" | "image" | "document" => role == "user",
        _ => true,
    };
    if !belongs {
        let other = if role == "user" { "assistant" } else { "user" };
        return Err(block.said(format!("`{kind}` blocks can only be in `{other}` messages"), None));
    }
    let block = block.variant(kind);
    let tokens = match kind {
        "text" => {
            block.only(&["type", "text", "cache_control", "citations"])?;
            let text = non_empty(&block)?;
            append(&mut turn.text, text);
            tokens::weigh(text.len())
        }
        "image" => {
            block.only(&["type", "source", "cache_control"])?;
            source(&block.need("source")?)?;
            turn.images += 1;
            tokens::PER_MEDIUM
        }
        "document" => {
            block.only(&["type", "source", "cache_control", "citations", "context", "title"])?;
            block.need("source")?.object()?;
            tokens::PER_MEDIUM
        }
        "tool_use" => tool_use(&block, turn)?,
        "tool_result" => tool_result(&block, turn)?,
        "thinking" => {
            block.only(&["type", "thinking", "signature"])?;
            let thinking = block.need("thinking")?.text()?;
            let signature = block.need("signature")?.text()?;
            if !media::is_seal(signature, thinking) {
                return Err(block.said("Invalid `signature` in `thinking` block", None));
            }
            tokens::weigh(thinking.len())
        }
        _ => {
            block.only(&["type", "data"])?;
            tokens::weigh(block.need("data")?.text()?.len())
        }
    };
    Ok((tokens, kind))
}

fn tool_use<'v>(block: &Node<'_, 'v>, turn: &mut Turn<'v>) -> Result<u32, Problem> {
    block.only(&["type", "id", "name", "input", "cache_control", "caller"])?;
    let id = block.need("id")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let text = id.text()?;
    if text.is_empty() || !text.chars().all(fits) {
        return Err(id.said("String should match pattern '^[a-zA-Z0-9_-]+$'", None));
    }
    let name = block.need("name")?.text()?;
    let input = block.need("input")?;
    input.object()?;
    if turn.calls.iter().any(|(call, _)| *call == text) {
        return Err(at_root(block.said("messages: `tool_use` ids must be unique", None)));
    }
    turn.calls.push((text, name));
    Ok(tokens::weigh(name.len() + input.value().to_string().len()))
}

fn tool_result<'v>(block: &Node<'_, 'v>, turn: &mut Turn<'v>) -> Result<u32, Problem> {
    block.only(&["type", "tool_use_id", "content", "is_error", "cache_control"])?;
    let id = block.need("tool_use_id")?.text()?;
    if let Some(is_error) = block.get("is_error") {
        is_error.flag()?;
    }
    let mut result = Turn::default();
    let mut tokens = 0;
    match block.get("content") {
        None => {}
        Some(content) if content.value().is_string() => {
            result.text = content.text()?.into();
            tokens = tokens::weigh(result.text.len());
        }
        Some(content) => {
            for inner in content.items()? {
                inner.object()?;
                inner.need("type")?.word(&["document", "image", "text"])?;
                tokens += read_block(&inner, "user", &mut result)?.0;
            }
        }
    }
    turn.results.push((id, result.text));
    Ok(tokens)
}

/// The source of an image: base64, a web address or an uploaded file.
fn source(source: &Node) -> Result<(), Problem> {
    source.object()?;
    match source.need("type")?.word(&["base64", "file", "url"])? {
        "base64" => {
            let source = source.variant("base64");
            source.only(&["type", "media_type", "data"])?;
            source.need("media_type")?.word(media::IMAGE_TYPES)?;
            let data = source.need("data")?.text()?;
            if data.is_empty() {
                return Err(source.said("image cannot be empty", None));
            }
            if media::is_base64(data) { Ok(()) } else { Err(source.said("invalid base64 data", None)) }
        }
        "url" => {
            let source = source.variant("url");
            source.only(&["type", "url"])?;
            let url = source.need("url")?;
            if media::is_web_url(url.text()?) { Ok(()) } else { Err(url.said("Only HTTPS URLs are supported.", None)) }
        }
        _ => {
            let source = source.variant("file");
            source.only(&["type", "file_id"])?;
            source.need("file_id")?.text().map(drop)
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
