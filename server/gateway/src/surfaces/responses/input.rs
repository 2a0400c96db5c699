//! The items of `input` as messages: what the model said between two of the user's words or a tool's results is one message.

use canon::{Message, Part, ReasoningDetail, Source, ToolCall};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::reasoning::unseal;
use super::tools::wrap_input;
use super::wire::{
    Head, Role, TextOr, WireCustomCall, WireFunctionCall, WireImageCall, WireMessage, WireOutput, WirePart,
    WireReasoningItem,
};
use crate::error::GatewayError;
use crate::surfaces::{json, media};

/// The conversation. Errors: `Invalid` with the field's path.
pub fn messages(
    instructions: Option<&str>,
    input: Option<TextOr<Box<RawValue>>>,
) -> Result<Vec<Message>, GatewayError> {
    let mut conversation = Conversation::default();
    if let Some(text) = instructions.filter(|text| !text.is_empty()) {
        conversation.messages.push(Message::System { parts: vec![plain(text.to_owned())], name: None });
    }
    match input {
        None => return Err(GatewayError::invalid("input", "is missing: a text, or a list of at least one item")),
        Some(TextOr::Text(text)) => {
            conversation.messages.push(Message::User { parts: vec![plain(text)], name: None });
        }
        Some(TextOr::List(items)) if items.is_empty() => {
            return Err(GatewayError::invalid("input", "is empty: at least one item is needed"));
        }
        Some(TextOr::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                conversation.read(item, &format!("input[{index}]"))?;
            }
        }
    }
    conversation.end_turn();
    Ok(conversation.messages)
}

#[derive(Default)]
struct Conversation {
    messages: Vec<Message>,
    /// What the model said since the last word of anybody else.
    turn: Turn,
}

/// A message of the model in the making.
#[derive(Default)]
struct Turn {
    reasoning: Vec<ReasoningDetail>,
    parts: Vec<Part>,
    refusal: Option<String>,
    calls: Vec<ToolCall>,
}

impl Conversation {
    fn read(&mut self, item: &RawValue, at: &str) -> Result<(), GatewayError> {
        let head: Head = json::read_at(item, at)?;
        let kind = match (head.r#type.as_deref(), head.role, head.id) {
            (Some(kind), ..) => kind,
            (None, Some(_), _) => "message",
            (None, None, Some(_)) => "item_reference",
            (None, None, None) => {
                return Err(GatewayError::invalid(format!("{at}.type"), "is missing: message, function_call …"));
            }
        };
        match kind {
            "message" => self.message(typed(item, at)?, at),
            "reasoning" => self.reasoning(typed(item, at)?, at),
            "function_call" => {
                let WireFunctionCall { call_id, name, arguments, cache_control } = typed(item, at)?;
                let cache_control = cache_control.map(Into::into);
                self.turn.calls.push(ToolCall { id: call_id, name, arguments, cache_control });
                Ok(())
            }
            "custom_tool_call" => {
                let WireCustomCall { call_id, name, input } = typed(item, at)?;
                let arguments = wrap_input(&input);
                self.turn.calls.push(ToolCall { id: call_id, name, arguments, cache_control: None });
                Ok(())
            }
            "function_call_output" | "custom_tool_call_output" => {
                let WireOutput { call_id, output } = typed(item, at)?;
                let parts = parts(Some(output), &format!("{at}.output"))?;
                self.end_turn();
                self.messages.push(Message::Tool { tool_call_id: call_id, parts, is_error: false });
                Ok(())
            }
            "image_generation_call" => self.picture(typed(item, at)?, at),
            "item_reference" => Err(GatewayError::invalid(
                at,
                "is a reference to an item: this server keeps no answers, so send the item itself",
            )),
            other => Err(GatewayError::invalid(
                format!("{at}.type"),
                format!(
                    "{other:?} is not offered here: expected message, reasoning, function_call, function_call_output, custom_tool_call, custom_tool_call_output or image_generation_call"
                ),
            )),
        }
    }

    fn message(&mut self, message: WireMessage, at: &str) -> Result<(), GatewayError> {
        let at = format!("{at}.content");
        if message.role == Role::Assistant {
            self.begin_part();
            return self.turn.say(message.content, &at);
        }
        let parts = parts(message.content, &at)?;
        self.end_turn();
        self.messages.push(match message.role {
            Role::System => Message::System { parts, name: None },
            Role::Developer => Message::Developer { parts, name: None },
            Role::User | Role::Assistant => Message::User { parts, name: None },
        });
        Ok(())
    }

    fn reasoning(&mut self, item: WireReasoningItem, at: &str) -> Result<(), GatewayError> {
        self.begin_part();
        let next = u32::try_from(self.turn.reasoning.len()).unwrap_or(u32::MAX);
        let blocks = unseal(item, next).map_err(|why| GatewayError::invalid(format!("{at}.encrypted_content"), why))?;
        self.turn.reasoning.extend(blocks);
        Ok(())
    }

    /// A picture the model drew: it belongs to what the model said.
    fn picture(&mut self, item: WireImageCall, at: &str) -> Result<(), GatewayError> {
        let Some(result) = item.result.filter(|result| !result.is_empty()) else { return Ok(()) };
        let source = if result.contains(':') {
            media::source(result, "result").map_err(|why| GatewayError::invalid(format!("{at}.result"), why))?
        } else {
            let media_type = format!("image/{}", item.output_format.as_deref().unwrap_or("png"));
            Source::Data { media_type, data: result }
        };
        self.turn.parts.push(Part::Image { source, detail: None, cache_control: None });
        Ok(())
    }

    /// Words that follow other words are a message of their own, and so are thoughts that follow words: thus their order is
    /// kept. Not after a call: its results must follow the message that holds it.
    fn begin_part(&mut self) {
        let has_spoken = !self.turn.parts.is_empty() || self.turn.refusal.is_some();
        if has_spoken && self.turn.calls.is_empty() {
            self.end_turn();
        }
    }

    fn end_turn(&mut self) {
        let Turn { reasoning, parts, refusal, calls } = std::mem::take(&mut self.turn);
        if reasoning.is_empty() && parts.is_empty() && refusal.is_none() && calls.is_empty() {
            return;
        }
        self.messages.push(Message::Assistant { parts, name: None, refusal, reasoning, tool_calls: calls });
    }
}

impl Turn {
    fn say(&mut self, content: Option<TextOr<WirePart>>, at: &str) -> Result<(), GatewayError> {
        let parts = match content {
            None => return Ok(()),
            Some(TextOr::Text(text)) => {
                self.parts.push(plain(text));
                return Ok(());
            }
            Some(TextOr::List(parts)) => parts,
        };
        for (index, part) in parts.into_iter().enumerate() {
            if part.r#type == "refusal" {
                let text = needed(part.refusal, &format!("{at}[{index}].refusal"))?;
                self.refusal.get_or_insert_default().push_str(&text);
            } else {
                self.parts.push(read_part(part, &format!("{at}[{index}]"))?);
            }
        }
        Ok(())
    }
}

fn typed<T: DeserializeOwned>(item: &RawValue, at: &str) -> Result<T, GatewayError> {
    json::read_at(item, at)
}

fn plain(text: String) -> Part {
    Part::Text { text, cache_control: None }
}

fn needed<T>(value: Option<T>, at: &str) -> Result<T, GatewayError> {
    value.ok_or_else(|| GatewayError::invalid(at, "is missing"))
}

/// Content of anybody but the model.
fn parts(content: Option<TextOr<WirePart>>, at: &str) -> Result<Vec<Part>, GatewayError> {
    match content {
        None => Ok(Vec::new()),
        Some(TextOr::Text(text)) => Ok(vec![plain(text)]),
        Some(TextOr::List(parts)) => {
            parts.into_iter().enumerate().map(|(index, part)| read_part(part, &format!("{at}[{index}]"))).collect()
        }
    }
}

fn read_part(part: WirePart, at: &str) -> Result<Part, GatewayError> {
    let cache_control = part.cache_control.map(Into::into);
    let source = |url: String, field: &str| {
        media::source(url, field).map_err(|why| GatewayError::invalid(format!("{at}.{field}"), why))
    };
    let stored = |id: &Option<String>| match id {
        Some(_) => Err(GatewayError::invalid(
            format!("{at}.file_id"),
            "names a file that is kept elsewhere: send its address or its data",
        )),
        None => Ok(()),
    };
    match part.r#type.as_str() {
        "input_text" | "output_text" | "text" => {
            Ok(Part::Text { text: needed(part.text, &format!("{at}.text"))?, cache_control })
        }
        "refusal" => Ok(plain(needed(part.refusal, &format!("{at}.refusal"))?)),
        "input_image" => {
            stored(&part.file_id)?;
            let url = needed(part.image_url, &format!("{at}.image_url"))?;
            Ok(Part::Image { source: source(url, "image_url")?, detail: part.detail, cache_control })
        }
        "input_file" => {
            stored(&part.file_id)?;
            let source = match (part.file_data, part.file_url) {
                (Some(data), None) => source(data, "file_data")?,
                (None, Some(url)) => source(url, "file_url")?,
                _ => return Err(GatewayError::invalid(at, "must have one of file_data and file_url")),
            };
            Ok(Part::File { filename: part.filename, source, cache_control })
        }
        "input_audio" => {
            let audio = needed(part.input_audio, &format!("{at}.input_audio"))?;
            Ok(Part::Audio { data: audio.data, format: audio.format })
        }
        "input_video" => {
            let url = needed(part.video_url, &format!("{at}.video_url"))?;
            Ok(Part::Video { source: source(url, "video_url")? })
        }
        other => Err(GatewayError::invalid(
            format!("{at}.type"),
            format!(
                "{other:?} is given, expected input_text, input_image, input_file, input_audio, input_video, output_text or refusal"
            ),
        )),
    }
}
