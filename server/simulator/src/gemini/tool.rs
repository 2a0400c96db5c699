//! The tools of a request and which of them to call: function declarations, and the tools that Google runs itself.

use super::door::Door;
use super::error::FIELD;
use super::schema;
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::script::{Choice, Tool};
use crate::tokens;

const MAX_DECLARATIONS: usize = 512;

const MAX_NAME: usize = 128;

/// Reads `tools` and `toolConfig`: the tools that may be called, and how.
pub(super) fn read<'v>(
    root: &Node<'_, 'v>,
    door: Door,
    segments: &mut Vec<Segment<'v>>,
) -> Result<(Vec<Tool<'v>>, Choice<'v>), Problem> {
    let mut tools = Vec::new();
    if let Some(list) = root.get("tools") {
        for tool in list.items()? {
            read_tool(&tool, door, &mut tools)?;
        }
        let tokens = tokens::weigh(list.value().to_string().len());
        segments.push(Segment { role: "tools", value: list.value(), tokens, mark: None });
    }
    let Some(config) = root.get("toolConfig") else { return Ok((tools, Choice::Auto)) };
    match door {
        Door::Gemini => {
            config.only(&["functionCallingConfig", "retrievalConfig", "includeServerSideToolInvocations"])?;
        }
        Door::Vertex => config.only(&["functionCallingConfig", "retrievalConfig"])?,
    }
    match config.get("functionCallingConfig") {
        Some(calling) => choose(&calling, door, tools),
        None => Ok((tools, Choice::Auto)),
    }
}

fn choose<'v>(
    calling: &Node<'_, 'v>,
    door: Door,
    mut tools: Vec<Tool<'v>>,
) -> Result<(Vec<Tool<'v>>, Choice<'v>), Problem> {
    match door {
        Door::Gemini => calling.only(&["mode", "allowedFunctionNames"])?,
        Door::Vertex => calling.only(&["mode", "allowedFunctionNames", "streamFunctionCallArguments"])?,
    }
    let mode = calling.maybe("mode", |mode| mode.word(&["AUTO", "ANY", "NONE", "VALIDATED"]))?.unwrap_or("AUTO");
    if tools.is_empty() && mode != "NONE" {
        return Err(calling.said("Function calling config is set without function_declarations.", None));
    }
    if let Some(allowed) = calling.get("allowedFunctionNames") {
        let mut names = Vec::new();
        for name in allowed.items()? {
            let text = name.text()?;
            if !tools.iter().any(|tool| tool.name == text) {
                let message = format!("allowed function name `{text}` is not found in function_declarations.");
                return Err(name.said(message, FIELD));
            }
            names.push(text);
        }
        if !names.is_empty() && !matches!(mode, "ANY" | "VALIDATED") {
            let message = "allowed_function_names should only be set when function calling mode is ANY or VALIDATED.";
            return Err(allowed.said(message, FIELD));
        }
        if !names.is_empty() {
            tools.retain(|tool| names.contains(&tool.name));
        }
    }
    let choice = match (mode, tools.as_slice()) {
        ("NONE", _) => Choice::None,
        ("ANY", [only]) => Choice::Named(only.name),
        ("ANY", _) => Choice::Any,
        _ => Choice::Auto,
    };
    Ok((tools, choice))
}

fn read_tool<'v>(tool: &Node<'_, 'v>, door: Door, tools: &mut Vec<Tool<'v>>) -> Result<(), Problem> {
    match door {
        Door::Gemini => tool.only(&[
            "functionDeclarations",
            "codeExecution",
            "computerUse",
            "fileSearch",
            "googleMaps",
            "googleSearch",
            "googleSearchRetrieval",
            "mcpServers",
            "urlContext",
        ])?,
        Door::Vertex => tool.only(&[
            "functionDeclarations",
            "codeExecution",
            "computerUse",
            "enterpriseWebSearch",
            "exaAiSearch",
            "googleMaps",
            "googleSearch",
            "googleSearchRetrieval",
            "mcpServers",
            "parallelAiSearch",
            "retrieval",
            "urlContext",
        ])?,
    }
    let Some(list) = tool.get("functionDeclarations") else { return Ok(()) };
    for declaration in list.items()? {
        let read = declare(&declaration, door)?;
        if tools.iter().any(|tool| tool.name == read.name) {
            return Err(declaration.said(format!("Duplicate function declaration found: {}", read.name), None));
        }
        tools.push(read);
    }
    if tools.len() > MAX_DECLARATIONS {
        let text = format!("at most {MAX_DECLARATIONS} function declarations are allowed");
        return Err(list.said(text, FIELD));
    }
    Ok(())
}

fn declare<'v>(declaration: &Node<'_, 'v>, door: Door) -> Result<Tool<'v>, Problem> {
    declaration.only(&[
        "name",
        "description",
        "behavior",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
    ])?;
    let named = declaration.need("name")?;
    let name = named.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || name.len() > MAX_NAME || !name.chars().all(fits) {
        let text = format!(
            "[FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), \
             underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of {MAX_NAME}."
        );
        return Err(named.said(text, FIELD));
    }
    declaration.maybe("description", |field| field.text())?;
    declaration.maybe("behavior", |field| field.word(&["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"]))?;
    declaration.maybe("response", |field| schema::check(field, door))?;
    let subset = declaration.get("parameters");
    let full = declaration.get("parametersJsonSchema");
    if let (Some(_), Some(full)) = (&subset, &full) {
        return Err(full.said("parameters_json_schema must not be set together with parameters", FIELD));
    }
    if let Some(subset) = &subset {
        schema::check(subset, door)?;
        must_be_object(subset, "parameters")?;
    }
    if let Some(full) = &full {
        full.object()?;
        must_be_object(full, "parameters_json_schema")?;
    }
    Ok(Tool { name, schema: subset.or(full).map(|schema| schema.value()) })
}

fn must_be_object(schema: &Node, field: &str) -> Result<(), Problem> {
    let kind = schema.value().get("type").and_then(serde_json::Value::as_str);
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("object")) {
        return Ok(());
    }
    Err(schema.said(format!("{field} schema should be of type OBJECT."), FIELD))
}
