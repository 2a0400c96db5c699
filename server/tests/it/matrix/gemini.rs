//! `models/…:generateContent` and `:streamGenerateContent`, as Google's clients use them.

use serde_json::{Value, json};

use super::ask::{Ask, Case, Finish, PNG, Seen, Turn, tool_schema};
use super::surface::{Surface, count, events, text};

pub struct Gemini;

impl Surface for Gemini {
    fn name(&self) -> &'static str {
        "generate content"
    }

    fn cells(&self) -> usize {
        150
    }

    fn lacks(&self, _: Case) -> Option<&'static str> {
        None
    }

    fn marks_prompts(&self) -> bool {
        false
    }

    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
        let mut contents: Vec<Value> = Vec::new();
        for turn in &ask.turns {
            match turn {
                Turn::User { text, image } => {
                    let mut parts = vec![json!({"text": text})];
                    if *image {
                        parts.push(json!({"inlineData": {"mimeType": "image/png", "data": PNG}}));
                    }
                    contents.push(json!({"role": "user", "parts": parts}));
                }
                Turn::Replay(parts) => contents.push(json!({"role": "model", "parts": parts})),
                Turn::Result { id, name, text } => {
                    let part = json!({"functionResponse": {"id": id, "name": name, "response": {"output": text}}});
                    match contents.last_mut().filter(|c| c["role"] == "user").and_then(|c| c["parts"].as_array_mut()) {
                        Some(parts) => parts.push(part),
                        None => contents.push(json!({"role": "user", "parts": [part]})),
                    }
                }
            }
        }
        let mut body = json!({"contents": contents, "generationConfig": {}});
        let config = &mut body["generationConfig"];
        if let Some(max_tokens) = ask.max_tokens {
            config["maxOutputTokens"] = json!(max_tokens);
        }
        if let Some(schema) = &ask.schema {
            config["responseMimeType"] = json!("application/json");
            config["responseJsonSchema"] = schema.clone();
        }
        if ask.reasoning {
            config["thinkingConfig"] = json!({"thinkingBudget": 1024, "includeThoughts": true});
        }
        if let Some(system) = &ask.system {
            body["systemInstruction"] = json!({"parts": [{"text": system}]});
        }
        if !ask.tools.is_empty() {
            let tool =
                |name: &&str| json!({"name": name, "description": "a tool", "parametersJsonSchema": tool_schema()});
            body["tools"] = json!([{"functionDeclarations": ask.tools.iter().map(tool).collect::<Value>()}]);
        }
        let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        (format!("/v1beta/models/{model}:{method}"), body)
    }

    fn read(&self, body: &Value) -> Result<Seen, String> {
        let mut seen = Seen::default();
        self.add(&mut seen, body)?;
        Ok(seen)
    }

    fn read_stream(&self, body: &str) -> Result<Seen, String> {
        let mut seen = Seen::default();
        for (_, chunk) in events(body)? {
            if seen.error.is_some() {
                return Err(format!("after the error: {chunk}"));
            }
            self.add(&mut seen, &chunk)?;
        }
        Ok(seen)
    }

    fn error_type(&self, body: &str) -> Result<String, String> {
        let body: Value = serde_json::from_str(body).map_err(|e| format!("{e}: {body}"))?;
        body["error"]["status"].as_str().map(str::to_owned).ok_or(format!("no status: {body}"))
    }
}

impl Gemini {
    /// Adds a response, or a piece of one: they have the same form.
    fn add(&self, seen: &mut Seen, body: &Value) -> Result<(), String> {
        if !body["error"].is_null() {
            seen.error = Some(text(&body["error"]["status"]));
            return Ok(());
        }
        for part in body["candidates"][0]["content"]["parts"].as_array().into_iter().flatten() {
            if part["thought"] == true {
                seen.reasoning += &text(&part["text"]);
            } else if part["functionCall"].is_object() {
                let call = &part["functionCall"];
                seen.calls.push((text(&call["id"]), text(&call["name"]), call["args"].clone()));
            } else {
                seen.text += &text(&part["text"]);
            }
            seen.replay.push(part.clone());
        }
        let usage = &body["usageMetadata"];
        if usage.is_object() {
            seen.prompt_tokens = count(&usage["promptTokenCount"]);
            seen.cached_tokens = count(&usage["cachedContentTokenCount"]);
            seen.reasoning_tokens = count(&usage["thoughtsTokenCount"]);
            seen.completion_tokens = count(&usage["candidatesTokenCount"]) + seen.reasoning_tokens;
        }
        let reason = body["candidates"][0]["finishReason"].as_str().or(body["promptFeedback"]["blockReason"].as_str());
        seen.finish = match reason {
            None => seen.finish,
            Some("STOP") if !seen.calls.is_empty() => Finish::Tools,
            Some("STOP") => Finish::Stop,
            Some("MAX_TOKENS") => Finish::Length,
            Some("SAFETY" | "PROHIBITED_CONTENT" | "OTHER") => Finish::Filter,
            Some(other) => return Err(format!("finishReason {other}")),
        };
        Ok(())
    }
}
