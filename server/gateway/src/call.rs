//! A parsed request: what a surface hands to the flow.

use canon::Task;
use domain::Rate;
use serde_json::{Map, Value};

use crate::clock::Stopwatch;
use crate::ports::Caller;

/// One request of one client, in no surface's terms.
#[derive(Clone, Debug)]
pub struct Call {
    /// The surface's name in records: `chat.completions`.
    pub surface: &'static str,
    /// Models that may answer, most wanted first, as the client wrote them. Never empty.
    pub models: Vec<String>,
    pub task: Task,
    pub routing: Routing,
    pub stream: bool,
    pub origin: Origin,
}

/// Where a request says it comes from (OPENROUTER.md §2.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `HTTP-Referer`.
    pub referer: Option<String>,
    /// `X-OpenRouter-Title` or `X-Title`.
    pub title: Option<String>,
}

/// The client's wishes about endpoints: the `provider` object (OPENROUTER.md §3.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    pub order: Vec<String>,
    pub only: Vec<String>,
    pub ignore: Vec<String>,
    pub allow_fallbacks: bool,
    /// Only endpoints whose provider is known not to train on prompts.
    pub deny_data_collection: bool,
    /// Only endpoints whose provider is known to retain nothing.
    pub zdr: bool,
    pub quantizations: Vec<String>,
    pub max_price: MaxPrice,
    /// Drop endpoints that are not known to support every parameter sent.
    pub require_parameters: bool,
    /// Extra request fields by provider slug, for the matched provider only.
    pub options: Map<String, Value>,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            only: Vec::new(),
            ignore: Vec::new(),
            allow_fallbacks: true,
            deny_data_collection: false,
            zdr: false,
            quantizations: Vec::new(),
            max_price: MaxPrice::default(),
            require_parameters: false,
            options: Map::new(),
        }
    }
}

/// The most a unit may cost, in US dollars per unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaxPrice {
    pub prompt: Option<Rate>,
    pub completion: Option<Rate>,
    pub request: Option<Rate>,
}

/// A call of a known caller.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub caller: Caller,
    pub call: Call,
    pub stopwatch: Stopwatch,
}
