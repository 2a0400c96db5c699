//! `POST /messages/count_tokens`: how large a prompt is, before it is sent.

use canon::Task;
use serde::Serialize;

use crate::estimate::prompt_size;

#[derive(Debug, Serialize)]
pub struct TokensCount {
    input_tokens: u64,
}

impl TokensCount {
    /// An estimate: only a provider counts exactly.
    pub fn of(task: &Task) -> Self {
        Self { input_tokens: prompt_size(task).estimate }
    }
}
