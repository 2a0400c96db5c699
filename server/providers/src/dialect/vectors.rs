//! What embedding models read in parts, and the vectors they give, as lists of numbers or as bytes in base64.

use std::collections::VecDeque;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::{Event, FinishReason, Part, UpstreamError};
use domain::Usage;
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use super::body::SourceUrl;
use super::{EncodeError, Reading, not_the_protocol};

/// Parts that make one vector together, as OpenRouter and Cohere have them.
#[derive(Serialize)]
pub struct Parts<'a> {
    content: Vec<WirePart<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WirePart<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: Url<'a> },
}

#[derive(Serialize)]
struct Url<'a> {
    url: SourceUrl<'a>,
}

impl<'a> Parts<'a> {
    pub fn text(text: &'a str) -> Self {
        Self { content: vec![WirePart::Text { text }] }
    }
}

impl<'a> TryFrom<&'a [Part]> for Parts<'a> {
    type Error = EncodeError;

    fn try_from(parts: &'a [Part]) -> Result<Self, EncodeError> {
        Ok(Self { content: parts.iter().map(wire_part).collect::<Result<_, _>>()? })
    }
}

fn wire_part(part: &Part) -> Result<WirePart<'_>, EncodeError> {
    match part {
        Part::Text { text, .. } => Ok(WirePart::Text { text }),
        Part::Image { source, .. } => Ok(WirePart::ImageUrl { image_url: Url { url: SourceUrl(source) } }),
        _ => Err(EncodeError::NoWay("audio, video or files to an embedding model")),
    }
}

/// Read without a copy in between: an answer may hold millions of numbers.
#[derive(Debug)]
pub struct Vector(pub Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Vector;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers, or 32-bit floats, least significant byte first, in base64")
            }

            fn visit_str<E: de::Error>(self, base64: &str) -> Result<Vector, E> {
                let bytes = STANDARD.decode(base64).map_err(|_| E::invalid_value(de::Unexpected::Str("…"), &self))?;
                let (numbers, rest) = bytes.as_chunks::<4>();
                let is_whole = rest.is_empty();
                is_whole
                    .then(|| Vector(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect()))
                    .ok_or_else(|| E::invalid_length(bytes.len(), &self))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Vector, A::Error> {
                let mut vector = Vec::with_capacity(1_024);
                while let Some(number) = numbers.next_element()? {
                    vector.push(number);
                }
                Ok(Vector(vector))
            }
        }
        deserializer.deserialize_any(Numbers)
    }
}

/// Tells all vectors of an answer. Each input must have exactly one, of finite numbers.
pub fn tell(
    start: Event,
    vectors: impl IntoIterator<Item = (usize, Vector)>,
    usage: Option<Usage>,
    reading: Reading,
    out: &mut VecDeque<Event>,
) -> Result<(), UpstreamError> {
    let mut has_vector = vec![false; reading.items];
    let mut events = Vec::with_capacity(reading.items);
    for (at, Vector(vector)) in vectors {
        let seen = has_vector.get_mut(at).ok_or_else(not_the_protocol)?;
        let is_sound = !vector.is_empty() && vector.iter().all(|number| number.is_finite());
        if std::mem::replace(seen, true) || !is_sound {
            return Err(not_the_protocol());
        }
        let index = u32::try_from(at).map_err(|_| not_the_protocol())?;
        events.push(Event::Embedding { index, vector });
    }
    if events.len() != reading.items {
        return Err(not_the_protocol());
    }
    out.push_back(start);
    out.extend(events);
    out.push_back(complete());
    out.extend(usage.map(Event::Usage));
    Ok(())
}

/// The end of an answer that came whole: its wire has no word for it.
pub fn complete() -> Event {
    Event::Finish { reason: FinishReason::Stop, native: "stop".to_owned(), stop_sequence: None }
}
