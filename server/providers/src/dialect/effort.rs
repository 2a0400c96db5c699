//! How hard a model shall think, in words that the model knows.

use std::borrow::Cow;

use canon::{Reasoning, Request};

use super::Target;

/// All efforts, from least to most.
const SCALE: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// What a model whose efforts are unknown is trusted to know.
const CLASSIC: [&str; 4] = ["none", "low", "medium", "high"];

/// The effort a client asks for, moved to the nearest one that the model knows, rather below than above.
///
/// `None`: nothing was asked that an effort could say. A word outside the scale passes unchanged.
pub fn wanted<'a>(request: &'a Request, target: &Target<'_>) -> Option<Cow<'a, str>> {
    let reasoning = request.reasoning.as_ref()?;
    let limit = request.max_tokens.or(target.max_output);
    let word = match (reasoning.effort.as_deref(), reasoning.max_tokens) {
        _ if reasoning.is_off() => "none",
        (Some(effort), _) => effort,
        (None, Some(budget)) => of_budget(budget, limit),
        (None, None) if reasoning.enabled == Some(true) => "medium",
        (None, None) => return None,
    };
    let Some(rank) = rank(word) else { return Some(Cow::Borrowed(word)) };
    let known: Vec<usize> = if target.reasoning_efforts.is_empty() {
        CLASSIC.iter().filter_map(|word| self::rank(word)).collect()
    } else {
        target.reasoning_efforts.iter().filter_map(|word| self::rank(word)).collect()
    };
    // Thinking less than asked is better than not answering; thinking where none was asked is only done by models that must.
    let at_most = known.iter().filter(|known| **known <= rank && (rank == 0 || **known > 0)).max();
    let nearest =
        at_most.or_else(|| known.iter().filter(|known| rank == 0 || **known > 0).min()).copied().unwrap_or(rank);
    SCALE.get(nearest).map(|word| Cow::Borrowed(*word))
}

/// The effort whose share of the limit a budget is (OPENROUTER.md §2.2).
fn of_budget(budget: u64, limit: Option<u64>) -> &'static str {
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return "medium" };
    match budget.saturating_mul(100) / limit {
        95.. => "xhigh",
        80.. => "high",
        50.. => "medium",
        20.. => "low",
        _ => "minimal",
    }
}

fn rank(word: &str) -> Option<usize> {
    SCALE.iter().position(|known| *known == word)
}

/// Whether the client asked for reasoning, in whatever form.
pub fn is_on(reasoning: &Reasoning) -> bool {
    !reasoning.is_off()
        && (reasoning.enabled == Some(true) || reasoning.effort.is_some() || reasoning.max_tokens.is_some())
}
