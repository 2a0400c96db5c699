//! How a request asks for reasoning, in the form that the host knows.

use canon::Request;
use serde_json::{Value, json};

use crate::dialect::body::Body;
use crate::dialect::{EncodeError, Target, effort};
use crate::quirks::ReasoningRequest;

pub fn put(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let Some(reasoning) = &request.reasoning else { return Ok(()) };
    if target.capabilities.reasoning == Some(false) {
        return Ok(());
    }
    let wanted = effort::wanted(request, target);
    // Switched on or off, where the client says so in any form.
    let switch = if reasoning.is_off() { Some(false) } else { effort::is_on(reasoning).then_some(true) };
    // Beside a switch an effort only means something to models that are known to have several.
    let graded = wanted.as_deref().filter(|_| switch == Some(true) && !target.reasoning_efforts.is_empty());
    match target.quirks.reasoning_request {
        ReasoningRequest::Effort => body.put_parameter("reasoning_effort", "reasoning", wanted.as_deref()),
        ReasoningRequest::Object => {
            let fields = [
                ("enabled", reasoning.enabled.map(Value::from)),
                ("effort", reasoning.effort.as_deref().map(Value::from)),
                ("max_tokens", reasoning.max_tokens.map(Value::from)),
                ("exclude", reasoning.exclude.map(Value::from)),
                ("summary", reasoning.summary.as_deref().map(Value::from)),
            ];
            let object = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
            body.put("reasoning", &Value::Object(object))
        }
        ReasoningRequest::Thinking => {
            if let Some(on) = switch {
                body.put("thinking", &json!({"type": if on { "enabled" } else { "disabled" }}))?;
            }
            body.put_parameter("reasoning_effort", "reasoning", graded)
        }
        ReasoningRequest::Switch => {
            if let Some(on) = switch {
                body.put("reasoning", &json!({"enabled": on}))?;
            }
            body.put_parameter("reasoning_effort", "reasoning", graded)
        }
        ReasoningRequest::EnableThinking => {
            if let Some(on) = switch {
                body.put("enable_thinking", &on)?;
            }
            let budget = reasoning.max_tokens.filter(|_| switch == Some(true));
            body.put_parameter("thinking_budget", "reasoning", budget.as_ref())
        }
        ReasoningRequest::TemplateKwargs => {
            if let Some(on) = switch {
                body.put("chat_template_kwargs", &json!({"enable_thinking": on, "thinking": on}))?;
            }
            body.put_parameter("reasoning_effort", "reasoning", graded)
        }
        ReasoningRequest::None => Ok(()),
    }
}
