//! One part of a content as generateContent has it.

use std::borrow::Cow;

use canon::{Part, Source};
use serde::Serialize;
use serde_json::value::RawValue;

/// A part. Exactly one of the fields that hold content is set.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WirePart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_data: Option<Blob<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_data: Option<FileData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought_signature: Option<Cow<'a, str>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob<'a> {
    mime_type: Cow<'a, str>,
    /// Base64.
    data: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    file_uri: &'a str,
}

#[derive(Debug, Serialize)]
pub struct FunctionCall<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub args: Cow<'a, RawValue>,
}

#[derive(Debug, Serialize)]
pub struct FunctionResponse<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub response: Outcome<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<WirePart<'a>>,
}

/// What a tool gave back, under the keys that Google reads.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome<'a> {
    Output(Output<'a>),
    Error(Output<'a>),
}

/// JSON where the result is an object, so that the model sees its fields; a text otherwise.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output<'a> {
    Json(Cow<'a, RawValue>),
    Text(Cow<'a, str>),
}

impl<'a> WirePart<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A medium whose bytes are at hand.
    fn data(mime_type: impl Into<Cow<'a, str>>, data: &'a str) -> Self {
        Self { inline_data: Some(Blob { mime_type: mime_type.into(), data }), ..Self::default() }
    }

    /// A medium that Google fetches. Its type is told where the address shows it, or else as `usual`.
    fn uri(uri: &'a str, usual: &'static str) -> Self {
        let mime_type = if is_video_page(uri) { None } else { Some(type_of(uri).unwrap_or(usual)) };
        Self { file_data: Some(FileData { mime_type, file_uri: uri }), ..Self::default() }
    }

    fn source(source: &'a Source, usual: &'static str) -> Self {
        match source {
            Source::Url(url) => Self::uri(url, usual),
            Source::Data { media_type, data } => Self::data(media_type.as_str(), data),
        }
    }

    /// Whether it holds a picture, a sound or the like.
    pub const fn is_medium(&self) -> bool {
        self.inline_data.is_some() || self.file_data.is_some()
    }
}

/// An empty text is no part: Google refuses it.
pub fn of_part(part: &Part) -> Option<WirePart<'_>> {
    Some(match part {
        Part::Text { text, .. } if text.is_empty() => return None,
        Part::Text { text, .. } => WirePart::text(text.as_str()),
        Part::Image { source, .. } => WirePart::source(source, "image/jpeg"),
        Part::File { source, .. } => WirePart::source(source, "application/pdf"),
        Part::Video { source } => WirePart::source(source, "video/mp4"),
        Part::Audio { data, format } => WirePart::data(sound(format), data),
    })
}

fn sound(format: &str) -> String {
    match format {
        "pcm16" => "audio/pcm".to_owned(),
        other if other.contains('/') => other.to_owned(),
        other => format!("audio/{other}"),
    }
}

/// Pages of the video site that Google knows how to watch: they have no type.
fn is_video_page(uri: &str) -> bool {
    ["://youtu.be/", "://www.youtube.com/", "://youtube.com/"].iter().any(|host| uri.contains(host))
}

/// The media type that an address ends in.
fn type_of(uri: &str) -> Option<&'static str> {
    let path = uri.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "csv" => "text/csv",
        "json" => "application/json",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mpeg" | "mpg" => "video/mpeg",
        "mp3" => "audio/mp3",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "m4a" => "audio/m4a",
        _ => return None,
    })
}
