//! Turns what happened into what is booked, and books it before the client is told.
//!
//! The published rule (`/docs/billing` on the site says it in full): an answer costs what its provider counted, also where the
//! client left and the provider bills regardless. Where no count came (it broke off, or was dropped when the client left) it
//! costs the prompt and what was delivered, as we count it (`tally`). No content and no proper end: no charge.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use canon::{Part, Task, UpstreamError};
use domain::{
    Cost, Failure, Generation, GenerationId, GenerationState, MediaCounts, NanoUsd, ServedBy, Timestamp, Usage,
    cache_discount, cost,
};
use providers::catalog::Endpoint;

use crate::attempt::Trail;
use crate::call::Admitted;
use crate::deliver::Delivered;
use crate::hold::Held;
use crate::plan::{Candidate, message_parts};
use crate::ports::{Ledger, Settlement, StoreError};

/// The database may be restarting: these pauses bridge that. Past them the hold stays open, and is freed as an orphan.
const RETRY_PAUSES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];

/// All that is known when a call is over.
#[derive(Debug)]
pub struct Outcome {
    pub id: GenerationId,
    pub admitted: Admitted,
    pub held: Held,
    pub trail: Trail,
    /// `None`: nobody answered.
    pub answer: Option<Answer>,
    /// Why nobody answered, if not because the client left.
    pub error: Option<UpstreamError>,
}

/// The endpoint that answered, and what came of it.
#[derive(Debug)]
pub struct Answer {
    pub candidate: Candidate,
    pub first_token_ms: u32,
    pub delivered: Delivered,
    pub usage: Usage,
}

/// Computes the settlement of an outcome. Pure.
pub fn settlement(outcome: Outcome) -> Settlement {
    let Outcome { id, admitted, held, trail, answer, error } = outcome;
    let at = trail.stopwatch.arrived_at;
    let asked_tier = admitted.call.task.as_chat().and_then(|request| request.service_tier.as_deref());
    let bill = answer.as_ref().map(|answer| bill(answer, asked_tier, at)).unwrap_or_default();
    let failure = answer.as_ref().and_then(|a| a.delivered.error.as_ref()).or(error.as_ref());
    let generation = Generation {
        id,
        created_at: at,
        surface: admitted.call.surface.to_owned(),
        key: admitted.caller.key.clone(),
        requested_model: admitted.call.models.first().cloned().unwrap_or_default(),
        served_by: answer.as_ref().map(|a| served_by(&a.candidate)),
        streamed: admitted.call.stream,
        state: state(answer.as_ref(), failure),
        finish_reason: finish(answer.as_ref()).map(|f| f.reason.name().to_owned()),
        native_finish_reason: finish(answer.as_ref()).map(|f| f.native.clone()),
        usage: bill.usage,
        media: media(&admitted.call.task, answer.as_ref()),
        service_tier: answer.as_ref().and_then(|a| a.delivered.service_tier.clone()),
        cost: bill.cost,
        cache_discount: bill.cache_discount,
        held: held.hold.amount,
        first_token_ms: answer.as_ref().map(|a| a.first_token_ms),
        duration_ms: trail.stopwatch.elapsed_ms(),
        attempts: trail.attempts,
        excluded: held.plan.excluded,
        error: failure.map(|e| Failure {
            error_type: e.kind.name().to_owned(),
            message: e.message.clone(),
            code: e.code.clone(),
        }),
        upstream_id: answer.and_then(|a| a.delivered.upstream_id),
        app: admitted.call.origin.title.clone().or(admitted.call.origin.referer),
        user: admitted.call.task.user().cloned(),
    };
    let upstream_cost = generation.cost.total;
    Settlement { account: admitted.caller.account, generation, upstream_cost }
}

/// Books a settlement, through short outages of the database. When this returns well, it is durable.
pub async fn book(ledger: &dyn Ledger, settlement: &Settlement) -> Result<NanoUsd, StoreError> {
    let mut pauses = RETRY_PAUSES.iter();
    loop {
        match ledger.settle(settlement).await {
            Ok(settled) => return Ok(settled.charged),
            Err(error) => {
                tracing::error!(%error, generation = %settlement.generation.id, "a settlement did not reach the database");
                match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(error),
                }
            }
        }
    }
}

/// What an answer costs.
#[derive(Default)]
struct Bill {
    usage: Usage,
    cost: Cost,
    cache_discount: Option<NanoUsd>,
}

/// Prices are those of the moment of the request, of the length of its prompt, and of the tier that the provider says it gave
/// or, where it says nothing, of the one that was asked for.
fn bill(answer: &Answer, asked_tier: Option<&str>, at: Timestamp) -> Bill {
    let usage = answer.usage;
    if !is_charged(answer) {
        return Bill { usage, ..Bill::default() };
    }
    let endpoint = &answer.candidate.endpoint;
    let tier = answer.delivered.service_tier.as_deref().or(asked_tier);
    let sheet = tier.and_then(|tier| endpoint.tier_prices(tier)).map_or(Cow::Borrowed(&endpoint.prices), Cow::Owned);
    let prices = sheet.at(usage.prompt, at);
    let cost = cost(&prices, &usage).unwrap_or_default();
    Bill { usage, cache_discount: cache_discount(&prices, &cost), cost }
}

fn media(task: &Task, answer: Option<&Answer>) -> MediaCounts {
    let mut counts = MediaCounts { completion: answer.map_or(0, |a| a.delivered.images), ..MediaCounts::default() };
    for part in task.as_chat().into_iter().flat_map(|request| &request.messages).flat_map(message_parts) {
        match part {
            Part::Text { .. } => {}
            Part::Audio { .. } => counts.prompt_audio += 1,
            Part::Image { .. } | Part::File { .. } | Part::Video { .. } => counts.prompt += 1,
        }
    }
    counts
}

fn is_charged(answer: &Answer) -> bool {
    let d = &answer.delivered;
    d.has_content() || (d.finish().is_some() && d.error.is_none() && d.usage.is_some_and(|u| u.completion > 0))
}

fn finish(answer: Option<&Answer>) -> Option<&canon::fold::Finish> {
    answer.and_then(|a| a.delivered.finish())
}

fn state(answer: Option<&Answer>, failure: Option<&UpstreamError>) -> GenerationState {
    match answer {
        // However what nobody waited for went on.
        Some(answer) if answer.delivered.client_gone => GenerationState::Cancelled,
        _ if failure.is_some() => GenerationState::Failed,
        Some(_) => GenerationState::Completed,
        None => GenerationState::Cancelled,
    }
}

fn served_by(candidate: &Candidate) -> ServedBy {
    let endpoint: &Arc<Endpoint> = &candidate.endpoint;
    ServedBy {
        model: candidate.model.clone(),
        provider: endpoint.provider.slug.clone(),
        provider_name: endpoint.provider.name.clone(),
        tag: endpoint.tag.clone(),
        simulated: endpoint.provider.simulated,
    }
}
