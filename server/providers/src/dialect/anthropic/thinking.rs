//! How the model shall think: a budget in tokens, or adaptively with an effort.

use std::borrow::Cow;

use canon::{Message, ReasoningDetailKind, Request};
use serde::Serialize;

use crate::dialect::{Target, effort};
use crate::quirks::ReasoningRequest;

/// The least budget the protocol takes.
const LEAST_BUDGET: u64 = 1_024;

/// What is sent; the default asks for nothing, and the model does not think.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Thinking<'a> {
    pub mode: Option<Mode>,
    /// `output_config.effort`.
    pub effort: Option<Cow<'a, str>>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Mode {
    Enabled {
        budget_tokens: u64,
    },
    /// `display`: newer models leave the thoughts out unless asked.
    Adaptive {
        display: &'static str,
    },
}

impl Thinking<'_> {
    pub const fn is_on(&self) -> bool {
        self.mode.is_some()
    }
}

/// Plans within `max_tokens`, which holds the thoughts too: it is never raised, since the client pays for what it allowed.
pub fn plan<'a>(request: &'a Request, target: &Target<'_>, max_tokens: u64) -> Thinking<'a> {
    let is_adaptive = is_adaptive(target);
    // Verbosity is an effort without the thoughts.
    let verbosity = request.verbosity.as_deref().filter(|_| is_adaptive).map(Cow::Borrowed);
    let asked = request.reasoning.as_ref().filter(|reasoning| effort::is_on(reasoning));
    let can_think =
        target.capabilities.reasoning != Some(false) && target.quirks.reasoning_request != ReasoningRequest::None;
    let Some(reasoning) = asked.filter(|_| can_think) else {
        return Thinking { mode: None, effort: verbosity };
    };
    let takes_budget =
        !is_adaptive || (reasoning.max_tokens.is_some() && target.capabilities.temperature == Some(true));
    if takes_budget {
        let budget = reasoning.budget(max_tokens).unwrap_or_default().min(max_tokens.saturating_sub(1));
        let fits = budget >= LEAST_BUDGET && may_think_on(request);
        return Thinking { mode: fits.then_some(Mode::Enabled { budget_tokens: budget }), effort: None };
    }
    let display = if reasoning.exclude == Some(true) { "omitted" } else { "summarized" };
    let has_grade = reasoning.effort.is_some() || reasoning.max_tokens.is_some();
    let effort = if has_grade { effort::wanted(request, target) } else { None };
    Thinking { mode: Some(Mode::Adaptive { display }), effort: effort.or(verbosity) }
}

/// Whether the model chooses how long to think. Told by facts of the catalog: those whose efforts reach beyond `high` do, and
/// so do those of unknown efforts that are not known to take a temperature.
fn is_adaptive(target: &Target<'_>) -> bool {
    if target.reasoning_efforts.is_empty() {
        return target.capabilities.temperature != Some(true);
    }
    target.reasoning_efforts.iter().any(|effort| matches!(effort.as_str(), "xhigh" | "max"))
}

/// In the middle of a tool loop, a budget is refused unless the turn that called the tools is sent with its thoughts.
fn may_think_on(request: &Request) -> bool {
    let is_in_loop = matches!(request.messages.last(), Some(Message::Tool { .. }));
    let caller = request.messages.iter().rev().find_map(|message| match message {
        Message::Assistant { reasoning, .. } => Some(reasoning),
        _ => None,
    });
    !is_in_loop
        || caller.is_some_and(|reasoning| {
            reasoning.iter().any(|detail| {
                matches!(
                    detail.kind,
                    ReasoningDetailKind::Text { signature: Some(_), .. } | ReasoningDetailKind::Encrypted { .. }
                )
            })
        })
}
