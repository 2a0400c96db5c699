//! Reads the body of a response as strictly as OpenAI does, and makes a prompt of it.
//!
//! Source: OpenAI's API reference, "Create a model response", and the types of its Python SDK.

use serde_json::Value;

use super::input::Conversation;
use super::settings::Settings;
use super::tools;
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::openai::function;
use crate::script::{Format, Prompt};

const FIELDS: [&str; 36] = [
    "access_programs",
    "background",
    "background_options",
    "context_management",
    "conversation",
    "image",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    "verbosity",
    "max_completion_tokens",
];

/// Fields of the chat completions that were moved, and where to.
const MOVED: [(&str, &str); 2] = [("verbosity", "text.verbosity"), ("max_completion_tokens", "max_output_tokens")];

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub model: &'v str,
    pub streaming: bool,
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
    /// Tools that take a free text.
    pub custom_tools: Vec<&'v str>,
    pub settings: Settings,
    /// An item named by its id alone, which is therefore unknown.
    pub lost: Option<&'v str>,
}

impl<'v> Request<'v> {
    /// Reads `body`.
    pub fn read(body: &'v Value) -> Result<Self, Problem> {
        let root = Node::root(body);
        root.only(&FIELDS)?;
        let model = root.need("model")?.text()?;
        stateless(&root)?;
        let mut conversation = Conversation::default();
        if let Some(instructions) = root.get("instructions") {
            conversation.instruct(&instructions)?;
        }
        conversation.read(&input(&root)?)?;
        let settings = Settings::read(&root)?;
        let streaming = root.maybe("stream", |field| field.flag())?.unwrap_or(false);
        stream_options(&root, streaming)?;
        let tools = tools::read(&root)?;
        if let Some(listed) =
            root.get("tools").filter(|listed| listed.value().as_array().is_some_and(|tools| !tools.is_empty()))
        {
            conversation.segments.insert(0, function::segment(listed.value()));
        }
        let format = format(&root, conversation.mentions_json)?;
        let prompt = Prompt {
            said: conversation.said,
            images: conversation.images,
            results: conversation.results,
            tools: tools.callable,
            choice: tools.choice,
            parallel: root.maybe("parallel_tool_calls", |field| field.flag())?.unwrap_or(true),
            format,
            stops: Vec::new(),
            limit: root.maybe("max_output_tokens", |field| field.amount(16))?,
            thought: 0,
        };
        let (segments, lost) = (conversation.segments, conversation.lost);
        Ok(Self { model, streaming, prompt, segments, custom_tools: tools.custom, settings, lost })
    }
}

fn input<'s, 'v>(root: &'s Node<'_, 'v>) -> Result<Node<'s, 'v>, Problem> {
    root.need("input").map_err(|missing| {
        let message = "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.";
        Problem {
            wrong: crate::node::Wrong::Said { message: message.to_owned(), code: Some("missing_required_parameter") },
            ..missing
        }
    })
}

/// Refuses what needs a memory, and what chat completions call otherwise.
fn stateless(root: &Node) -> Result<(), Problem> {
    for (old, new) in MOVED {
        if let Some(field) = root.get(old) {
            let message = format!(
                "Unsupported parameter: '{old}'. In the Responses API, this parameter has moved to '{new}'. Try again with the new \
                 parameter. See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create."
            );
            return Err(field.said(message, Some("unsupported_parameter")));
        }
    }
    if let Some(previous) = root.get("previous_response_id") {
        let message = format!("Previous response with id '{}' not found.", previous.text()?);
        return Err(previous.said(message, Some("previous_response_not_found")));
    }
    for key in ["conversation", "prompt"] {
        if let Some(field) = root.get(key) {
            return Err(field.said(format!("The simulator keeps no {key}."), None));
        }
    }
    if root.maybe("background", |field| field.flag())? == Some(true) {
        return Err(root.said("Background mode is not supported with this model.", None));
    }
    Ok(())
}

fn stream_options(root: &Node, streaming: bool) -> Result<(), Problem> {
    let Some(options) = root.get("stream_options") else { return Ok(()) };
    if !streaming {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(options.said(message, None));
    }
    options.only(&["include_obfuscation"])?;
    options.maybe("include_obfuscation", |field| field.flag())?;
    Ok(())
}

fn format<'v>(root: &Node<'_, 'v>, mentions_json: bool) -> Result<Format<'v>, Problem> {
    let Some(text) = root.get("text") else { return Ok(Format::Text) };
    text.only(&["format", "verbosity"])?;
    text.maybe("verbosity", |field| field.word(&["low", "medium", "high"]))?;
    let Some(format) = text.get("format") else { return Ok(Format::Text) };
    format.object()?;
    match format.need("type")?.word(&["json_object", "json_schema", "text"])? {
        "text" => format.only(&["type"]).map(|()| Format::Text),
        "json_object" if mentions_json => format.only(&["type"]).map(|()| Format::Json),
        "json_object" => {
            let message = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.";
            Err(root.get("input").unwrap_or(format).said(message, None))
        }
        _ => {
            format.only(&["type", "name", "description", "schema", "strict"])?;
            format.need("schema")?;
            function::format(&format, &format.need("schema")?, "response_format")
        }
    }
}
