//! A `GenerateContentRequest`, read as strictly as Google reads it.
//!
//! Sources: the REST reference of `models.generateContent` (Gemini API, v1beta) and of
//! `projects.locations.publishers.models.generateContent` (Vertex AI, v1), and the converters of Google's `google-genai` package,
//! which say what each of the two takes.

use serde_json::Value;

use super::content::{self, Conversation};
use super::door::Door;
use super::error::{DENIED, FIELD};
use super::schema;
use super::tool;
use crate::cache::Segment;
use crate::node::{Node, Problem};
use crate::script::{Format, Prompt};

const FIELDS: [&str; 9] = [
    "model",
    "contents",
    "tools",
    "toolConfig",
    "safetySettings",
    "systemInstruction",
    "generationConfig",
    "cachedContent",
    "serviceTier",
];

const CONFIG: [&str; 20] = [
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "responseFormat",
    "candidateCount",
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseLogprobs",
    "logprobs",
    "speechConfig",
    "thinkingConfig",
    "imageConfig",
    "mediaResolution",
];

const CATEGORIES: &[&str] = &[
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
    "HARM_CATEGORY_JAILBREAK",
];

const THRESHOLDS: &[&str] = &["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"];

/// Tokens that a model thinks which is not told how much.
const THOUGHT: u32 = 60;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub candidates: u32,
    /// Log probabilities are wanted, with so many alternatives.
    pub logprobs: Option<usize>,
    /// Thoughts are sent, not only counted.
    pub shows_thoughts: bool,
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
    pub media: content::Media,
}

/// How much to think, and whether to show it.
#[derive(Debug, Default)]
struct Thinking {
    tokens: u32,
    shown: bool,
}

impl<'v> Request<'v> {
    /// Reads `root`, sent to a model that thinks even unasked if it is a `thinker`.
    pub fn read(root: &Node<'_, 'v>, door: Door, thinker: bool) -> Result<Self, Problem> {
        let extra: &[&str] = match door {
            Door::Gemini => &["store", "continuationToken"],
            Door::Vertex => &["labels", "modelArmorConfig"],
        };
        root.only(&[&FIELDS[..], extra].concat())?;
        let config = root.get("generationConfig");
        let thinking = match &config {
            Some(config) => thinking(config, thinker)?,
            None => Thinking { tokens: if thinker { THOUGHT } else { 0 }, shown: false },
        };
        settings(root)?;
        let mut segments = Vec::new();
        let (tools, choice) = tool::read(root, door, &mut segments)?;
        root.maybe("systemInstruction", |system| content::read_system(system, &mut segments))?;
        let mut conversation = Conversation::new(segments, door, thinking.tokens > 0);
        conversation.read(root)?;
        if let Some(config) = &config {
            check(config, door)?;
        }
        let config = config.as_ref();
        let prompt = Prompt {
            said: conversation.said,
            images: conversation.images,
            results: conversation.results,
            tools,
            choice,
            parallel: true,
            format: config.map_or(Ok(Format::Text), |config| format(config, door))?,
            stops: config.map_or_else(|| Ok(Vec::new()), stops)?,
            limit: config.map_or(Ok(None), |config| within(config, "maxOutputTokens", 1..=i64::from(i32::MAX)))?,
            thought: thinking.tokens,
        };
        Ok(Self {
            candidates: config.map_or(Ok(None), |config| within(config, "candidateCount", 1..=8))?.unwrap_or(1),
            logprobs: config.map_or(Ok(None), logprobs)?,
            shows_thoughts: thinking.shown,
            prompt,
            segments: conversation.segments,
            media: conversation.media,
        })
    }
}

/// Checks what stands beside the configuration and changes nothing here.
fn settings(root: &Node) -> Result<(), Problem> {
    if let Some(cached) = root.get("cachedContent") {
        cached.text()?;
        return Err(cached.said("CachedContent not found (or permission denied)", DENIED));
    }
    root.maybe("serviceTier", |tier| tier.word(&["unspecified", "standard", "flex", "priority"]))?;
    root.maybe("store", |store| store.flag())?;
    root.maybe("labels", |labels| labels.object())?;
    let Some(list) = root.get("safetySettings") else { return Ok(()) };
    let mut seen = Vec::new();
    for setting in list.items()? {
        setting.only(&["category", "threshold", "method"])?;
        let category = setting.need("category")?.word(CATEGORIES)?;
        setting.need("threshold")?.word(THRESHOLDS)?;
        if seen.contains(&category) {
            let text = "there should not be more than one setting for each category";
            return Err(list.said(text, FIELD));
        }
        seen.push(category);
    }
    Ok(())
}

/// Checks the part of the configuration that changes nothing here.
fn check(config: &Node, door: Door) -> Result<(), Problem> {
    let extra: &[&str] = match door {
        Door::Gemini => &["enableEnhancedCivicAnswers", "audioTranscriptionConfig", "translationConfig"],
        Door::Vertex => &["audioTimestamp", "routingConfig", "modelConfig", "enableAffectiveDialog"],
    };
    config.only(&[&CONFIG[..], extra].concat())?;
    range(config, "temperature", 0.0, 2.0)?;
    range(config, "topP", 0.0, 1.0)?;
    range(config, "topK", 1.0, f64::from(i32::MAX))?;
    range(config, "presencePenalty", -2.0, 2.0)?;
    range(config, "frequencyPenalty", -2.0, 2.0)?;
    config.maybe("seed", |seed| seed.integer(i64::from(i32::MIN)..=i64::from(i32::MAX)))?;
    let resolutions = &["MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"];
    config.maybe("mediaResolution", |resolution| resolution.word(resolutions))?;
    if let Some(modalities) = config.get("responseModalities") {
        for modality in modalities.items()? {
            let name = modality.word(&["TEXT", "IMAGE", "AUDIO", "VIDEO"])?;
            if name != "TEXT" {
                let text = format!(
                    "The requested combination of response modalities ({name}) is not supported by the model. It accepts the following \
                     combination of response modalities:\n* TEXT\n"
                );
                return Err(modalities.said(text, None));
            }
        }
    }
    Ok(())
}

fn range(config: &Node, key: &str, least: f64, most: f64) -> Result<(), Problem> {
    let Some(field) = config.get(key) else { return Ok(()) };
    field.number(f64::MIN..=f64::MAX)?;
    if field.number(least..=most).is_ok() {
        return Ok(());
    }
    Err(field.said(format!("must be in the range [{least:?}, {most:?}]."), FIELD))
}

fn within(config: &Node, key: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<u32>, Problem> {
    let Some(field) = config.get(key) else { return Ok(None) };
    let got = field.integer(i64::from(i32::MIN)..=i64::from(i32::MAX))?;
    if !range.contains(&got) {
        return Err(field.said(format!("must be in the range [{}, {}].", range.start(), range.end()), FIELD));
    }
    Ok(u32::try_from(got).ok())
}

fn thinking(config: &Node, thinker: bool) -> Result<Thinking, Problem> {
    let Some(thinking) = config.get("thinkingConfig") else {
        return Ok(Thinking { tokens: if thinker { THOUGHT } else { 0 }, shown: false });
    };
    thinking.only(&["includeThoughts", "thinkingBudget", "thinkingLevel"])?;
    let shown = thinking.maybe("includeThoughts", |field| field.flag())?.unwrap_or(false);
    let level = thinking.maybe("thinkingLevel", |field| field.word(&["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"]))?;
    let budget = thinking.maybe("thinkingBudget", |field| field.integer(i64::from(i32::MIN)..=i64::from(i32::MAX)))?;
    let tokens = match (budget, level) {
        (Some(_), Some(_)) => {
            return Err(thinking.said("You can only set only one of thinking budget and thinking level.", None));
        }
        (Some(budget), None) => match u32::try_from(budget) {
            Ok(0) => 0,
            Ok(budget @ 1..=32_768) => 20 + budget / 64,
            Err(_) if budget == -1 => THOUGHT,
            _ => {
                let range = "Please choose a value between 0 and 32768.";
                return Err(thinking.said(format!("The thinking budget {budget} is invalid. {range}"), None));
            }
        },
        (None, Some("MINIMAL")) => 8,
        (None, Some("LOW")) => 20,
        (None, Some("HIGH")) => 160,
        (None, Some("XHIGH")) => 240,
        (None, _) => THOUGHT,
    };
    Ok(Thinking { tokens, shown })
}

fn stops<'v>(config: &Node<'_, 'v>) -> Result<Vec<&'v str>, Problem> {
    let Some(list) = config.get("stopSequences") else { return Ok(Vec::new()) };
    let items = list.items()?;
    if items.len() > 5 {
        return Err(list.said("the number of stop sequences must not exceed 5", FIELD));
    }
    items
        .map(|item| match item.text()? {
            "" => Err(item.said("stop sequence must not be empty", FIELD)),
            text => Ok(text),
        })
        .collect()
}

fn logprobs(config: &Node) -> Result<Option<usize>, Problem> {
    let wanted = config.maybe("responseLogprobs", |field| field.flag())?.unwrap_or(false);
    let top = within(config, "logprobs", 0..=20)?;
    if let (Some(field), false) = (config.get("logprobs"), wanted) {
        return Err(field.said("logprobs may only be set if response_logprobs is true", FIELD));
    }
    Ok(wanted.then_some(top.unwrap_or(0) as usize))
}

fn format<'v>(config: &Node<'_, 'v>, door: Door) -> Result<Format<'v>, Problem> {
    let kind = config.maybe("responseMimeType", |field| match field.text()? {
        "text/plain" => Ok(false),
        "application/json" => Ok(true),
        _ => {
            let text = "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and \
                        `text/x.enum`.";
            Err(field.said(text, FIELD))
        }
    })?;
    let is_json = kind.unwrap_or(false);
    let subset = config.get("responseSchema");
    let full = config.get("responseJsonSchema");
    if let (Some(_), Some(full)) = (&subset, &full) {
        return Err(full.said("must not be set together with response_schema", FIELD));
    }
    if let (Some(schema), false) = (subset.as_ref().or(full.as_ref()), is_json) {
        return Err(schema.said("only allowed when response_mime_type is `application/json`", FIELD));
    }
    if let Some(subset) = &subset {
        schema::check(subset, door)?;
    }
    if let Some(full) = &full {
        full.object()?;
    }
    let schema: Option<&'v Value> = subset.or(full).map(|schema| schema.value());
    Ok(match schema {
        Some(schema) => Format::Schema(schema),
        None if is_json => Format::Json,
        None => Format::Text,
    })
}
