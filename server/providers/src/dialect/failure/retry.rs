//! When a provider wants to be asked again.

use std::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// Nobody waits longer than a day for one host.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// From `retry-after-ms` (the finer one), or `retry-after` in seconds or as a date. A date counts from the answer's own
/// `date`: there is no clock here, and the provider's may differ from ours.
pub fn after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let in_units = |text: &str, per_second: f64| {
        let seconds = text.parse::<f64>().ok()? / per_second;
        Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64())).ok()
    };
    let milliseconds = text(RETRY_AFTER_MS).and_then(|text| in_units(text, 1_000.0));
    milliseconds.or_else(|| {
        let wanted = text(RETRY_AFTER)?;
        in_units(wanted, 1.0).or_else(|| {
            let wait = date(wanted)? - date(text(DATE)?)?;
            Some(Duration::try_from(wait).unwrap_or_default().min(LONGEST))
        })
    })
}

/// From a `google.rpc.RetryInfo` among an error's `details`: `{"@type": "…", "retryDelay": "26.5s"}`.
pub fn told(details: &Value) -> Option<Duration> {
    let details = details.as_array()?;
    let delay = details.iter().find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64())).ok()
}

/// `Sun, 22 Nov 2026 11:53:36 GMT`.
fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}
