//! Checks the images, sounds and files of a prompt as far as a provider would before it looks at them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Image types that both dialects take.
pub(crate) const IMAGE_TYPES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

/// First bytes of every [`seal`].
const MAKER: &[u8] = b"simulated";

/// Whether `text` is base64 of at least one byte.
pub(crate) fn is_base64(text: &str) -> bool {
    !text.is_empty() && STANDARD.decode(text).is_ok()
}

/// Whether `text` is an address of the web.
pub(crate) fn is_web_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') && !rest.contains(char::is_whitespace)
    })
}

/// The type and the base64 text of a `data:` URL.
pub(crate) fn data_url(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("data:")?.split_once(";base64,")
}

/// Whether `seal` belongs to `text`. A text that was not shown is empty, and then any seal of ours does.
pub(crate) fn is_seal(seal: &str, text: &str) -> bool {
    let is_ours = STANDARD.decode(seal).is_ok_and(|bytes| bytes.starts_with(MAKER));
    is_ours && (text.is_empty() || seal == self::seal(text))
}

/// A seal on a text that anyone can check and only a copy of the text can have: in the place of a provider's signature.
pub(crate) fn seal(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut bytes = MAKER.to_vec();
    for salt in 0..4_u8 {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        bytes.extend(hasher.finish().to_be_bytes());
    }
    STANDARD.encode(bytes)
}
