//! The input items of a response: messages, reasoning, tool calls, and that each call has its output.

use std::borrow::Cow;

use serde_json::Value;

use super::reply;
use crate::cache::Segment;
use crate::node::{Kind, Node, Problem};
use crate::openai::media;
use crate::tokens;

const ITEMS: &[&str] = &[
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "item_reference",
    "file_search_call",
    "web_search_call",
    "computer_call",
    "computer_call_output",
    "code_interpreter_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "compaction",
];

const ROLES: &[&str] = &["assistant", "system", "developer", "user"];
const HEARD: &[&str] = &["input_text", "input_image", "input_file", "input_audio"];
const SAID: &[&str] = &["output_text", "refusal"];
const STATUSES: &[&str] = &["in_progress", "completed", "incomplete"];

/// What the items read so far amount to.
#[derive(Debug, Default)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    /// A message says "json" somewhere, as `json_object` demands.
    pub mentions_json: bool,
    /// An item named by its id alone: nothing is stored, so it is unknown.
    pub lost: Option<&'v str>,
    /// Calls so far: id and tool.
    calls: Vec<(&'v str, &'v str)>,
    /// Ids of those without an output yet.
    unanswered: Vec<&'v str>,
}

/// Text of one item's content, and what else was in it.
#[derive(Debug, Default)]
struct Content<'v> {
    text: Cow<'v, str>,
    images: usize,
    /// Images, sounds and files.
    media: u32,
}

impl<'v> Conversation<'v> {
    /// Reads the system's message that stands before the input.
    pub fn instruct(&mut self, instructions: &Node<'_, 'v>) -> Result<(), Problem> {
        let text = instructions.text()?;
        self.mentions_json |= mentions_json(text);
        self.enter("system", instructions.value(), text.len(), 0);
        Ok(())
    }

    /// Reads the input: a text, or a list of items.
    pub fn read(&mut self, input: &Node<'_, 'v>) -> Result<(), Problem> {
        match input.value() {
            Value::String(text) => {
                self.mentions_json |= mentions_json(text);
                self.said = text.as_str().into();
                self.enter("user", input.value(), text.len(), 0);
                Ok(())
            }
            Value::Array(_) => {
                for item in input.items_within(1..=usize::MAX)? {
                    self.read_item(input, &item)?;
                }
                match self.unanswered.first() {
                    None => Ok(()),
                    Some(call) => Err(input.said(format!("No tool output found for function call {call}."), None)),
                }
            }
            _ => Err(input.unexpected(Kind::Content)),
        }
    }

    fn read_item(&mut self, input: &Node, item: &Node<'_, 'v>) -> Result<(), Problem> {
        item.object()?;
        let kind = item.maybe("type", |kind| kind.word(ITEMS))?.unwrap_or("message");
        item.maybe("status", |status| status.word(STATUSES))?;
        match kind {
            "message" => self.message(item),
            "reasoning" => self.reasoning(item),
            "function_call" => self.call(item, "fc", "arguments"),
            "custom_tool_call" => self.call(item, "ctc", "input"),
            "function_call_output" => self.output(input, item, "fc"),
            "custom_tool_call_output" => self.output(input, item, "ctc"),
            "item_reference" => {
                item.only(&["type", "id"])?;
                self.lost = self.lost.or(Some(item.need("id")?.text()?));
                Ok(())
            }
            _ => {
                self.enter("assistant", item.value(), 0, 0);
                Ok(())
            }
        }
    }

    fn message(&mut self, item: &Node<'_, 'v>) -> Result<(), Problem> {
        item.only(&["type", "role", "content", "id", "status", "phase"])?;
        check_id(item, "msg")?;
        let role = item.need("role")?.word(ROLES)?;
        item.maybe("phase", |phase| phase.word(&["commentary", "final_answer"]))?;
        let content = read_content(&item.need("content")?, if role == "assistant" { SAID } else { HEARD })?;
        self.mentions_json |= mentions_json(&content.text);
        self.enter(role, item.value(), content.text.len(), content.media);
        if role == "user" {
            self.said = content.text;
            self.images = content.images;
            self.results.clear();
        }
        Ok(())
    }

    /// Reasoning is believed by its encrypted content alone, which belongs to one item.
    fn reasoning(&mut self, item: &Node<'_, 'v>) -> Result<(), Problem> {
        item.only(&["type", "id", "summary", "content", "encrypted_content", "status"])?;
        let id = check_id(item, "rs")?;
        let summary = item.need("summary")?;
        let mut bytes = 0;
        for part in summary.items()? {
            part.only(&["type", "text"])?;
            part.need("type")?.word(&["summary_text"])?;
            bytes += part.need("text")?.text()?.len();
        }
        let Some(sealed) = item.get("encrypted_content") else {
            self.lost = self.lost.or(Some(id.unwrap_or_default()));
            return Ok(());
        };
        if !reply::is_encrypted(sealed.text()?, id) {
            let message = format!(
                "The encrypted content for item {} could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
                id.unwrap_or_default()
            );
            return Err(Node::root(item.value()).said(message, Some("invalid_encrypted_content")));
        }
        self.enter("assistant", item.value(), bytes, 0);
        Ok(())
    }

    fn call(&mut self, item: &Node<'_, 'v>, prefix: &str, payload: &str) -> Result<(), Problem> {
        item.only(&["type", "id", "call_id", "name", payload, "status", "namespace", "caller", "async"])?;
        check_id(item, prefix)?;
        let call = item.need("call_id")?.text()?;
        let name = item.need("name")?.text()?;
        let said = item.need(payload)?.text()?;
        self.calls.push((call, name));
        self.unanswered.push(call);
        self.enter("assistant", item.value(), name.len() + said.len(), 0);
        Ok(())
    }

    fn output(&mut self, input: &Node, item: &Node<'_, 'v>, prefix: &str) -> Result<(), Problem> {
        item.only(&["type", "id", "call_id", "output", "status", "name", "namespace", "caller"])?;
        check_id(item, prefix)?;
        let call = item.need("call_id")?.text()?;
        let content = read_content(&item.need("output")?, &HEARD[..3])?;
        let Some(at) = self.unanswered.iter().position(|waiting| *waiting == call) else {
            let message = format!("No tool call found for function call output with call_id {call}.");
            return Err(input.said(message, None));
        };
        self.unanswered.swap_remove(at);
        self.enter("tool", item.value(), content.text.len(), content.media);
        let tool = self.calls.iter().rev().find(|(id, _)| *id == call).map_or("", |(_, tool)| *tool);
        self.results.push((tool.into(), content.text));
        Ok(())
    }

    fn enter(&mut self, role: &'v str, value: &'v Value, bytes: usize, media: u32) {
        let tokens = tokens::PER_MESSAGE + tokens::weigh(bytes) + media.saturating_mul(tokens::PER_MEDIUM);
        self.segments.push(Segment { role, value, tokens, mark: None });
    }
}

/// An item's own id, which begins with its kind's prefix.
fn check_id<'v>(item: &Node<'_, 'v>, prefix: &str) -> Result<Option<&'v str>, Problem> {
    let Some(field) = item.get("id") else { return Ok(None) };
    let id = field.text()?;
    if id.starts_with(prefix) {
        return Ok(Some(id));
    }
    let place = crate::openai::error::Envelope::place(&field.fail(crate::node::Wrong::Missing).path);
    let message = format!("Invalid '{place}': '{id}'. Expected an ID that begins with '{prefix}'.");
    Err(field.said(message, Some("invalid_value")))
}

/// A text, or parts of the types `allowed`.
fn read_content<'v>(content: &Node<'_, 'v>, allowed: &'static [&'static str]) -> Result<Content<'v>, Problem> {
    match content.value() {
        Value::String(text) => Ok(Content { text: text.as_str().into(), ..Content::default() }),
        Value::Array(_) => {
            let mut whole = Content::default();
            for part in content.items()? {
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
        "input_text" => {
            part.only(&["type", "text", "prompt_cache_breakpoint"])?;
            append(&mut whole.text, part.need("text")?.text()?);
        }
        "output_text" => {
            part.only(&["type", "text", "annotations", "logprobs"])?;
            for key in ["annotations", "logprobs"] {
                part.maybe(key, |list| list.items().map(drop))?;
            }
            append(&mut whole.text, part.need("text")?.text()?);
        }
        "refusal" => {
            part.only(&["type", "refusal"])?;
            append(&mut whole.text, part.need("refusal")?.text()?);
        }
        "input_image" => {
            part.only(&["type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"])?;
            part.maybe("detail", |detail| detail.word(&["low", "high", "auto", "original"]))?;
            match part.get("file_id") {
                Some(file) => drop(file.text()?),
                None => media::image_url(&part.need("image_url")?)?,
            }
            whole.images += 1;
            whole.media += 1;
        }
        "input_audio" => {
            part.only(&["type", "input_audio"])?;
            media::audio(&part.need("input_audio")?)?;
            whole.media += 1;
        }
        _ => {
            part.only(&["type", "file_data", "file_id", "file_url", "filename", "detail", "prompt_cache_breakpoint"])?;
            file(part)?;
            whole.media += 1;
        }
    }
    Ok(())
}

/// A file by one of its id, its address, or its name and bytes.
fn file(part: &Node) -> Result<(), Problem> {
    let ways: Vec<Node> = ["file_data", "file_id", "file_url"].iter().filter_map(|key| part.get(key)).collect();
    let [way] = ways.as_slice() else {
        let message = "You must provide exactly one of 'file_id', 'file_url' or 'file_data' for an 'input_file'.";
        return Err(part.said(message, Some("invalid_value")));
    };
    let text = way.text()?;
    if part.get("file_data").is_none() {
        return Ok(());
    }
    part.need("filename")?.text()?;
    match crate::media::data_url(text) {
        Some((_, data)) if crate::media::is_base64(data) => Ok(()),
        _ => {
            let place = crate::openai::error::Envelope::place(&way.fail(crate::node::Wrong::Missing).path);
            let message = format!(
                "Invalid '{place}'. Expected a base64-encoded data URL with an application/pdf MIME type, but got a value without the \
                 'data:' prefix."
            );
            Err(way.said(message, Some("invalid_value")))
        }
    }
}

fn mentions_json(text: &str) -> bool {
    text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"json"))
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
