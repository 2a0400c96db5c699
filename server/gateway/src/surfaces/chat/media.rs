//! Pictures and speech in answers: `images[]` as OpenRouter has it, `audio` as OpenAI has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::{AudioDelta, Source};
use serde::Serialize;

use crate::surfaces::media::url;

/// An element of `images`.
#[derive(Debug, Serialize)]
pub struct ImageBody<'a> {
    r#type: &'static str,
    image_url: Url<'a>,
    index: u32,
}

#[derive(Debug, Serialize)]
struct Url<'a> {
    #[serde(serialize_with = "url")]
    url: &'a Source,
}

impl<'a> ImageBody<'a> {
    pub fn new(index: u32, source: &'a Source) -> Self {
        Self { r#type: "image_url", image_url: Url { url: source }, index }
    }
}

/// `audio` of a message or of a delta.
#[derive(Debug, Default, Serialize)]
pub struct Audio {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Audio {
    /// One piece, as it came.
    pub fn of(piece: &AudioDelta) -> Self {
        let AudioDelta { id, data, transcript, expires_at } = piece.clone();
        Self { id, data, transcript, expires_at }
    }

    /// All pieces as one. Each was base64 of its own: their bytes are joined, not their letters.
    pub fn joined(pieces: &[AudioDelta]) -> Option<Self> {
        let mut whole = Self::default();
        let mut sound = Vec::new();
        for piece in pieces {
            whole.id = piece.id.clone().or(whole.id);
            whole.expires_at = piece.expires_at.or(whole.expires_at);
            if let Some(text) = &piece.transcript {
                whole.transcript.get_or_insert_default().push_str(text);
            }
            if let Some(bytes) = piece.data.as_ref().and_then(|data| STANDARD.decode(data).ok()) {
                sound.extend_from_slice(&bytes);
            }
        }
        whole.data = (!sound.is_empty()).then(|| STANDARD.encode(sound));
        (!pieces.is_empty()).then_some(whole)
    }
}
