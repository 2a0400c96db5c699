//! `toolConfig`: the tools a model may call, and whether it must.

use std::borrow::Cow;

use canon::{Message, Request, Tool, ToolChoice};
use serde::Serialize;
use serde_json::{Value, json};

use super::block::CachePoint;
use crate::dialect::shape::{ANSWER_TOOL, ANSWER_TOOL_DESCRIPTION, Shape, no_arguments, with_type};
use crate::dialect::{Target, schema};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolConfig<'a> {
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum WireTool<'a> {
    ToolSpec(ToolSpec<'a>),
    CachePoint(CachePoint),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolSpec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

#[derive(Serialize)]
struct InputSchema<'a> {
    json: Cow<'a, Value>,
}

/// The tools and the choice among them; `None` if there is nothing to call.
pub fn config<'a>(request: &'a Request, target: &Target<'_>, shape: &'a Shape<'_>) -> Option<ToolConfig<'a>> {
    let mut tools = Vec::new();
    let is_off = request.tool_choice == Some(ToolChoice::None);
    if !is_off || has_calls(request) {
        for tool in request.callable_tools() {
            tools.push(WireTool::ToolSpec(spec(tool, target)));
            let mark = tool.cache_control.filter(|_| target.capabilities.prompt_caching != Some(false));
            tools.extend(mark.map(|mark| WireTool::CachePoint(CachePoint::from(mark))));
        }
    }
    if tools.is_empty() {
        tools.extend(called(request).into_iter().map(bare));
    }
    let has_others = !tools.is_empty();
    if let Shape::Tool { schema, description } = shape {
        let input_schema = InputSchema { json: with_type(Cow::Borrowed(schema.as_ref())) };
        let description = description.or(Some(ANSWER_TOOL_DESCRIPTION));
        tools.push(WireTool::ToolSpec(ToolSpec { name: ANSWER_TOOL, description, input_schema, strict: None }));
    }
    let takes_choice = target.capabilities.tool_choice != Some(false);
    let tool_choice = choice(request, shape, has_others && !is_off).filter(|_| takes_choice);
    (!tools.is_empty()).then_some(ToolConfig { tools, tool_choice })
}

/// With tools of the client's, the model may call these before it answers by our tool; without, or when they are off, it must.
fn choice(request: &Request, shape: &Shape<'_>, may_call_others: bool) -> Option<Value> {
    match &request.tool_choice {
        Some(ToolChoice::Function(name)) => Some(json!({"tool": {"name": name}})),
        Some(ToolChoice::Required | ToolChoice::Allowed { required: true, .. }) => Some(json!({"any": {}})),
        _ if shape.is_tool() && may_call_others => Some(json!({"any": {}})),
        _ if shape.is_tool() => Some(json!({"tool": {"name": ANSWER_TOOL}})),
        Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }) => Some(json!({"auto": {}})),
        None | Some(ToolChoice::None) => None,
    }
}

fn spec<'a>(tool: &'a Tool, target: &Target<'_>) -> ToolSpec<'a> {
    let is_strict =
        tool.strict == Some(true) && target.quirks.strict_tools && target.capabilities.structured_outputs == Some(true);
    let parameters = tool.parameters.as_ref().map_or_else(|| Cow::Owned(no_arguments()), Cow::Borrowed);
    ToolSpec {
        name: &tool.name,
        description: tool.description.as_deref().filter(|words| !words.is_empty()),
        input_schema: InputSchema {
            json: if is_strict { Cow::Owned(schema::strict(&parameters)) } else { with_type(parameters) },
        },
        strict: is_strict.then_some(true),
    }
}

/// A tool of which only the name is known.
fn bare(name: &str) -> WireTool<'_> {
    let input_schema = InputSchema { json: Cow::Owned(no_arguments()) };
    WireTool::ToolSpec(ToolSpec { name, description: None, input_schema, strict: None })
}

fn has_calls(request: &Request) -> bool {
    !called(request).is_empty()
}

/// The tools called so far, each once: the protocol wants them declared even where they may not be called again.
fn called(request: &Request) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for message in &request.messages {
        let Message::Assistant { tool_calls, .. } = message else { continue };
        for call in tool_calls {
            if !names.contains(&call.name.as_str()) {
                names.push(&call.name);
            }
        }
    }
    names
}
