//! `generationConfig`: everything of a request that is neither said nor a tool.

use canon::{Message, Part, Request, ResponseFormat};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::thinking;
use crate::dialect::{EncodeError, Target};

/// The fields of `generationConfig` that are set.
#[derive(Debug)]
struct Fields<'a> {
    map: Map<String, Value>,
    target: &'a Target<'a>,
}

impl Fields<'_> {
    /// A field, unless the provider is known to refuse it.
    fn put(&mut self, name: &str, value: Option<impl Serialize>) -> Result<(), EncodeError> {
        if let Some(value) = value.filter(|_| !self.target.quirks.omit.iter().any(|omitted| omitted == name)) {
            self.map.insert(name.to_owned(), serde_json::to_value(value)?);
        }
        Ok(())
    }

    /// The same, if the endpoint takes it; `parameter` is what the catalog calls it.
    fn put_parameter(&mut self, name: &str, parameter: &str, value: Option<impl Serialize>) -> Result<(), EncodeError> {
        if self.target.supports(parameter) { self.put(name, value) } else { Ok(()) }
    }
}

/// `shapes`: the answer's shape is asked for here, and not by a tool.
pub fn generation(request: &Request, target: &Target<'_>, shapes: bool) -> Result<Map<String, Value>, EncodeError> {
    let sampling = &request.sampling;
    let mut fields = Fields { map: Map::new(), target };
    fields.put("maxOutputTokens", request.max_tokens)?;
    fields.put("candidateCount", request.choices.filter(|choices| *choices > 1))?;
    fields.put("stopSequences", (!request.stop.is_empty()).then_some(&request.stop))?;
    if target.capabilities.temperature != Some(false) {
        fields.put_parameter("temperature", "temperature", sampling.temperature.as_ref())?;
    }
    fields.put_parameter("topP", "top_p", sampling.top_p.as_ref())?;
    fields.put_parameter("topK", "top_k", sampling.top_k.as_ref().filter(|top_k| top_k.as_f64() > Some(0.0)))?;
    fields.put_parameter("frequencyPenalty", "frequency_penalty", sampling.frequency_penalty.as_ref())?;
    fields.put_parameter("presencePenalty", "presence_penalty", sampling.presence_penalty.as_ref())?;
    fields.put_parameter("seed", "seed", sampling.seed.as_ref())?;
    if sampling.logprobs == Some(true) {
        fields.put_parameter("responseLogprobs", "logprobs", Some(true))?;
        fields.put_parameter("logprobs", "top_logprobs", sampling.top_logprobs.as_ref())?;
    }
    if shapes {
        put_shape(&mut fields, request)?;
    }
    fields.put("thinkingConfig", thinking::plan(request, target))?;
    let modalities: Vec<String> = request.modalities.iter().map(|modality| modality.to_ascii_uppercase()).collect();
    fields.put("responseModalities", (!modalities.is_empty()).then_some(modalities))?;
    fields.put("speechConfig", request.audio.as_ref().and_then(speech))?;
    fields.put("imageConfig", request.image_config.as_ref().map(image))?;
    fields.put("mediaResolution", resolution(request))?;
    Ok(fields.map)
}

fn put_shape(fields: &mut Fields<'_>, request: &Request) -> Result<(), EncodeError> {
    let schema = match &request.response_format {
        None | Some(ResponseFormat::Text) => return Ok(()),
        Some(ResponseFormat::JsonObject) => None,
        Some(ResponseFormat::JsonSchema(format)) => Some(&format.schema),
    };
    fields.put("responseMimeType", Some("application/json"))?;
    fields.put("responseJsonSchema", schema)
}

/// OpenAI's `audio: {voice, format}`: the voice; the format is always PCM.
fn speech(audio: &Value) -> Option<Value> {
    let voice = audio.get("voice")?.as_str()?;
    Some(json!({"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}))
}

/// OpenRouter's names are Google's in snake case.
fn image(config: &Map<String, Value>) -> Map<String, Value> {
    config.iter().map(|(name, value)| (camel_case(name), value.clone())).collect()
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// One for all media: the finest that any picture asks for.
fn resolution(request: &Request) -> Option<&'static str> {
    let parts = request.messages.iter().flat_map(|message| match message {
        Message::User { parts, .. } | Message::Tool { parts, .. } => parts.as_slice(),
        _ => &[],
    });
    let details = parts.filter_map(|part| match part {
        Part::Image { detail, .. } => detail.as_deref(),
        _ => None,
    });
    let mut resolution = None;
    for detail in details {
        match detail {
            "high" => return Some("MEDIA_RESOLUTION_HIGH"),
            "low" => resolution = Some("MEDIA_RESOLUTION_LOW"),
            _ => return None,
        }
    }
    resolution
}
