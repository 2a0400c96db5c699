//! Media in both directions: `inlineData` and `fileData`.

use canon::{AudioDelta, Part, Source};
use serde::Serialize;

use super::wire::{Blob, FileData};

/// What speech is asked for as, and hence what it comes as: 24 kHz, 16 bits, mono.
pub const SPEECH_FORMAT: &str = "pcm16";
const SPEECH_TYPE: &str = "audio/L16;codec=pcm;rate=24000";

/// Bytes in the body. The error says what is wrong with them.
pub fn inline(blob: Blob) -> Result<Part, String> {
    let data = standard(&blob.data).ok_or("inlineData.data is not base64")?;
    let media_type = blob.mime_type.to_lowercase();
    if let Some(kind) = media_type.strip_prefix("audio/") {
        return Ok(Part::Audio { data, format: audio_format(kind).to_owned() });
    }
    let source = Source::Data { media_type: media_type.clone(), data };
    Ok(medium(&media_type, source, blob.display_name))
}

/// Bytes elsewhere. The error says why they cannot be read.
pub fn elsewhere(file: FileData) -> Result<Part, String> {
    let FileData { mime_type, file_uri, display_name } = file;
    if !file_uri.starts_with("https://") && !file_uri.starts_with("http://") {
        return Err("fileData.fileUri must be an http(s) URL: files uploaded to Google are not at hand here".to_owned());
    }
    if file_uri.contains("generativelanguage.googleapis.com/") {
        return Err(
            "fileData.fileUri is a file uploaded to Google, which is not at hand here: send inlineData".to_owned()
        );
    }
    let media_type = mime_type.unwrap_or_else(|| guessed(&file_uri).to_owned()).to_lowercase();
    if media_type.starts_with("audio/") {
        return Err("fileData cannot hold audio: send inlineData".to_owned());
    }
    Ok(medium(&media_type, Source::Url(file_uri), display_name))
}

fn medium(media_type: &str, source: Source, filename: Option<String>) -> Part {
    if media_type.starts_with("image/") {
        Part::Image { source, detail: None, cache_control: None }
    } else if media_type.starts_with("video/") {
        Part::Video { source }
    } else {
        Part::File { filename, source, cache_control: None }
    }
}

/// The type that an address shows; YouTube's are videos.
fn guessed(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "png" | "jpg" | "jpeg" | "webp" | "gif" | "heic" | "heif" => "image/*",
        "mp4" | "mov" | "webm" | "mpeg" | "avi" => "video/*",
        _ if url.contains("://www.youtube.com/") || url.contains("://youtu.be/") => "video/*",
        _ => "application/octet-stream",
    }
}

/// OpenAI's names of containers.
fn audio_format(kind: &str) -> &str {
    let kind = kind.split(';').next().unwrap_or(kind).trim();
    match kind {
        "x-wav" | "wave" | "vnd.wave" => "wav",
        "mpeg" | "mpga" => "mp3",
        "x-m4a" | "mp4" => "m4a",
        "x-flac" => "flac",
        "l16" | "pcm" => "pcm16",
        other => other,
    }
}

/// The same base64 in the standard alphabet, padded: Google's clients write the other one, others expect this one.
fn standard(base64: &str) -> Option<String> {
    let mut out = String::with_capacity(base64.len() + 2);
    for letter in base64.trim_end_matches('=').chars() {
        out.push(match letter {
            '-' => '+',
            '_' => '/',
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => letter,
            _ => return None,
        });
    }
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    (!out.is_empty()).then_some(out)
}

/// `inlineData` of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobBody<'a> {
    mime_type: &'a str,
    data: &'a str,
}

/// `fileData` of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileBody<'a> {
    file_uri: &'a str,
}

/// A drawn picture, as bytes or as an address.
pub fn picture(source: &Source) -> (Option<BlobBody<'_>>, Option<FileBody<'_>>) {
    match source {
        Source::Data { media_type, data } => (Some(BlobBody { mime_type: media_type, data }), None),
        Source::Url(url) => (None, Some(FileBody { file_uri: url })),
    }
}

/// A piece of speech.
pub fn speech(piece: &AudioDelta) -> Option<BlobBody<'_>> {
    piece.data.as_deref().map(|data| BlobBody { mime_type: SPEECH_TYPE, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_alphabet_of_base64_becomes_the_standard_one() {
        assert_eq!(standard("-_8").as_deref(), Some("+/8="));
        assert_eq!(standard("+/8=").as_deref(), Some("+/8="));
        assert_eq!(standard("a b"), None);
        assert_eq!(standard(""), None);
    }
}
