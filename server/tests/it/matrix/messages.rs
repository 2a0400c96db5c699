//! `POST /messages`, as Anthropic's clients use it.

use serde_json::{Value, json};

use super::ask::{Ask, Case, Finish, PNG, Seen, Turn, tool_schema};
use super::surface::{Surface, count, events, text};

pub struct Messages;

impl Surface for Messages {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn cells(&self) -> usize {
        160
    }

    fn lacks(&self, _: Case) -> Option<&'static str> {
        None
    }

    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
        let mut messages: Vec<Value> = Vec::new();
        for turn in &ask.turns {
            match turn {
                Turn::User { text, image } => {
                    let mut content = vec![json!({"type": "text", "text": text})];
                    if *image {
                        let source = json!({"type": "base64", "media_type": "image/png", "data": PNG});
                        content.push(json!({"type": "image", "source": source}));
                    }
                    messages.push(json!({"role": "user", "content": content}));
                }
                Turn::Replay(blocks) => messages.push(json!({"role": "assistant", "content": blocks})),
                Turn::Result { id, text, .. } => {
                    let block = json!({"type": "tool_result", "tool_use_id": id, "content": text});
                    match messages.last_mut().filter(|m| m["role"] == "user").and_then(|m| m["content"].as_array_mut())
                    {
                        Some(blocks) => blocks.push(block),
                        None => messages.push(json!({"role": "user", "content": [block]})),
                    }
                }
            }
        }
        let mut body = json!({"model": model, "messages": messages, "stream": stream, "max_tokens": ask.max_tokens.unwrap_or(1024)});
        if let Some(system) = &ask.system {
            body["system"] = json!([{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]);
        }
        if !ask.tools.is_empty() {
            let tool = |name: &&str| json!({"name": name, "input_schema": tool_schema()});
            body["tools"] = ask.tools.iter().map(tool).collect();
        }
        if let Some(schema) = &ask.schema {
            body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema}});
        }
        if ask.reasoning {
            body["thinking"] = json!({"type": "enabled", "budget_tokens": 1024});
        }
        ("/api/v1/messages".to_owned(), body)
    }

    fn read(&self, body: &Value) -> Result<Seen, String> {
        let usage = &body["usage"];
        let [new, read, written] = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
            .map(|field| count(&usage[field]));
        let mut seen = Seen {
            finish: match body["stop_reason"].as_str() {
                Some("end_turn" | "stop_sequence") => Finish::Stop,
                Some("max_tokens") => Finish::Length,
                Some("tool_use") => Finish::Tools,
                Some("refusal") => Finish::Filter,
                other => return Err(format!("stop_reason {other:?}")),
            },
            prompt_tokens: new + read + written,
            cached_tokens: read,
            completion_tokens: count(&usage["output_tokens"]),
            ..Seen::default()
        };
        for block in body["content"].as_array().ok_or("no content")? {
            match block["type"].as_str() {
                Some("text") => seen.text += &text(&block["text"]),
                Some("thinking") => seen.reasoning += &text(&block["thinking"]),
                Some("redacted_thinking") => {}
                Some("tool_use") => {
                    seen.calls.push((text(&block["id"]), text(&block["name"]), block["input"].clone()));
                }
                other => return Err(format!("a block of type {other:?}")),
            }
            seen.replay.push(block.clone());
        }
        // The API does not tell them apart: where there are thoughts, they are among the tokens.
        seen.reasoning_tokens = u64::from(!seen.reasoning.is_empty());
        Ok(seen)
    }

    /// Joins the blocks as clients do, then reads what they made.
    fn read_stream(&self, body: &str) -> Result<Seen, String> {
        let (mut message, mut blocks, mut json_of) = (Value::Null, Vec::<Value>::new(), String::new());
        let (mut open, mut error, mut is_over) = (None, None, false);
        for (name, data) in events(body)? {
            if data["type"] != *name || is_over || error.is_some() {
                return Err(format!("`{name}` says {data}; over: {is_over}"));
            }
            match name {
                "message_start" => message = data["message"].clone(),
                "content_block_start" => {
                    if open.is_some() || count(&data["index"]) != blocks.len() as u64 {
                        return Err(format!("a block begins out of turn: {data}"));
                    }
                    open = Some(blocks.len());
                    json_of.clear();
                    blocks.push(data["content_block"].clone());
                }
                "content_block_delta" => {
                    let at = open.filter(|at| *at as u64 == count(&data["index"])).ok_or("a delta of no open block")?;
                    let delta = &data["delta"];
                    for field in ["text", "thinking", "signature"] {
                        if delta[field].is_string() {
                            blocks[at][field] = json!(text(&blocks[at][field]) + &text(&delta[field]));
                        }
                    }
                    json_of += &text(&delta["partial_json"]);
                }
                "content_block_stop" => {
                    let at = open.take().ok_or("a stop of no open block")?;
                    if blocks[at]["type"] == "tool_use" {
                        let json = if json_of.is_empty() { "{}" } else { &json_of };
                        blocks[at]["input"] = serde_json::from_str(json).map_err(|e| format!("{e}: {json}"))?;
                    }
                }
                "message_delta" => {
                    message["stop_reason"] = data["delta"]["stop_reason"].clone();
                    for (field, value) in data["usage"].as_object().into_iter().flatten() {
                        message["usage"][field] = value.clone();
                    }
                }
                "message_stop" => is_over = true,
                "ping" => {}
                "error" => error = Some(text(&data["error"]["type"])),
                other => return Err(format!("an event `{other}`")),
            }
        }
        if error.is_some() {
            let said = blocks.iter().map(|block| text(&block["text"])).collect();
            return Ok(Seen { text: said, error, ..Seen::default() });
        }
        if !is_over || open.is_some() {
            return Err("no end".to_owned());
        }
        message["content"] = Value::Array(blocks);
        self.read(&message)
    }

    fn error_type(&self, body: &str) -> Result<String, String> {
        let body: Value = serde_json::from_str(body).map_err(|e| format!("{e}: {body}"))?;
        if body["type"] != "error" {
            return Err(format!("no error: {body}"));
        }
        body["error"]["type"].as_str().map(str::to_owned).ok_or(format!("no type: {body}"))
    }
}
