//! Passes an answer on to the client while it comes, and keeps the books of what was delivered.

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::{AudioDelta, Event, ReasoningKind, UpstreamError};
use domain::{Cost, GenerationId, ModelSlug, NanoUsd, Timestamp, Usage};
use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use crate::attempt::Opened;
use crate::error::GatewayError;

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
    pub usage: Option<Usage>,
    pub upstream_id: Option<String>,
    /// Bytes of text, reasoning and tool arguments.
    pub completion_bytes: u64,
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

    fn note(&mut self, event: &Event) {
        let text = match event {
            Event::Text(text) | Event::Refusal(text) => text,
            Event::ToolArguments { delta, .. } => delta,
            Event::Reasoning(delta) => match &delta.kind {
                ReasoningKind::Text(text) | ReasoningKind::Summary(text) => text,
                ReasoningKind::Signature(_) | ReasoningKind::Encrypted(_) => return,
            },
            Event::Start { upstream_id, .. } => {
                self.upstream_id.clone_from(upstream_id);
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
            Event::ToolCall { name, .. } => name,
            Event::Audio(AudioDelta { transcript: Some(text), .. }) => text,
            Event::Image(_) | Event::Audio(_) | Event::Embedding { .. } | Event::Score { .. } => {
                self.has_media = true;
                return;
            }
            Event::Logprobs(_) | Event::Annotation(_) => return,
        };
        self.completion_bytes += text.len() as u64;
    }
}

/// Delivers until the answer ends, breaks off, or nobody is there any more; then the provider's connection is dropped at once.
pub async fn deliver(id: &GenerationId, created_at: Timestamp, opened: Opened, out: &Sender<Reply>) -> Delivered {
    let Opened { candidate, begun, mut events, .. } = opened;
    let mut delivered = Delivered::default();
    let mut started = Started {
        id: id.clone(),
        created_at,
        model: candidate.model,
        provider_name: candidate.endpoint.provider.name.clone(),
        system_fingerprint: None,
        service_tier: None,
    };
    if let Some(Event::Start { system_fingerprint, service_tier, .. }) = begun.first() {
        started.system_fingerprint.clone_from(system_fingerprint);
        started.service_tier.clone_from(service_tier);
    }
    if out.send(Reply::Started(started)).await.is_err() {
        delivered.client_gone = true;
        return delivered;
    }
    let mut client_gone = std::pin::pin!(out.closed());
    let mut begun = begun.into_iter();
    loop {
        let event = match begun.next() {
            Some(event) => Some(Ok(event)),
            None => tokio::select! {
                biased;
                event = events.next() => event,
                () = &mut client_gone => {
                    delivered.client_gone = true;
                    return delivered;
                }
            },
        };
        match event {
            None => return delivered,
            Some(Err(error)) => {
                delivered.error = Some(error);
                return delivered;
            }
            Some(Ok(event)) => {
                delivered.note(&event);
                if (event.is_content() || matches!(event, Event::Choice(_)))
                    && out.send(Reply::Content(event)).await.is_err()
                {
                    delivered.client_gone = true;
                    return delivered;
                }
            }
        }
    }
}
