//! Whether and how much to think: Converse says it in fields of the model's own, which the model's own validator reads.

use serde_json::Value;

use super::error::by_model;
use crate::anthropic;
use crate::node::{Node, Problem};

/// Model fields that are let through: those of Claude, of Nova and of the open-weight models on Bedrock.
const FIELDS: [&str; 12] = [
    "anthropic_beta",
    "frequency_penalty",
    "inferenceConfig",
    "output_config",
    "presence_penalty",
    "reasoningConfig",
    "reasoning_config",
    "reasoning_effort",
    "seed",
    "thinking",
    "tool_choice",
    "top_k",
];

const EFFORTS: &[&str] = &["low", "medium", "high"];

/// The word in the user's text that makes the model think in secret, as Anthropic documents for tests.
const REDACT: &str = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING";

/// How reasoning is shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thoughts {
    #[default]
    Shown,
    /// Sealed, without its text.
    Hidden,
    /// Encrypted.
    Redacted,
}

/// What the model's own fields ask for.
#[derive(Debug, Default)]
pub(super) struct ModelFields {
    /// Tokens to think.
    pub thought: u32,
    pub hidden: bool,
    /// At most one tool is to be called.
    pub one_call: bool,
    pub has_top_k: bool,
}

impl ModelFields {
    /// Reads `additionalModelRequestFields`, and `effort` of `outputConfig`, for an answer of at most `limit` tokens.
    pub fn read(root: &Node, limit: Option<u32>) -> Result<Self, Problem> {
        let effort = effort(root)?;
        let Some(fields) = root.get("additionalModelRequestFields") else { return Ok(Self::default()) };
        fields.object()?;
        let extra = Node::root(fields.value());
        extra.only(&FIELDS)?;
        // The model's validator sees its own request, not Converse's.
        Self::of_model(&extra, limit.unwrap_or(u32::MAX), effort)
            .map_err(|problem| by_model(anthropic::sentence(problem)))
    }

    fn of_model(fields: &Node, limit: u32, effort: Option<&str>) -> Result<Self, Problem> {
        fields.maybe("top_k", |field| field.integer(0..=500))?;
        fields.maybe("seed", |field| field.integer(i64::MIN..=i64::MAX))?;
        for penalty in ["frequency_penalty", "presence_penalty"] {
            fields.maybe(penalty, |field| field.number(-2.0..=2.0))?;
        }
        fields.maybe("inferenceConfig", |config| {
            config.only(&["topK"])?;
            config.maybe("topK", |field| field.integer(1..=128))
        })?;
        let one_call = fields.maybe("tool_choice", |choice| {
            choice.only(&["type", "name", "disable_parallel_tool_use"])?;
            choice.need("type")?.word(&["auto", "any", "tool"])?;
            choice.maybe("disable_parallel_tool_use", |field| field.flag())
        })?;
        let mut read = Self { one_call: one_call.flatten() == Some(true), ..Self::default() };
        read.has_top_k = fields.get("top_k").is_some();
        let claude = anthropic::thinking(fields, limit)?;
        let is_adaptive = fields.value().pointer("/thinking/type").and_then(Value::as_str) == Some("adaptive");
        read.thought = if is_adaptive && effort.is_some() { anthropic::tokens_at(effort) } else { claude.tokens };
        read.hidden = claude.hidden;
        let older = fields.maybe("reasoning_config", |config| {
            config.only(&["type", "budget_tokens"])?;
            let enabled = config.need("type")?.word(&["enabled", "disabled"])? == "enabled";
            let budget = config.maybe("budget_tokens", |field| field.amount(1024))?;
            Ok(if enabled { 20 + budget.unwrap_or(1024) / 64 } else { 0 })
        })?;
        let nova = fields.maybe("reasoningConfig", |config| {
            config.only(&["type", "maxReasoningEffort"])?;
            let enabled = config.need("type")?.word(&["enabled", "disabled"])? == "enabled";
            let effort = config.maybe("maxReasoningEffort", |field| field.word(EFFORTS))?;
            Ok(if enabled { anthropic::tokens_at(effort) } else { 0 })
        })?;
        let open = fields.maybe("reasoning_effort", |field| field.word(EFFORTS))?;
        let open = open.map(|effort| anthropic::tokens_at(Some(effort)));
        read.thought = read.thought.max(older.or(nova).or(open).unwrap_or_default());
        Ok(read)
    }

    /// How the reasoning that `said` brings about is shown.
    pub fn thoughts(&self, said: &str) -> Thoughts {
        match self.hidden {
            _ if said.contains(REDACT) => Thoughts::Redacted,
            true => Thoughts::Hidden,
            false => Thoughts::Shown,
        }
    }
}

fn effort<'v>(root: &Node<'_, 'v>) -> Result<Option<&'v str>, Problem> {
    let Some(config) = root.get("outputConfig") else { return Ok(None) };
    config.only(&["textFormat", "effort"])?;
    let Some(effort) = config.get("effort") else { return Ok(None) };
    let word = effort.text()?;
    if !["low", "medium", "high", "xhigh", "max"].contains(&word) {
        return Err(by_model("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"));
    }
    Ok(Some(word))
}
