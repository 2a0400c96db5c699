//! From the body to a `Call`.

use canon::{RerankRequest, Task};
use serde::Deserialize;
use serde_json::{Map, Number};

use super::SURFACE;
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::provider::ProviderWishes;
use crate::surfaces::{fields, json};

/// More than any provider takes.
const MOST_DOCUMENTS: usize = 10_000;

#[derive(Debug, Deserialize)]
struct Body {
    model: Option<String>,
    models: Option<Vec<String>>,
    query: Option<String>,
    documents: Option<Vec<Document>>,
    top_n: Option<Number>,
    provider: Option<ProviderWishes>,
    user: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a string or {\"text\": …}")]
enum Document {
    Text(String),
    Object { text: Option<String>, image: Option<String> },
}

/// Parses a body; also what of the request its answer repeats. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<(Call, RerankRequest), GatewayError> {
    let body: Body = json::read(body)?;
    let missing = |field: &str, what: &str| GatewayError::invalid(field, format!("is missing: {what}"));
    let query = body.query.filter(|query| !query.is_empty());
    let documents = body.documents.ok_or_else(|| missing("documents", "a list of at least one document"))?;
    if documents.is_empty() || documents.len() > MOST_DOCUMENTS {
        let message = format!("{} documents given, expected from 1 to {MOST_DOCUMENTS}", documents.len());
        return Err(GatewayError::invalid("documents", message));
    }
    let request = RerankRequest {
        query: query.ok_or_else(|| missing("query", "what the documents are to answer"))?,
        documents: documents.into_iter().enumerate().map(text).collect::<Result<_, _>>()?,
        top_n: body.top_n.map(|n| fields::positive("top_n", &n)).transpose()?,
        user: body.user,
        extra: Map::new(),
    };
    let call = Call {
        surface: SURFACE,
        models: fields::models(body.model, body.models)?,
        task: Task::Rerank(request.clone()),
        routing: body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?,
        stream: false,
        origin,
    };
    Ok((call, request))
}

fn text((at, document): (usize, Document)) -> Result<String, GatewayError> {
    match document {
        Document::Text(text) | Document::Object { text: Some(text), image: None } => Ok(text),
        Document::Object { image: Some(_), .. } => {
            Err(GatewayError::invalid(format!("documents[{at}].image"), "is given, only text can be ranked"))
        }
        Document::Object { text: None, image: None } => {
            Err(GatewayError::invalid(format!("documents[{at}].text"), "is missing"))
        }
    }
}
