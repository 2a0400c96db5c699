//! One part of a content: exactly one kind of data, and what is said about it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::content::{self, Media};
use super::door::Door;
use super::error::{FIELD, VALUE};
use crate::media;
use crate::node::{Node, Problem, Step};
use crate::tokens;

/// What a part may be; it is one of these.
const DATA: [&str; 9] = [
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

/// What may stand beside the data.
const BESIDE: [&str; 5] = ["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "mediaProcessing"];

/// Signatures that Google documents for calls that no model of its own made.
const FOREIGN: [&str; 2] = ["context_engineering_is_the_way_to_go", "skip_thought_signature_validator"];

const IMAGES: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];

/// A part, read.
#[derive(Debug)]
pub(super) struct Part<'v> {
    pub body: Body<'v>,
    pub tokens: u32,
    pub media: Media,
    /// It came with a good signature.
    pub signed: bool,
}

#[derive(Debug)]
pub(super) enum Body<'v> {
    Thought,
    Text(&'v str),
    Medium,
    Call { name: &'v str, id: Option<&'v str> },
    Response { name: &'v str, id: Option<&'v str>, text: Cow<'v, str> },
}

/// Reads one part.
pub(super) fn read<'v>(part: &Node<'_, 'v>, door: Door) -> Result<Part<'v>, Problem> {
    let extra: &[&str] = match door {
        Door::Gemini => &["partMetadata"],
        Door::Vertex => &[],
    };
    part.only(&[&DATA[..], &BESIDE[..], extra].concat())?;
    let mut kinds = DATA.iter().copied().filter(|kind| part.get(kind).is_some());
    let (kind, second) = (kinds.next(), kinds.next());
    if let Some(second) = second {
        return Err(part.said(format!("(oneof), oneof field 'data' is already set. Cannot set '{second}'"), VALUE));
    }
    let thought = part.maybe("thought", |field| field.flag())?.unwrap_or(false);
    let mut media = Media::default();
    let (body, tokens) = match kind {
        Some("text") => {
            let text = part.need("text")?.text()?;
            let is_empty = text.is_empty() && part.get("thoughtSignature").is_none();
            if door == Door::Vertex && is_empty {
                let text = "Unable to submit request because it must have a text parameter. Add a text parameter and try again.";
                return Err(part.said(text, None));
            }
            (if thought { Body::Thought } else { Body::Text(text) }, tokens::weigh(text.len()))
        }
        Some("inlineData") => (Body::Medium, inline(&part.need("inlineData")?, &mut media)?),
        Some("fileData") => (Body::Medium, file(&part.need("fileData")?, door, &mut media)?),
        Some("functionCall") => call(&part.need("functionCall")?, door)?,
        Some("functionResponse") => response(&part.need("functionResponse")?, &mut media)?,
        Some(other) => {
            let data = part.need(other)?;
            data.object()?;
            (Body::Thought, tokens::weigh(data.value().to_string().len()))
        }
        None => {
            let mut problem = part.said("required oneof field 'data' must have one initialized field", FIELD);
            problem.path.push(Step::Key("data".to_owned()));
            return Err(problem);
        }
    };
    let signed = signed(part, &body, door)?;
    Ok(Part { body, tokens, media, signed })
}

/// Whether the part is signed; a signature that is not ours, or belongs to another call, is refused.
fn signed(part: &Node, body: &Body, door: Door) -> Result<bool, Problem> {
    let Some(field) = part.get("thoughtSignature") else { return Ok(false) };
    let signature = field.text()?;
    if FOREIGN.contains(&signature) {
        return Ok(true);
    }
    if STANDARD.decode(signature).is_err() {
        return Err(field.said(format!("(TYPE_BYTES), Base64 decoding failed for \"{signature}\""), VALUE));
    }
    let is_ours = match body {
        Body::Call { name, .. } => media::is_seal(signature, name),
        _ => media::is_seal(signature, ""),
    };
    if is_ours { Ok(true) } else { Err(field.said(door.corrupted(), None)) }
}

fn call<'v>(call: &Node<'_, 'v>, door: Door) -> Result<(Body<'v>, u32), Problem> {
    match door {
        Door::Gemini => call.only(&["id", "name", "args"])?,
        Door::Vertex => call.only(&["id", "name", "args", "partialArgs", "willContinue"])?,
    }
    let name = name(call)?;
    let id = call.maybe("id", |id| id.text())?;
    let arguments = call.maybe("args", |args| args.object().map(|()| args.value().to_string().len()))?;
    Ok((Body::Call { name, id }, tokens::weigh(name.len() + arguments.unwrap_or(0))))
}

fn response<'v>(response: &Node<'_, 'v>, media: &mut Media) -> Result<(Body<'v>, u32), Problem> {
    response.only(&["id", "name", "response", "parts", "willContinue", "scheduling"])?;
    let name = name(response)?;
    let id = response.maybe("id", |id| id.text())?;
    let told = response.need("response")?;
    told.object()?;
    let mut tokens = tokens::weigh(name.len() + told.value().to_string().len());
    if let Some(parts) = response.get("parts") {
        for part in parts.items()? {
            part.only(&["inlineData", "fileData"])?;
            tokens += inline(&part.need("inlineData")?, media)?;
        }
    }
    Ok((Body::Response { name, id, text: content::spoken(told.value()) }, tokens))
}

fn name<'v>(function: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    let name = function.maybe("name", |name| name.text())?.unwrap_or_default();
    if name.is_empty() {
        let mut problem = function.said("Name cannot be empty.", FIELD);
        problem.path.push(Step::Key("name".to_owned()));
        return Err(problem);
    }
    Ok(name)
}

fn inline(blob: &Node, media: &mut Media) -> Result<u32, Problem> {
    blob.only(&["mimeType", "data", "displayName"])?;
    let kind = mime_type(blob, media)?;
    let data = blob.need("data")?;
    let text = data.text()?;
    if !media::is_base64(text) {
        let shown: String = text.chars().take(40).collect();
        return Err(data.said(format!("(TYPE_BYTES), Base64 decoding failed for \"{shown}\""), VALUE));
    }
    Ok(kind)
}

fn file(file: &Node, door: Door, media: &mut Media) -> Result<u32, Problem> {
    file.only(&["mimeType", "fileUri", "displayName"])?;
    let uri = file.need("fileUri")?;
    let text = uri.text()?;
    let is_stored = door == Door::Vertex && text.starts_with("gs://");
    if !is_stored && !media::is_web_url(text) {
        return Err(uri.said(format!("Unsupported file uri: {text}"), None));
    }
    if door == Door::Gemini && file.get("mimeType").is_none() {
        media.video += tokens::PER_MEDIUM;
        return Ok(tokens::PER_MEDIUM);
    }
    mime_type(file, media)
}

/// The tokens of a medium, entered by its type.
fn mime_type(blob: &Node, media: &mut Media) -> Result<u32, Problem> {
    let field = blob.need("mimeType")?;
    let name = field.text()?;
    let place = match name.split_once('/') {
        Some(("image", _)) if IMAGES.contains(&name) => &mut media.image,
        Some(("audio", _)) => &mut media.audio,
        Some(("video", _)) => &mut media.video,
        Some(("text", _)) => &mut media.document,
        _ if name == "application/pdf" || name == "application/json" => &mut media.document,
        _ => return Err(field.said(format!("Unsupported MIME type: {name}"), None)),
    };
    *place += tokens::PER_MEDIUM;
    Ok(tokens::PER_MEDIUM)
}
