//! Sets credits aside for a plan, and narrows the plan to what they cover.
//!
//! A client that names `max_tokens` gets credits for all of it or a 402. One that names none gets as many completion tokens as
//! the model may give or, where the credits do not reach so far, as they cover: the endpoint is then told that limit, so that
//! no answer costs more than was held.

use canon::Task;
use domain::{GenerationId, NanoUsd, Prices, Unit};
use providers::catalog::Endpoint;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::call::Admitted;
use crate::error::GatewayError;
use crate::estimate::PromptSize;
use crate::plan::{Candidate, Plan};
use crate::ports::{Hold, HoldWish, Ledger};

/// What an answer may be as long as where neither client nor catalog says.
const LONGEST_ANSWER: u64 = 131_072;
/// A shorter limit than this makes no useful answer: rather refuse.
const SHORTEST_USEFUL_ANSWER: u64 = 1_024;

/// What a prompt token can be charged as, and what a completion token can.
const PROMPT_UNITS: [Unit; 9] = [
    Unit::Prompt,
    Unit::CacheRead,
    Unit::CacheWrite,
    Unit::CacheWrite1h,
    Unit::Audio,
    Unit::AudioCacheRead,
    Unit::ImageToken,
    Unit::ImageCacheRead,
    Unit::Video,
];
pub const COMPLETION_UNITS: [Unit; 4] =
    [Unit::Completion, Unit::InternalReasoning, Unit::AudioOutput, Unit::ImageOutput];

/// A plan that is paid for.
#[derive(Clone, Debug)]
pub struct Held {
    pub plan: Plan,
    pub hold: Hold,
}

/// Holds the most that the plan can cost, as far as credits reach.
pub async fn hold(
    ledger: &dyn Ledger,
    admitted: &Admitted,
    id: &GenerationId,
    plan: Plan,
) -> Result<Held, GatewayError> {
    let ceilings: Vec<Ceiling> =
        plan.candidates.iter().map(|c| Ceiling::of(&c.endpoint, plan.prompt, &admitted.call.task)).collect();
    let mut at_least = NanoUsd(i64::MAX);
    let mut at_most = NanoUsd::ZERO;
    for ceiling in &ceilings {
        at_least = at_least.min(ceiling.cost(ceiling.fewest_tokens)?);
        at_most = at_most.max(ceiling.cost(ceiling.most_tokens)?);
    }
    let wish = HoldWish {
        generation: id.clone(),
        caller: admitted.caller.clone(),
        surface: admitted.call.surface,
        requested_model: admitted.call.models.first().cloned().unwrap_or_default(),
        at_least,
        at_most,
    };
    let hold = ledger.hold(&wish).await?;
    let mut candidates = Vec::with_capacity(plan.candidates.len());
    for (candidate, ceiling) in plan.candidates.into_iter().zip(&ceilings) {
        if ceiling.cost(ceiling.most_tokens)? <= hold.amount {
            candidates.push(candidate);
        } else if ceiling.cost(ceiling.fewest_tokens)? <= hold.amount {
            candidates.push(Candidate { token_cap: Some(ceiling.affordable_tokens(hold.amount)), ..candidate });
        }
    }
    Ok(Held { plan: Plan { candidates, ..plan }, hold })
}

/// The most that a call can cost at one endpoint, by the length of the answer.
struct Ceiling {
    /// Exact dollars of the whole prompt and the request itself.
    fixed: Decimal,
    /// Exact dollars of one completion token of each choice.
    token: Decimal,
    fewest_tokens: u64,
    most_tokens: u64,
}

impl Ceiling {
    fn of(endpoint: &Endpoint, prompt: PromptSize, task: &Task) -> Self {
        let (asked, choices, tier) = match task {
            Task::Chat(request) => (request.max_tokens, request.choices.unwrap_or(1), request.service_tier.as_deref()),
            Task::Embed(_) | Task::Rerank(_) => (Some(0), 1, None),
        };
        // A tier that is asked for may be given or not.
        let listed = endpoint.prices.ceiling();
        let of_tier = tier.and_then(|tier| endpoint.tier_prices(tier)).map(|sheet| sheet.ceiling());
        let dearest = |units: &[Unit]| {
            [Some(&listed), of_tier.as_ref()]
                .into_iter()
                .flatten()
                .map(|p| dearest_of(p, units))
                .max()
                .unwrap_or_default()
        };
        let context = endpoint.context_length.or(endpoint.model.context_length);
        let prompt_tokens = prompt.bound.min(context.unwrap_or(u64::MAX).saturating_mul(prompt.pieces.contexts.max(1)));
        let longest = endpoint.max_output.or(endpoint.model.max_output).or(context).unwrap_or(LONGEST_ANSWER);
        Self {
            fixed: dearest(&PROMPT_UNITS) * Decimal::from(prompt_tokens)
                + dearest(&[Unit::Image]) * Decimal::from(prompt.pieces.pictures)
                + dearest(&[Unit::Request]) * Decimal::from(prompt.pieces.search_units.max(1)),
            token: dearest(&COMPLETION_UNITS) * Decimal::from(choices),
            fewest_tokens: asked.unwrap_or(longest.min(SHORTEST_USEFUL_ANSWER)),
            most_tokens: asked.unwrap_or(longest),
        }
    }

    fn cost(&self, tokens: u64) -> Result<NanoUsd, GatewayError> {
        let dollars = self.token.checked_mul(Decimal::from(tokens)).and_then(|d| d.checked_add(self.fixed));
        let amount = dollars.and_then(|d| NanoUsd::ceil_from(d).ok());
        amount
            .ok_or_else(|| GatewayError::invalid("max_tokens", format!("{tokens} tokens cost more than can be booked")))
    }

    fn affordable_tokens(&self, amount: NanoUsd) -> u64 {
        let rest = (amount.dollars() - self.fixed).max(Decimal::ZERO);
        let tokens = rest.checked_div(self.token).and_then(|t| t.floor().to_u64());
        tokens.unwrap_or(self.most_tokens).clamp(self.fewest_tokens, self.most_tokens)
    }
}

fn dearest_of(prices: &Prices, units: &[Unit]) -> Decimal {
    units.iter().map(|unit| prices.charged(*unit).dollars()).max().unwrap_or_default()
}
