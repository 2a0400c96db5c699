//! Ids of tool calls in a form that the host takes, whoever gave them.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::quirks::ToolCallIds;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 9;

/// The id, or one that is always the same for it: calls and their results stay together, in every turn.
pub fn known(id: &str, form: ToolCallIds) -> Cow<'_, str> {
    let fits = id.len() == LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if form == ToolCallIds::Any || fits {
        return Cow::Borrowed(id);
    }
    let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
    let letter = |byte: u8| LETTERS.get(usize::from(byte) % LETTERS.len()).map_or('0', |letter| char::from(*letter));
    digest.into_iter().take(LENGTH).map(letter).collect::<String>().into()
}
