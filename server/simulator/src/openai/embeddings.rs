//! `POST /v1/embeddings`: vectors that are the nearer, the more words and letters two texts share.
//!
//! Source: OpenAI's API reference, "Create embeddings".

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::call::{Call, Inbound, model_of};
use super::door::Door;
use super::error::Envelope;
use crate::cache::Split;
use crate::exchange::{Answer, Exchange};
use crate::ids::Id;
use crate::node::{Node, Problem};
use crate::playback::Halves;
use crate::tokens;

/// Length of a vector unless the request says otherwise, and the most it may say.
const DIMENSIONS: usize = 1_536;

/// Most texts of one request.
const MAX_INPUTS: usize = 2_048;

/// Answers the request.
pub(super) async fn create(inbound: Inbound<'_>) -> Response {
    let (id, door) = (inbound.simulator.ids.next(), inbound.door);
    match begin(inbound, id) {
        Ok((exchange, reply)) => exchange.perform(reply, 0, false).await,
        Err(mut refusal) => {
            door.dress(id, refusal.headers_mut());
            *refusal
        }
    }
}

/// Reads the request and makes its vectors; the error is the refusal to send.
fn begin(inbound: Inbound<'_>, id: Id) -> Result<(Exchange, Reply), Box<Response>> {
    let (call, body) = Call::read(inbound, id.text("embd-", 29, 0))?;
    let request =
        Request::read(&body).map_err(|problem| call.bad_request(model_of(&body), &Envelope::from(problem)))?;
    let (_, exchange) = call.exchange(request.model)?;
    let tokens = request.inputs.iter().fold(0, |sum: u32, input| sum.saturating_add(input.tokens()));
    exchange.count(Split { fresh: tokens, ..Split::default() }, 0);
    let embedding = |(index, input): (usize, &Input)| {
        let vector = embed(input, request.dimensions);
        let embedding = if request.base64 { Vector::Base64(encode(&vector)) } else { Vector::Floats(vector) };
        Embedding { object: "embedding", index, embedding }
    };
    let list = List {
        object: "list",
        data: request.inputs.iter().enumerate().map(embedding).collect(),
        model: request.model.to_owned(),
        usage: exchange.tells_usage().then_some(Usage { prompt_tokens: tokens, total_tokens: tokens }),
    };
    Ok((exchange, Reply { list, id, door: call.door }))
}

struct Request<'v> {
    model: &'v str,
    inputs: Vec<Input<'v>>,
    dimensions: usize,
    base64: bool,
}

/// One text, or one list of token numbers.
enum Input<'v> {
    Text(&'v str),
    Tokens(Vec<i64>),
}

impl Input<'_> {
    fn tokens(&self) -> u32 {
        match self {
            Self::Text(text) => tokens::weigh(text.len()),
            Self::Tokens(tokens) => u32::try_from(tokens.len()).unwrap_or(u32::MAX),
        }
    }
}

impl<'v> Request<'v> {
    fn read(body: &'v Value) -> Result<Self, Problem> {
        let root = Node::root(body);
        root.only(&["input", "model", "dimensions", "encoding_format", "user"])?;
        let model = root.need("model")?.text()?;
        root.maybe("user", |user| user.text())?;
        let most = DIMENSIONS as i64;
        let dimensions = root.maybe("dimensions", |field| field.integer(1..=most))?;
        let encoding = root.maybe("encoding_format", |field| field.word(&["float", "base64"]))?;
        Ok(Self {
            model,
            inputs: inputs(&root.need("input")?)?,
            dimensions: dimensions.and_then(|n| usize::try_from(n).ok()).unwrap_or(DIMENSIONS),
            base64: encoding == Some("base64"),
        })
    }
}

fn inputs<'v>(input: &Node<'_, 'v>) -> Result<Vec<Input<'v>>, Problem> {
    let Value::Array(items) = input.value() else { return Ok(vec![one(input)?]) };
    if items.first().is_some_and(Value::is_number) {
        return Ok(vec![one(input)?]);
    }
    input.items_within(1..=MAX_INPUTS)?.map(|item| one(&item)).collect()
}

fn one<'v>(input: &Node<'_, 'v>) -> Result<Input<'v>, Problem> {
    match input.value() {
        Value::String(text) if !text.is_empty() => Ok(Input::Text(text)),
        Value::Array(tokens) if !tokens.is_empty() => {
            let tokens: Result<_, _> = input.items()?.map(|token| token.integer(0..=i64::from(u32::MAX))).collect();
            tokens.map(Input::Tokens)
        }
        _ => {
            let message =
                "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.";
            Err(Node::root(input.value()).said(message, None))
        }
    }
}

fn embed(input: &Input, dimensions: usize) -> Vec<f32> {
    let mut vector = crate::vector::Vector::new(DIMENSIONS);
    match input {
        Input::Tokens(tokens) => tokens.iter().for_each(|token| vector.add(&token.to_be_bytes(), 1.0)),
        Input::Text(text) => vector.read(text),
    }
    vector.unit(dimensions)
}

/// The bytes of the numbers, least significant first, as base64.
fn encode(vector: &[f32]) -> String {
    STANDARD.encode(vector.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

#[derive(Debug, Serialize)]
struct List {
    object: &'static str,
    data: Vec<Embedding>,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Debug, Serialize)]
struct Embedding {
    object: &'static str,
    index: usize,
    embedding: Vector,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Vector {
    Floats(Vec<f32>),
    Base64(String),
}

#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: u32,
    total_tokens: u32,
}

/// The list of vectors and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    list: List,
    id: Id,
    door: Door,
}

impl Answer for Reply {
    type Frames = Halves;

    /// Never asked for: embeddings are not streamed.
    fn frames(self) -> Halves {
        Halves::new(Bytes::from(self.whole()))
    }

    fn whole(&self) -> Vec<u8> {
        serde_json::to_vec(&self.list).unwrap_or_default()
    }

    fn failure(&self, status: StatusCode) -> Response {
        self.door.failure(status)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        self.door.dress(self.id, headers);
    }
}
