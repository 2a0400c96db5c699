//! The questions, in no API's words, and what a right answer to each is.

use serde_json::{Value, json};

use super::dialect::Row;

/// A red pixel.
pub const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Text,
    Tools,
    ParallelTools,
    JsonSchema,
    Image,
    Reasoning,
    /// Thinks, calls a tool, and is told the result with its thoughts sent back as they came.
    ReasoningReplay,
    CachedPrompt,
    Refusal,
    Length,
    ErrorBefore,
    ErrorAfter,
    DroppedMidway,
}

/// Text of a turn and what else it has.
#[derive(Clone, Debug)]
pub enum Turn {
    User {
        text: String,
        image: bool,
    },
    /// What the surface said that must be sent back, in its own words.
    Replay(Vec<Value>),
    /// Id and name of the call, and the result.
    Result {
        id: String,
        name: String,
        text: String,
    },
}

#[derive(Clone, Debug)]
pub struct Ask {
    case: Case,
    pub system: Option<String>,
    pub turns: Vec<Turn>,
    /// Their names: each wants a `city`.
    pub tools: Vec<&'static str>,
    pub schema: Option<Value>,
    pub max_tokens: Option<u64>,
    pub reasoning: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    #[default]
    None,
    Stop,
    Length,
    Tools,
    /// A refusal of the model's, or a filter of the provider's.
    Filter,
}

/// An answer, in no API's words.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub status: u16,
    pub retry_after: bool,
    pub text: String,
    pub reasoning: String,
    /// Id, name and arguments.
    pub calls: Vec<(String, String, Value)>,
    pub finish: Finish,
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
    /// The error's word: the surface's own type.
    pub error: Option<String>,
    /// What must be sent back to go on.
    pub replay: Vec<Value>,
    pub raw: String,
}

pub fn tool_schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false})
}

impl Case {
    pub const ALL: [Self; 13] = [
        Self::Text,
        Self::Tools,
        Self::ParallelTools,
        Self::JsonSchema,
        Self::Image,
        Self::Reasoning,
        Self::ReasoningReplay,
        Self::CachedPrompt,
        Self::Refusal,
        Self::Length,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::DroppedMidway,
    ];

    /// Whether the case only exists while an answer streams.
    pub fn is_of_streams(self) -> bool {
        matches!(self, Self::ErrorAfter | Self::DroppedMidway)
    }

    /// The simulator's model with the knobs that make the case.
    pub fn upstream_id(self) -> &'static str {
        match self {
            Self::Reasoning | Self::ReasoningReplay => "sim-reasoner?thinking=12",
            Self::CachedPrompt => "sim-echo?cache=8",
            Self::Refusal => "sim-echo?finish=refusal",
            Self::ErrorBefore => "sim-echo?fault=status:429,7",
            Self::ErrorAfter => "sim-echo?fault=error_after:3",
            Self::DroppedMidway => "sim-echo?fault=drop_after:3",
            _ => "sim-echo",
        }
    }

    /// Before the second turn.
    pub fn judge_first(self, seen: &Seen) -> Result<(), String> {
        match self {
            Self::Tools | Self::ParallelTools | Self::ReasoningReplay => {
                let wanted = if self == Self::ParallelTools { 2 } else { 1 };
                must(seen.calls.len() == wanted, "so many calls", seen)?;
                must(seen.calls.iter().all(|(_, _, arguments)| arguments["city"].is_string()), "a city", seen)?;
                must(seen.calls.iter().all(|(id, ..)| !id.is_empty()), "ids", seen)?;
                must(seen.finish == Finish::Tools, "a finish for tools", seen)
            }
            _ => must(seen.error.is_none(), "an answer", seen),
        }
    }

    pub fn judge(self, dialect: &Row, seen: &Seen) -> Result<(), String> {
        let answered = |finish: Finish| {
            must(seen.error.is_none(), "no error", seen)?;
            must(seen.finish == finish, "the right finish", seen)?;
            must(seen.prompt_tokens > 0 && seen.completion_tokens > 0, "usage", seen)
        };
        match self {
            Self::Text => {
                answered(Finish::Stop)?;
                must(seen.text == "You said: hello matrix", "the echo", seen)
            }
            Self::Tools | Self::ReasoningReplay => {
                answered(Finish::Stop)?;
                must(seen.text.contains("The tool get_weather returned: 21 degrees"), "the result", seen)
            }
            Self::ParallelTools => {
                answered(Finish::Stop)?;
                must(seen.text.contains("get_weather returned: 21 degrees"), "the first result", seen)?;
                must(seen.text.contains("get_time returned: 22 degrees"), "the second result", seen)
            }
            Self::JsonSchema => {
                answered(Finish::Stop)?;
                let json: Value = serde_json::from_str(&seen.text).map_err(|e| format!("{e}: {}", seen.text))?;
                must(json["city"].is_string(), "JSON of the schema", seen)
            }
            Self::Image => {
                answered(Finish::Stop)?;
                must(seen.text.contains("I see 1 image."), "the image counted", seen)
            }
            Self::Reasoning => {
                answered(Finish::Stop)?;
                must(seen.reasoning_tokens > 0 || !dialect.counts_reasoning, "reasoning tokens", seen)?;
                must(!seen.reasoning.is_empty() || !dialect.shows_reasoning, "reasoning", seen)
            }
            Self::CachedPrompt => {
                answered(Finish::Stop)?;
                must(seen.cached_tokens > 0, "cached tokens", seen)?;
                must(seen.cached_tokens <= seen.prompt_tokens, "no more cached than there is", seen)
            }
            Self::Refusal => {
                must(seen.error.is_none(), "no error", seen)?;
                must(seen.finish == Finish::Filter || !seen.text.is_empty(), "a refusal", seen)
            }
            Self::Length => answered(Finish::Length),
            Self::ErrorBefore => {
                must(seen.status == 429, "status 429", seen)?;
                must(seen.retry_after, "retry-after", seen)?;
                must(seen.error.as_deref().is_some_and(|e| e.to_lowercase().contains("r")), "a type", seen)
            }
            Self::ErrorAfter | Self::DroppedMidway => {
                must(!seen.text.is_empty(), "the beginning of the text", seen)?;
                must(seen.error.is_some(), "an error, and no clean end", seen)
            }
        }
    }
}

fn must(holds: bool, what: &str, seen: &Seen) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("expected {what}: {seen:?}")) }
}

impl Ask {
    pub fn of(case: Case) -> Self {
        let user = |text: &str| vec![Turn::User { text: text.to_owned(), image: case == Case::Image }];
        let (said, tools): (_, &[&'static str]) = match case {
            Case::Tools | Case::ReasoningReplay => ("call get_weather", &["get_weather", "get_time"]),
            Case::ParallelTools => ("call get_weather and get_time", &["get_weather", "get_time"]),
            Case::Length => (
                "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
                &[],
            ),
            _ => ("hello matrix", &[]),
        };
        Self {
            case,
            system: (case == Case::CachedPrompt).then(|| "Know this by heart. ".repeat(100)),
            turns: user(said),
            tools: tools.to_vec(),
            schema: (case == Case::JsonSchema).then(tool_schema),
            max_tokens: match case {
                // The least that every protocol takes.
                Case::Length => Some(16),
                Case::Reasoning | Case::ReasoningReplay => Some(4_096),
                _ => None,
            },
            reasoning: matches!(case, Case::Reasoning | Case::ReasoningReplay),
        }
    }

    /// What is asked after an answer: the results of its calls, or the same once more.
    pub fn next(&self, seen: &Seen) -> Option<Self> {
        let mut next = self.clone();
        match self.case {
            Case::Tools | Case::ParallelTools | Case::ReasoningReplay => {
                next.turns.push(Turn::Replay(seen.replay.clone()));
                for (at, (id, name, _)) in seen.calls.iter().enumerate() {
                    let text = format!("{} degrees", 21 + at);
                    next.turns.push(Turn::Result { id: id.clone(), name: name.clone(), text });
                }
                Some(next)
            }
            Case::CachedPrompt => Some(next),
            _ => None,
        }
    }
}
