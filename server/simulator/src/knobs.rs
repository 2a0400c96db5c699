//! What one request asks of the simulator: by `x-sim-…` headers, or, since a gateway forwards no headers, behind a `?` in the model id.

use std::time::Duration;

use axum::http::HeaderMap;

use crate::Config;
use crate::fault::{Fault, UnknownFault};
use crate::script::Ending;

/// Each knob's name in a model id and the header that says the same.
const NAMES: [(&str, &str); 8] = [
    ("ttft", "x-sim-first-token-ms"),
    ("tps", "x-sim-tokens-per-second"),
    ("tokens", "x-sim-output-tokens"),
    ("thinking", "x-sim-reasoning-tokens"),
    ("finish", "x-sim-finish"),
    ("cache", "x-sim-cache-min-tokens"),
    ("usage", "x-sim-usage"),
    ("fault", "x-sim-fault"),
];

/// Longest answer a request may ask for, so that a typing error does not fill the memory.
const MAX_TOKENS: u32 = 1_000_000;

/// All knobs of one request, set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Knobs {
    pub first_token: Duration,
    pub tokens_per_second: Option<f64>,
    /// Exact number of completion tokens, reasoning included.
    pub output_tokens: Option<u32>,
    /// Exact number of reasoning tokens, where the model reasons at all.
    pub reasoning_tokens: Option<u32>,
    pub ending: Option<Ending>,
    pub cache_min_tokens: u32,
    /// Answers tell their token counts.
    pub tells_usage: bool,
    pub fault: Option<Fault>,
}

/// A knob that is unknown or has no such value; the text goes to the caller in the dialect's own error reply.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadKnob {
    #[error("simulator: unknown knob `{0}`; knobs are ttft, tps, tokens, thinking, finish, cache, usage and fault")]
    Unknown(String),
    #[error("simulator: `{value}` is no value for the knob `{knob}`")]
    Value { knob: &'static str, value: String },
    #[error("simulator: {0}")]
    Fault(#[from] UnknownFault),
}

impl Knobs {
    /// The knobs of a request for `model`, strongest last: configuration, what the model's name stands for, the model id's
    /// suffix, headers. Also gives the bare model name.
    pub fn read<'m>(config: &Config, model: &'m str, headers: &HeaderMap) -> Result<(&'m str, Self), BadKnob> {
        let (name, suffix) = model.split_once('?').unwrap_or((model, ""));
        let mut knobs = Self {
            first_token: config.first_token,
            tokens_per_second: config.tokens_per_second,
            output_tokens: None,
            reasoning_tokens: None,
            ending: None,
            cache_min_tokens: config.cache_min_tokens,
            tells_usage: true,
            fault: None,
        };
        if name == "sim-slow" {
            knobs.first_token = Duration::from_secs(3);
            knobs.tokens_per_second = Some(10.0);
        }
        for pair in suffix.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some((knob, _)) = NAMES.iter().find(|(knob, _)| *knob == key) else {
                return Err(BadKnob::Unknown(key.to_owned()));
            };
            knobs.set(knob, value)?;
        }
        for (knob, header) in NAMES {
            if let Some(value) = headers.get(header) {
                knobs.set(knob, value.to_str().unwrap_or("(not text)"))?;
            }
        }
        Ok((name, knobs))
    }

    fn set(&mut self, knob: &'static str, value: &str) -> Result<(), BadKnob> {
        let bad = || BadKnob::Value { knob, value: value.to_owned() };
        match knob {
            "ttft" => self.first_token = Duration::from_millis(value.parse().map_err(|_| bad())?),
            "tps" => self.tokens_per_second = Some(rate(value).ok_or_else(bad)?),
            "tokens" => self.output_tokens = Some(length(value).ok_or_else(bad)?),
            "thinking" => self.reasoning_tokens = Some(length(value).ok_or_else(bad)?),
            "finish" => self.ending = Some(Ending::named(value).ok_or_else(bad)?),
            "cache" => self.cache_min_tokens = value.parse().map_err(|_| bad())?,
            "usage" if value == "none" => self.tells_usage = false,
            "usage" => return Err(bad()),
            _ => self.fault = Some(value.parse()?),
        }
        Ok(())
    }
}

fn rate(value: &str) -> Option<f64> {
    value.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.01)
}

fn length(value: &str) -> Option<u32> {
    value.parse().ok().filter(|tokens| *tokens <= MAX_TOKENS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(model: &str, headers: &[(&'static str, &'static str)]) -> Result<Knobs, BadKnob> {
        let headers = headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        Knobs::read(&Config::default(), model, &headers).map(|(_, knobs)| knobs)
    }

    #[test]
    fn a_model_id_carries_knobs_behind_a_question_mark() {
        let knobs = read("sim-echo?ttft=200&tps=50&tokens=300&fault=drop_after:5", &[]).expect("knobs");
        assert_eq!(knobs.first_token, Duration::from_millis(200));
        assert_eq!(knobs.tokens_per_second, Some(50.0));
        assert_eq!(knobs.output_tokens, Some(300));
        assert_eq!(knobs.fault, Some(Fault::DropAfter(5)));
    }

    #[test]
    fn a_header_is_stronger_than_the_model_id() {
        let knobs = read("sim-slow?tokens=3", &[("x-sim-output-tokens", "4")]).expect("knobs");
        assert_eq!((knobs.output_tokens, knobs.tokens_per_second), (Some(4), Some(10.0)));
    }

    #[test]
    fn an_unknown_knob_or_value_is_an_error() {
        for model in [
            "m?ttfx=1",
            "m?ttft=soon",
            "m?tps=0",
            "m?tps=NaN",
            "m?tokens=-1",
            "m?finish=well",
            "m?usage=some",
            "m?fault=boom",
        ] {
            assert!(read(model, &[]).is_err(), "{model}");
        }
    }
}
