//! `POST /messages/count_tokens`: how large a prompt is, before it is sent.

use canon::Task;
use serde::Serialize;

use crate::estimate::count_prompt;

#[derive(Debug, Serialize)]
pub struct TokensCount {
    input_tokens: u64,
}

impl TokensCount {
    /// The text's tokens. What pictures come to, and what a template adds, only the provider knows.
    pub async fn of(task: &Task) -> Self {
        Self { input_tokens: count_prompt(task).await }
    }
}
