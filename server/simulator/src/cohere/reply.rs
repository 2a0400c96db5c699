//! A chat answer on the wire, whole, field for field as in Cohere's SDK.

use serde::Serialize;

use crate::cache::Split;
use crate::script::{Finish, Part, Passage, Script};
use crate::tokens;

/// Tokens that Cohere's own instructions add to each prompt; they are used and not billed.
const PREAMBLE: u32 = 66;

const LOGPROB: f32 = -0.125;

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Message {
    pub id: String,
    pub script: Script,
    /// Ids of the tool calls, in order.
    pub calls: Vec<String>,
    /// The reasoning is a plan to call tools.
    pub plans: bool,
    pub logprobs: bool,
    /// What the prompt's tokens were, if token counts are told.
    pub prompt: Option<Split>,
}

#[derive(Debug, Serialize)]
struct Whole<'a> {
    id: &'a str,
    message: Said<'a>,
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Vec<Logprob<'a>>>,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Content<'a> {
    Thinking { thinking: &'a str },
    Text { text: &'a str },
}

#[derive(Debug, Serialize)]
pub(super) struct Call<'a> {
    pub id: &'a str,
    pub r#type: &'static str,
    pub function: Function<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    pub arguments: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct Usage {
    billed_units: Units,
    tokens: Units,
    cached_tokens: u32,
}

#[derive(Debug, Serialize)]
struct Units {
    input_tokens: u32,
    output_tokens: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Logprob<'a> {
    text: &'a str,
    token_ids: [u32; 1],
    logprobs: [f32; 1],
}

impl<'a> Logprob<'a> {
    /// That of a token, made up: each is as likely.
    pub fn new(text: &'a str) -> Self {
        let id = text.bytes().fold(7_u32, |id, byte| (id * 31 + u32::from(byte)) % 250_000);
        Self { text, token_ids: [id], logprobs: [LOGPROB] }
    }
}

impl Message {
    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        let passages = &self.script.passages;
        let plan = self.plans.then(|| passages.iter().find(|passage| passage.part == Part::Reasoning)).flatten();
        let texts = passages.iter().filter(|passage| matches!(passage.part, Part::Text | Part::Refusal));
        let pieces = texts.flat_map(|passage| tokens::pieces(&passage.text));
        let whole = Whole {
            id: &self.id,
            message: Said {
                role: "assistant",
                content: passages.iter().filter_map(|passage| self.content(passage)).collect(),
                tool_plan: plan.map(|passage| passage.text.as_str()),
                tool_calls: self.calls(),
            },
            finish_reason: self.finish_reason(),
            usage: self.usage(),
            logprobs: self.logprobs.then(|| pieces.map(Logprob::new).collect()),
        };
        serde_json::to_vec(&whole).unwrap_or_default()
    }

    fn content<'a>(&self, passage: &'a Passage) -> Option<Content<'a>> {
        match passage.part {
            Part::Reasoning if self.plans => None,
            Part::Reasoning => Some(Content::Thinking { thinking: &passage.text }),
            Part::Text | Part::Refusal => Some(Content::Text { text: &passage.text }),
            Part::Call(_) => None,
        }
    }

    fn calls(&self) -> Vec<Call<'_>> {
        let functions = self.script.passages.iter().filter_map(|passage| match &passage.part {
            Part::Call(name) => Some(Function { name: Some(name), arguments: &passage.text }),
            _ => None,
        });
        self.calls.iter().zip(functions).map(|(id, function)| Call { id, r#type: "function", function }).collect()
    }

    pub fn finish_reason(&self) -> &'static str {
        match self.script.finish {
            Finish::Stop | Finish::Refusal => "COMPLETE",
            Finish::StopSequence(_) => "STOP_SEQUENCE",
            Finish::Length => "MAX_TOKENS",
            Finish::ToolCalls => "TOOL_CALL",
            // Earlier versions said ERROR_TOXIC; there is no word for it in v2.
            Finish::ContentFilter => "ERROR",
        }
    }

    pub fn usage(&self) -> Option<Usage> {
        let prompt = self.prompt?;
        let output_tokens = self.script.tokens();
        let units = |input_tokens| Units { input_tokens, output_tokens };
        Some(Usage {
            billed_units: units(prompt.total()),
            tokens: units(prompt.total().saturating_add(PREAMBLE)),
            cached_tokens: prompt.read,
        })
    }
}
