//! A chat completion request, read as strictly as OpenAI reads it.
//!
//! Source: OpenAI's API reference, "Create chat completion". `reasoning_content` in messages is the one addition, by the servers that
//! stream reasoning in this dialect.

use serde_json::Value;

use super::message::Conversation;
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::openai::function;
use crate::script::{Choice, Format, Prompt, Tool};

const FIELDS: [&str; 37] = [
    "messages",
    "model",
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
    "moderation",
];

const MAX_TOOLS: usize = 128;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub model: &'v str,
    pub streaming: bool,
    /// The stream ends with a chunk of token counts.
    pub counted: bool,
    pub choices: u32,
    /// Log probabilities are wanted, with so many alternatives.
    pub logprobs: Option<usize>,
    pub effort: Option<&'static str>,
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
}

impl<'v> Request<'v> {
    /// Reads `body`.
    pub fn read(body: &'v Value) -> Result<Self, Problem> {
        let root = Node::root(body);
        root.only(&FIELDS)?;
        let model = root.need("model")?.text()?;
        let mut conversation = Conversation::default();
        conversation.read(&root.need("messages")?)?;
        settings(&root)?;
        let streaming = root.maybe("stream", |field| field.flag())?.unwrap_or(false);
        let (tools, choice) = tools(&root)?;
        if let Some(listed) = root.get("tools").filter(|_| !tools.is_empty()) {
            conversation.segments.insert(0, function::segment(listed.value()));
        }
        let format = format(&root, conversation.mentions_json)?;
        let prompt = Prompt {
            said: conversation.said,
            images: conversation.images,
            results: conversation.results,
            tools,
            choice,
            parallel: root.maybe("parallel_tool_calls", |field| field.flag())?.unwrap_or(true),
            format,
            stops: stops(&root)?,
            limit: limit(&root)?,
            thought: 0,
        };
        Ok(Self {
            model,
            streaming,
            counted: counted(&root, streaming)?,
            choices: root.maybe("n", |n| n.integer(1..=128))?.map_or(1, |n| n as u32),
            logprobs: logprobs(&root)?,
            effort: root.maybe("reasoning_effort", |effort| {
                effort.word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])
            })?,
            prompt,
            segments: conversation.segments,
        })
    }
}

/// Checks the settings that change nothing here.
fn settings(root: &Node) -> Result<(), Problem> {
    root.maybe("temperature", |field| field.number(0.0..=2.0))?;
    root.maybe("top_p", |field| field.number(0.0..=1.0))?;
    root.maybe("frequency_penalty", |field| field.number(-2.0..=2.0))?;
    root.maybe("presence_penalty", |field| field.number(-2.0..=2.0))?;
    root.maybe("seed", |field| field.integer(i64::MIN..=i64::MAX))?;
    root.maybe("store", |field| field.flag())?;
    for key in ["user", "safety_identifier", "prompt_cache_key"] {
        root.maybe(key, |field| field.text())?;
    }
    for key in ["metadata", "prediction", "audio", "web_search_options"] {
        root.maybe(key, |field| field.object())?;
    }
    root.maybe("verbosity", |field| field.word(&["low", "medium", "high"]))?;
    root.maybe("service_tier", |field| field.word(&["auto", "default", "flex", "scale", "priority", "fast"]))?;
    root.maybe("modalities", |field| field.items()?.try_for_each(|item| item.word(&["text", "audio"]).map(drop)))?;
    root.maybe("logit_bias", |field| {
        field.object()?;
        let tokens = field.value().as_object().into_iter().flat_map(|tokens| tokens.keys());
        for token in tokens {
            field.need(token)?.number(-100.0..=100.0)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn counted(root: &Node, streaming: bool) -> Result<bool, Problem> {
    let Some(options) = root.get("stream_options") else { return Ok(false) };
    if !streaming {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(options.said(message, None));
    }
    options.only(&["include_usage", "include_obfuscation"])?;
    options.maybe("include_obfuscation", |field| field.flag())?;
    Ok(options.maybe("include_usage", |field| field.flag())?.unwrap_or(false))
}

fn logprobs(root: &Node) -> Result<Option<usize>, Problem> {
    let wanted = root.maybe("logprobs", |field| field.flag())?.unwrap_or(false);
    let Some(top) = root.get("top_logprobs") else { return Ok(wanted.then_some(0)) };
    let count = top.integer(0..=20)?;
    if !wanted {
        return Err(top.said("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", None));
    }
    Ok(Some(usize::try_from(count).unwrap_or(0)))
}

fn limit(root: &Node) -> Result<Option<u32>, Problem> {
    let old = root.maybe("max_tokens", |field| field.amount(1))?;
    let new = root.maybe("max_completion_tokens", |field| field.amount(1))?;
    if old.is_some() && new.is_some() {
        let message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        return Err(root.said(message, Some("invalid_parameter_combination")));
    }
    Ok(new.or(old))
}

fn stops<'v>(root: &Node<'_, 'v>) -> Result<Vec<&'v str>, Problem> {
    let Some(stop) = root.get("stop") else { return Ok(Vec::new()) };
    if let Some(one) = stop.value().as_str() {
        return Ok(vec![one]);
    }
    let stops: Result<_, _> = stop.items_within(0..=4)?.map(|item| item.text()).collect();
    stops
}

fn tools<'v>(root: &Node<'_, 'v>) -> Result<(Vec<Tool<'v>>, Choice<'v>), Problem> {
    let mut tools = Vec::new();
    if let Some(list) = root.get("tools") {
        for tool in list.items_within(1..=MAX_TOOLS)? {
            tools.extend(read_tool(&tool)?);
        }
    }
    let Some(choice) = root.get("tool_choice") else { return Ok((tools, Choice::Auto)) };
    if root.get("tools").is_none() {
        return Err(choice.said("'tool_choice' is only allowed when 'tools' are specified.", None));
    }
    if choice.value().is_string() {
        let choice = match choice.word(&["none", "auto", "required"])? {
            "none" => Choice::None,
            "required" => Choice::Any,
            _ => Choice::Auto,
        };
        return Ok((tools, choice));
    }
    choice.only(&["type", "function"])?;
    choice.need("type")?.word(&["function"])?;
    let name = choice.need("function")?.need("name")?.text()?;
    if !tools.iter().any(|tool| tool.name == name) {
        return Err(choice.said(format!("Tool choice '{name}' not found in 'tools' parameter."), None));
    }
    Ok((tools, Choice::Named(name)))
}

/// A function; custom tools, which take free text, are checked and then never called.
fn read_tool<'v>(tool: &Node<'_, 'v>) -> Result<Option<Tool<'v>>, Problem> {
    tool.object()?;
    if tool.need("type")?.word(&["function", "custom"])? == "custom" {
        tool.need("custom")?.need("name")?.text()?;
        return Ok(None);
    }
    tool.only(&["type", "function"])?;
    let declared = tool.need("function")?;
    declared.only(&["name", "description", "parameters", "strict"])?;
    let name = function::name(&declared.need("name")?)?;
    declared.maybe("description", |field| field.text())?;
    let strict = declared.maybe("strict", |field| field.flag())?.unwrap_or(false);
    let schema = declared.maybe("parameters", |parameters| function::parameters(parameters, name, strict))?;
    Ok(Some(Tool { name, schema }))
}

fn format<'v>(root: &Node<'_, 'v>, mentions_json: bool) -> Result<Format<'v>, Problem> {
    let Some(format) = root.get("response_format") else { return Ok(Format::Text) };
    format.object()?;
    match format.need("type")?.word(&["json_object", "json_schema", "text"])? {
        "text" => Ok(Format::Text),
        "json_object" if mentions_json => Ok(Format::Json),
        "json_object" => {
            let message =
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
            Err(root.get("messages").unwrap_or(format).said(message, None))
        }
        _ => {
            format.only(&["type", "json_schema"])?;
            let wanted = format.need("json_schema")?;
            wanted.only(&["name", "description", "schema", "strict"])?;
            function::format(&wanted, &format, "response_format")
        }
    }
}
