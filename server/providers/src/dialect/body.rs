//! Writes a request's JSON object field by field, straight from borrowed data into one buffer.

use std::fmt;

use bytes::Bytes;
use canon::{CacheControl, CacheTtl, Source};
use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::{EncodeError, Target};

/// A JSON object in the making. The request's `extra` wins over fields of the same name; parameters that the quirks omit, or
/// that the endpoint is known not to support, are left out; those that the provider calls otherwise go by its name.
#[derive(Debug)]
pub struct Body<'a> {
    json: Vec<u8>,
    extra: &'a Map<String, Value>,
    target: &'a Target<'a>,
}

impl<'a> Body<'a> {
    pub fn new(extra: &'a Map<String, Value>, target: &'a Target<'a>) -> Self {
        let mut json = Vec::with_capacity(1024);
        json.push(b'{');
        Self { json, extra, target }
    }

    /// Writes a field that the protocol needs.
    pub fn put(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
        let quirks = self.target.quirks;
        let own = quirks.rename.get(name).map_or(name, String::as_str);
        if self.extra.contains_key(own) || quirks.omit.iter().any(|omitted| omitted == name) {
            return Ok(());
        }
        self.write(own, value)
    }

    /// Writes an optional parameter, if it was given and the endpoint takes it.
    ///
    /// `name` is the dialect's own; `parameter` is what the catalog's `supported_parameters` call it.
    pub fn put_parameter(
        &mut self,
        name: &str,
        parameter: &str,
        value: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) if self.target.supports(parameter) => self.put(name, value),
            _ => Ok(()),
        }
    }

    /// Writes the fields that the provider's quirks add to chats.
    pub fn put_additions(&mut self) -> Result<(), EncodeError> {
        let quirks = self.target.quirks;
        let where_reasoning = (self.target.capabilities.reasoning == Some(true)).then_some(&quirks.add_where_reasoning);
        for (name, value) in quirks.add.iter().chain(where_reasoning.into_iter().flatten()) {
            if !self.extra.contains_key(name) {
                self.write(name, value)?;
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Bytes, EncodeError> {
        for (name, value) in self.extra {
            self.write(name, value)?;
        }
        self.json.push(b'}');
        Ok(self.json.into())
    }

    fn write(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, name)?;
        self.json.push(b':');
        serde_json::to_writer(&mut self.json, value)?;
        Ok(())
    }
}

impl Target<'_> {
    /// Whether a parameter may be sent. Where nothing is known, all may.
    pub(super) fn supports(&self, parameter: &str) -> bool {
        self.supported_parameters.is_none_or(|known| known.iter().any(|name| name == parameter))
    }

    /// The wanted temperature, or the highest one allowed.
    pub(super) fn temperature(&self, wanted: &Number) -> Number {
        let highest = self.quirks.temperature_max.as_deref();
        let highest: Option<Number> = highest.and_then(|text| serde_json::from_str(text).ok());
        highest.filter(|highest| wanted.as_f64() > highest.as_f64()).unwrap_or_else(|| wanted.clone())
    }
}

/// `data:image/png;base64,…`, put together while it is written: large media are not copied for it.
#[derive(Clone, Copy, Debug)]
struct DataUrl<'a> {
    media_type: &'a str,
    data: &'a str,
}

impl fmt::Display for DataUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data:{};base64,{}", self.media_type, self.data)
    }
}

/// A medium as one URL: its own, or one that holds its data.
#[derive(Clone, Copy, Debug)]
pub struct SourceUrl<'a>(pub &'a Source);

impl Serialize for SourceUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Source::Url(url) => serializer.serialize_str(url),
            Source::Data { media_type, data } => serializer.collect_str(&DataUrl { media_type, data }),
        }
    }
}

/// `cache_control` as Anthropic has it, and those who took it over: `{type: "ephemeral"}`, with `ttl: "1h"` where asked.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CacheMark {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

impl From<CacheControl> for CacheMark {
    fn from(cache_control: CacheControl) -> Self {
        let ttl = match cache_control.ttl {
            CacheTtl::FiveMinutes => None,
            CacheTtl::OneHour => Some("1h"),
        };
        Self { r#type: "ephemeral", ttl }
    }
}
