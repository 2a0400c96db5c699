//! Canonical messages as Chat Completions' `messages`.

mod arrange;
mod call_id;

use std::borrow::Cow;

use canon::{Message, Part, ReasoningDetail, ReasoningDetailKind, Request, ResponseFormat, Source, ToolCall};
use serde::Serialize;

use super::encode::marks_caches;
use crate::dialect::body::{CacheMark, SourceUrl};
use crate::dialect::{EncodeError, Target};
use crate::quirks::{AuthorNames, JsonSchemaForm, ReasoningField, ReasoningRequest};

#[derive(Serialize, Default)]
pub struct WireMessage<'a> {
    role: &'static str,
    /// `null` where an assistant only called tools.
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<&'a [ReasoningDetail]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<WirePart<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WirePart<'a> {
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    ImageUrl {
        image_url: ImageUrl<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    InputAudio {
        input_audio: InputAudio<'a>,
    },
    File {
        file: File<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    VideoUrl {
        video_url: VideoUrl<'a>,
    },
    Thinking {
        thinking: [ThinkingText<'a>; 1],
    },
}

/// Mistral's form of earlier reasoning.
#[derive(Serialize)]
struct ThinkingText<'a> {
    r#type: &'static str,
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: SourceUrl<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct InputAudio<'a> {
    data: &'a str,
    format: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    file_data: SourceUrl<'a>,
}

#[derive(Serialize)]
struct VideoUrl<'a> {
    url: SourceUrl<'a>,
}

#[derive(Serialize)]
struct WireCall<'a> {
    id: Cow<'a, str>,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// All messages, in order. Media in tool results, which a `tool` message cannot hold, follow in a `user` message.
pub fn all<'a>(request: &'a Request, target: &Target<'_>) -> Result<Vec<WireMessage<'a>>, EncodeError> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    messages.extend(schema_in_words(request, target));
    let mut media: Vec<WirePart<'a>> = Vec::new();
    for message in &request.messages {
        if let Message::Tool { tool_call_id, parts, .. } = message {
            messages.push(tool_result(tool_call_id, parts, target, &mut media)?);
            continue;
        }
        flush(&mut media, &mut messages);
        messages.push(turn(message, target)?);
    }
    flush(&mut media, &mut messages);
    Ok(arrange::arranged(messages, target.quirks))
}

/// For hosts that can be told of JSON, but not of its schema.
fn schema_in_words<'a>(request: &Request, target: &Target<'_>) -> Option<WireMessage<'a>> {
    let Some(ResponseFormat::JsonSchema(schema)) = &request.response_format else { return None };
    if target.quirks.json_schema != JsonSchemaForm::InWords {
        return None;
    }
    let words = format!("Answer with one JSON value alone, which fits this JSON Schema:\n{}", schema.schema);
    Some(WireMessage { role: "system", content: Some(Content::Text(words.into())), ..WireMessage::default() })
}

fn flush<'a>(media: &mut Vec<WirePart<'a>>, messages: &mut Vec<WireMessage<'a>>) {
    if !media.is_empty() {
        let content = Some(Content::Parts(std::mem::take(media)));
        messages.push(WireMessage { role: "user", content, ..WireMessage::default() });
    }
}

fn tool_result<'a>(
    id: &'a str,
    parts: &'a [Part],
    target: &Target<'_>,
    media: &mut Vec<WirePart<'a>>,
) -> Result<WireMessage<'a>, EncodeError> {
    let (texts, others): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| matches!(part, Part::Text { .. }));
    if !others.is_empty() {
        media.push(WirePart::Text {
            text: format!("Media returned by the tool call {id}:").into(),
            cache_control: None,
        });
        for part in others {
            media.push(wire_part(part, target)?);
        }
    }
    let content = Some(content(&texts, target)?);
    let tool_call_id = Some(call_id::known(id, target.quirks.tool_call_ids));
    Ok(WireMessage { role: "tool", content, tool_call_id, ..WireMessage::default() })
}

fn turn<'a>(message: &'a Message, target: &Target<'_>) -> Result<WireMessage<'a>, EncodeError> {
    let (role, parts, name) = match message {
        Message::System { parts, name } => ("system", parts, name),
        Message::Developer { parts, name } if target.quirks.developer_role => ("developer", parts, name),
        Message::Developer { parts, name } => ("system", parts, name),
        Message::User { parts, name } => ("user", parts, name),
        Message::Assistant { parts, name, .. } => ("assistant", parts, name),
        Message::Tool { parts, .. } => ("tool", parts, &None),
    };
    let parts: Vec<&Part> = parts.iter().collect();
    let mut wire = WireMessage { role, ..WireMessage::default() };
    if let Message::Assistant { refusal, reasoning, tool_calls, .. } = message {
        wire.refusal = refusal.as_deref();
        wire.tool_calls = tool_calls.iter().map(|c| call(c, target)).collect();
        let only_calls = parts.is_empty() && (!wire.tool_calls.is_empty() || wire.refusal.is_some());
        if !only_calls || target.quirks.empty_text_beside_calls {
            wire.content = Some(content(&parts, target)?);
        }
        replay(reasoning, &mut wire, target);
    } else {
        wire.content = Some(content(&parts, target)?);
    }
    match (name, target.quirks.author_names) {
        (Some(name), AuthorNames::Prefix) => wire.content.iter_mut().for_each(|content| content.begin_with_name(name)),
        (name, _) => wire.name = name.as_deref(),
    }
    Ok(wire)
}

fn call<'a>(call: &'a ToolCall, target: &Target<'_>) -> WireCall<'a> {
    // Hosts parse them: nothing at all is no JSON.
    let arguments = if call.arguments.is_empty() { "{}" } else { &call.arguments };
    let function = CalledFunction { name: &call.name, arguments };
    WireCall { id: call_id::known(&call.id, target.quirks.tool_call_ids), r#type: "function", function }
}

/// Sends earlier reasoning back where the host wants it: as it was given to us, or as plain text of its own.
fn replay<'a>(reasoning: &'a [ReasoningDetail], wire: &mut WireMessage<'a>, target: &Target<'_>) {
    if reasoning.is_empty() {
        return;
    }
    if target.quirks.reasoning_request == ReasoningRequest::Object {
        wire.reasoning_details = Some(reasoning);
        return;
    }
    if !target.quirks.reasoning_replay {
        return;
    }
    let texts: Vec<&str> = reasoning.iter().filter_map(own_text).collect();
    let text = match texts.as_slice() {
        [] => return,
        [one] => Cow::Borrowed(*one),
        many => Cow::Owned(many.concat()),
    };
    match target.quirks.reasoning_field {
        ReasoningField::ReasoningContent => wire.reasoning_content = Some(text),
        ReasoningField::Reasoning => wire.reasoning = Some(text),
        ReasoningField::Parts => {
            let mut parts = vec![WirePart::Thinking { thinking: [ThinkingText { r#type: "text", text }] }];
            parts.extend(wire.content.take().map(Content::into_parts).into_iter().flatten());
            wire.content = Some(Content::Parts(parts));
        }
    }
}

/// The text of a block that came over this wire: it has no format, since the wire names none.
fn own_text(detail: &ReasoningDetail) -> Option<&str> {
    match (&detail.kind, detail.format.as_deref()) {
        (ReasoningDetailKind::Text { text, .. }, None | Some("unknown")) => text.as_deref(),
        _ => None,
    }
}

/// One string where the parts are one plain text, or where the host takes nothing else; otherwise a list.
fn content<'a>(parts: &[&'a Part], target: &Target<'_>) -> Result<Content<'a>, EncodeError> {
    let marks = marks_caches(target);
    let texts: Option<Vec<&'a str>> = parts
        .iter()
        .map(|part| match part {
            Part::Text { text, cache_control } if cache_control.is_none() || !marks => Some(text.as_str()),
            _ => None,
        })
        .collect();
    Ok(match texts.as_deref() {
        Some([]) => Content::Text(Cow::Borrowed("")),
        Some([text]) => Content::Text(Cow::Borrowed(text)),
        Some(many) if target.quirks.content_must_be_string => Content::Text(Cow::Owned(many.join("\n"))),
        _ => Content::Parts(parts.iter().map(|part| wire_part(part, target)).collect::<Result<_, _>>()?),
    })
}

fn wire_part<'a>(part: &'a Part, target: &Target<'_>) -> Result<WirePart<'a>, EncodeError> {
    let quirks = target.quirks;
    let mark = |cache_control: &Option<canon::CacheControl>| {
        cache_control.filter(|_| marks_caches(target)).map(CacheMark::from)
    };
    Ok(match part {
        Part::Image { source: Source::Url(_), .. } if !quirks.image_urls => {
            return Err(EncodeError::NoWay("an image by its URL: send its data"));
        }
        Part::File { source: Source::Url(_), .. } if !quirks.file_urls => {
            return Err(EncodeError::NoWay("a file by its URL: send its data"));
        }
        Part::Text { text, cache_control } => {
            WirePart::Text { text: Cow::Borrowed(text), cache_control: mark(cache_control) }
        }
        Part::Image { source, detail, cache_control } => {
            let image_url = ImageUrl { url: SourceUrl(source), detail: detail.as_deref() };
            WirePart::ImageUrl { image_url, cache_control: mark(cache_control) }
        }
        Part::Audio { data, format } => WirePart::InputAudio { input_audio: InputAudio { data, format } },
        Part::File { filename, source, cache_control } => {
            let filename = filename.as_deref().or(file_name(source));
            let file = File { filename, file_data: SourceUrl(source) };
            WirePart::File { file, cache_control: mark(cache_control) }
        }
        Part::Video { source } => WirePart::VideoUrl { video_url: VideoUrl { url: SourceUrl(source) } },
    })
}

/// Data needs a name ("PDF files"), by which a host may tell what they are.
fn file_name(source: &Source) -> Option<&'static str> {
    match source {
        Source::Url(_) => None,
        Source::Data { media_type, .. } if media_type == "application/pdf" => Some("file.pdf"),
        Source::Data { .. } => Some("file"),
    }
}
