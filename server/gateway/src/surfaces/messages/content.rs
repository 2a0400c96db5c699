//! Content blocks of a request, and the canonical messages they make.

use canon::{CacheControl, Message, Part, Source, ToolCall};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::thinking;
use super::wire::Role;
use crate::error::GatewayError;
use crate::surfaces::cache::WireCacheControl;
use crate::surfaces::media::is_base64;

/// `content` of a message, of a tool's result or of a document: one string, or a list of blocks.
#[derive(Debug)]
pub enum Content {
    Text(String),
    Blocks(Vec<WireBlock>),
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Blocks;
        impl<'de> Visitor<'de> for Blocks {
            type Value = Content;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or a list of content blocks")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
                let mut blocks = Vec::new();
                while let Some(block) = items.next_element()? {
                    blocks.push(block);
                }
                Ok(Content::Blocks(blocks))
            }
        }
        deserializer.deserialize_any(Blocks)
    }
}

/// One block: which fields count depends on the type.
#[derive(Debug, Deserialize)]
pub struct WireBlock {
    r#type: String,
    text: Option<String>,
    source: Option<SourceField>,
    title: Option<String>,
    context: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    data: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Box<RawValue>>,
    tool_use_id: Option<String>,
    content: Option<Content>,
    is_error: Option<bool>,
    cache_control: Option<WireCacheControl>,
}

/// `source`: of a medium, or the name of a search result's.
#[derive(Debug)]
enum SourceField {
    Name(String),
    Medium(WireSource),
}

#[derive(Debug, Deserialize)]
struct WireSource {
    r#type: String,
    media_type: Option<String>,
    data: Option<String>,
    url: Option<String>,
    content: Option<Content>,
}

impl<'de> Deserialize<'de> for SourceField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Field;
        impl<'de> Visitor<'de> for Field {
            type Value = SourceField;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a source such as {\"type\": \"base64\", …}")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<SourceField, E> {
                Ok(SourceField::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<SourceField, A::Error> {
                Ok(SourceField::Medium(WireSource::deserialize(MapAccessDeserializer::new(fields))?))
            }
        }
        deserializer.deserialize_any(Field)
    }
}

/// The messages that one message of the client's makes: a tool's results are messages of their own, before what else the
/// user says. `at` is its path.
pub fn messages(role: Role, content: Content, at: &str) -> Result<Vec<Message>, GatewayError> {
    let blocks = match content {
        Content::Text(text) => return Ok(vec![plain(role, text)]),
        Content::Blocks(blocks) => blocks,
    };
    let mut turn = Turn::default();
    for (index, block) in blocks.into_iter().enumerate() {
        turn.take(role, block, &format!("{at}.content[{index}]"))?;
    }
    let Turn { parts, reasoning, tool_calls, results } = turn;
    Ok(match role {
        Role::System => vec![Message::System { parts, name: None }],
        Role::Assistant => vec![Message::Assistant { parts, name: None, refusal: None, reasoning, tool_calls }],
        Role::User if parts.is_empty() && !results.is_empty() => results,
        Role::User => results.into_iter().chain([Message::User { parts, name: None }]).collect(),
    })
}

/// The system's words: text alone.
pub fn system(content: Content) -> Result<Message, GatewayError> {
    let parts = match content {
        Content::Text(text) => vec![Part::Text { text, cache_control: None }],
        Content::Blocks(blocks) => {
            let text = |(index, block): (usize, WireBlock)| block.into_text(&format!("system[{index}]"));
            blocks.into_iter().enumerate().map(text).collect::<Result<_, _>>()?
        }
    };
    Ok(Message::System { parts, name: None })
}

fn plain(role: Role, text: String) -> Message {
    let parts = vec![Part::Text { text, cache_control: None }];
    match role {
        Role::System => Message::System { parts, name: None },
        Role::User => Message::User { parts, name: None },
        Role::Assistant => {
            Message::Assistant { parts, name: None, refusal: None, reasoning: Vec::new(), tool_calls: Vec::new() }
        }
    }
}

/// What the blocks of one message come to.
#[derive(Default)]
struct Turn {
    parts: Vec<Part>,
    reasoning: Vec<canon::ReasoningDetail>,
    tool_calls: Vec<ToolCall>,
    results: Vec<Message>,
}

impl Turn {
    fn take(&mut self, role: Role, block: WireBlock, at: &str) -> Result<(), GatewayError> {
        let misplaced =
            |whose: &str| GatewayError::invalid(format!("{at}.type"), format!("only {whose} has such a block"));
        match block.r#type.as_str() {
            "thinking" | "redacted_thinking" | "tool_use" if role != Role::Assistant => {
                return Err(misplaced("the assistant"));
            }
            "thinking" => {
                let text = needed(block.thinking, at, "thinking")?;
                self.reasoning.extend(thinking::read(text, block.signature.unwrap_or_default()));
            }
            "redacted_thinking" => self.reasoning.push(thinking::redacted(needed(block.data, at, "data")?)),
            "tool_use" => self.tool_calls.push(block.into_call(at)?),
            "tool_result" if role != Role::User => return Err(misplaced("the user")),
            "tool_result" => self.results.push(block.into_result(at)?),
            _ => self.parts.extend(block.into_parts(at)?),
        }
        Ok(())
    }
}

impl WireBlock {
    fn mark(&self) -> Option<CacheControl> {
        self.cache_control.map(Into::into)
    }

    fn into_text(self, at: &str) -> Result<Part, GatewayError> {
        if self.r#type != "text" {
            let message = format!("{:?} is given, expected \"text\"", self.r#type);
            return Err(GatewayError::invalid(format!("{at}.type"), message));
        }
        let cache_control = self.mark();
        Ok(Part::Text { text: needed(self.text, at, "text")?, cache_control })
    }

    /// A block that says or shows something. A mark on it stands at the last of its parts.
    fn into_parts(self, at: &str) -> Result<Vec<Part>, GatewayError> {
        let cache_control = self.mark();
        match self.r#type.as_str() {
            "text" => Ok(vec![self.into_text(at)?]),
            "image" => Ok(vec![Part::Image { source: self.medium(at)?.into_image(at)?, detail: None, cache_control }]),
            "document" => self.into_document(at),
            "search_result" => self.into_search_result(at),
            kind => {
                let message = format!(
                    "{kind:?} is not served here: it belongs to a tool or a store that Anthropic's own servers run, or is unknown"
                );
                Err(GatewayError::invalid(format!("{at}.type"), message))
            }
        }
    }

    fn into_document(self, at: &str) -> Result<Vec<Part>, GatewayError> {
        let (cache_control, title) = (self.mark(), self.title.clone());
        let context = self.context.clone().map(|text| Part::Text { text, cache_control: None });
        let source = self.medium(at)?;
        let mut parts: Vec<Part> = context.into_iter().collect();
        match source.r#type.as_str() {
            "base64" | "url" => {
                parts.push(Part::File { filename: title, source: source.into_file(at)?, cache_control: None });
            }
            "text" => parts.push(document(title.as_deref(), &needed(source.data, at, "source.data")?)),
            "content" => match needed(source.content, at, "source.content")? {
                Content::Text(text) => parts.push(document(title.as_deref(), &text)),
                Content::Blocks(blocks) => {
                    parts.extend(title.map(|text| Part::Text { text, cache_control: None }));
                    for (index, block) in blocks.into_iter().enumerate() {
                        parts.extend(block.into_parts(&format!("{at}.source.content[{index}]"))?);
                    }
                }
            },
            _ => return Err(source.unknown(at)),
        }
        set_mark(parts.last_mut(), cache_control);
        Ok(parts)
    }

    /// Found text, with where it was found.
    fn into_search_result(self, at: &str) -> Result<Vec<Part>, GatewayError> {
        let cache_control = self.mark();
        let Some(SourceField::Name(source)) = self.source else {
            return Err(GatewayError::invalid(format!("{at}.source"), "expected a string"));
        };
        let mut parts =
            vec![Part::Text { text: format!("{}\n{source}", needed(self.title, at, "title")?), cache_control: None }];
        match needed(self.content, at, "content")? {
            Content::Text(text) => parts.push(Part::Text { text, cache_control: None }),
            Content::Blocks(blocks) => {
                for (index, block) in blocks.into_iter().enumerate() {
                    parts.push(block.into_text(&format!("{at}.content[{index}]"))?);
                }
            }
        }
        set_mark(parts.last_mut(), cache_control);
        Ok(parts)
    }

    fn into_call(self, at: &str) -> Result<ToolCall, GatewayError> {
        let cache_control = self.mark();
        let input = needed(self.input, at, "input")?;
        if !input.get().starts_with('{') {
            return Err(GatewayError::invalid(format!("{at}.input"), "expected an object"));
        }
        let (id, name) = (needed(self.id, at, "id")?, needed(self.name, at, "name")?);
        Ok(ToolCall { id, name, arguments: input.get().to_owned(), cache_control })
    }

    fn into_result(self, at: &str) -> Result<Message, GatewayError> {
        let cache_control = self.mark();
        let mut parts = Vec::new();
        match self.content {
            None => {}
            Some(Content::Text(text)) => parts.push(Part::Text { text, cache_control: None }),
            Some(Content::Blocks(blocks)) => {
                for (index, block) in blocks.into_iter().enumerate() {
                    parts.extend(block.into_parts(&format!("{at}.content[{index}]"))?);
                }
            }
        }
        if cache_control.is_some() && parts.is_empty() {
            parts.push(Part::Text { text: String::new(), cache_control: None });
        }
        set_mark(parts.last_mut(), cache_control);
        let tool_call_id = needed(self.tool_use_id, at, "tool_use_id")?;
        Ok(Message::Tool { tool_call_id, parts, is_error: self.is_error.unwrap_or(false) })
    }

    fn medium(self, at: &str) -> Result<WireSource, GatewayError> {
        match needed(self.source, at, "source")? {
            SourceField::Medium(source) => Ok(source),
            SourceField::Name(_) => Err(GatewayError::invalid(format!("{at}.source"), "expected an object")),
        }
    }
}

impl WireSource {
    fn into_image(self, at: &str) -> Result<Source, GatewayError> {
        if self.r#type == "base64" && !self.media_type.as_deref().is_some_and(|kind| kind.starts_with("image/")) {
            let message = "expected image/jpeg, image/png, image/gif or image/webp";
            return Err(GatewayError::invalid(format!("{at}.source.media_type"), message));
        }
        self.into_file(at)
    }

    fn into_file(self, at: &str) -> Result<Source, GatewayError> {
        match self.r#type.as_str() {
            "base64" => {
                let media_type = needed(self.media_type, at, "source.media_type")?;
                let data = needed(self.data, at, "source.data")?;
                if !is_base64(&data) {
                    return Err(GatewayError::invalid(format!("{at}.source.data"), "is not base64"));
                }
                Ok(Source::Data { media_type, data })
            }
            "url" => {
                let url = needed(self.url, at, "source.url")?;
                if !(url.starts_with("https://") || url.starts_with("http://")) {
                    return Err(GatewayError::invalid(format!("{at}.source.url"), "expected an http(s) URL"));
                }
                Ok(Source::Url(url))
            }
            _ => Err(self.unknown(at)),
        }
    }

    fn unknown(&self, at: &str) -> GatewayError {
        let message = format!("{:?} is not a source this server can read: send base64 data or a URL", self.r#type);
        GatewayError::invalid(format!("{at}.source.type"), message)
    }
}

/// A text that is a document, in a form that every model reads.
fn document(title: Option<&str>, text: &str) -> Part {
    let title = title.map(|title| format!(" title={title:?}")).unwrap_or_default();
    Part::Text { text: format!("<document{title}>\n{text}\n</document>"), cache_control: None }
}

fn set_mark(part: Option<&mut Part>, mark: Option<CacheControl>) {
    if let Some(
        Part::Text { cache_control, .. } | Part::Image { cache_control, .. } | Part::File { cache_control, .. },
    ) = part
    {
        *cache_control = mark.or(*cache_control);
    }
}

fn needed<T>(value: Option<T>, at: &str, field: &str) -> Result<T, GatewayError> {
    value.ok_or_else(|| GatewayError::invalid(format!("{at}.{field}"), "is missing"))
}
