//! A canonical request as the body of `streamGenerateContent`.

use canon::{Request, ResponseFormat, TaskKind, ToolChoice};
use serde::Serialize;
use serde_json::{Value, json};

use super::content::{self, Content};
use super::{Service, config, thinking};
use crate::dialect::body::Body;
use crate::dialect::shape::{ANSWER_TOOL, ANSWER_TOOL_DESCRIPTION};
use crate::dialect::{EncodeError, Encoded, Reading, Target};

pub fn encode(service: Service, request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let is_strict = thinking::has_levels(target);
    let by_tool = !is_strict && request.callable_tools().next().is_some() && wants_json(request);
    let conversation = content::conversation(request, is_strict)?;
    let mut body = Body::new(&request.extra, target);
    if !conversation.system.is_empty() {
        body.put("systemInstruction", &Content { role: "", parts: conversation.system })?;
    }
    body.put("contents", &conversation.contents)?;
    put_tools(&mut body, request, by_tool)?;
    let generation = config::generation(request, target, !by_tool)?;
    if !generation.is_empty() {
        body.put("generationConfig", &generation)?;
    }
    body.put_parameter("serviceTier", "service_tier", tier(request))?;
    Ok(Encoded {
        path: service.path(target.upstream_id, "streamGenerateContent?alt=sse"),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading {
            task: TaskKind::Chat,
            choices: request.choices.filter(|choices| *choices > 1),
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            answer_tool: by_tool,
            ..Reading::default()
        },
    })
}

fn wants_json(request: &Request) -> bool {
    matches!(request.response_format, Some(ResponseFormat::JsonObject | ResponseFormat::JsonSchema(_)))
        && request.tool_choice != Some(ToolChoice::None)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionDeclaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters_json_schema: Option<&'a Value>,
}

fn put_tools(body: &mut Body<'_>, request: &Request, by_tool: bool) -> Result<(), EncodeError> {
    let mut functions: Vec<FunctionDeclaration<'_>> = request
        .callable_tools()
        .map(|tool| FunctionDeclaration {
            name: &tool.name,
            description: tool.description.as_deref(),
            parameters_json_schema: tool.parameters.as_ref(),
        })
        .collect();
    if by_tool {
        let parameters_json_schema = match &request.response_format {
            Some(ResponseFormat::JsonSchema(format)) => Some(&format.schema),
            _ => None,
        };
        let description = Some(ANSWER_TOOL_DESCRIPTION);
        functions.push(FunctionDeclaration { name: ANSWER_TOOL, description, parameters_json_schema });
    }
    if functions.is_empty() {
        return Ok(());
    }
    body.put("tools", &[json!({"functionDeclarations": functions})])?;
    let calling = match &request.tool_choice {
        Some(ToolChoice::Function(name)) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
        Some(ToolChoice::Required | ToolChoice::Allowed { required: true, .. }) => json!({"mode": "ANY"}),
        _ if by_tool => json!({"mode": "ANY"}),
        Some(ToolChoice::None) => json!({"mode": "NONE"}),
        None => return Ok(()),
        Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }) => json!({"mode": "AUTO"}),
    };
    body.put("toolConfig", &json!({"functionCallingConfig": calling}))
}

fn tier(request: &Request) -> Option<&'static str> {
    match request.service_tier.as_deref()? {
        "flex" => Some("flex"),
        "priority" => Some("priority"),
        "default" | "standard" => Some("standard"),
        _ => None,
    }
}
