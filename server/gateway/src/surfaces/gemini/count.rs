//! `countTokens`: how large a prompt is, before it is sent.

use canon::Task;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::parse;
use crate::call::{Call, Origin};
use crate::error::GatewayError;
use crate::estimate::count_prompt;
use crate::surfaces::json;

/// `CountTokensResponse`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCount {
    total_tokens: u64,
    prompt_tokens_details: [Modality; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Modality {
    modality: &'static str,
    token_count: u64,
}

/// Either contents, or a whole request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(alias = "generate_content_request")]
    generate_content_request: Option<Box<RawValue>>,
}

impl TokenCount {
    /// The call whose prompt is to be counted.
    pub fn parse(model: &str, body: &[u8]) -> Result<Call, GatewayError> {
        // What is not JSON is told by the one that reads contents.
        let whole = json::read::<Body>(body).ok().and_then(|body| body.generate_content_request);
        let request = whole.as_ref().map_or(body, |raw| raw.get().as_bytes());
        parse::parse(Some(model), false, request, Origin::default()).map(|(call, _)| call)
    }

    /// The text's tokens. What pictures come to, and what a template adds, only the provider knows.
    pub async fn of(task: &Task) -> Self {
        let total_tokens = count_prompt(task).await;
        Self { total_tokens, prompt_tokens_details: [Modality { modality: "TEXT", token_count: total_tokens }] }
    }
}
