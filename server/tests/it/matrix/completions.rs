//! `POST /completions`: text in, text out.

use serde_json::{Value, json};

use super::ask::{Ask, Case, Seen, Turn};
use super::chat::{Chat, finish};
use super::surface::{Surface, count, events, text};

pub struct Completions;

impl Surface for Completions {
    fn name(&self) -> &'static str {
        "completions"
    }

    fn cells(&self) -> usize {
        50
    }

    fn lacks(&self, case: Case) -> Option<&'static str> {
        match case {
            Case::Tools | Case::ParallelTools | Case::ReasoningReplay => Some("the API has no tools"),
            Case::JsonSchema => Some("the API has no schemas"),
            Case::Image => Some("a prompt is text"),
            Case::Reasoning => Some("the API cannot show thoughts"),
            Case::CachedPrompt => {
                Some("a prompt is one text: it has no part to mark, and the echo of it would be all of it")
            }
            _ => None,
        }
    }

    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
        let Some(Turn::User { text, .. }) = ask.turns.first() else { unreachable!("each case begins with a user") };
        let mut body = json!({"model": model, "prompt": text, "stream": stream});
        if let Some(max_tokens) = ask.max_tokens {
            body["max_tokens"] = json!(max_tokens);
        }
        ("/api/v1/completions".to_owned(), body)
    }

    fn read(&self, body: &Value) -> Result<Seen, String> {
        let (choice, usage) = (&body["choices"][0], &body["usage"]);
        Ok(Seen {
            text: text(&choice["text"]),
            finish: finish(&choice["finish_reason"]),
            prompt_tokens: count(&usage["prompt_tokens"]),
            completion_tokens: count(&usage["completion_tokens"]),
            ..Seen::default()
        })
    }

    fn read_stream(&self, body: &str) -> Result<Seen, String> {
        let (mut all, mut is_done) = (Seen::default(), false);
        for (name, chunk) in events(body)? {
            is_done |= name == "[DONE]";
            if !chunk["error"].is_null() {
                all.error = Some(text(&chunk["error"]["metadata"]["error_type"]));
            }
            let piece = self.read(&chunk)?;
            all.text += &piece.text;
            all.finish = if piece.finish == super::Finish::None { all.finish } else { piece.finish };
            all.prompt_tokens += piece.prompt_tokens;
            all.completion_tokens += piece.completion_tokens;
        }
        if is_done == all.error.is_some() {
            return Err(format!("an error or [DONE], one of them: error {:?}", all.error));
        }
        Ok(all)
    }

    fn error_type(&self, body: &str) -> Result<String, String> {
        Chat.error_type(body)
    }
}
