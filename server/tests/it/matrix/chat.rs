//! `POST /chat/completions`, as OpenAI's and OpenRouter's clients use it.

use serde_json::{Map, Value, json};

use super::ask::{Ask, Case, Finish, PNG, Seen, Turn, tool_schema};
use super::surface::{Surface, arguments, count, events, text};

pub struct Chat;

impl Surface for Chat {
    fn name(&self) -> &'static str {
        "chat completions"
    }

    fn cells(&self) -> usize {
        160
    }

    fn lacks(&self, _: Case) -> Option<&'static str> {
        None
    }

    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
        let mut messages = Vec::new();
        if let Some(system) = &ask.system {
            let mark = json!({"type": "ephemeral"});
            messages
                .push(json!({"role": "system", "content": [{"type": "text", "text": system, "cache_control": mark}]}));
        }
        for turn in &ask.turns {
            match turn {
                Turn::User { text, image: false } => messages.push(json!({"role": "user", "content": text})),
                Turn::User { text, image: true } => messages.push(json!({"role": "user", "content": [
                    {"type": "text", "text": text},
                    {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG}")}},
                ]})),
                Turn::Replay(said) => messages.extend(said.iter().cloned()),
                Turn::Result { id, text, .. } => {
                    messages.push(json!({"role": "tool", "tool_call_id": id, "content": text}));
                }
            }
        }
        let mut body = json!({"model": model, "messages": messages, "stream": stream});
        if !ask.tools.is_empty() {
            let tool =
                |name: &&str| json!({"type": "function", "function": {"name": name, "parameters": tool_schema()}});
            body["tools"] = ask.tools.iter().map(tool).collect();
        }
        if let Some(schema) = &ask.schema {
            body["response_format"] =
                json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}});
        }
        if let Some(max_tokens) = ask.max_tokens {
            body["max_completion_tokens"] = json!(max_tokens);
        }
        if ask.reasoning {
            body["reasoning"] = json!({"effort": "low"});
        }
        ("/api/v1/chat/completions".to_owned(), body)
    }

    fn read(&self, body: &Value) -> Result<Seen, String> {
        let choice = &body["choices"][0];
        let message = &choice["message"];
        let mut calls = Vec::new();
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            calls.push((text(&call["id"]), text(&function["name"]), arguments(&function["arguments"])?));
        }
        let usage = &body["usage"];
        Ok(Seen {
            text: text(&message["content"]) + &text(&message["refusal"]),
            reasoning: text(&message["reasoning"]),
            calls,
            finish: finish(&choice["finish_reason"]),
            prompt_tokens: count(&usage["prompt_tokens"]),
            cached_tokens: count(&usage["prompt_tokens_details"]["cached_tokens"]),
            completion_tokens: count(&usage["completion_tokens"]),
            reasoning_tokens: count(&usage["completion_tokens_details"]["reasoning_tokens"]),
            replay: vec![message.clone()],
            ..Seen::default()
        })
    }

    /// Joins the chunks as clients do, then reads what they made.
    fn read_stream(&self, body: &str) -> Result<Seen, String> {
        let mut message = json!({"role": "assistant", "content": "", "refusal": "", "reasoning": ""});
        let (mut calls, mut details): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        let (mut finish_reason, mut usage, mut error, mut is_done) = (Value::Null, Value::Null, None, false);
        for (name, chunk) in events(body)? {
            if name == "[DONE]" {
                is_done = true;
                continue;
            }
            if !chunk["error"].is_null() {
                error = Some(text(&chunk["error"]["metadata"]["error_type"]));
            }
            let choice = &chunk["choices"][0];
            let delta = &choice["delta"];
            for field in ["content", "refusal", "reasoning"] {
                message[field] = json!(text(&message[field]) + &text(&delta[field]));
            }
            delta["tool_calls"].as_array().into_iter().flatten().for_each(|piece| join_call(&mut calls, piece));
            let pieces = delta["reasoning_details"].as_array().into_iter().flatten();
            pieces.for_each(|piece| join_detail(&mut details, piece));
            if !choice["finish_reason"].is_null() {
                finish_reason = choice["finish_reason"].clone();
            }
            if !chunk["usage"].is_null() {
                usage = chunk["usage"].clone();
            }
        }
        if is_done == error.is_some() {
            return Err(format!("an error or [DONE], one of them: error {error:?}"));
        }
        if !calls.is_empty() {
            message["tool_calls"] = Value::Array(calls);
        }
        message["reasoning_details"] = Value::Array(details);
        let whole = json!({"choices": [{"message": message, "finish_reason": finish_reason}], "usage": usage});
        Ok(Seen { error, ..self.read(&whole)? })
    }

    fn error_type(&self, body: &str) -> Result<String, String> {
        let body: Value = serde_json::from_str(body).map_err(|e| format!("{e}: {body}"))?;
        body["error"]["metadata"]["error_type"].as_str().map(str::to_owned).ok_or(format!("no error_type: {body}"))
    }
}

pub fn finish(reason: &Value) -> Finish {
    match reason.as_str() {
        Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some("tool_calls") => Finish::Tools,
        Some("content_filter") => Finish::Filter,
        _ => Finish::None,
    }
}

fn join_call(calls: &mut Vec<Value>, piece: &Value) {
    let at = usize::try_from(count(&piece["index"])).unwrap_or_default();
    if calls.len() <= at {
        calls.resize_with(at + 1, || json!({"type": "function", "function": {"name": "", "arguments": ""}}));
    }
    let call = &mut calls[at];
    if piece["id"].is_string() {
        call["id"] = piece["id"].clone();
    }
    for field in ["name", "arguments"] {
        call["function"][field] = json!(text(&call["function"][field]) + &text(&piece["function"][field]));
    }
}

/// Pieces of one block have its type and index; their texts are joined.
fn join_detail(details: &mut Vec<Value>, piece: &Value) {
    let same = |detail: &&mut Value| detail["type"] == piece["type"] && detail["index"] == piece["index"];
    let Some(detail) = details.iter_mut().rev().find(same) else {
        details.push(piece.clone());
        return;
    };
    let Value::Object(piece) = piece else { return };
    let fields: &mut Map<String, Value> = detail.as_object_mut().unwrap();
    for (name, value) in piece {
        match name.as_str() {
            "text" | "summary" | "data" | "signature" if value.is_string() => {
                let before = fields.get(name).map(text).unwrap_or_default();
                fields.insert(name.clone(), json!(before + &text(value)));
            }
            "id" | "format" if value.is_string() => {
                fields.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }
}
