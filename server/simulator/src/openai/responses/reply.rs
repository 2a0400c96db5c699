//! A response on the wire, field for field as OpenAI's API reference shows it.

use serde::Serialize;

use super::settings::{Echo, Settings};
use crate::cache::Split;
use crate::ids::Id;
use crate::media;
use crate::openai::logprobs::{TokenLogprob, of_text};
use crate::script::{Finish, Part, Passage, Script};

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Answered {
    /// The response's id.
    pub name: String,
    /// What the ids of the items are made from.
    pub id: Id,
    pub created_at: u64,
    pub model: String,
    pub script: Script,
    /// Token counts, if they are told.
    pub usage: Option<Usage>,
    /// Names of the tools that take a free text.
    pub custom_tools: Vec<String>,
    pub settings: Settings,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Usage {
    input_tokens: u32,
    input_tokens_details: InputDetails,
    output_tokens: u32,
    output_tokens_details: OutputDetails,
    total_tokens: u32,
}

#[derive(Debug, Clone, Serialize)]
struct InputDetails {
    cache_write_tokens: u32,
    cached_tokens: u32,
}

#[derive(Debug, Clone, Serialize)]
struct OutputDetails {
    reasoning_tokens: u32,
}

impl Usage {
    pub fn new(prompt: Split, script: &Script) -> Self {
        Self {
            input_tokens: prompt.total(),
            input_tokens_details: InputDetails { cache_write_tokens: 0, cached_tokens: prompt.read },
            output_tokens: script.tokens(),
            output_tokens_details: OutputDetails { reasoning_tokens: script.reasoning_tokens() },
            total_tokens: prompt.total().saturating_add(script.tokens()),
        }
    }
}

/// The response, at any moment of its making.
#[derive(Debug, Serialize)]
pub(super) struct Object<'a> {
    id: &'a str,
    object: &'static str,
    created_at: u64,
    status: &'static str,
    background: bool,
    completed_at: Option<u64>,
    error: Option<Failure>,
    incomplete_details: Option<Incomplete>,
    model: &'a str,
    output: Vec<Item<'a>>,
    usage: Option<&'a Usage>,
    #[serde(flatten)]
    echo: &'a Echo,
}

#[derive(Debug, Serialize)]
pub(super) struct Failure {
    pub code: &'static str,
    pub message: &'static str,
}

#[derive(Debug, Serialize)]
struct Incomplete {
    reason: &'static str,
}

/// One item of the output.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    Reasoning {
        id: String,
        summary: Vec<Summary<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
    },
    Message {
        id: String,
        status: &'static str,
        content: Vec<Content<'a>>,
        role: &'static str,
    },
    FunctionCall {
        id: String,
        status: &'static str,
        arguments: &'a str,
        call_id: String,
        name: &'a str,
    },
    CustomToolCall {
        id: String,
        status: &'static str,
        call_id: String,
        input: &'a str,
        name: &'a str,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Summary<'a> {
    r#type: &'static str,
    text: &'a str,
}

impl<'a> Summary<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { r#type: "summary_text", text }
    }
}

/// A part of a message.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Content<'a> {
    OutputText { annotations: [(); 0], logprobs: Vec<TokenLogprob<'a>>, text: &'a str },
    Refusal { refusal: &'a str },
}

impl<'a> Content<'a> {
    pub fn new(part: &Part, text: &'a str, logprobs: Option<usize>) -> Self {
        match part {
            Part::Refusal => Self::Refusal { refusal: text },
            _ => Self::OutputText {
                annotations: [],
                logprobs: logprobs.map(|top| of_text(text, top)).unwrap_or_default(),
                text,
            },
        }
    }
}

impl Answered {
    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.completed()).unwrap_or_default()
    }

    /// The response before anything is in it.
    pub fn opening(&self) -> Object<'_> {
        Object {
            id: &self.name,
            object: "response",
            created_at: self.created_at,
            status: "in_progress",
            background: false,
            completed_at: None,
            error: None,
            incomplete_details: None,
            model: &self.model,
            output: Vec::new(),
            usage: None,
            echo: &self.settings.echo,
        }
    }

    /// The response with all of its answer.
    pub fn completed(&self) -> Object<'_> {
        let passages = self.script.passages.iter().enumerate();
        let reason = self.incomplete();
        Object {
            status: if reason.is_some() { "incomplete" } else { "completed" },
            completed_at: reason.is_none().then_some(self.created_at),
            incomplete_details: reason.map(|reason| Incomplete { reason }),
            output: passages.map(|(at, passage)| self.item(at, passage)).collect(),
            usage: self.usage.as_ref(),
            ..self.opening()
        }
    }

    /// The response that came to nothing.
    pub fn failed(&self, error: Failure) -> Object<'_> {
        Object { status: "failed", error: Some(error), ..self.opening() }
    }

    /// Why the answer ends too early, if it does.
    pub fn incomplete(&self) -> Option<&'static str> {
        match self.script.finish {
            Finish::Length => Some("max_output_tokens"),
            Finish::ContentFilter => Some("content_filter"),
            _ => None,
        }
    }

    /// The id of the item that `part` at `at` is.
    pub fn item_id(&self, at: usize, part: &Part) -> String {
        let prefix = match part {
            Part::Reasoning => "rs_",
            Part::Text | Part::Refusal => "msg_",
            Part::Call(name) if self.is_custom(name) => "ctc_",
            Part::Call(_) => "fc_",
        };
        self.id.text(prefix, 50, 100 + at)
    }

    pub fn is_custom(&self, tool: &str) -> bool {
        self.custom_tools.iter().any(|custom| custom == tool)
    }

    /// The item at `at`, before anything is in it.
    pub fn bare_item<'a>(&'a self, at: usize, passage: &'a Passage) -> Item<'a> {
        let id = self.item_id(at, &passage.part);
        let status = "in_progress";
        match &passage.part {
            Part::Reasoning => Item::Reasoning { id, summary: Vec::new(), encrypted_content: None },
            Part::Text | Part::Refusal => Item::Message { id, status, content: Vec::new(), role: "assistant" },
            Part::Call(name) => self.call(at, id, status, name, ""),
        }
    }

    /// The item at `at`, complete.
    pub fn item<'a>(&'a self, at: usize, passage: &'a Passage) -> Item<'a> {
        let id = self.item_id(at, &passage.part);
        let cut = self.incomplete().is_some() && at + 1 == self.script.passages.len();
        let status = if cut { "incomplete" } else { "completed" };
        match &passage.part {
            Part::Reasoning => Item::Reasoning {
                summary: self.settings.summarized.then(|| Summary::new(&passage.text)).into_iter().collect(),
                encrypted_content: self.settings.encrypted.then(|| media::seal(&id)),
                id,
            },
            part @ (Part::Text | Part::Refusal) => {
                let content = vec![Content::new(part, &passage.text, self.settings.logprobs)];
                Item::Message { id, status, content, role: "assistant" }
            }
            Part::Call(name) => self.call(at, id, status, name, &passage.text),
        }
    }

    fn call<'a>(&self, at: usize, id: String, status: &'static str, name: &'a str, said: &'a str) -> Item<'a> {
        let call_id = self.id.text("call_", 24, 200 + at);
        if self.is_custom(name) {
            return Item::CustomToolCall { id, status, call_id, input: said, name };
        }
        Item::FunctionCall { id, status, arguments: said, call_id, name }
    }
}

/// Whether `sealed` is the encrypted content of the reasoning item `id`; an item without an id may have any that we made.
pub(super) fn is_encrypted(sealed: &str, id: Option<&str>) -> bool {
    media::is_seal(sealed, id.unwrap_or_default())
}
