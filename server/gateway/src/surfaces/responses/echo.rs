//! What a response repeats of its request. A setting that the client left out is `null`, or left out where
//! OpenRouter's schema has no `null`: no default is made up.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::tools::EchoedTool;
use super::wire::{Body, WireFormat};

/// The request's settings, in the order of OpenAI's examples.
#[derive(Debug, Serialize)]
pub struct Echo {
    background: bool,
    instructions: Option<String>,
    max_output_tokens: Option<Number>,
    max_tool_calls: Option<Number>,
    parallel_tool_calls: bool,
    previous_response_id: Option<()>,
    prompt_cache_key: Option<String>,
    reasoning: EchoedReasoning,
    safety_identifier: Option<String>,
    store: bool,
    temperature: Option<Number>,
    text: EchoedText,
    tool_choice: ToolChoice,
    tools: Vec<EchoedTool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<Number>,
    top_p: Option<Number>,
    frequency_penalty: Option<Number>,
    presence_penalty: Option<Number>,
    /// Nothing is ever cut out of a prompt here, whatever was asked.
    truncation: &'static str,
    user: Option<String>,
    metadata: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct EchoedReasoning {
    effort: Option<String>,
    summary: Option<String>,
}

#[derive(Debug, Serialize)]
struct EchoedText {
    format: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format {
    Text,
    JsonObject,
    JsonSchema {
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        schema: Option<Value>,
        strict: Option<bool>,
    },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ToolChoice {
    Auto(&'static str),
    /// As the client wrote it.
    Given(Box<RawValue>),
}

impl Echo {
    pub fn new(body: Body, tools: Vec<EchoedTool>) -> Self {
        let (effort, summary) = body.reasoning.map_or((None, None), |r| (r.effort, r.summary.or(r.generate_summary)));
        let (format, verbosity) = body.text.map_or((None, None), |text| (text.format, text.verbosity));
        Self {
            background: false,
            instructions: body.instructions,
            max_output_tokens: body.max_output_tokens,
            max_tool_calls: body.max_tool_calls,
            parallel_tool_calls: body.parallel_tool_calls.unwrap_or(true),
            previous_response_id: None,
            prompt_cache_key: body.prompt_cache_key,
            reasoning: EchoedReasoning { effort, summary },
            safety_identifier: body.safety_identifier,
            store: false,
            temperature: body.temperature,
            text: EchoedText { format: echoed_format(format), verbosity },
            tool_choice: body.tool_choice.map_or(ToolChoice::Auto("auto"), ToolChoice::Given),
            tools,
            top_logprobs: body.top_logprobs,
            top_p: body.top_p,
            frequency_penalty: body.frequency_penalty,
            presence_penalty: body.presence_penalty,
            truncation: "disabled",
            user: body.user,
            metadata: body.metadata.unwrap_or_default(),
        }
    }
}

fn echoed_format(format: Option<WireFormat>) -> Format {
    match format {
        Some(WireFormat { r#type, name, description, schema, strict }) if r#type == "json_schema" => {
            Format::JsonSchema { name, description, schema, strict }
        }
        Some(WireFormat { r#type, .. }) if r#type == "json_object" => Format::JsonObject,
        _ => Format::Text,
    }
}
