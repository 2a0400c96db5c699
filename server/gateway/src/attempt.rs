//! Tries endpoints in the plan's order until one begins to answer.
//!
//! Up to the first piece of content a failure costs the client nothing but time: the next endpoint takes over. After it, never.
//! A client that leaves before it ends the try where that ends the provider's bill; elsewhere the try goes on, and is the last.

use canon::{ErrorKind, Event, FinishReason, Task, UpstreamError};
use domain::{Attempt, Failure};
use futures::StreamExt;
use providers::dialect::Target;
use providers::reach::{NotCallable, Reach, Snapshot};
use providers::transport::Limits;
use providers::upstream::{self, Events, Upstream};

use crate::call::Call;
use crate::clock::Stopwatch;
use crate::listener::Listener;
use crate::plan::{Candidate, Plan};

/// An endpoint that answers: what it sent up to its first content, and the rest to come.
#[derive(Debug)]
pub struct Opened {
    pub candidate: Candidate,
    pub begun: Vec<Event>,
    pub events: Events,
    pub first_token_ms: u32,
}

/// What all tries of a call share.
#[derive(Clone, Copy, Debug)]
pub struct Tries<'a> {
    pub upstream: &'a Upstream,
    pub limits: Limits,
    pub snapshot: &'a Snapshot,
    pub call: &'a Call,
    pub listener: Listener<'a>,
}

/// What came of the tries.
#[derive(Debug)]
pub enum Tried {
    Opened(Box<Opened>),
    /// The error is that of the last one.
    Failed(UpstreamError),
    /// The client left before an answer began, and nothing runs any more.
    Abandoned,
}

/// The tries of one call, in order; the last one may still be under way.
#[derive(Debug)]
pub struct Trail {
    pub stopwatch: Stopwatch,
    pub attempts: Vec<Attempt>,
}

impl Trail {
    pub fn new(stopwatch: Stopwatch) -> Self {
        Self { stopwatch, attempts: Vec::new() }
    }

    fn begin(&mut self, candidate: &Candidate) {
        let now = self.stopwatch.elapsed_ms();
        let provider = &candidate.endpoint.provider;
        self.attempts.push(Attempt {
            model: candidate.model.clone(),
            provider: provider.slug.clone(),
            provider_name: provider.name.clone(),
            tag: candidate.endpoint.tag.clone(),
            started_ms: now,
            first_token_ms: None,
            ended_ms: now,
            status: None,
            failure: None,
        });
    }

    /// Marks the try under way as given up, since nobody waits for it any more.
    pub fn abandon(&mut self) {
        let now = self.stopwatch.elapsed_ms();
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.ended_ms = now;
            let message = "The client hung up before the answer began".to_owned();
            attempt.failure = Some(Failure { error_type: "client_closed".to_owned(), message, code: None });
        }
    }

    /// Marks the try under way as ended: served, or failed.
    pub fn end(&mut self, failure: Option<&UpstreamError>) {
        let now = self.stopwatch.elapsed_ms();
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.ended_ms = now;
            attempt.failure = failure.map(|e| Failure {
                error_type: e.kind.name().to_owned(),
                message: e.message.clone(),
                code: e.code.clone(),
            });
            attempt.status = failure.map_or(Some(200), |e| e.status.or(attempt.status));
        }
    }
}

/// Opens the first endpoint that answers.
pub async fn first_answer(tries: Tries<'_>, plan: &Plan, trail: &mut Trail) -> Tried {
    let mut last_error = UpstreamError::new(ErrorKind::ProviderUnavailable, "No endpoint could be tried");
    let mut given_up_model = None;
    for candidate in &plan.candidates {
        if given_up_model == Some(candidate.model_rank) {
            continue;
        }
        if tries.listener.has_left() {
            return Tried::Abandoned;
        }
        trail.begin(candidate);
        match tries.try_one(candidate, trail.stopwatch).await {
            None => {
                trail.abandon();
                return Tried::Abandoned;
            }
            Some(Ok(opened)) => {
                if let Some(attempt) = trail.attempts.last_mut() {
                    attempt.first_token_ms = Some(opened.first_token_ms);
                    attempt.status = Some(200);
                }
                return Tried::Opened(Box::new(opened));
            }
            Some(Err(error)) => {
                trail.end(Some(&error));
                tracing::info!(endpoint = %candidate.endpoint.tag, kind = error.kind.name(), status = error.status, "an attempt failed");
                if !error.kind.may_move_on() {
                    given_up_model = Some(candidate.model_rank);
                }
                last_error = error;
            }
        }
    }
    // Whoever left is told nothing.
    if tries.listener.has_left() { Tried::Abandoned } else { Tried::Failed(last_error) }
}

impl Tries<'_> {
    /// `None`: the client left, and the try was dropped.
    async fn try_one(&self, candidate: &Candidate, stopwatch: Stopwatch) -> Option<Result<Opened, UpstreamError>> {
        let mut opening = std::pin::pin!(self.open(candidate, stopwatch));
        tokio::select! {
            biased;
            tried = &mut opening => Some(tried),
            () = self.listener.leaves() => {
                if candidate.stops_billing_when_dropped() {
                    return None;
                }
                self.listener.without(opening).await
            }
        }
    }

    async fn open(&self, candidate: &Candidate, stopwatch: Stopwatch) -> Result<Opened, UpstreamError> {
        let endpoint = &candidate.endpoint;
        let reach = self.snapshot.of(&endpoint.provider.slug, self.call.task.kind()).map_err(|why: NotCallable| {
            UpstreamError::new(ErrorKind::Authentication, format!("{} cannot be called: {why}", endpoint.provider.name))
        })?;
        let target = Target::from(&**endpoint);
        let Reach { dialect, base_url, credential, .. } = reach.fitting(&self.call.task, &target);
        let target = upstream::Call { base_url, dialect: *dialect, credential, target, limits: self.limits };
        let adapted = adapted(self.call, candidate);
        let mut events = self.upstream.open(target, adapted.as_ref().unwrap_or(&self.call.task)).await?;
        let mut begun = Vec::with_capacity(4);
        while let Some(event) = events.next().await {
            let event = event?;
            let answers = match &event {
                Event::Finish { reason: FinishReason::Stop | FinishReason::Error, .. } => {
                    return Err(UpstreamError::new(
                        ErrorKind::ProviderUnavailable,
                        format!("{} sent an empty answer", endpoint.provider.name),
                    ));
                }
                Event::Finish { .. } => true,
                event => event.is_content(),
            };
            begun.push(event);
            if answers {
                return Ok(Opened {
                    candidate: candidate.clone(),
                    begun,
                    events,
                    first_token_ms: stopwatch.elapsed_ms(),
                });
            }
        }
        Err(UpstreamError::new(ErrorKind::ProviderUnavailable, format!("{} sent no answer", endpoint.provider.name)))
    }
}

/// The request as this endpoint gets it, where that differs from the client's: a limit that the hold covers, no service tier
/// whose price is unknown, and the extra fields meant for this provider alone.
fn adapted(call: &Call, candidate: &Candidate) -> Option<Task> {
    let tag = &candidate.endpoint.tag;
    let extra =
        call.routing.options.iter().find(|(slug, _)| tag.matches(slug)).and_then(|(_, fields)| fields.as_object());
    let tier = call.task.as_chat().and_then(|request| request.service_tier.as_deref());
    let is_sold = |tier| matches!(tier, "auto" | "default") || candidate.endpoint.tier_prices(tier).is_some();
    let drops_tier = tier.is_some_and(|tier| !is_sold(tier));
    if candidate.token_cap.is_none() && extra.is_none() && !drops_tier {
        return None;
    }
    let mut task = call.task.clone();
    if let Task::Chat(request) = &mut task {
        request.max_tokens = candidate.token_cap.or(request.max_tokens);
        if drops_tier {
            request.service_tier = None;
        }
    }
    task.extra_mut().extend(extra.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    Some(task)
}
