//! Reasoning that must come back unmodified, in an API that knows only OpenAI's kind of it.
//!
//! A reasoning item has room for one opaque text: `encrypted_content`. OpenAI's own goes out and comes back there as it is.
//! Blocks of any other wire (Anthropic's and Gemini's signatures, plain text that a model wants back in a tool loop) are put
//! into it whole, as base64 of the JSON of `reasoning_details`, behind a prefix that tells them apart. It is no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::{ReasoningDetail, ReasoningDetailKind};

use super::wire::{WireReasoningItem, WireThought};

/// The one wire whose `encrypted_content` is sent as it is.
const OPENAI: &str = "openai-responses-v1";
/// No ciphertext of OpenAI's has a colon.
const SEALED: &str = "souk-reasoning-1:";

/// What goes into `encrypted_content` of the item `item_id`, so that these blocks can come back. `None`: there is nothing.
pub fn seal(details: &[ReasoningDetail], item_id: &str) -> Option<String> {
    if details.is_empty() {
        return None;
    }
    if let Some(data) = openai_own(details, item_id) {
        return Some(data.to_owned());
    }
    let json = serde_json::to_vec(details).ok()?;
    Some(format!("{SEALED}{}", STANDARD.encode(json)))
}

/// The ciphertext, where the item says all there is: summaries and one ciphertext, under the id that OpenAI gave it.
fn openai_own<'a>(details: &'a [ReasoningDetail], item_id: &str) -> Option<&'a str> {
    let mut own = None;
    for detail in details {
        if detail.format.as_deref() != Some(OPENAI) || detail.id.as_deref() != Some(item_id) {
            return None;
        }
        match &detail.kind {
            ReasoningDetailKind::Encrypted { data } if own.is_none() => own = Some(data.as_str()),
            ReasoningDetailKind::Summary { .. } => {}
            ReasoningDetailKind::Encrypted { .. } | ReasoningDetailKind::Text { .. } => return None,
        }
    }
    own
}

/// The blocks of a reasoning item that came back, those without a number numbered from `next` on. Errors: why a seal of ours
/// cannot be read.
pub fn unseal(item: WireReasoningItem, next: u32) -> Result<Vec<ReasoningDetail>, &'static str> {
    if let Some(sealed) = item.encrypted_content.as_deref().and_then(|content| content.strip_prefix(SEALED)) {
        let broken = "is not as this server gave it: send reasoning items back unmodified";
        let json = STANDARD.decode(sealed).map_err(|_| broken)?;
        return serde_json::from_slice(&json).map_err(|_| broken);
    }
    let WireReasoningItem { id, summary, content, encrypted_content, format, signature } = item;
    let format = format.or_else(|| encrypted_content.is_some().then(|| OPENAI.to_owned()));
    let mut numbers = next..;
    let mut block = |kind| ReasoningDetail { kind, id: id.clone(), format: format.clone(), index: numbers.next() };
    let mut details = Vec::new();
    for WireThought { text } in summary.into_iter().flatten() {
        details.push(block(ReasoningDetailKind::Summary { summary: text }));
    }
    let text: Option<String> = content.map(|parts| parts.into_iter().map(|part| part.text).collect());
    let text = text.filter(|text| !text.is_empty());
    if text.is_some() || signature.is_some() {
        details.push(block(ReasoningDetailKind::Text { text, signature }));
    }
    details.extend(encrypted_content.map(|data| block(ReasoningDetailKind::Encrypted { data })));
    Ok(details)
}
