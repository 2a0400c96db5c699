//! The files that pages need: scripts, wasm, style sheet, icons; each sent in its smallest form.

use std::path::Path;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use tower_http::services::ServeDir;

/// Names that change with their content may be kept for ever; the others are asked after each time, which costs no bytes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The files in a folder; what is packed already (`.br`, `.gz`) is sent as it is.
pub fn folder(dir: impl AsRef<Path>) -> ServeDir {
    ServeDir::new(dir).precompressed_br().precompressed_gzip().append_index_html_on_directories(false)
}

/// How long a file may be kept.
pub async fn cache(request: Request, next: Next) -> Response {
    let is_hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == http::StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, if is_hashed { FOR_EVER } else { ASK_AGAIN });
    }
    response
}

/// Whether a file's name has a hash of its content in it: `souk.3f2a9b1c.js`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| {
        part.len() >= 8 && part.chars().all(|c| c.is_ascii_hexdigit()) && part.contains(|c: char| c.is_ascii_digit())
    };
    let Some((stem, _)) = name.rsplit_once('.') else { return false };
    stem.rsplit(['.', '-', '_']).next().is_some_and(|last| last.len() < stem.len() && is_hash(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for (path, expected) in [
            ("/pkg/souk.3f2a9b1c.js", true),
            ("/pkg/chunk_0-0123456789abcdef.wasm", true),
            ("/pkg/souk.wasm", false),
            ("/pkg/deadbeef.css", false),
            ("/favicon.svg", false),
            ("/pkg/", false),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }
}
