//! `POST /v2/rerank`: documents ordered by how many of the query's words they have.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Call, Sheet, refused};
use crate::exchange::Exchange;
use crate::node::{Node, Problem};
use crate::{Simulator, tokens};

const FIELDS: [&str; 7] = ["model", "query", "documents", "top_n", "max_tokens_per_doc", "relevant_spans", "priority"];

/// A search unit is a query with up to so many documents, each of up to so many tokens.
const DOCUMENTS_PER_UNIT: u32 = 100;
const TOKENS_PER_DOCUMENT: u32 = 500;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
struct Request<'v> {
    model: &'v str,
    query: &'v str,
    documents: Vec<&'v str>,
    top: usize,
}

pub(super) async fn create(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = simulator.ids.next();
    match begin(&Call { simulator: &simulator, id, headers, body }) {
        Ok((exchange, sheet, prompt)) => sheet.send(exchange, prompt).await,
        Err(refusal) => refused(*refusal),
    }
}

fn begin(call: &Call) -> Result<(Exchange, Sheet, u32), Box<Response>> {
    let body = call.open()?;
    let request = call.read(&body, Request::read)?;
    let (_, exchange) = call.begin(request.model)?;
    let mut body = json!({
        "id": call.id.uuid(0),
        "results": request.results(),
        "meta": { "api_version": { "version": "2" } },
    });
    if exchange.tells_usage() {
        body["meta"]["billed_units"] = json!({ "search_units": request.units() });
    }
    let prompt = request.documents.iter().map(|document| tokens::weigh(document.len())).sum::<u32>()
        + tokens::weigh(request.query.len());
    Ok((exchange, Sheet { body, id: call.id }, prompt))
}

impl<'v> Request<'v> {
    fn read(root: &Node<'_, 'v>) -> Result<Self, Problem> {
        root.only(&FIELDS)?;
        let model = root.need("model")?.text()?;
        let query = root.need("query")?;
        if query.text()?.trim().is_empty() {
            return Err(query.said("invalid request: query must not be empty or be only whitespace", None));
        }
        let list = root.need("documents")?;
        let documents: Vec<&str> =
            list.items_within(1..=10_000)?.map(|document| document.text()).collect::<Result<_, _>>()?;
        root.maybe("max_tokens_per_doc", |field| field.amount(1))?;
        root.maybe("priority", |field| field.integer(0..=999))?;
        root.maybe("relevant_spans", |field| field.object())?;
        let top = root.maybe("top_n", |field| field.amount(1))?.map_or(usize::MAX, |top| top as usize);
        Ok(Self { model, query: query.text()?, documents, top })
    }

    fn results(&self) -> Vec<Value> {
        let wanted = words(self.query);
        let score = |document: &&str| {
            let found = words(document).intersection(&wanted).count();
            found as f64 / wanted.len().max(1) as f64
        };
        let mut ranked: Vec<(usize, f64)> = self.documents.iter().map(score).enumerate().collect();
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let result = |(index, score): &(usize, f64)| json!({ "index": index, "relevance_score": score });
        ranked.iter().take(self.top).map(result).collect()
    }

    fn units(&self) -> u32 {
        let parts = |document: &&str| tokens::weigh(document.len()).div_ceil(TOKENS_PER_DOCUMENT).max(1);
        self.documents.iter().map(parts).sum::<u32>().div_ceil(DOCUMENTS_PER_UNIT)
    }
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
