//! `POST /embeddings`: OpenAI's embeddings API with OpenRouter's additions (OPENROUTER.md §1.2). Never a stream.

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
pub const SURFACE: &str = "embeddings";

/// Writes lists of vectors.
#[derive(Clone, Copy, Debug)]
pub struct Embeddings {
    encoding: Encoding,
}

/// How vectors are written (`encoding_format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    #[default]
    Float,
    /// 32-bit floats, least significant byte first: what OpenAI's own clients ask for.
    Base64,
}

impl Surface for Embeddings {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        let (call, encoding) = parse::parse(body, origin(headers))?;
        Ok((call, Self { encoding }))
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::list(&started, &answer, ended, self.encoding)
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
