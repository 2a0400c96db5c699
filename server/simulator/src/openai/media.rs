//! Checks images and sounds of a prompt, with OpenAI's sentences for what is wrong with them.

use super::error::Envelope;
use crate::media;
use crate::node::{Node, Problem, Wrong};

/// An image by its web or `data:` URL.
pub(super) fn image_url(url: &Node) -> Result<(), Problem> {
    let text = url.text()?;
    let place = Envelope::place(&url.fail(Wrong::Missing).path);
    let wrong = match media::data_url(text) {
        None if media::is_web_url(text) => return Ok(()),
        None => "Expected a valid URL, but got a value with an invalid format.".to_owned(),
        Some((kind, data)) if media::IMAGE_TYPES.contains(&kind) && media::is_base64(data) => return Ok(()),
        Some((kind, _)) if media::IMAGE_TYPES.contains(&kind) => {
            "Expected a base64-encoded data URL, but got a value that is not valid base64.".to_owned()
        }
        Some((kind, _)) => {
            let example = "data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=";
            format!(
                "Expected a base64-encoded data URL with an image MIME type (e.g. '{example}'), but got unsupported MIME type '{kind}'."
            )
        }
    };
    Err(url.said(format!("Invalid '{place}'. {wrong}"), Some("invalid_value")))
}

/// A sound by its bytes: `{"data", "format"}`.
pub(super) fn audio(audio: &Node) -> Result<(), Problem> {
    audio.only(&["data", "format"])?;
    audio.need("format")?.word(&["wav", "mp3"])?;
    let data = audio.need("data")?;
    if media::is_base64(data.text()?) {
        return Ok(());
    }
    Err(data.said("Invalid base64 audio data.", Some("invalid_value")))
}
