//! `POST /responses`, as OpenAI's newer clients use it: every item is sent back.

use serde_json::{Value, json};

use super::ask::{Ask, Case, Finish, PNG, Seen, Turn, tool_schema};
use super::surface::{Surface, arguments, count, events, text};

pub struct Responses;

impl Surface for Responses {
    fn name(&self) -> &'static str {
        "responses"
    }

    fn cells(&self) -> usize {
        160
    }

    fn lacks(&self, case: Case) -> Option<&'static str> {
        let _ = case;
        None
    }

    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
        let mut input = Vec::new();
        for turn in &ask.turns {
            match turn {
                Turn::User { text, image } => {
                    let mut content = vec![json!({"type": "input_text", "text": text})];
                    if *image {
                        let url = format!("data:image/png;base64,{PNG}");
                        content.push(json!({"type": "input_image", "image_url": url, "detail": "auto"}));
                    }
                    input.push(json!({"type": "message", "role": "user", "content": content}));
                }
                Turn::Replay(items) => input.extend(items.iter().cloned()),
                Turn::Result { id, text, .. } => {
                    input.push(json!({"type": "function_call_output", "call_id": id, "output": text}));
                }
            }
        }
        let mut body = json!({
            "model": model, "input": input, "stream": stream, "store": false, "include": ["reasoning.encrypted_content"],
        });
        if let Some(system) = &ask.system {
            body["instructions"] = json!(system);
            // Where caching must be asked for, this asks for it.
            body["cache_control"] = json!({"type": "ephemeral"});
        }
        if !ask.tools.is_empty() {
            let tool =
                |name: &&str| json!({"type": "function", "name": name, "parameters": tool_schema(), "strict": true});
            body["tools"] = ask.tools.iter().map(tool).collect();
        }
        if let Some(schema) = &ask.schema {
            body["text"] =
                json!({"format": {"type": "json_schema", "name": "answer", "strict": true, "schema": schema}});
        }
        if let Some(max_tokens) = ask.max_tokens {
            body["max_output_tokens"] = json!(max_tokens);
        }
        if ask.reasoning {
            body["reasoning"] = json!({"effort": "low", "summary": "auto"});
        }
        ("/api/v1/responses".to_owned(), body)
    }

    fn read(&self, body: &Value) -> Result<Seen, String> {
        let usage = &body["usage"];
        let mut seen = Seen {
            prompt_tokens: count(&usage["input_tokens"]),
            cached_tokens: count(&usage["input_tokens_details"]["cached_tokens"]),
            completion_tokens: count(&usage["output_tokens"]),
            reasoning_tokens: count(&usage["output_tokens_details"]["reasoning_tokens"]),
            ..Seen::default()
        };
        for item in body["output"].as_array().ok_or("no output")? {
            match item["type"].as_str() {
                Some("message") => {
                    for part in item["content"].as_array().ok_or("a message without content")? {
                        seen.text += &(text(&part["text"]) + &text(&part["refusal"]));
                        if part["type"] == "refusal" {
                            seen.finish = Finish::Filter;
                        }
                    }
                }
                Some("reasoning") => {
                    let parts = |field: &str| item[field].as_array().cloned().unwrap_or_default();
                    for part in parts("summary").iter().chain(&parts("content")) {
                        seen.reasoning += &text(&part["text"]);
                    }
                }
                Some("function_call") => {
                    let call = (text(&item["call_id"]), text(&item["name"]), arguments(&item["arguments"])?);
                    seen.calls.push(call);
                }
                other => return Err(format!("an item of type {other:?}")),
            }
            seen.replay.push(item.clone());
        }
        seen.finish = match (body["status"].as_str(), body["incomplete_details"]["reason"].as_str()) {
            (Some("completed"), _) if !seen.calls.is_empty() => Finish::Tools,
            (Some("completed"), _) if seen.finish == Finish::Filter => Finish::Filter,
            (Some("completed"), _) => Finish::Stop,
            (Some("incomplete"), Some("max_output_tokens")) => Finish::Length,
            (Some("incomplete"), Some("content_filter")) => Finish::Filter,
            (Some("failed"), _) => {
                seen.error = Some(text(&body["error"]["code"]));
                Finish::None
            }
            other => return Err(format!("status {other:?}")),
        };
        Ok(seen)
    }

    /// The last event holds the whole response; the pieces before it must amount to the same.
    fn read_stream(&self, body: &str) -> Result<Seen, String> {
        let events = events(body)?;
        let (mut said, mut last) = (String::new(), None);
        for (number, (name, data)) in events.iter().enumerate() {
            if data["type"] != *name || count(&data["sequence_number"]) != number as u64 {
                return Err(format!("event {number} is `{name}`, and says {data}"));
            }
            match *name {
                "response.output_text.delta" | "response.refusal.delta" => said += &text(&data["delta"]),
                "response.completed" | "response.incomplete" | "response.failed" | "error" => {
                    last = Some((*name, data))
                }
                _ if last.is_some() => return Err(format!("`{name}` after the end")),
                _ => {}
            }
        }
        match last {
            None => Err("no end".to_owned()),
            Some(("error", data)) => Ok(Seen { text: said, error: Some(text(&data["code"])), ..Seen::default() }),
            Some(("response.failed", data)) => {
                let error = Some(text(&data["response"]["error"]["code"]));
                Ok(Seen { text: said, error, ..Seen::default() })
            }
            Some((_, data)) => {
                let seen = self.read(&data["response"])?;
                if seen.text == said { Ok(seen) } else { Err(format!("pieces `{said}`, whole `{}`", seen.text)) }
            }
        }
    }

    fn error_type(&self, body: &str) -> Result<String, String> {
        let body: Value = serde_json::from_str(body).map_err(|e| format!("{e}: {body}"))?;
        let error = &body["error"];
        let word =
            [&error["type"], &error["code"], &error["metadata"]["error_type"]].into_iter().find_map(Value::as_str);
        word.map(str::to_owned).ok_or(format!("no type: {body}"))
    }
}
