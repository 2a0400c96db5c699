//! A canonical request as the body of `POST /model/{modelId}/converse-stream`.

use std::borrow::Cow;

use canon::{Request, ResponseFormat};
use http::HeaderValue;
use http::header::ACCEPT;
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use super::family::Family;
use super::native::{self, Native};
use super::{REASONING_FORMAT, message, tools};
use crate::dialect::body::Body;
use crate::dialect::shape::Shape;
use crate::dialect::{EncodeError, Encoded, Reading, Target, anthropic, segment};

/// Where the stop sequence is that came, in what a model adds to its answer.
const STOP_SEQUENCE: [&str; 1] = ["/stop_sequence"];

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let family = Family::of(target.upstream_id);
    // These have no native form, whatever lists of facts say of their schemas.
    let is_native = target.capabilities.structured_outputs == Some(true) && family != Family::Nova;
    let shape = Shape::of(request, is_native);
    let native = native::plan(request, target, family, shape.forces_a_call(request));

    let mut body = Body::new(&request.extra, target);
    let talk = message::conversation(request, target)?;
    body.put("messages", &talk.turns)?;
    if !talk.system.is_empty() {
        body.put("system", &talk.system)?;
    }
    let inference = Inference::of(request, target, family, &native);
    if inference != Inference::default() {
        body.put("inferenceConfig", &inference)?;
    }
    if let Some(config) = tools::config(request, target, &shape) {
        body.put("toolConfig", &config)?;
    }
    put_output(&mut body, request, &native, &shape)?;
    if !native.fields.is_empty() {
        body.put("additionalModelRequestFields", &native.fields)?;
    }
    if family == Family::Claude && !inference.stop_sequences.is_empty() {
        body.put("additionalModelResponseFieldPaths", &STOP_SEQUENCE)?;
    }
    let tier = request.service_tier.as_deref().filter(|tier| matches!(*tier, "priority" | "default" | "flex"));
    if let Some(tier) = tier {
        body.put("serviceTier", &json!({"type": tier}))?;
    }
    let format = if family == Family::Claude { anthropic::REASONING_FORMAT } else { REASONING_FORMAT };
    Ok(Encoded {
        path: path(target.upstream_id).into(),
        headers: vec![(ACCEPT, HeaderValue::from_static("application/vnd.amazon.eventstream"))],
        body: body.finish()?,
        reading: Reading {
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            answer_tool: shape.is_tool(),
            reasoning_format: Some(format),
            ..Reading::default()
        },
    })
}

/// The model's id is one segment of the path: what is no plain letter in it is escaped, as the signature expects.
fn path(model_id: &str) -> String {
    format!("/model/{}/converse-stream", segment(model_id))
}

#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inference<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Number>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
}

impl<'a> Inference<'a> {
    /// Temperature goes to 1. Newer models of the Messages API take it or `top_p`, not both, and while thinking only a `top_p` of 0.95 or more.
    fn of(request: &'a Request, target: &Target<'_>, family: Family, native: &Native<'_>) -> Self {
        let takes = |name: &str| target.supports(name) && !target.quirks.omit.iter().any(|omitted| omitted == name);
        let takes_samplers = target.capabilities.temperature != Some(false);
        let is_claude = family == Family::Claude;
        let temperature = request
            .sampling
            .temperature
            .as_ref()
            .filter(|_| takes_samplers && takes("temperature") && !(is_claude && native.is_thinking))
            .map(|wanted| if wanted.as_f64() > Some(1.0) { Number::from(1) } else { wanted.clone() });
        let top_p = request.sampling.top_p.as_ref().filter(|top_p| match is_claude {
            true if native.is_thinking => top_p.as_f64() >= Some(0.95),
            true => temperature.is_none(),
            false => true,
        });
        let stop = request.stop.iter().map(String::as_str).filter(|stop| !stop.trim().is_empty());
        let asked = request.max_tokens.map(|asked| asked.min(target.max_output.unwrap_or(u64::MAX)));
        Self {
            max_tokens: asked.or(native.max_tokens),
            temperature,
            top_p: top_p.filter(|_| takes_samplers && takes("top_p")),
            stop_sequences: stop.collect(),
        }
    }
}

fn put_output(
    body: &mut Body<'_>,
    request: &Request,
    native: &Native<'_>,
    shape: &Shape<'_>,
) -> Result<(), EncodeError> {
    let mut config = Map::new();
    if let (Shape::Native(schema), Some(ResponseFormat::JsonSchema(wanted))) = (shape, &request.response_format) {
        let mut definition = Map::from_iter([("schema".to_owned(), Value::String(serde_json::to_string(schema)?))]);
        definition.insert("name".to_owned(), json!(wanted.name));
        if let Some(description) = &wanted.description {
            definition.insert("description".to_owned(), json!(description));
        }
        let format = json!({"type": "json_schema", "structure": {"jsonSchema": definition}});
        config.insert("textFormat".to_owned(), format);
    }
    if let Some(effort) = &native.effort {
        config.insert("effort".to_owned(), json!(Cow::as_ref(effort)));
    }
    if config.is_empty() { Ok(()) } else { body.put("outputConfig", &config) }
}
