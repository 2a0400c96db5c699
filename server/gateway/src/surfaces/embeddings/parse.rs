//! From the body to a `Call`.

use canon::{EmbedInput, EmbedRequest, Task};
use serde::Deserialize;
use serde_json::{Map, Number};

use super::{Encoding, SURFACE};
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::chat::content::Content;
use crate::surfaces::provider::ProviderWishes;
use crate::surfaces::{fields, json};

/// OpenAI's own limit.
const MOST_INPUTS: usize = 2_048;

#[derive(Debug, Deserialize)]
struct Body {
    model: Option<String>,
    models: Option<Vec<String>>,
    input: Option<Input>,
    dimensions: Option<Number>,
    encoding_format: Option<Encoding>,
    input_type: Option<String>,
    provider: Option<ProviderWishes>,
    user: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a string, a list of strings, a list of tokens, a list of such lists, or a list of {\"content\": […]}"
)]
enum Input {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u32>),
    TokenLists(Vec<Vec<u32>>),
    Contents(Vec<Multimodal>),
}

/// Parts that make one vector together.
#[derive(Debug, Deserialize)]
struct Multimodal {
    content: Content,
}

/// Parses a body. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<(Call, Encoding), GatewayError> {
    let body: Body = json::read(body)?;
    let request = EmbedRequest {
        inputs: inputs(
            body.input.ok_or_else(|| GatewayError::invalid("input", "is missing: what is to be embedded"))?,
        )?,
        dimensions: body.dimensions.map(|n| fields::positive("dimensions", &n)).transpose()?,
        input_type: body.input_type,
        user: body.user,
        extra: Map::new(),
    };
    let call = Call {
        surface: SURFACE,
        models: fields::models(body.model, body.models)?,
        task: Task::Embed(request),
        routing: body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?,
        stream: false,
        origin,
    };
    Ok((call, body.encoding_format.unwrap_or_default()))
}

fn inputs(input: Input) -> Result<Vec<EmbedInput>, GatewayError> {
    let inputs: Vec<EmbedInput> = match input {
        Input::Text(text) => vec![EmbedInput::Text(text)],
        Input::Texts(texts) => texts.into_iter().map(EmbedInput::Text).collect(),
        Input::Tokens(tokens) => vec![EmbedInput::Tokens(tokens)],
        Input::TokenLists(lists) => lists.into_iter().map(EmbedInput::Tokens).collect(),
        Input::Contents(contents) => contents
            .into_iter()
            .enumerate()
            .map(|(at, one)| {
                let wrong = |why| GatewayError::invalid(format!("input[{at}].content"), why);
                one.content.into_parts().map(EmbedInput::Parts).map_err(wrong)
            })
            .collect::<Result<_, _>>()?,
    };
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        let message = format!("{} inputs given, expected from 1 to {MOST_INPUTS}", inputs.len());
        return Err(GatewayError::invalid("input", message));
    }
    if let Some(at) = inputs.iter().position(is_empty) {
        return Err(GatewayError::invalid(format!("input[{at}]"), "is empty"));
    }
    Ok(inputs)
}

const fn is_empty(input: &EmbedInput) -> bool {
    match input {
        EmbedInput::Text(text) => text.is_empty(),
        EmbedInput::Tokens(tokens) => tokens.is_empty(),
        EmbedInput::Parts(parts) => parts.is_empty(),
    }
}
