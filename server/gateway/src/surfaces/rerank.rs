//! `POST /rerank`: which documents answer a query best (OPENROUTER.md §1.2). Never a stream.

pub mod parse;
pub mod render;

use axum::response::Response;
use canon::Completion;
use http::HeaderMap;

use super::Surface;
use super::chat::envelope::respond;
use crate::admit::origin;
use crate::call::Call;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "rerank";

/// Writes rankings, with the client's own documents in them.
#[derive(Debug)]
pub struct Rerank {
    documents: Vec<String>,
    top_n: Option<u64>,
}

impl Surface for Rerank {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        let (call, request) = parse::parse(body, origin(headers))?;
        Ok((call, Self { documents: request.documents, top_n: request.top_n }))
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::ranking(&started, &answer, ended, &self.documents, self.top_n)
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
