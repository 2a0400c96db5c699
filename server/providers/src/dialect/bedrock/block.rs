//! Content blocks of the Converse API, as they are written.

use std::borrow::Cow;

use canon::{CacheControl, CacheTtl, Part, ReasoningDetail, ReasoningDetailKind, Source, ToolCall};
use serde::Serialize;

use super::REASONING_FORMAT;
use crate::dialect::{EncodeError, anthropic};

/// One block: an object with one field, which says what it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Medium<'a>),
    Document(Document<'a>),
    Video(Medium<'a>),
    Audio(Medium<'a>),
    ToolUse(ToolUse<'a>),
    ToolResult(ToolResult<'a>),
    CachePoint(CachePoint),
    ReasoningContent(Reasoning<'a>),
}

#[derive(Serialize)]
pub struct Medium<'a> {
    format: Cow<'a, str>,
    source: WireSource<'a>,
}

#[derive(Serialize)]
pub struct Document<'a> {
    format: &'static str,
    /// Unique in the request.
    name: String,
    source: WireSource<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum WireSource<'a> {
    /// Base64.
    Bytes(&'a str),
    S3Location {
        uri: &'a str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolUse<'a> {
    tool_use_id: Cow<'a, str>,
    name: &'a str,
    input: anthropic::Input<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolResult<'a> {
    tool_use_id: Cow<'a, str>,
    content: Vec<Block<'a>>,
    /// Only some models know it: said where the tool failed, else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

/// The end of a prefix worth caching.
#[derive(Clone, Copy, Serialize)]
pub struct CachePoint {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

impl From<CacheControl> for CachePoint {
    fn from(cache_control: CacheControl) -> Self {
        let ttl = match cache_control.ttl {
            CacheTtl::FiveMinutes => None,
            CacheTtl::OneHour => Some("1h"),
        };
        Self { r#type: "default", ttl }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reasoning<'a> {
    ReasoningText {
        text: &'a str,
        signature: &'a str,
    },
    /// Base64.
    RedactedContent(&'a str),
}

/// The names of the documents so far: no two of a request may be alike.
#[derive(Default)]
pub struct Names(Vec<String>);

impl Names {
    /// A name in the characters the protocol allows: letters, digits, single spaces, hyphens and brackets.
    fn unique(&mut self, filename: Option<&str>) -> String {
        let mut name = String::new();
        for c in filename.unwrap_or("document").chars().take(100) {
            match c {
                c if c.is_ascii_alphanumeric() || matches!(c, '-' | '(' | ')' | '[' | ']') => name.push(c),
                c if c.is_whitespace() && name.ends_with(' ') => {}
                c if c.is_whitespace() => name.push(' '),
                _ => name.push('-'),
            }
        }
        let base = if name.trim().is_empty() { "document" } else { name.trim() };
        let numbered = |n: usize| if n == 1 { base.to_owned() } else { format!("{base} ({n})") };
        let unique = (1..).map(numbered).find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.push(unique.clone());
        unique
    }
}

/// A part of a message and the cache point after it. Blank texts, which the protocol refuses, are `None`.
pub fn of_part<'a>(
    part: &'a Part,
    names: &mut Names,
) -> Result<Option<(Block<'a>, Option<CacheControl>)>, EncodeError> {
    Ok(Some(match part {
        Part::Text { text, .. } if text.trim().is_empty() => return Ok(None),
        Part::Text { text, cache_control } => (Block::Text(Cow::Borrowed(text)), *cache_control),
        Part::Image { source, cache_control, .. } => (Block::Image(image(source)?), *cache_control),
        Part::File { filename, source, cache_control } => (file(filename.as_deref(), source, names)?, *cache_control),
        Part::Audio { data, format } => {
            (Block::Audio(Medium { format: Cow::Borrowed(format), source: WireSource::Bytes(data) }), None)
        }
        Part::Video { source } => (Block::Video(video(source)?), None),
    }))
}

fn image(source: &Source) -> Result<Medium<'_>, EncodeError> {
    let format = match kind(source, "image/") {
        Some("jpeg" | "jpg") => "jpeg",
        Some("png") => "png",
        Some("gif") => "gif",
        Some("webp") => "webp",
        _ => return Err(EncodeError::NoWay("an image of this type")),
    };
    Ok(Medium { format: Cow::Borrowed(format), source: place(source, "an image by its address")? })
}

fn video(source: &Source) -> Result<Medium<'_>, EncodeError> {
    let format = match kind(source, "video/") {
        Some("quicktime" | "mov") => "mov",
        Some("x-matroska" | "mkv") => "mkv",
        Some("3gpp" | "3gp") => "three_gp",
        Some("x-flv" | "flv") => "flv",
        Some("x-ms-wmv" | "wmv") => "wmv",
        Some("mp4") => "mp4",
        Some("webm") => "webm",
        Some("mpeg" | "mpg") => "mpeg",
        _ => return Err(EncodeError::NoWay("a video of this type")),
    };
    Ok(Medium { format: Cow::Borrowed(format), source: place(source, "a video by its address")? })
}

fn file<'a>(filename: Option<&str>, source: &'a Source, names: &mut Names) -> Result<Block<'a>, EncodeError> {
    if let Source::Data { media_type, .. } = source {
        match media_type.split('/').next() {
            Some("image") => return image(source).map(Block::Image),
            Some("video") => return video(source).map(Block::Video),
            _ => {}
        }
    }
    let format = document_format(filename, source).ok_or(EncodeError::NoWay("a file of this type"))?;
    let source = place(source, "a file by its address")?;
    Ok(Block::Document(Document { format, name: names.unique(filename), source }))
}

fn document_format(filename: Option<&str>, source: &Source) -> Option<&'static str> {
    let (media_type, address) = match source {
        Source::Data { media_type, .. } => (media_type.split(';').next().unwrap_or_default().trim(), None),
        Source::Url(url) => ("", Some(url.as_str())),
    };
    let extension = || Some(filename.or(address)?.rsplit_once('.')?.1.to_ascii_lowercase());
    Some(match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "text/html" => "html",
        "text/markdown" => "md",
        _ => match extension().as_deref() {
            Some("pdf") => "pdf",
            Some("csv") => "csv",
            Some("doc") => "doc",
            Some("docx") => "docx",
            Some("xls") => "xls",
            Some("xlsx") => "xlsx",
            Some("html" | "htm") => "html",
            Some("md") => "md",
            Some("txt") => "txt",
            _ if media_type.starts_with("text/") || media_type == "application/json" => "txt",
            _ => return None,
        },
    })
}

/// What follows `prefix` in the medium's type, or its address's extension.
fn kind<'a>(source: &'a Source, prefix: &str) -> Option<&'a str> {
    match source {
        Source::Data { media_type, .. } => media_type.strip_prefix(prefix),
        Source::Url(url) => url.rsplit_once('.').map(|(_, extension)| extension),
    }
}

fn place<'a>(source: &'a Source, no_way: &'static str) -> Result<WireSource<'a>, EncodeError> {
    match source {
        Source::Data { data, .. } => Ok(WireSource::Bytes(data)),
        Source::Url(uri) if uri.starts_with("s3://") => Ok(WireSource::S3Location { uri }),
        Source::Url(_) => Err(EncodeError::NoWay(no_way)),
    }
}

/// A block of reasoning that this wire can take back: signed text, or content that was never shown.
pub fn of_reasoning(detail: &ReasoningDetail) -> Option<Block<'_>> {
    let format = detail.format.as_deref();
    match &detail.kind {
        ReasoningDetailKind::Text { text, signature: Some(signature) }
            if format.is_none_or(|format| matches!(format, REASONING_FORMAT | anthropic::REASONING_FORMAT)) =>
        {
            let text = text.as_deref().unwrap_or_default();
            Some(Block::ReasoningContent(Reasoning::ReasoningText { text, signature }))
        }
        ReasoningDetailKind::Encrypted { data } if format == Some(REASONING_FORMAT) => {
            Some(Block::ReasoningContent(Reasoning::RedactedContent(data)))
        }
        _ => None,
    }
}

pub fn of_call(call: &ToolCall) -> Block<'_> {
    Block::ToolUse(ToolUse { tool_use_id: call_id(&call.id), name: &call.name, input: anthropic::input(call) })
}

/// `content` may hold no cache points: the caller puts them after the result.
pub fn of_result<'a>(id: &'a str, content: Vec<Block<'a>>, is_error: bool) -> Block<'a> {
    let status = is_error.then_some("error");
    Block::ToolResult(ToolResult { tool_use_id: call_id(id), content, status })
}

/// At most 64 characters that every model takes. Changed alike in call and result, ids still fit together.
fn call_id(id: &str) -> Cow<'_, str> {
    let id = anthropic::call_id(id);
    match id.char_indices().rev().nth(63) {
        Some((start, _)) if start > 0 => Cow::Owned(id.chars().skip(id.chars().count() - 64).collect()),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_clean_and_never_twice_the_same() {
        let mut names = Names::default();
        let all = [Some("a  b_c.pdf"), Some("a b/c.pdf"), None, Some(""), Some("…")].map(|name| names.unique(name));
        assert_eq!(all, ["a b-c-pdf", "a b-c-pdf (2)", "document", "document (2)", "-"]);
    }

    #[test]
    fn a_long_id_is_cut_to_what_the_protocol_takes() {
        assert_eq!(call_id("functions.look:0"), "functions_look_0");
        assert_eq!(call_id(&"x".repeat(64)).len(), 64);
        let long = format!("{}end", "é".repeat(90));
        assert!(call_id(&long).len() == 64 && call_id(&long).ends_with("_end"));
    }
}
