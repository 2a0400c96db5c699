//! Passes an answer on to the client while it comes, and keeps the books of what was delivered.
//!
//! A client that leaves ends the answer where that ends the provider's bill. Elsewhere the rest is read to its end for nobody,
//! since only then the exact bill is known (`Quirks::cancels_on_disconnect`).

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::{Event, ReasoningKind, UpstreamError};
use domain::{Cost, GenerationId, ModelSlug, NanoUsd, Timestamp, Usage};
use futures::StreamExt;
use providers::upstream::Events;

use crate::attempt::Opened;
use crate::error::GatewayError;
use crate::estimate::{Transcript, Voice, condense};
use crate::listener::Listener;

/// What a surface is told, in this order: `Started`, content, `Ended`; or `Failed` in the place of any.
#[derive(Debug)]
pub enum Reply {
    Started(Started),
    /// Content only: the finish and the usage come with `Ended`, when they are booked.
    Content(Event),
    Ended(Ended),
    Failed(GatewayError),
}

/// The head of an answer.
#[derive(Clone, Debug)]
pub struct Started {
    pub id: GenerationId,
    pub created_at: Timestamp,
    /// What answers, with the variant.
    pub model: ModelSlug,
    pub provider_name: String,
    pub system_fingerprint: Option<String>,
    pub service_tier: Option<String>,
}

/// The end of an answer that is booked.
#[derive(Clone, Debug)]
pub struct Ended {
    /// By the number of the choice: 0 alone, unless several were asked for. Never empty.
    pub finishes: BTreeMap<u32, Finish>,
    pub usage: Usage,
    /// What the provider will bill for it.
    pub cost: Cost,
    /// What was booked.
    pub charged: NanoUsd,
}

/// What reached the client, and how it ended.
#[derive(Debug, Default)]
pub struct Delivered {
    /// By the number of the choice.
    pub finishes: BTreeMap<u32, Finish>,
    /// As the provider counted in the end.
    pub usage: Option<Usage>,
    /// What it had counted when it broke off or was dropped.
    pub usage_so_far: Option<Usage>,
    pub upstream_id: Option<String>,
    /// As the provider says it serves.
    pub service_tier: Option<String>,
    /// Pictures.
    pub images: u32,
    /// Text, reasoning, tool calls.
    pub transcript: Transcript,
    /// Something that is not text: a picture, sound, a vector, a score.
    pub has_media: bool,
    /// The choice that events belong to.
    pub choice: u32,
    pub client_gone: bool,
    pub error: Option<UpstreamError>,
}

impl Ended {
    /// How the first choice ended: the only one, unless the client asked for several.
    pub fn finish(&self) -> Option<&Finish> {
        self.finishes.values().next()
    }
}

impl Delivered {
    pub fn finish(&self) -> Option<&Finish> {
        self.finishes.values().next()
    }

    /// Whether the client got something of an answer.
    pub fn has_content(&self) -> bool {
        self.has_media || !self.transcript.is_empty()
    }

    fn note(&mut self, event: &Event) {
        let (voice, text) = match event {
            Event::Text(text) | Event::Refusal(text) => (Voice::Answer, text),
            Event::ToolCall { index, name, .. } => (Voice::Call(*index), name),
            Event::ToolArguments { index, delta } => (Voice::Call(*index), delta),
            Event::Reasoning(delta) => match &delta.kind {
                ReasoningKind::Text(text) | ReasoningKind::Summary(text) => (Voice::Thought, text),
                ReasoningKind::Signature(_) | ReasoningKind::Encrypted(_) => return,
            },
            Event::Audio(piece) => {
                self.has_media = true;
                match &piece.transcript {
                    Some(text) => (Voice::Answer, text),
                    None => return,
                }
            }
            Event::Image(_) => {
                self.has_media = true;
                self.images += 1;
                return;
            }
            Event::Embedding { .. } | Event::Score { .. } => {
                self.has_media = true;
                return;
            }
            Event::Start { upstream_id, service_tier, .. } => {
                self.upstream_id.clone_from(upstream_id);
                self.service_tier.clone_from(service_tier);
                return;
            }
            Event::Choice(number) => {
                self.choice = *number;
                return;
            }
            Event::Finish { reason, native, stop_sequence } => {
                let (native, stop_sequence) = (native.clone(), stop_sequence.clone());
                self.finishes.insert(self.choice, Finish { reason: *reason, native, stop_sequence });
                return;
            }
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                return;
            }
            Event::Logprobs(_) | Event::Annotation(_) => return,
        };
        self.transcript.push(self.choice, voice, text);
    }
}

/// What is left to come of an answer.
struct Rest {
    begun: std::vec::IntoIter<Event>,
    events: Events,
}

impl Rest {
    async fn next(&mut self) -> Option<Result<Event, UpstreamError>> {
        match self.begun.next() {
            Some(event) => Some(Ok(event)),
            None => self.events.next().await,
        }
    }
}

/// Delivers until the answer ends, breaks off, or nobody is there any more.
pub async fn deliver(id: &GenerationId, created_at: Timestamp, opened: Opened, listener: Listener<'_>) -> Delivered {
    let Opened { candidate, begun, events, .. } = opened;
    let mut started = Started {
        id: id.clone(),
        created_at,
        model: candidate.model.clone(),
        provider_name: candidate.endpoint.provider.name.clone(),
        system_fingerprint: None,
        service_tier: None,
    };
    if let Some(Event::Start { system_fingerprint, service_tier, .. }) = begun.first() {
        started.system_fingerprint.clone_from(system_fingerprint);
        started.service_tier.clone_from(service_tier);
    }
    let mut delivered = Delivered::default();
    let mut rest = Rest { begun: begun.into_iter(), events };
    delivered.client_gone = !listener.tell(Reply::Started(started)).await;
    if !delivered.client_gone {
        pass_on(&mut rest, &mut delivered, listener).await;
    }
    if delivered.client_gone && !candidate.stops_billing_when_dropped() {
        // Cut short by the end of the server, what was delivered is what is paid.
        let _ = listener.without(drain(&mut rest, &mut delivered)).await;
    }
    delivered.usage_so_far = rest.events.usage_so_far();
    delivered
}

/// Passes on what comes. Returns at the end, at an error, or when the client has gone.
async fn pass_on(rest: &mut Rest, delivered: &mut Delivered, listener: Listener<'_>) {
    let mut leaves = std::pin::pin!(listener.leaves());
    loop {
        let event = tokio::select! {
            biased;
            event = rest.next() => event,
            () = &mut leaves => {
                delivered.client_gone = true;
                return;
            }
        };
        let event = match event {
            None => return,
            Some(Err(error)) => {
                delivered.error = Some(error);
                return;
            }
            Some(Ok(event)) => event,
        };
        delivered.note(&event);
        if delivered.transcript.is_full() {
            condense(&mut delivered.transcript).await;
        }
        let is_for_clients = event.is_content() || matches!(event, Event::Choice(_));
        if is_for_clients && !listener.tell(Reply::Content(event)).await {
            delivered.client_gone = true;
            return;
        }
    }
}

/// Reads the rest for its end and its usage alone: what it says reaches nobody.
async fn drain(rest: &mut Rest, delivered: &mut Delivered) {
    while let Some(event) = rest.next().await {
        match event {
            Err(error) => {
                delivered.error = Some(error);
                return;
            }
            Ok(event) if event.is_content() => {}
            Ok(event) => delivered.note(&event),
        }
    }
}
