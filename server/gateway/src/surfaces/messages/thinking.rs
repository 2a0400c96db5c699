//! Reasoning as `thinking` blocks, and back.
//!
//! Anthropic's own goes through as it is: text with its signature, or `redacted_thinking`. Reasoning from another wire has no
//! place there, but a client replays a block unmodified, signature and all: so what the block cannot show travels sealed in
//! its signature, and comes back out when the client replays it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use canon::{ReasoningDelta, ReasoningDetail, ReasoningDetailKind, ReasoningKind};
use serde::{Deserialize, Serialize};

/// Anthropic's own wire, as `ReasoningDetail::format` names it.
const OWN_FORMAT: &str = "anthropic-claude-v1";

/// What a signature of ours begins with; no base64 has a full stop.
const SEAL: &str = "souk.thinking.1.";

/// What a block that is not Anthropic's own carries in its signature.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sealed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    /// What the block's text is; `None`: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<Shown>,
    /// The text, where the client does not want to see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encrypted: Option<String>,
    /// Where it is not `index`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encrypted_index: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shown {
    Text,
    Summary,
}

/// A finished block.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    Thinking { thinking: String, signature: String },
    Redacted { data: String },
}

/// A block in the making: something readable with its signature, and what is encrypted beside it.
#[derive(Debug)]
pub struct Thought {
    sealed: Sealed,
    /// All that is readable so far.
    text: String,
}

impl Thought {
    /// The block that a piece begins; the piece itself is still to be pushed.
    pub fn of(piece: &ReasoningDelta) -> Self {
        let (format, id, index) = (piece.format.clone(), piece.id.clone(), Some(piece.index));
        Self { sealed: Sealed { format, id, index, ..Sealed::default() }, text: String::new() }
    }

    /// Whether a piece belongs into this block. What is encrypted joins the readable part of its item, told by their id;
    /// Anthropic's own stands alone.
    pub fn takes(&self, piece: &ReasoningDelta) -> bool {
        let Sealed { format, id, index, shown, encrypted, encrypted_index, .. } = &self.sealed;
        if *format != piece.format || *id != piece.id {
            return false;
        }
        let is_same = *index == Some(piece.index);
        match piece.kind {
            ReasoningKind::Encrypted(_) if encrypted.is_some() => encrypted_index.or(*index) == Some(piece.index),
            ReasoningKind::Encrypted(_) => !self.is_own() && (is_same || id.is_some()),
            ReasoningKind::Text(_) => is_same && *shown == Some(Shown::Text) && encrypted.is_none(),
            ReasoningKind::Signature(_) => is_same && *shown == Some(Shown::Text),
            ReasoningKind::Summary(_) => is_same && *shown == Some(Shown::Summary) && encrypted.is_none(),
        }
    }

    /// Adds a piece; gives what of it a client reads.
    pub fn push<'a>(&mut self, piece: &'a ReasoningDelta) -> Option<&'a str> {
        match &piece.kind {
            ReasoningKind::Text(text) | ReasoningKind::Summary(text) => {
                let is_summary = matches!(piece.kind, ReasoningKind::Summary(_));
                self.sealed.shown = Some(if is_summary { Shown::Summary } else { Shown::Text });
                self.text.push_str(text);
                return Some(text);
            }
            ReasoningKind::Signature(signature) => {
                self.sealed.shown = Some(Shown::Text);
                self.sealed.signature.get_or_insert_default().push_str(signature);
            }
            ReasoningKind::Encrypted(data) => {
                self.sealed.encrypted.get_or_insert_default().push_str(data);
                self.sealed.encrypted_index = Some(piece.index).filter(|_| self.sealed.index != Some(piece.index));
            }
        }
        None
    }

    /// Whether it will be `redacted_thinking`, which is written in one piece.
    pub fn is_redacted(&self) -> bool {
        self.is_own() && self.sealed.shown.is_none() && self.sealed.id.is_none() && self.sealed.encrypted.is_some()
    }

    /// The whole block. `hides`: its text is not shown, but comes back with the signature.
    pub fn finish(self, hides: bool) -> Block {
        let is_redacted = self.is_redacted();
        let Self { mut sealed, text } = self;
        let is_own = sealed.format.as_deref() == Some(OWN_FORMAT) && sealed.id.is_none();
        match (sealed.encrypted.take(), sealed.signature.take()) {
            (Some(data), _) if is_redacted => Block::Redacted { data },
            (None, Some(signature)) if is_own && (text.is_empty() || !hides) && !signature.is_empty() => {
                Block::Thinking { thinking: text, signature }
            }
            (encrypted, signature) => {
                sealed = Sealed { encrypted, signature, ..sealed };
                if hides && !text.is_empty() {
                    sealed.text = Some(text);
                    return Block::Thinking { thinking: String::new(), signature: sealed.write() };
                }
                Block::Thinking { thinking: text, signature: sealed.write() }
            }
        }
    }

    fn is_own(&self) -> bool {
        self.sealed.format.as_deref() == Some(OWN_FORMAT)
    }
}

/// The blocks of a whole answer.
pub fn blocks(details: &[ReasoningDetail], hides: bool) -> Vec<Block> {
    let mut thoughts: Vec<Thought> = Vec::new();
    for piece in details.iter().flat_map(pieces) {
        if !thoughts.last().is_some_and(|last| last.takes(&piece)) {
            thoughts.push(Thought::of(&piece));
        }
        thoughts.last_mut().and_then(|last| last.push(&piece));
    }
    thoughts.into_iter().map(|thought| thought.finish(hides)).collect()
}

fn pieces(detail: &ReasoningDetail) -> Vec<ReasoningDelta> {
    let piece = |kind| ReasoningDelta {
        index: detail.index.unwrap_or_default(),
        kind,
        id: detail.id.clone(),
        format: detail.format.clone(),
    };
    match detail.kind.clone() {
        ReasoningDetailKind::Summary { summary } => vec![piece(ReasoningKind::Summary(summary))],
        ReasoningDetailKind::Encrypted { data } => vec![piece(ReasoningKind::Encrypted(data))],
        ReasoningDetailKind::Text { text, signature } => {
            let text = text.map(ReasoningKind::Text);
            text.into_iter().chain(signature.map(ReasoningKind::Signature)).map(piece).collect()
        }
    }
}

/// A replayed `thinking` block. An empty signature proves nothing: its text counts as of unknown origin.
pub fn read(thinking: String, signature: String) -> Vec<ReasoningDetail> {
    if let Some(sealed) = Sealed::read(&signature) {
        return sealed.details(thinking);
    }
    let signature = Some(signature).filter(|signature| !signature.is_empty());
    let format = signature.is_some().then(|| OWN_FORMAT.to_owned());
    let text = Some(thinking).filter(|text| !text.is_empty());
    let is_empty = text.is_none() && signature.is_none();
    let kind = ReasoningDetailKind::Text { text, signature };
    let detail = ReasoningDetail { kind, id: None, format, index: None };
    (!is_empty).then_some(detail).into_iter().collect()
}

/// A replayed `redacted_thinking` block.
pub fn redacted(data: String) -> ReasoningDetail {
    let kind = ReasoningDetailKind::Encrypted { data };
    ReasoningDetail { kind, id: None, format: Some(OWN_FORMAT.to_owned()), index: None }
}

impl Sealed {
    fn write(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{SEAL}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// `None`: a signature that is not ours.
    fn read(signature: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(signature.strip_prefix(SEAL)?).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// What was sealed, with the text that the block showed.
    fn details(self, thinking: String) -> Vec<ReasoningDetail> {
        let Self { format, id, index, shown, text, signature, encrypted, encrypted_index } = self;
        let text = text.or(Some(thinking)).filter(|text| !text.is_empty());
        let readable = match shown {
            Some(Shown::Text) => Some(ReasoningDetailKind::Text { text, signature }),
            Some(Shown::Summary) => Some(ReasoningDetailKind::Summary { summary: text.unwrap_or_default() }),
            None => None,
        };
        let encrypted = encrypted.map(|data| (ReasoningDetailKind::Encrypted { data }, encrypted_index.or(index)));
        let detail = |(kind, index)| ReasoningDetail { kind, id: id.clone(), format: format.clone(), index };
        readable.map(|kind| (kind, index)).into_iter().chain(encrypted).map(detail).collect()
    }
}
