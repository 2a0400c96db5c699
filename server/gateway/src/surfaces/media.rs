//! Media as URLs: an address, or the bytes themselves as a `data:` URL.

use canon::Source;
use serde::Serializer;

/// Reads a URL; tells a `data:` URL from an address.
pub fn source(url: String, field: &str) -> Result<Source, String> {
    if let Some(rest) = url.strip_prefix("data:") {
        let (head, data) = rest.split_once(',').ok_or_else(|| format!("{field} is a data URL without a comma"))?;
        let media_type =
            head.strip_suffix(";base64").ok_or_else(|| format!("{field} is a data URL without ;base64"))?;
        if !is_base64(data) {
            return Err(format!("{field} is a data URL whose data is not base64"));
        }
        return Ok(Source::Data { media_type: media_type.to_owned(), data: data.to_owned() });
    }
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(Source::Url(url));
    }
    Err(format!("{field} must be an http(s) URL or a data URL such as data:image/png;base64,…"))
}

/// Whether these may be bytes in base64, of either alphabet.
pub fn is_base64(data: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_');
    !data.is_empty() && data.bytes().all(is_digit)
}

/// Writes a URL, for `#[serde(serialize_with)]`.
pub fn url<S: Serializer>(source: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    match source {
        Source::Url(url) => serializer.serialize_str(url),
        Source::Data { media_type, data } => serializer.collect_str(&format_args!("data:{media_type};base64,{data}")),
    }
}
