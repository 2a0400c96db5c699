//! Reasoning in the one place that Google's protocol has for it on a part: `thoughtSignature`, which clients send back as it is.
//!
//! Google's own signatures stay what they are, on the kind of part they came with. Reasoning of other makers, which is more
//! than one string, is packed: base64 of a prefix and JSON.

use base64::Engine as _;
use base64::alphabet::{STANDARD as LETTERS, URL_SAFE as URL_LETTERS};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use canon::request::ReasoningDetailKind;
use canon::{Event, Fold, ReasoningDetail};

/// As `ReasoningDetail::format` of what comes from Google.
pub const GOOGLE: &str = "google-gemini-v1";

/// No signature of Google's begins so.
const PACKED: &[u8] = b"souk-reasoning-1:";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// The reasoning of other makers than Google, until it has its place on a part.
#[derive(Debug, Default)]
pub struct Pack {
    waiting: Fold,
}

impl Pack {
    /// Takes a piece.
    pub fn push(&mut self, piece: &Event) {
        self.waiting.push(piece);
    }

    /// All that waits, as one signature. `are_shown`: the client sees thoughts, and sends them back as text; then nothing is
    /// packed where text is all there is.
    pub fn take(&mut self, are_shown: bool) -> Option<String> {
        let details = &self.waiting.so_far().answer.reasoning_details;
        if details.is_empty() || (are_shown && details.iter().all(is_plain)) {
            return None;
        }
        let json = serde_json::to_vec(details).ok()?;
        self.waiting = Fold::default();
        Some(STANDARD.encode([PACKED, &json].concat()))
    }
}

/// Text that nothing proves: a thought part says all of it.
fn is_plain(detail: &ReasoningDetail) -> bool {
    detail.id.is_none()
        && detail.format.is_none()
        && matches!(detail.kind, ReasoningDetailKind::Text { signature: None, .. })
}

/// What a signature packs; `None` if it is Google's own.
pub fn unpack(signature: &str) -> Option<Vec<ReasoningDetail>> {
    let engines = [GeneralPurpose::new(&LETTERS, LENIENT), GeneralPurpose::new(&URL_LETTERS, LENIENT)];
    let bytes = engines.iter().find_map(|engine| engine.decode(signature).ok())?;
    serde_json::from_slice(bytes.strip_prefix(PACKED)?).ok()
}

/// Google's signature as a block of reasoning: of a thought, which has text, or of the part with that id.
pub fn of_google(text: Option<String>, id: Option<String>, signature: String) -> ReasoningDetail {
    let kind = match text {
        Some(_) => ReasoningDetailKind::Text { text, signature: Some(signature) },
        None => ReasoningDetailKind::Encrypted { data: signature },
    };
    ReasoningDetail { kind, id, format: Some(GOOGLE.to_owned()), index: None }
}

#[cfg(test)]
mod tests {
    use canon::{ReasoningDelta, ReasoningKind};

    use super::*;

    fn piece(kind: ReasoningKind, format: Option<&str>) -> Event {
        Event::Reasoning(ReasoningDelta { index: 0, kind, id: None, format: format.map(str::to_owned) })
    }

    #[test]
    fn what_is_packed_comes_back_in_either_alphabet() {
        let mut pack = Pack::default();
        let format = Some("anthropic-claude-v1");
        pack.push(&piece(ReasoningKind::Text("Let me see ✓ >>> ???".to_owned()), format));
        pack.push(&piece(ReasoningKind::Signature("c2ln".to_owned()), format));
        let signature = pack.take(true).unwrap();
        assert_eq!(pack.take(true), None);
        let details = unpack(&signature).unwrap();
        assert_eq!(unpack(signature.replace('+', "-").replace('/', "_").trim_end_matches('=')).unwrap(), details);
        assert_eq!(details.len(), 1);
        let ReasoningDetailKind::Text { text, signature } = &details[0].kind else { panic!("{details:?}") };
        assert_eq!((text.as_deref(), signature.as_deref()), (Some("Let me see ✓ >>> ???"), Some("c2ln")));
        assert_eq!(details[0].format.as_deref(), format);
    }

    #[test]
    fn plain_text_is_packed_only_where_it_is_not_shown() {
        let mut pack = Pack::default();
        pack.push(&piece(ReasoningKind::Text("Hm".to_owned()), None));
        assert_eq!(pack.take(true), None);
        assert!(unpack(&pack.take(false).unwrap()).is_some());
    }

    #[test]
    fn googles_own_are_not_unpacked() {
        assert_eq!(unpack("CpQBAdHtim9"), None);
        assert_eq!(unpack("skip_thought_signature_validator"), None);
    }
}
