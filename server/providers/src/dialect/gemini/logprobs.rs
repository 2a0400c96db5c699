//! Google's log probabilities in OpenAI's shape, which clients know.

use serde::Deserialize;
use serde_json::{Value, json};

/// `logprobsResult` of a candidate.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
pub struct LogprobsResult {
    chosen_candidates: Vec<Token>,
    /// For each chosen token.
    top_candidates: Vec<Alternatives>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Alternatives {
    candidates: Vec<Token>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Token {
    token: String,
    log_probability: f64,
}

impl Token {
    fn shaped(&self) -> Value {
        json!({"token": self.token, "logprob": self.log_probability, "bytes": self.token.as_bytes()})
    }
}

impl LogprobsResult {
    /// `{content: [{token, logprob, bytes, top_logprobs}], refusal: null}`; `None` where there are none.
    pub fn shaped(&self) -> Option<Value> {
        if self.chosen_candidates.is_empty() {
            return None;
        }
        let shape = |(at, chosen): (usize, &Token)| {
            let alternatives = self.top_candidates.get(at).map_or(&[][..], |top| &top.candidates);
            let mut shaped = chosen.shaped();
            shaped["top_logprobs"] = alternatives.iter().map(Token::shaped).collect();
            shaped
        };
        let content: Vec<Value> = self.chosen_candidates.iter().enumerate().map(shape).collect();
        Some(json!({"content": content, "refusal": null}))
    }
}
