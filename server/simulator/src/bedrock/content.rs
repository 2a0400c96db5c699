//! The kinds of content that stand in messages and in tools' results alike: unions, media, documents, cache points.

use super::error::place;
use crate::cache::Lifetime;
use crate::media;
use crate::node::{Node, Problem, Wrong};

const IMAGES: &[&str] = &["png", "jpeg", "gif", "webp"];
const VIDEOS: &[&str] = &["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"];
const SOUNDS: &[&str] =
    &["mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga", "pcm", "webm"];
const DOCUMENTS: &[&str] = &["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];

const MAX_DOCUMENT_NAME: usize = 200;

/// The one member of a union that is set.
pub(super) fn union(node: &Node, name: &str, known: &'static [&'static str]) -> Result<&'static str, Problem> {
    node.object()?;
    let mut set = known.iter().copied().filter(|key| node.get(key).is_some());
    match (set.next(), set.next()) {
        (Some(key), None) => {
            node.only(&[key])?;
            Ok(key)
        }
        (None, _) => {
            let at = at(node);
            let keys = known.join(", ");
            let text = format!("The {name} object at {at} must set one of the following keys: {keys}.");
            Err(node.said(text, None))
        }
        (Some(_), Some(_)) => {
            let text = format!("Unions must have exactly one member set. Multiple members are set at {}.", at(node));
            Err(node.said(text, Some("SerializationException")))
        }
    }
}

/// The place of `node` as Converse's sentences write it.
pub(super) fn at(node: &Node) -> String {
    place(&node.fail(Wrong::Missing).path)
}

/// How long a cache point wants the prompt before it to be kept.
pub(super) fn cache_point(point: &Node) -> Result<Lifetime, Problem> {
    point.only(&["type", "ttl"])?;
    point.need("type")?.word(&["default"])?;
    match point.maybe("ttl", |ttl| ttl.word(&["5m", "1h"]))? {
        Some("1h") => Ok(Lifetime::Hour),
        _ => Ok(Lifetime::FiveMinutes),
    }
}

/// An image, a video or a sound: a format and where its bytes are.
pub(super) fn medium(block: &Node, kind: &str) -> Result<(), Problem> {
    block.only(&["format", "source"])?;
    let formats = match kind {
        "image" => IMAGES,
        "video" => VIDEOS,
        _ => SOUNDS,
    };
    block.need("format")?.word(formats)?;
    let source = block.need("source")?;
    match union(&source, "Source", &["bytes", "s3Location"])? {
        "bytes" => bytes(&source.need("bytes")?),
        _ => s3(&source.need("s3Location")?),
    }
}

/// A document; gives its name, which must be its own in the conversation.
pub(super) fn document<'v>(block: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    block.only(&["format", "name", "source", "context", "citations"])?;
    block.maybe("format", |field| field.word(DOCUMENTS))?;
    block.maybe("context", |field| field.text())?;
    block.maybe("citations", |field| {
        field.only(&["enabled"])?;
        field.need("enabled")?.flag()
    })?;
    let named = block.need("name")?;
    let name = super::request::filled(&named)?;
    if name.len() > MAX_DOCUMENT_NAME {
        return Err(named.fail(Wrong::TooLong { got: name.len(), most: MAX_DOCUMENT_NAME }));
    }
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "-()[]".contains(c);
    if !name.chars().all(fits) || name.contains("  ") {
        let text = "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, \
                    parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.";
        return Err(named.said(text, None));
    }
    let source = block.need("source")?;
    match union(&source, "DocumentSource", &["bytes", "s3Location", "text", "content"])? {
        "bytes" => bytes(&source.need("bytes")?)?,
        "s3Location" => s3(&source.need("s3Location")?)?,
        "text" => source.need("text")?.text().map(drop)?,
        _ => {
            for part in source.need("content")?.items()? {
                part.only(&["text"])?;
                part.need("text")?.text()?;
            }
        }
    }
    Ok(name)
}

fn bytes(node: &Node) -> Result<(), Problem> {
    let text = super::request::filled(node)?;
    if media::is_base64(text) {
        return Ok(());
    }
    Err(node.said(format!("The blob at {} is not valid base64.", at(node)), Some("SerializationException")))
}

fn s3(node: &Node) -> Result<(), Problem> {
    node.only(&["uri", "bucketOwner"])?;
    let uri = node.need("uri")?;
    if uri.text()?.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    Err(uri.said(format!("The S3 URI at {} is not valid.", at(&uri)), None))
}
