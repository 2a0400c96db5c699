//! What the chat says to `POST /chat/completions` and what it hears back.

use std::borrow::Cow;

use domain::{GenerationId, NanoUsd};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One line of a conversation, as the API takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    pub role: &'static str,
    pub content: String,
}

/// The body of a streamed request.
#[derive(Clone, Debug, Serialize)]
pub struct Ask {
    pub model: String,
    pub messages: Vec<Message>,
    pub stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

/// One thing that a stream tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The generation's id and who serves it, as soon as it is known.
    From {
        generation: Option<GenerationId>,
        provider: Option<String>,
    },
    Reasoning(String),
    Text(String),
    /// The normalised finish reason.
    Finish(String),
    Usage(Tally),
    Failed(Problem),
    /// `[DONE]`: nothing is missing.
    Done,
}

/// The `usage` object of the last chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub prompt: u64,
    pub cached: u64,
    pub completion: u64,
    pub reasoning: u64,
    /// What was booked, to the billionth of a dollar; `None`: the server said no cost, or none that can be read.
    pub cost: Option<NanoUsd>,
}

/// Why there is no (whole) answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub message: String,
    /// HTTP status or the provider's code, as the server wrote it.
    pub code: Option<String>,
    /// As in `error.metadata.error_type`.
    pub error_type: Option<String>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: None, error_type: None }
    }
}

#[derive(Deserialize)]
struct Chunk<'a> {
    id: Option<String>,
    provider: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(borrow)]
    usage: Option<UsageObject<'a>>,
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    #[serde(alias = "reasoning_content")]
    reasoning: Option<String>,
}

#[derive(Deserialize)]
struct UsageObject<'a> {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// Raw, since a float would lose digits of money.
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Envelope {
    error: ErrorObject,
}

#[derive(Deserialize)]
struct ErrorObject {
    message: Option<String>,
    code: Option<serde_json::Value>,
    metadata: Option<ErrorMetadata>,
}

#[derive(Deserialize)]
struct ErrorMetadata {
    error_type: Option<String>,
}

impl From<ErrorObject> for Problem {
    fn from(e: ErrorObject) -> Self {
        let code = e.code.and_then(|code| match code {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let message = e.message.unwrap_or_else(|| "The server gave no reason.".to_owned());
        Self { message, code, error_type: e.metadata.and_then(|m| m.error_type) }
    }
}

/// Reads the data of one event. Data that is no chunk is a `Failed`: silence would look like an end.
pub fn read_event(data: &str) -> Vec<Heard> {
    if data.trim() == "[DONE]" {
        return vec![Heard::Done];
    }
    match serde_json::from_str::<Chunk>(data) {
        Ok(chunk) => heard(chunk),
        Err(_) => vec![Heard::Failed(Problem::new("The server sent something that is not part of an answer."))],
    }
}

fn heard(chunk: Chunk) -> Vec<Heard> {
    let generation = chunk.id.and_then(|id| id.parse().ok());
    let mut heard = vec![Heard::From { generation, provider: chunk.provider }];
    let some = |text: Option<String>| text.filter(|t| !t.is_empty());
    for choice in chunk.choices {
        if let Some(delta) = choice.delta {
            heard.extend(some(delta.reasoning).map(Heard::Reasoning));
            heard.extend(some(delta.content).or(some(delta.refusal)).map(Heard::Text));
        }
        heard.extend(choice.finish_reason.map(Heard::Finish));
    }
    heard.extend(chunk.usage.map(|usage| Heard::Usage(tally(&usage))));
    heard.extend(chunk.error.map(|error| Heard::Failed(error.into())));
    heard
}

fn tally(usage: &UsageObject) -> Tally {
    Tally {
        prompt: usage.prompt_tokens,
        cached: usage.prompt_tokens_details.as_ref().and_then(|d| d.cached_tokens).unwrap_or(0),
        completion: usage.completion_tokens,
        reasoning: usage.completion_tokens_details.as_ref().and_then(|d| d.reasoning_tokens).unwrap_or(0),
        cost: usage.cost.and_then(|raw| NanoUsd::from_json_number(raw.get()).ok()),
    }
}

/// Reads a refusal that came instead of a stream.
pub fn read_refusal(status: u16, body: &str) -> Problem {
    let mut problem =
        serde_json::from_str::<Envelope>(body).map_or_else(|_| Problem::new(plain_refusal(status)), |e| e.error.into());
    problem.code.get_or_insert_with(|| status.to_string());
    problem
}

fn plain_refusal(status: u16) -> Cow<'static, str> {
    match status {
        401 => "You are signed out. Sign in again, then ask once more.".into(),
        402 => "There are not enough credits for this request.".into(),
        404 => "This server has no chat route.".into(),
        _ => format!("The server answered {status} without saying why.").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_tells_who_serves_what_it_thinks_and_what_it_says() {
        let id = format!("gen-{}", "0".repeat(32));
        let data = format!(
            r#"{{"id":"{id}","provider":"Novita","choices":[{{"index":0,"delta":{{"content":"Hi","reasoning":"Hm"}},"finish_reason":"stop"}}]}}"#
        );
        let expected = [
            Heard::From { generation: id.parse().ok(), provider: Some("Novita".into()) },
            Heard::Reasoning("Hm".into()),
            Heard::Text("Hi".into()),
            Heard::Finish("stop".into()),
        ];
        assert_eq!(read_event(&data), expected);
    }

    #[test]
    fn the_cost_keeps_every_digit() {
        for (number, nanos) in [("0.123456789", 123_456_789), ("1.2e-8", 12), ("0", 0), ("3", 3_000_000_000)] {
            let data =
                format!(r#"{{"choices":[],"usage":{{"prompt_tokens":3,"completion_tokens":4,"cost":{number}}}}}"#);
            let Some(Heard::Usage(tally)) = read_event(&data).pop() else { panic!("no usage in {data}") };
            assert_eq!(tally.cost, Some(NanoUsd(nanos)), "{number}");
            assert_eq!((tally.prompt, tally.completion), (3, 4));
        }
    }

    #[test]
    fn a_cost_finer_than_a_billionth_is_unknown_rather_than_wrong() {
        let data = r#"{"choices":[],"usage":{"cost":0.00000000012}}"#;
        assert!(matches!(read_event(data).pop(), Some(Heard::Usage(Tally { cost: None, .. }))));
    }

    #[test]
    fn an_error_chunk_is_a_failure_with_its_type() {
        let data = r#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],
            "error":{"code":502,"message":"Provider disconnected","metadata":{"error_type":"provider_unavailable"}}}"#;
        let Some(Heard::Failed(problem)) = read_event(data).pop() else { panic!("no failure") };
        assert_eq!(problem.code.as_deref(), Some("502"));
        assert_eq!(problem.error_type.as_deref(), Some("provider_unavailable"));
        assert!(!read_event(data).iter().any(|h| matches!(h, Heard::Text(_))));
    }

    #[test]
    fn done_ends_and_anything_else_that_is_no_chunk_fails() {
        assert_eq!(read_event("[DONE]"), [Heard::Done]);
        assert!(matches!(read_event("<html>").as_slice(), [Heard::Failed(_)]));
    }

    #[test]
    fn a_refusal_is_read_from_its_envelope_or_told_by_its_status() {
        let problem = read_refusal(
            402,
            r#"{"error":{"code":402,"message":"Out of credits","metadata":{"error_type":"payment_required"}}}"#,
        );
        assert_eq!((problem.message.as_str(), problem.code.as_deref()), ("Out of credits", Some("402")));
        assert_eq!(read_refusal(503, "<html>").code.as_deref(), Some("503"));
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let ask = Ask { model: "a/b".into(), messages: vec![], stream: true, temperature: None, max_tokens: Some(5) };
        assert_eq!(
            serde_json::to_string(&ask).unwrap(),
            r#"{"model":"a/b","messages":[],"stream":true,"max_tokens":5}"#
        );
    }
}
