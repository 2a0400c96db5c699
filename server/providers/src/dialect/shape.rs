//! How an answer gets the shape a client wants, in dialects that can be told a schema or be made to call a tool.

use std::borrow::Cow;

use canon::{JsonSchema, Request, ResponseFormat, ToolChoice};
use serde_json::{Value, json};

use super::schema;

/// The tool whose arguments are the answer. Nobody else's tool is called so.
pub const ANSWER_TOOL: &str = "souk_json_answer";

/// What the model is told of that tool, where the client says nothing.
pub const ANSWER_TOOL_DESCRIPTION: &str = "Gives the final answer. Its arguments are the whole answer.";

/// How the shape is asked for.
pub enum Shape<'a> {
    Free,
    /// By this schema, closed.
    Native(Value),
    /// By a tool with these arguments.
    Tool {
        schema: Cow<'a, Value>,
        description: Option<&'a str>,
    },
}

impl<'a> Shape<'a> {
    /// `is_native`: the model is known to take a schema. Any JSON, which no dialect here has, always goes by the tool.
    pub fn of(request: &'a Request, is_native: bool) -> Self {
        match &request.response_format {
            None | Some(ResponseFormat::Text) => Self::Free,
            Some(ResponseFormat::JsonObject) => {
                let schema = Cow::Owned(json!({"type": "object", "additionalProperties": true}));
                Self::Tool { schema, description: None }
            }
            Some(ResponseFormat::JsonSchema(JsonSchema { schema, .. })) if is_native => {
                Self::Native(schema::strict(schema))
            }
            Some(ResponseFormat::JsonSchema(JsonSchema { schema, description, .. })) => {
                Self::Tool { schema: Cow::Borrowed(schema), description: description.as_deref() }
            }
        }
    }

    pub const fn is_tool(&self) -> bool {
        matches!(self, Self::Tool { .. })
    }

    /// Whether the model must call a tool, ours or one of the client's: it may not think then.
    pub const fn forces_a_call(&self, request: &Request) -> bool {
        self.is_tool()
            || matches!(
                request.tool_choice,
                Some(ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Allowed { required: true, .. })
            )
    }
}

/// A tool's schema with `type: "object"` said, which protocols want even where the rest of the schema says it.
pub fn with_type(schema: Cow<'_, Value>) -> Cow<'_, Value> {
    match schema.as_ref() {
        Value::Object(fields) if !fields.contains_key("type") => {
            let mut fields = fields.clone();
            fields.insert("type".to_owned(), json!("object"));
            Cow::Owned(Value::Object(fields))
        }
        _ => schema,
    }
}

/// The schema of a tool that says nothing of its arguments.
pub fn no_arguments() -> Value {
    json!({"type": "object", "properties": {}})
}
