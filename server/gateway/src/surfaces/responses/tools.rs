//! Tools and the choice among them. Functions are what they are; a custom tool, which takes a free text, is told to the model
//! as a function with one argument, and its calls are turned back.

use canon::{Tool, ToolChoice};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::wire::{NamedTool, WireTool};
use crate::error::GatewayError;
use crate::surfaces::json::read_at;

/// More tools than any provider takes.
const MOST_TOOLS: usize = 1_024;

/// The request's tools, in three views.
#[derive(Debug, Default)]
pub struct Tools {
    pub callable: Vec<Tool>,
    /// Names of those that take a free text.
    pub custom: Vec<String>,
    pub echo: Vec<EchoedTool>,
}

/// A tool as the response repeats it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EchoedTool {
    Function {
        name: String,
        description: Option<String>,
        parameters: Option<Value>,
        strict: Option<bool>,
    },
    Custom {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        format: Map<String, Value>,
    },
}

/// Reads the tools. Errors: `Invalid` with the field's path; a tool that OpenAI hosts is named.
pub fn tools(wire: Vec<WireTool>) -> Result<Tools, GatewayError> {
    if wire.len() > MOST_TOOLS {
        return Err(GatewayError::invalid("tools", format!("{} given, at most {MOST_TOOLS}", wire.len())));
    }
    let mut tools = Tools::default();
    for (index, tool) in wire.into_iter().enumerate() {
        let at = format!("tools[{index}]");
        if !matches!(tool.r#type.as_str(), "function" | "custom") {
            return Err(not_offered(&format!("{at}.type"), &tool.r#type));
        }
        let name = tool.name.clone().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| GatewayError::invalid(format!("{at}.name"), "is missing or empty"))?;
        if tool.r#type == "custom" {
            tools.add_custom(name, tool);
        } else {
            if tool.parameters.as_ref().is_some_and(|parameters| !parameters.is_object()) {
                return Err(GatewayError::invalid(format!("{at}.parameters"), "expected a JSON Schema object"));
            }
            tools.add_function(name, tool);
        }
    }
    Ok(tools)
}

fn not_offered(at: &str, kind: &str) -> GatewayError {
    GatewayError::invalid(at, format!("{kind} is not offered here: only function and custom tools can be called"))
}

impl Tools {
    fn add_function(&mut self, name: String, wire: WireTool) {
        let WireTool { description, parameters, strict, cache_control, .. } = wire;
        self.echo.push(EchoedTool::Function {
            name: name.clone(),
            description: description.clone(),
            parameters: parameters.clone(),
            strict,
        });
        let cache_control = cache_control.map(Into::into);
        self.callable.push(Tool { name, description, parameters, strict, cache_control });
    }

    fn add_custom(&mut self, name: String, wire: WireTool) {
        let WireTool { description, format, cache_control, .. } = wire;
        let format = format.unwrap_or_else(|| Map::from_iter([("type".to_owned(), json!("text"))]));
        self.callable.push(Tool {
            name: name.clone(),
            description: described(description.as_deref(), &format),
            parameters: Some(json!({
                "type": "object",
                "properties": {"input": {"type": "string"}},
                "required": ["input"],
                "additionalProperties": false,
            })),
            strict: None,
            cache_control: cache_control.map(Into::into),
        });
        self.custom.push(name.clone());
        self.echo.push(EchoedTool::Custom { name, description, format });
    }
}

/// No provider but OpenAI holds a model to a grammar: the others' models are told of it.
fn described(description: Option<&str>, format: &Map<String, Value>) -> Option<String> {
    let grammar = format.get("definition").and_then(Value::as_str).map(|definition| {
        let syntax = format.get("syntax").and_then(Value::as_str).unwrap_or("lark");
        format!("The text of `input` must follow this {syntax} grammar:\n{definition}")
    });
    let said: Vec<&str> = description.into_iter().chain(grammar.as_deref()).collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
}

/// Reads `tool_choice`.
pub fn tool_choice(wire: &RawValue) -> Result<ToolChoice, GatewayError> {
    const FIELD: &str = "tool_choice";
    if wire.get().starts_with('"') {
        let word: String = read_at(wire, FIELD)?;
        return match word.as_str() {
            "none" => Ok(ToolChoice::None),
            "auto" => Ok(ToolChoice::Auto),
            "required" => Ok(ToolChoice::Required),
            other => Err(GatewayError::invalid(FIELD, format!("{other:?} is given, expected none, auto or required"))),
        };
    }
    let named: NamedTool = read_at(wire, FIELD)?;
    if named.r#type != "allowed_tools" {
        return Ok(ToolChoice::Function(name_of(named, FIELD)?));
    }
    let required = match named.mode.as_deref() {
        Some("required") => true,
        None | Some("auto") => false,
        Some(_) => return Err(GatewayError::invalid("tool_choice.mode", "expected auto or required")),
    };
    let tools = named.tools.unwrap_or_default().into_iter().enumerate();
    let names = tools.map(|(index, tool)| name_of(tool, &format!("tool_choice.tools[{index}]")));
    Ok(ToolChoice::Allowed { required, names: names.collect::<Result<_, _>>()? })
}

fn name_of(tool: NamedTool, at: &str) -> Result<String, GatewayError> {
    if !matches!(tool.r#type.as_str(), "function" | "custom") {
        return Err(not_offered(&format!("{at}.type"), &tool.r#type));
    }
    tool.name.ok_or_else(|| GatewayError::invalid(format!("{at}.name"), "is missing"))
}

#[derive(Serialize, Deserialize)]
struct Wrapped<T> {
    input: T,
}

/// The text given to a custom tool, as the arguments of the function that stands for it.
pub fn wrap_input(input: &str) -> String {
    json!(Wrapped { input }).to_string()
}

/// The text given to a custom tool. Arguments that are not as they should be are shown as they came.
pub fn unwrap_input(arguments: &str) -> String {
    serde_json::from_str(arguments).map_or_else(|_| arguments.to_owned(), |Wrapped { input }: Wrapped<String>| input)
}
