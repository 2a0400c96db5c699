//! The files that pages need: scripts, wasm, style sheet, icons; each sent in its smallest form.

use std::path::Path;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use tower_http::services::ServeDir;

/// What a version's folder holds never changes and may be kept for ever; the rest is asked after each time, at no bytes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The files in a folder; what is packed already (`.br`, `.gz`) is sent as it is.
pub fn folder(dir: impl AsRef<Path>) -> ServeDir {
    ServeDir::new(dir).precompressed_br().precompressed_gzip().append_index_html_on_directories(false)
}

/// How long a file may be kept.
pub async fn cache(request: Request, next: Next) -> Response {
    let is_versioned = is_versioned(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == http::StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, if is_versioned { FOR_EVER } else { ASK_AGAIN });
    }
    response
}

/// Whether a file is in a folder named by a hash of its content, as the bundler makes them: `pkg/3f2a9b1c5d6e7f80/souk.js`.
/// The digits in the name of a lazy part do not count: they stay the same when the part changes.
fn is_versioned(path: &str) -> bool {
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    folder.len() == 16 && folder.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_version_holds_is_kept_for_ever() {
        for (path, expected) in [
            ("/pkg/3f2a9b1c5d6e7f80/souk.js", true),
            ("/3f2a9b1c5d6e7f80/split___chat_page_view_1767771431981312.wasm", true),
            ("/pkg/split___chat_page_view_1767771431981312.wasm", false),
            ("/pkg/souk.wasm", false),
            ("/pkg/current", false),
            ("/favicon.svg", false),
            ("/3f2a9b1c5d6e7f80", false),
            ("/", false),
        ] {
            assert_eq!(is_versioned(path), expected, "{path}");
        }
    }
}
