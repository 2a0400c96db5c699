//! A chat request, read as strictly as Cohere reads it.

use serde_json::Value;

use super::message::Conversation;
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::script::{Choice, Format, Prompt, Tool};
use crate::tokens;

const FIELDS: [&str; 22] = [
    "model",
    "messages",
    "stream",
    "tools",
    "strict_tools",
    "documents",
    "citation_options",
    "response_format",
    "safety_mode",
    "max_tokens",
    "stop_sequences",
    "temperature",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "k",
    "p",
    "logprobs",
    "tool_choice",
    "thinking",
    "priority",
    "raw_prompting",
];

const MAX_STOPS: usize = 5;

/// Most tokens of a prompt.
const CONTEXT: u32 = 256_000;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub model: &'v str,
    pub streaming: bool,
    pub logprobs: bool,
    pub thinking: Thinking,
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
}

/// Whether to think before the answer.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Thinking {
    /// If the model is one that does.
    #[default]
    ByModel,
    Off,
    /// At most so many tokens, if that was said.
    On(Option<u32>),
}

impl Thinking {
    /// Tokens that `model` thinks.
    pub fn tokens(self, model: &str) -> u32 {
        match self {
            Self::ByModel if model == "sim-reasoner" => 60,
            Self::ByModel | Self::Off => 0,
            Self::On(budget) => budget.map_or(60, |budget| budget.min(20 + budget / 64)),
        }
    }
}

impl<'v> Request<'v> {
    pub fn read(root: &Node<'_, 'v>) -> Result<Self, Problem> {
        root.only(&FIELDS)?;
        let model = root.need("model")?.text()?;
        settings(root)?;
        let mut segments = Vec::new();
        let tools = tools(root, &mut segments)?;
        let choice = choice(root)?;
        documents(root, &mut segments)?;
        let mut conversation = Conversation::new(segments);
        conversation.read(&root.need("messages")?)?;
        let Conversation { said, images, results, segments, .. } = conversation;
        let size = segments.iter().fold(0_u32, |sum, segment| sum.saturating_add(segment.tokens));
        if size > CONTEXT {
            let text = format!(
                "too many tokens: total number of tokens in the prompt cannot exceed {CONTEXT} - received {size}. Try using a \
                 shorter prompt, or enabling prompt truncating. See https://docs.cohere.com/reference/chat for more details."
            );
            return Err(root.said(text, None));
        }
        let prompt = Prompt {
            said,
            images,
            results,
            tools,
            choice,
            parallel: true,
            format: format(root)?,
            stops: stops(root)?,
            limit: root.maybe("max_tokens", |field| field.amount(1))?,
            thought: 0,
        };
        let streaming = root.maybe("stream", |field| field.flag())?.unwrap_or(false);
        let logprobs = root.maybe("logprobs", |field| field.flag())?.unwrap_or(false);
        Ok(Self { model, streaming, logprobs, thinking: thinking(root)?, prompt, segments })
    }
}

/// Checks the settings that change nothing here.
fn settings(root: &Node) -> Result<(), Problem> {
    root.maybe("temperature", |field| field.number(0.0..=1.0))?;
    root.maybe("p", |field| field.number(0.01..=0.99))?;
    root.maybe("k", |field| field.integer(0..=500))?;
    root.maybe("seed", |field| field.integer(0..=i64::MAX))?;
    root.maybe("priority", |field| field.integer(0..=999))?;
    root.maybe("raw_prompting", |field| field.flag())?;
    let frequency = root.maybe("frequency_penalty", |field| field.number(0.0..=1.0))?;
    let presence = root.maybe("presence_penalty", |field| field.number(0.0..=1.0))?;
    if frequency.and(presence).is_some() {
        return Err(root.said("invalid request: cannot specify both frequency_penalty and presence_penalty.", None));
    }
    root.maybe("citation_options", |options| {
        options.only(&["mode"])?;
        options.maybe("mode", |mode| mode.word(&["ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF"]))
    })?;
    let safety = root.maybe("safety_mode", |field| field.word(&["CONTEXTUAL", "STRICT", "OFF"]))?;
    if safety.is_some() && ["tools", "documents"].iter().any(|key| root.get(key).is_some()) {
        let text = "invalid request: safety_mode is not supported in combination with tools or documents.";
        return Err(root.said(text, None));
    }
    Ok(())
}

fn thinking(root: &Node) -> Result<Thinking, Problem> {
    let Some(thinking) = root.get("thinking") else { return Ok(Thinking::ByModel) };
    thinking.only(&["type", "token_budget"])?;
    let budget = thinking.maybe("token_budget", |field| field.amount(1))?;
    Ok(match thinking.need("type")?.word(&["enabled", "disabled"])? {
        "enabled" => Thinking::On(budget),
        _ => Thinking::Off,
    })
}

fn stops<'v>(root: &Node<'_, 'v>) -> Result<Vec<&'v str>, Problem> {
    let Some(list) = root.get("stop_sequences") else { return Ok(Vec::new()) };
    let stops: Result<_, _> = list.items_within(0..=MAX_STOPS)?.map(|item| item.text()).collect();
    stops
}

fn format<'v>(root: &Node<'_, 'v>) -> Result<Format<'v>, Problem> {
    let Some(format) = root.get("response_format") else { return Ok(Format::Text) };
    format.only(&["type", "json_schema"])?;
    if format.need("type")?.word(&["text", "json_object"])? == "text" {
        return Ok(Format::Text);
    }
    for (field, name) in [("documents", "RAG"), ("tools", "tools")] {
        if root.get(field).is_some() {
            return Err(format.said(format!("invalid request: response_format is not supported with {name}."), None));
        }
    }
    let Some(schema) = format.get("json_schema") else { return Ok(Format::Json) };
    schema.object()?;
    if schema.value().get("type").is_none_or(|kind| kind != "object") || !has_required(schema.value()) {
        let text =
            "invalid request: response_format.json_schema must be of type object with at least one required field.";
        return Err(schema.said(text, None));
    }
    Ok(Format::Schema(schema.value()))
}

fn has_required(schema: &Value) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| !names.is_empty())
}

fn tools<'v>(root: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<Vec<Tool<'v>>, Problem> {
    let strict = root.maybe("strict_tools", |field| field.flag())?.unwrap_or(false);
    let Some(list) = root.get("tools") else { return Ok(Vec::new()) };
    let mut tools = Vec::new();
    for tool in list.items_within(1..=usize::MAX)? {
        tool.only(&["type", "function"])?;
        tool.need("type")?.word(&["function"])?;
        let function = tool.need("function")?;
        function.only(&["name", "description", "parameters"])?;
        let named = function.need("name")?;
        let name = named.text()?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 256 || !name.chars().all(fits) {
            let text = format!("invalid request: tool name '{name}' must only contain letters, digits, '_' and '-'.");
            return Err(named.said(text, None));
        }
        function.maybe("description", |field| field.text())?;
        let parameters = function.need("parameters")?;
        parameters.object()?;
        if strict && !has_required(parameters.value()) {
            let text = format!("invalid request: strict_tools needs at least one required parameter in tool '{name}'.");
            return Err(parameters.said(text, None));
        }
        tools.push(Tool { name, schema: Some(parameters.value()) });
        let tokens = tokens::weigh(tool.value().to_string().len());
        segments.push(Segment { role: "tools", value: tool.value(), tokens, mark: None });
    }
    Ok(tools)
}

fn choice<'v>(root: &Node<'_, 'v>) -> Result<Choice<'v>, Problem> {
    let Some(choice) = root.get("tool_choice") else { return Ok(Choice::Auto) };
    let choice = match choice.word(&["REQUIRED", "NONE"])? {
        "REQUIRED" => Choice::Any,
        _ => Choice::None,
    };
    if root.get("tools").is_none() {
        return Err(root.said("invalid request: tool_choice is only supported when tools are provided.", None));
    }
    Ok(choice)
}

fn documents<'v>(root: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<(), Problem> {
    let Some(list) = root.get("documents") else { return Ok(()) };
    for document in list.items_within(1..=usize::MAX)? {
        if !document.value().is_string() {
            document.only(&["data", "id"])?;
            document.need("data")?.object()?;
        }
        let tokens = tokens::weigh(document.value().to_string().len());
        segments.push(Segment { role: "documents", value: document.value(), tokens, mark: None });
    }
    Ok(())
}
