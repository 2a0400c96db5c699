//! Log probabilities in the shape of old: four lists side by side instead of one list of tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// `logprobs` of a choice.
#[derive(Debug, Default, Serialize)]
pub struct Logprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<Option<Number>>,
    top_logprobs: Vec<BTreeMap<String, Number>>,
    /// Where each token begins in the choice's text, in characters.
    text_offset: Vec<usize>,
}

/// A token of OpenAI's chat API, `logprobs.content[]`.
#[derive(Debug, Deserialize)]
struct Token {
    token: String,
    logprob: Option<Number>,
    #[serde(default)]
    top_logprobs: Vec<Self>,
}

impl Logprobs {
    /// From the chat API's shape. `offset` is where its first token begins; it moves on to behind the last.
    pub fn new(chat: &Value, offset: &mut usize) -> Self {
        let mut legacy = Self::default();
        for token in chat.get("content").and_then(Value::as_array).into_iter().flatten() {
            let Ok(Token { token, logprob, top_logprobs }) = Token::deserialize(token) else { continue };
            legacy.text_offset.push(*offset);
            *offset += token.chars().count();
            legacy.tokens.push(token);
            legacy.token_logprobs.push(logprob);
            let top = top_logprobs.into_iter().filter_map(|other| Some((other.token, other.logprob?)));
            legacy.top_logprobs.push(top.collect());
        }
        legacy
    }
}
