//! The Gemini dialect: contents generated, counted and embedded, through Google's two doors, the Gemini API and Vertex AI.

mod content;
mod door;
mod embedding;
mod error;
mod part;
mod place;
mod reply;
mod request;
mod schema;
mod tool;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use bytes::Bytes;
use serde_json::{Value, json};

use self::door::{CONTEXT, Door};
use self::embedding::Embeddings;
use self::error::Envelope;
use self::reply::{Chunks, Generation};
use self::request::Request;
use self::wire::Weighed;
use crate::Simulator;
use crate::cache::Split;
use crate::exchange::{Answer, Exchange, refuse};
use crate::ids::Id;
use crate::node::{Node, Problem};
use crate::playback::Halves;
use crate::script::{Ending, Finish, Part, Script};

/// What is asked of a model, behind the colon of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Generate,
    Stream,
    Count,
    Embed,
    EmbedBatch,
}

impl Method {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "generateContent" => Self::Generate,
            "streamGenerateContent" => Self::Stream,
            "countTokens" => Self::Count,
            "embedContent" => Self::Embed,
            "batchEmbedContents" => Self::EmbedBatch,
            _ => return None,
        })
    }

    /// The message that its body is.
    fn request(self) -> &'static str {
        match self {
            Self::Generate | Self::Stream => "GenerateContentRequest",
            Self::Count => "CountTokensRequest",
            Self::Embed => "EmbedContentRequest",
            Self::EmbedBatch => "BatchEmbedContentsRequest",
        }
    }
}

/// The Gemini API.
pub(crate) fn gemini_routes() -> Router<Arc<Simulator>> {
    routes(&["/v1beta/models/{call}", "/v1/models/{call}"], Door::Gemini)
}

/// Vertex AI: in a project, and in express mode without one.
pub(crate) fn vertex_routes() -> Router<Arc<Simulator>> {
    let express = ["/v1/publishers/google/models/{call}", "/v1beta1/publishers/google/models/{call}"];
    let project = [
        "/v1/projects/{project}/locations/{location}/publishers/google/models/{call}",
        "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{call}",
    ];
    routes(&[express, project].concat(), Door::Vertex)
}

fn routes(paths: &[&str], door: Door) -> Router<Arc<Simulator>> {
    let router = paths.iter().fold(Router::new(), |router, path| router.route(path, answering(door)));
    router.fallback(unknown).method_not_allowed_fallback(unknown)
}

fn answering(door: Door) -> MethodRouter<Arc<Simulator>> {
    post(move |simulator, path, query, headers, body| answer(door, simulator, path, query, headers, body))
}

async fn unknown() -> Response {
    Envelope::new(StatusCode::NOT_FOUND, "Requested entity was not found.").reply(false)
}

async fn answer(
    door: Door,
    State(simulator): State<Arc<Simulator>>,
    Path(path): Path<HashMap<String, String>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let call = path.get("call").map_or("", String::as_str);
    let (model, method) = call.rsplit_once(':').unwrap_or((call, ""));
    let Some(method) = Method::named(method) else {
        let hint = "Call ModelService.ListModels to see the list of available models and their supported methods.";
        let message =
            format!("models/{model} is not found for API version v1beta, or is not supported for {method}. {hint}");
        return Envelope::new(StatusCode::NOT_FOUND, message).reply(false);
    };
    let id = simulator.ids.next();
    let by_token = path.contains_key("project");
    let inbound =
        Inbound { simulator: &simulator, door, id, model, method, by_token, query: &query, headers: &headers };
    let answered = match inbound.open(body) {
        Ok(body) => inbound.answer(&body).await,
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(|mut refusal| {
        dress(refusal.headers_mut());
        *refusal
    })
}

/// A request that has come, with what its path and its headers say.
#[derive(Debug)]
struct Inbound<'a> {
    simulator: &'a Simulator,
    door: Door,
    id: Id,
    model: &'a str,
    method: Method,
    /// Not an API key but an access token lets in.
    by_token: bool,
    query: &'a HashMap<String, String>,
    headers: &'a HeaderMap,
}

impl Inbound<'_> {
    fn name(&self) -> String {
        self.id.text("", 22, 0)
    }

    /// A stream is an array unless it is asked for as server-sent events.
    fn is_listed(&self) -> bool {
        let alt = self.query.get("alt").or_else(|| self.query.get("$alt"));
        self.method == Method::Stream && alt.is_none_or(|alt| alt != "sse")
    }

    fn refuse(&self, envelope: &Envelope) -> Box<Response> {
        let ticket = self.simulator.log.open(self.name(), self.door.dialect(), self.model);
        refuse(ticket, envelope.reply(self.is_listed()))
    }

    /// The body, of a caller that is let in.
    fn open(&self, body: Result<Bytes, BytesRejection>) -> Result<Value, Box<Response>> {
        if let Some(envelope) = self.unauthorized() {
            return Err(self.refuse(&envelope));
        }
        let body = body.map_err(|_| {
            let message = "Request payload size exceeds the limit: 20971520 bytes.";
            self.refuse(&Envelope::new(StatusCode::BAD_REQUEST, message))
        })?;
        serde_json::from_slice(&body).map_err(|error| {
            let message = format!("Invalid JSON payload received. {error}");
            self.refuse(&Envelope::new(StatusCode::BAD_REQUEST, message))
        })
    }

    fn unauthorized(&self) -> Option<Envelope> {
        let expected = self.simulator.config.api_key.as_deref()?;
        if self.by_token {
            let header = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
            return match header {
                Some(token) if token == expected => None,
                Some(_) => Some(
                    Envelope::new(StatusCode::UNAUTHORIZED, error::UNAUTHENTICATED)
                        .because("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
                ),
                None => {
                    let message = error::UNAUTHENTICATED.replace(
                        "had invalid authentication credentials",
                        "is missing required authentication credential",
                    );
                    Some(Envelope::new(StatusCode::UNAUTHORIZED, message).because("CREDENTIALS_MISSING"))
                }
            };
        }
        let header = self.headers.get("x-goog-api-key").and_then(|value| value.to_str().ok());
        match header.or_else(|| self.query.get("key").map(String::as_str)) {
            Some(key) if key == expected => None,
            Some(_) => {
                let message = "API key not valid. Please pass a valid API key.";
                Some(Envelope::new(StatusCode::BAD_REQUEST, message).because("API_KEY_INVALID"))
            }
            None => {
                let message = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key \
                               or other form of API consumer identity to call this API.";
                Some(Envelope::new(StatusCode::FORBIDDEN, message))
            }
        }
    }

    async fn answer(&self, body: &Value) -> Result<Response, Box<Response>> {
        let root = Node::root(body);
        let problem = |problem| {
            let envelope = Envelope::of_problem(problem, self.method.request(), body);
            self.refuse(&envelope)
        };
        match self.method {
            Method::Generate | Method::Stream => {
                let request = Request::read(&root, self.door, self.is_thinker()).map_err(problem)?;
                let (exchange, generation) = self.generate(&request)?;
                let tokens = generation.script.tokens() * generation.candidates;
                Ok(exchange.perform(Reply { generation }, tokens, self.method == Method::Stream).await)
            }
            Method::Count => {
                let counted = self.count(&root).map_err(problem)?;
                self.tell(counted.0, counted.1).await
            }
            Method::Embed => {
                let embeddings = Embeddings::one(&root).map_err(problem)?;
                self.tell(embeddings.tokens, embeddings.whole()).await
            }
            Method::EmbedBatch => {
                let embeddings = Embeddings::batch(&root, self.model).map_err(problem)?;
                self.tell(embeddings.tokens, embeddings.whole()).await
            }
        }
    }

    /// Whether the model thinks even unasked.
    fn is_thinker(&self) -> bool {
        self.model.split('?').next() == Some("sim-reasoner")
    }

    /// Begins the exchange; the error is the refusal of a bad knob.
    fn begin(&self) -> Result<(&str, Exchange), Box<Response>> {
        let ticket = self.simulator.log.open(self.name(), self.door.dialect(), self.model);
        Exchange::begin(self.simulator, self.door.dialect(), self.model, self.headers, ticket).map_err(
            |(error, ticket)| {
                let envelope = Envelope::new(StatusCode::BAD_REQUEST, error.to_string());
                refuse(ticket, envelope.reply(self.is_listed()))
            },
        )
    }

    fn generate(&self, request: &Request) -> Result<(Exchange, Generation), Box<Response>> {
        let total: u32 = request.segments.iter().map(|segment| segment.tokens).sum();
        if total > CONTEXT {
            return Err(self.refuse(&Envelope::new(StatusCode::BAD_REQUEST, self.door.too_long(total))));
        }
        let (model, exchange) = self.begin()?;
        let split = self.simulator.cache.implicit(model, &request.segments, exchange.knobs.cache_min_tokens);
        let is_blocked = matches!(exchange.knobs.ending, Some(Ending::Refusal | Ending::PromptFilter));
        let mut script = exchange.script(&request.prompt, split, if is_blocked { 0 } else { request.candidates });
        if is_blocked {
            script = Script { passages: Vec::new(), finish: Finish::Refusal };
        }
        let weighed = Weighed { split, media: request.media, door: self.door };
        let generation = Generation {
            id: self.name(),
            model: self.model.to_owned(),
            calls: if self.door == Door::Gemini { call_ids(self.id, &script) } else { Vec::new() },
            script,
            candidates: request.candidates,
            shows_thoughts: request.shows_thoughts,
            logprobs: request.logprobs,
            prompt: exchange.tells_usage().then_some(weighed),
            listed: self.is_listed(),
        };
        Ok((exchange, generation))
    }

    /// The tokens of a prompt, and the reply that tells them.
    fn count(&self, root: &Node) -> Result<(u32, Vec<u8>), Problem> {
        let counted = embedding::counted(root)?;
        let request = Request::read(&Node::root(counted), self.door, false)?;
        let total = request.segments.iter().map(|segment| segment.tokens).sum();
        let details = wire::modalities(total, request.media);
        let body = json!({ "totalTokens": total, "promptTokensDetails": details });
        Ok((total, serde_json::to_vec_pretty(&body).unwrap_or_default()))
    }

    /// Answers with a body that has no tokens of its own.
    async fn tell(&self, prompt: u32, body: Vec<u8>) -> Result<Response, Box<Response>> {
        let (_, exchange) = self.begin()?;
        exchange.count(Split { fresh: prompt, ..Split::default() }, 0);
        Ok(exchange.perform(Told { body }, 0, false).await)
    }
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let calls = script.passages.iter().filter(|passage| matches!(passage.part, Part::Call(_)));
    calls.enumerate().map(|(at, _)| id.text("", 8, 2 + at).to_ascii_lowercase()).collect()
}

/// A generation as an answer.
#[derive(Debug)]
struct Reply {
    generation: Generation,
}

impl Answer for Reply {
    type Frames = Chunks;

    fn frames(self) -> Chunks {
        Chunks::new(self.generation)
    }

    fn whole(&self) -> Vec<u8> {
        self.generation.whole()
    }

    fn stream_type(&self) -> &'static str {
        if self.generation.listed { "application/json; charset=UTF-8" } else { "text/event-stream" }
    }

    fn failure(&self, status: StatusCode) -> Response {
        Envelope::of_status(status, None).reply(self.generation.listed)
    }

    fn failure_after(&self, status: StatusCode, seconds: u32) -> Response {
        Envelope::of_status(status, Some(seconds)).reply(self.generation.listed)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(headers);
    }
}

/// A count or an embedding as an answer.
#[derive(Debug)]
struct Told {
    body: Vec<u8>,
}

impl Answer for Told {
    type Frames = Halves;

    fn frames(self) -> Halves {
        Halves::new(self.body.into())
    }

    fn whole(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn failure(&self, status: StatusCode) -> Response {
        Envelope::of_status(status, None).reply(false)
    }

    fn failure_after(&self, status: StatusCode, seconds: u32) -> Response {
        Envelope::of_status(status, Some(seconds)).reply(false)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(headers);
    }
}

fn dress(headers: &mut HeaderMap) {
    headers.insert("vary", HeaderValue::from_static("Origin, X-Origin, Referer"));
    headers.insert("server-timing", HeaderValue::from_static("gfet4t7; dur=1"));
}
