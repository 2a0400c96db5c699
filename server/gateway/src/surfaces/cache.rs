//! `cache_control`, as Anthropic invented it and other surfaces took it over.

use canon::{CacheControl, CacheTtl};
use serde::Deserialize;

/// `cache_control` of a part, a tool or the request.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WireCacheControl {
    #[serde(default)]
    ttl: Ttl,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum Ttl {
    #[default]
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "1h")]
    OneHour,
}

impl From<WireCacheControl> for CacheControl {
    fn from(wire: WireCacheControl) -> Self {
        let ttl = match wire.ttl {
            Ttl::FiveMinutes => CacheTtl::FiveMinutes,
            Ttl::OneHour => CacheTtl::OneHour,
        };
        Self { ttl }
    }
}
