//! Message content: one string, or a list of parts.

use canon::Part;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use crate::surfaces::cache::WireCacheControl;
use crate::surfaces::media::source;

/// `content` of a message. `null` and a missing field are no parts.
#[derive(Clone, Debug, Default)]
pub struct Content(pub Vec<WirePart>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Content;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or a list of content parts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content, E> {
                self.visit_string(text.to_owned())
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Content, E> {
                Ok(Content(vec![WirePart::Text { text, cache_control: None }]))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Content, E> {
                Ok(Content::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = items.next_element()? {
                    parts.push(part);
                }
                Ok(Content(parts))
            }
        }
        deserializer.deserialize_any(Parts)
    }
}

/// One part as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WirePart {
    #[serde(alias = "input_text", alias = "output_text")]
    Text {
        text: String,
        cache_control: Option<WireCacheControl>,
    },
    ImageUrl {
        image_url: ImageUrl,
        cache_control: Option<WireCacheControl>,
    },
    InputAudio {
        input_audio: InputAudio,
    },
    File {
        file: File,
        cache_control: Option<WireCacheControl>,
    },
    #[serde(alias = "input_video")]
    VideoUrl {
        video_url: VideoUrl,
    },
    Refusal {
        refusal: String,
    },
}

#[derive(Clone, Debug, Deserialize)]
pub struct ImageUrl {
    url: String,
    detail: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct InputAudio {
    data: String,
    format: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct File {
    filename: Option<String>,
    file_data: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct VideoUrl {
    url: String,
}

impl Content {
    /// The parts; a refusal among them counts as text, which is what it was.
    pub fn into_parts(self) -> Result<Vec<Part>, String> {
        self.0.into_iter().map(WirePart::into_part).collect()
    }
}

impl WirePart {
    fn into_part(self) -> Result<Part, String> {
        Ok(match self {
            Self::Text { text, cache_control } => Part::Text { text, cache_control: cache_control.map(Into::into) },
            Self::Refusal { refusal } => Part::Text { text: refusal, cache_control: None },
            Self::ImageUrl { image_url, cache_control } => Part::Image {
                source: source(image_url.url, "image_url.url")?,
                detail: image_url.detail,
                cache_control: cache_control.map(Into::into),
            },
            Self::InputAudio { input_audio } => Part::Audio { data: input_audio.data, format: input_audio.format },
            Self::File { file, cache_control } => Part::File {
                filename: file.filename,
                source: source(file.file_data, "file.file_data")?,
                cache_control: cache_control.map(Into::into),
            },
            Self::VideoUrl { video_url } => Part::Video { source: source(video_url.url, "video_url.url")? },
        })
    }
}
