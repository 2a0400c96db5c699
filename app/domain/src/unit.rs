//! What a provider may charge for: one row per unit, with the unit that is charged where a price list is silent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! units {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $label:literal, $fallback:expr;)*) => {
        /// A billable unit. The names are those of price lists (OpenRouter's `pricing` keys and their kin).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Unit { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl Unit {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in catalog files, SQL and JSON.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// The name on a receipt.
            pub const fn label(self) -> &'static str { match self { $(Self::$variant => $label,)* } }

            /// The unit whose price applies where the list names none for this one; `None`: then it is not charged.
            pub const fn fallback(self) -> Option<Self> { match self { $(Self::$variant => $fallback,)* } }
        }
    };
}

units! {
    /// Prompt tokens that are neither read from nor written to a cache.
    Prompt = "prompt", "prompt tokens", None;
    Completion = "completion", "completion tokens", None;
    CacheRead = "cache_read", "cached prompt tokens", Some(Self::Prompt);
    CacheWrite = "cache_write", "prompt tokens written to cache", Some(Self::Prompt);
    CacheWrite1h = "cache_write_1h", "prompt tokens written to cache for 1 h", Some(Self::CacheWrite);
    InternalReasoning = "internal_reasoning", "reasoning tokens", Some(Self::Completion);
    Citation = "citation", "citation tokens", None;
    Audio = "audio", "audio prompt tokens", Some(Self::Prompt);
    AudioOutput = "audio_output", "audio completion tokens", Some(Self::Completion);
    AudioCacheRead = "audio_cache_read", "cached audio prompt tokens", Some(Self::CacheRead);
    ImageToken = "image_token", "image prompt tokens", Some(Self::Prompt);
    ImageCacheRead = "image_cache_read", "cached image prompt tokens", Some(Self::CacheRead);
    ImageOutput = "image_output", "image completion tokens", Some(Self::Completion);
    Video = "video", "video prompt tokens", Some(Self::Prompt);
    VideoOutput = "video_output", "video completion tokens", Some(Self::Completion);
    Image = "image", "images in the prompt", None;
    ImageGeneration = "image_generation", "images generated", None;
    Request = "request", "request", None;
    WebSearch = "web_search", "web searches", None;
    InputSecond = "input_second", "seconds in", None;
    InputAudioSecond = "input_audio_second", "audio seconds in", None;
    InputVideoSecond = "input_video_second", "video seconds in", None;
    OutputSecond = "output_second", "seconds out", None;
    InputCharacter = "input_character", "characters in", None;
    OutputCharacter = "output_character", "characters out", None;
    Page = "page", "pages", None;
    AnnotationPage = "annotation_page", "annotated pages", None;
    InputPixel = "input_pixel", "pixels in", None;
    OutputPixel = "output_pixel", "pixels out", None;
}

impl Unit {
    /// Whether prices of this unit are shown per million.
    pub const fn is_token(self) -> bool {
        (self as u8) <= (Self::VideoOutput as u8)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a billable unit")]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(s: &str) -> Result<Self, UnknownUnit> {
        Self::ALL.iter().copied().find(|unit| unit.name() == s).ok_or_else(|| UnknownUnit(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_spells_every_unit_as_its_name() {
        for unit in Unit::ALL {
            let name: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
                serde::de::IntoDeserializer::into_deserializer(unit.name());
            assert_eq!(Unit::deserialize(name), Ok(*unit));
        }
    }
}
