//! Google's routes: a model's methods hang on its name, as in `models/author/slug:generateContent`.
//!
//! They are at `/v1beta`, and beside the others' at `/v1`, which Google's newer clients ask: there, what both have
//! (`GET /models`) is told in Google's shape to those who prove themselves as Google's clients do.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, header};
use providers::catalog::Model;
use serde::{Deserialize, Serialize};

use super::catalog::{Listing, listings, one};
use super::inference::{answer, whole};
use crate::admit::{GOOGLE_KEY, authenticate, origin};
use crate::clock::Stopwatch;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::plan::find_model;
use crate::surfaces::gemini::count::TokenCount;
use crate::surfaces::gemini::embed::EmbedContent;
use crate::surfaces::gemini::envelope::respond;
use crate::surfaces::gemini::{Framing, Gemini};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1_000;

/// What Google's clients put behind the question mark.
#[derive(Debug, Default, Deserialize)]
pub struct Parameters {
    /// The API key: a header is better, since addresses are logged on the way.
    key: Option<String>,
    /// `sse`, else a stream is a JSON array.
    alt: Option<String>,
    #[serde(alias = "pageSize")]
    page_size: Option<usize>,
    #[serde(alias = "pageToken")]
    page_token: Option<usize>,
}

/// `POST /models/{model}:{method}`.
pub async fn call(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    called(&gateway, &name, &parameters, headers, body).await
}

/// The same where the name is two segments.
pub async fn call_by_parts(
    State(gateway): State<Arc<Gateway>>,
    Path((author, slug)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    called(&gateway, &format!("{author}/{slug}"), &parameters, headers, body).await
}

async fn called(
    gateway: &Arc<Gateway>,
    name: &str,
    parameters: &Parameters,
    mut headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let stopwatch = Stopwatch::start();
    let Some((model, method)) = name.rsplit_once(':') else { return no_method(name) };
    take_key(parameters, &mut headers);
    let caller = match authenticate(&*gateway.deps.keys, &headers).await {
        Ok(caller) => caller,
        Err(error) => return respond(&error),
    };
    let framing = if parameters.alt.as_deref() == Some("sse") { Framing::Events } else { Framing::Array };
    let generate = |stream| {
        let headers = &headers;
        move |body: &[u8]| Gemini::parse_for(model, stream, body, headers)
    };
    let embed = |is_batch| {
        let origin = origin(&headers);
        move |body: &[u8]| EmbedContent::parse_for(Some(model), is_batch, body, origin)
    };
    match method {
        "generateContent" => answer(gateway, caller, body, stopwatch, generate(None)).await,
        "streamGenerateContent" => answer(gateway, caller, body, stopwatch, generate(Some(framing))).await,
        "embedContent" => answer(gateway, caller, body, stopwatch, embed(false)).await,
        "batchEmbedContents" => answer(gateway, caller, body, stopwatch, embed(true)).await,
        "countTokens" => match count(gateway, model, body).await {
            Ok(count) => Json(count).into_response(),
            Err(error) => respond(&error),
        },
        _ => no_route().await,
    }
}

/// Costs nothing: no provider is asked.
async fn count(
    gateway: &Gateway,
    model: &str,
    body: Result<Bytes, BytesRejection>,
) -> Result<TokenCount, GatewayError> {
    let call = TokenCount::parse(model, &whole(body)?)?;
    let snapshot = gateway.deps.snapshots.current();
    call.models.iter().try_for_each(|name| find_model(&snapshot.catalog, name).map(|_| ()))?;
    Ok(TokenCount::of(&call.task).await)
}

/// `?key=`, where no header proves who calls.
fn take_key(parameters: &Parameters, headers: &mut HeaderMap) {
    let key = parameters.key.as_deref().and_then(|key| HeaderValue::from_str(key).ok());
    if let Some(key) = key.filter(|_| !headers.contains_key(header::AUTHORIZATION) && !headers.contains_key(GOOGLE_KEY))
    {
        headers.insert(GOOGLE_KEY, key);
    }
}

/// A model without a method can only be looked at.
fn no_method(name: &str) -> Response {
    let message = format!("POST is not a method of models/{name}: name one behind a colon, such as :generateContent");
    let mut response = respond(&GatewayError::MethodNotAllowed(message));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
    response
}

/// Whether one of Google's clients asks.
pub fn is_asked_by(headers: &HeaderMap) -> bool {
    headers.contains_key(GOOGLE_KEY)
}

/// `Model`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelBody<'a> {
    name: String,
    base_model_id: &'a str,
    version: &'a str,
    display_name: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_token_limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_token_limit: Option<u64>,
    supported_generation_methods: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<bool>,
}

impl<'a> ModelBody<'a> {
    /// `None` for what these routes have no method for.
    fn new(l: &Listing<'a>) -> Option<Self> {
        let methods = methods(l.model)?;
        let of_offer =
            |read: fn(&providers::catalog::Endpoint) -> Option<u64>| l.endpoints.iter().find_map(|e| read(e));
        Some(Self {
            name: format!("models/{}", l.slug),
            base_model_id: l.slug.as_str(),
            version: l.model.released.as_deref().unwrap_or("1"),
            display_name: &l.model.name,
            description: l.model.description.as_deref().unwrap_or_default(),
            input_token_limit: l.model.context_length.or_else(|| of_offer(|e| e.context_length)),
            output_token_limit: l.model.max_output.or_else(|| of_offer(|e| e.max_output)),
            supported_generation_methods: methods,
            thinking: l.model.capabilities.reasoning,
        })
    }
}

fn methods(model: &Model) -> Option<&'static [&'static str]> {
    use canon::TaskKind::{Chat, Embed, Rerank};
    match model.kind.task()? {
        Chat => Some(&["generateContent", "streamGenerateContent", "countTokens"]),
        Embed => Some(&["embedContent", "batchEmbedContents"]),
        Rerank => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    models: Vec<ModelBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /models`: anybody may read it. A page's token is how many came before it.
pub async fn models(State(gateway): State<Arc<Gateway>>, Query(parameters): Query<Parameters>) -> Response {
    list(&gateway, parameters.page_size, parameters.page_token)
}

pub fn list(gateway: &Gateway, page_size: Option<usize>, page_token: Option<usize>) -> Response {
    let snapshot = gateway.deps.snapshots.current();
    let all: Vec<Listing<'_>> = listings(&snapshot.catalog).collect();
    let mut models: Vec<ModelBody<'_>> = all.iter().filter_map(ModelBody::new).collect();
    let from = page_token.unwrap_or(0).min(models.len());
    let to = from + page_size.unwrap_or(DEFAULT_PAGE).clamp(1, LARGEST_PAGE);
    let next_page_token = (to < models.len()).then(|| to.to_string());
    models.truncate(to);
    Json(Page { models: models.split_off(from), next_page_token }).into_response()
}

/// `GET /models/{model}`.
pub async fn model(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>) -> Response {
    let snapshot = gateway.deps.snapshots.current();
    let (author, slug) = name.split_once('/').unwrap_or(("", &name));
    told(one(&snapshot.catalog, author, slug))
}

/// One model, or that there is none.
pub fn told(listing: Result<Listing<'_>, GatewayError>) -> Response {
    match listing {
        Ok(listing) => match ModelBody::new(&listing) {
            Some(model) => Json(model).into_response(),
            None => respond(&GatewayError::NotFound("model in Google's API")),
        },
        Err(error) => respond(&error),
    }
}

pub async fn no_route() -> Response {
    respond(&GatewayError::NotFound(
        "API route: under /v1beta/models there are generateContent, streamGenerateContent, countTokens, embedContent and batchEmbedContents of a model",
    ))
}

pub async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    respond(&GatewayError::MethodNotAllowed(format!("{method} is not a method of {}", uri.path())))
}
