//! A Messages request, read as strictly as Anthropic reads it.
//!
//! Source: Anthropic's API reference, "Create a Message", without what needs a beta header.

use serde_json::Value;

use super::message::{self, Conversation};
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::script::{Choice, Format, Prompt, Tool};
use crate::tokens;

const FIELDS: [&str; 19] = [
    "model",
    "messages",
    "max_tokens",
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "metadata",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
    "user_profile_id",
    "workspace_id",
];

/// What the older version takes besides.
const SAMPLING: [&str; 3] = ["temperature", "top_k", "top_p"];

const MAX_MARKS: usize = 4;

/// Least thinking that may be asked for.
const MIN_BUDGET: u32 = 1024;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub model: &'v str,
    pub streaming: bool,
    /// Thinking is sent sealed, without its text.
    pub hides_thinking: bool,
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
}

/// The API's version, by the `anthropic-version` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `2023-06-01`.
    Of2023,
    /// `2026-10-21`: no sampling parameters, no citations in what the user says.
    Of2026,
}

/// How much to think.
#[derive(Debug, Default)]
pub(crate) struct Thinking {
    pub tokens: u32,
    /// It is sent sealed, without its text.
    pub hidden: bool,
}

impl<'v> Request<'v> {
    /// Reads `body`.
    pub fn read(body: &'v Value, version: Version) -> Result<Self, Problem> {
        let root = Node::root(body);
        match version {
            Version::Of2023 => root.only(&[&FIELDS[..], &SAMPLING[..]].concat())?,
            Version::Of2026 => root.only(&FIELDS)?,
        }
        let model = root.need("model")?.text()?;
        let limit = root.need("max_tokens")?.amount(1)?;
        settings(&root)?;
        let thinking = thinking(&root, limit)?;
        let mut segments = Vec::new();
        let (tools, choice, parallel) = tools(&root, thinking.tokens > 0, &mut segments)?;
        if let Some(system) = root.get("system") {
            message::read_system(&system, &mut segments)?;
        }
        let mut conversation = Conversation::new(segments, thinking.tokens > 0, version);
        conversation.read(&root.need("messages")?)?;
        let mut segments = conversation.segments;
        if let (Some(control), Some(last)) = (root.get("cache_control"), segments.last_mut()) {
            last.mark = Some(message::lifetime(&control)?);
        }
        let marks = segments.iter().filter(|segment| segment.mark.is_some()).count();
        if marks > MAX_MARKS {
            let text = format!("A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {marks}.");
            return Err(root.said(text, None));
        }
        let prompt = Prompt {
            said: conversation.said,
            images: conversation.images,
            results: conversation.results,
            tools,
            choice,
            parallel,
            format: format(&root)?,
            stops: stops(&root)?,
            limit: Some(limit),
            thought: thinking.tokens,
        };
        let streaming = root.maybe("stream", |field| field.flag())?.unwrap_or(false);
        Ok(Self { model, streaming, hides_thinking: thinking.hidden, prompt, segments })
    }
}

/// Checks the settings that change nothing here.
fn settings(root: &Node) -> Result<(), Problem> {
    root.maybe("temperature", |field| field.number(0.0..=1.0))?;
    root.maybe("top_p", |field| field.number(0.0..=1.0))?;
    root.maybe("top_k", |field| field.integer(0..=i64::MAX))?;
    root.maybe("service_tier", |field| field.word(&["auto", "standard_only"]))?;
    root.maybe("speed", |field| field.word(&["standard", "fast"]))?;
    root.maybe("diagnostics", |field| field.object())?;
    for key in ["container", "user_profile_id", "workspace_id"] {
        root.maybe(key, |field| field.text())?;
    }
    root.maybe("inference_geo", |field| field.text())?;
    root.maybe("metadata", |field| {
        field.only(&["user_id"])?;
        field.maybe("user_id", |field| field.text())
    })?;
    Ok(())
}

/// How much to think before an answer of at most `limit` tokens, by the `thinking` of `root`.
pub(crate) fn thinking(root: &Node, limit: u32) -> Result<Thinking, Problem> {
    let Some(thinking) = root.get("thinking") else { return Ok(Thinking::default()) };
    thinking.object()?;
    let tokens = match thinking.need("type")?.word(&["adaptive", "disabled", "enabled"])? {
        "disabled" => {
            thinking.variant("disabled").only(&["type"])?;
            return Ok(Thinking::default());
        }
        "adaptive" => {
            thinking.variant("adaptive").only(&["type", "display"])?;
            effort(root)?
        }
        _ => {
            let enabled = thinking.variant("enabled");
            enabled.only(&["type", "budget_tokens", "display"])?;
            let budget = enabled.need("budget_tokens")?.amount(MIN_BUDGET)?;
            if budget >= limit {
                let text = "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                            https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
                return Err(root.said(text, None));
            }
            20 + budget / 64
        }
    };
    if root.get("temperature").is_some_and(|field| field.value().as_f64() != Some(1.0)) {
        let text = "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at \
                    https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
        return Err(root.said(text, None));
    }
    let display = thinking.maybe("display", |field| field.word(&["summarized", "omitted"]))?;
    Ok(Thinking { tokens, hidden: display == Some("omitted") })
}

/// Tokens of adaptive thinking at each effort.
fn effort(root: &Node) -> Result<u32, Problem> {
    let Some(config) = root.get("output_config") else { return Ok(160) };
    let effort = config.maybe("effort", |effort| effort.word(&["low", "medium", "high", "xhigh", "max"]))?;
    Ok(tokens_at(effort))
}

/// Tokens of adaptive thinking at this effort.
pub(crate) fn tokens_at(effort: Option<&str>) -> u32 {
    match effort {
        Some("low") => 20,
        Some("medium") => 60,
        Some("xhigh") => 240,
        Some("max") => 320,
        _ => 160,
    }
}

fn format<'v>(root: &Node<'_, 'v>) -> Result<Format<'v>, Problem> {
    let Some(config) = root.get("output_config") else { return Ok(Format::Text) };
    config.only(&["effort", "format"])?;
    config.maybe("effort", |effort| effort.word(&["low", "medium", "high", "xhigh", "max"]))?;
    let Some(format) = config.get("format") else { return Ok(Format::Text) };
    format.only(&["type", "schema"])?;
    format.need("type")?.word(&["json_schema"])?;
    let schema = format.need("schema")?;
    schema.object()?;
    let closed = schema.value().get("additionalProperties") == Some(&Value::Bool(false));
    if schema.value().get("type").is_some_and(|kind| kind == "object") && !closed {
        let text = "For 'object' type, 'additionalProperties' must be explicitly set to false";
        return Err(schema.said(text, None));
    }
    Ok(Format::Schema(schema.value()))
}

fn stops<'v>(root: &Node<'_, 'v>) -> Result<Vec<&'v str>, Problem> {
    let Some(list) = root.get("stop_sequences") else { return Ok(Vec::new()) };
    let mut stops = Vec::new();
    for stop in list.items()? {
        let text = stop.text()?;
        if text.trim().is_empty() {
            return Err(list.said("each stop sequence must contain non-whitespace", None));
        }
        stops.push(text);
    }
    Ok(stops)
}

/// The tools, which to call, and whether several at once.
fn tools<'v>(
    root: &Node<'_, 'v>,
    thinks: bool,
    segments: &mut Vec<Segment<'v>>,
) -> Result<(Vec<Tool<'v>>, Choice<'v>, bool), Problem> {
    let mut tools: Vec<Tool> = Vec::new();
    if let Some(list) = root.get("tools") {
        for tool in list.items()? {
            let read = read_tool(&tool)?;
            if read.is_some_and(|read| tools.iter().any(|tool| tool.name == read.name)) {
                return Err(list.said("Tool names must be unique.", None));
            }
            tools.extend(read);
            let mark = tool.maybe("cache_control", |control| message::lifetime(control))?;
            let bytes = tool.value().to_string().len();
            segments.push(Segment { role: "tools", value: tool.value(), tokens: tokens::weigh(bytes), mark });
        }
    }
    let Some(choice) = root.get("tool_choice") else { return Ok((tools, Choice::Auto, true)) };
    choice.object()?;
    let kind = choice.need("type")?.word(&["auto", "any", "tool", "none"])?;
    choice.variant(kind).only(&["type", "name", "disable_parallel_tool_use"])?;
    if tools.is_empty() && kind != "none" {
        return Err(root.said("tool_choice may only be specified while providing tools.", None));
    }
    if thinks && matches!(kind, "any" | "tool") {
        return Err(root.said("Thinking may not be enabled when tool_choice forces tool use.", None));
    }
    let parallel = !choice.maybe("disable_parallel_tool_use", |field| field.flag())?.unwrap_or(false);
    let wanted = match kind {
        "any" => Choice::Any,
        "none" => Choice::None,
        "tool" => {
            let name = choice.variant("tool").need("name")?.text()?;
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(choice.said(format!("Tool '{name}' not found in provided tools"), None));
            }
            Choice::Named(name)
        }
        _ => Choice::Auto,
    };
    Ok((tools, wanted, parallel))
}

/// A tool of the caller's. Tools that Anthropic runs itself are let in and never called.
fn read_tool<'v>(tool: &Node<'_, 'v>) -> Result<Option<Tool<'v>>, Problem> {
    tool.object()?;
    if tool.maybe("type", |field| field.text())?.is_some_and(|kind| kind != "custom") {
        tool.need("name")?.text()?;
        return Ok(None);
    }
    let custom = tool.variant("custom");
    custom.only(&[
        "type",
        "name",
        "description",
        "input_schema",
        "cache_control",
        "strict",
        "eager_input_streaming",
        "defer_loading",
        "allowed_callers",
        "input_examples",
    ])?;
    let named = custom.need("name")?;
    let name = named.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 128 || !name.chars().all(fits) {
        return Err(named.said("String should match pattern '^[a-zA-Z0-9_-]{1,128}$'", None));
    }
    custom.maybe("description", |field| field.text())?;
    let schema = custom.need("input_schema")?;
    schema.object()?;
    schema.need("type")?.word(&["object"])?;
    Ok(Some(Tool { name, schema: Some(schema.value()) }))
}
