//! The wire protocols that providers speak: a canonical request in, bytes out; bytes in, canonical events out.
//!
//! Codecs are pure. Adding a dialect is one file here, one variant of `catalog::Dialect`, and the arms the compiler asks for.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use bytes::Bytes;
use canon::{ErrorKind, Event, Message, ReasoningDetail, Task, TaskKind, UpstreamError, sse};
use domain::Usage;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Number;

use crate::catalog::{Capabilities, Dialect, Endpoint};
use crate::quirks::{Quirks, UsageQuirks};

mod anthropic;
mod bedrock;
mod body;
mod cohere;
mod count;
mod effort;
mod event_stream;
mod failure;
mod gemini;
mod openai_chat;
mod openai_responses;
mod path;
mod schema;
mod scores;
mod shape;
mod stop;
mod vectors;

pub use self::gemini::vertex_address;
pub use self::stop::Stops;

use self::gemini::Service;
pub(crate) use self::path::segment;

/// What a codec must know of the endpoint it writes to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The provider's own name of the model.
    pub upstream_id: &'a str,
    pub quirks: &'a Quirks,
    /// The most completion tokens the model gives, for dialects that must name a limit.
    pub max_output: Option<u64>,
    pub capabilities: Capabilities,
    /// The efforts the model knows; empty is unknown.
    pub reasoning_efforts: &'a [String],
    /// OpenRouter's parameter names; what is not listed is left out. `None` is unknown: all is sent.
    pub supported_parameters: Option<&'a [String]>,
}

impl<'a> From<&'a Endpoint> for Target<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        Self {
            upstream_id: &endpoint.upstream_id,
            quirks: &endpoint.provider.quirks,
            max_output: endpoint.max_output,
            capabilities: endpoint.capabilities,
            reasoning_efforts: &endpoint.reasoning_efforts,
            supported_parameters: endpoint.supported_parameters.as_deref(),
        }
    }
}

/// A request as it goes over the wire. A chat always asks for a stream and for usage: an answer in one piece is a fold of it.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// Goes right behind the base URL; begins with a slash.
    pub path: Cow<'static, str>,
    /// Without those that prove who is calling.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// JSON.
    pub body: Bytes,
    pub reading: Reading,
}

/// What of the request its answer can only be read with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub task: TaskKind,
    /// How many choices were asked for, where it was more than one: what comes beyond is a host's slip.
    pub choices: Option<u32>,
    /// How many inputs or documents were sent: an answer about others is broken.
    pub items: usize,
    /// The client wants no reasoning shown.
    pub exclude_reasoning: bool,
    /// The arguments of the one tool we added are the answer's text (structured output by way of a forced tool).
    pub answer_tool: bool,
    /// How this model's reasoning is marked, in dialects that serve models of several makers.
    pub reasoning_format: Option<&'static str>,
    /// How the provider counts tokens.
    pub usage: UsageQuirks,
    /// Reasoning comes in the text, between tags.
    pub think_tags: bool,
}

/// Why a request cannot be said in a dialect.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("this provider's protocol is not supported yet")]
    NotSpoken(Dialect),
    #[error("this provider's protocol has no way to ask for {}", _0.wanted())]
    NoSuchTask(TaskKind),
    /// Names what cannot be said.
    #[error("this provider's protocol has no way to send {0}")]
    NoWay(&'static str),
    #[error("the request cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl From<EncodeError> for UpstreamError {
    fn from(error: EncodeError) -> Self {
        Self::new(ErrorKind::InvalidRequest, format!("{error}."))
    }
}

/// Whether a task can be said in a dialect that we speak: an endpoint where it cannot is not routable.
pub const fn is_spoken(dialect: Dialect, task: TaskKind) -> bool {
    match dialect {
        Dialect::OpenaiChat | Dialect::Cohere => true,
        Dialect::Azure | Dialect::Gemini | Dialect::Vertex => matches!(task, TaskKind::Chat | TaskKind::Embed),
        Dialect::OpenaiResponses | Dialect::Anthropic | Dialect::Bedrock => matches!(task, TaskKind::Chat),
        _ => false,
    }
}

const fn not_spoken(dialect: Dialect, task: TaskKind) -> EncodeError {
    if is_spoken(dialect, TaskKind::Chat) { EncodeError::NoSuchTask(task) } else { EncodeError::NotSpoken(dialect) }
}

/// Whether a dialect has no words for something a request says, which OpenAI's chat protocol has.
///
/// The Responses API has no samplers but temperature and `top_p`, gives one answer, and takes no limit below 16 tokens. What only
/// it can say goes first: reasoning of its own that is sent back. What the endpoint does not take is lost either way.
pub fn loses(dialect: Dialect, task: &Task, target: &Target<'_>) -> bool {
    let Some(request) = task.as_chat().filter(|_| dialect == Dialect::OpenaiResponses) else { return false };
    let sampling = &request.sampling;
    let is_own = |detail: &ReasoningDetail| detail.format.as_deref() == Some(openai_responses::REASONING_FORMAT);
    let replays =
        |message: &Message| matches!(message, Message::Assistant { reasoning, .. } if reasoning.iter().any(is_own));
    // Some clients always send the value that means nothing.
    let is_set = |penalty: &Option<Number>| penalty.as_ref().is_some_and(|p| p.as_f64() != Some(0.0));
    let lost = [
        (sampling.seed.is_some(), "seed"),
        (sampling.logit_bias.is_some(), "logit_bias"),
        (is_set(&sampling.frequency_penalty), "frequency_penalty"),
        (is_set(&sampling.presence_penalty), "presence_penalty"),
        (request.choices.is_some_and(|choices| choices > 1), "n"),
        (request.max_tokens.is_some_and(|limit| limit < 16), "max_tokens"),
    ];
    let says_more = lost.iter().any(|(said, parameter)| *said && target.supports(parameter));
    says_more && !request.messages.iter().any(replays)
}

/// Writes a request.
pub fn encode(dialect: Dialect, task: &Task, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    match (dialect, task) {
        (Dialect::OpenaiChat | Dialect::Azure, Task::Chat(request)) => openai_chat::encode(request, target),
        (Dialect::OpenaiChat | Dialect::Azure, Task::Embed(request)) => {
            openai_chat::embeddings::encode(request, target)
        }
        (Dialect::OpenaiChat, Task::Rerank(request)) => openai_chat::rerank::encode(request, target),
        (Dialect::OpenaiResponses, Task::Chat(request)) => openai_responses::encode(request, target),
        (Dialect::Anthropic, Task::Chat(request)) => anthropic::encode(request, target),
        (Dialect::Bedrock, Task::Chat(request)) => bedrock::encode(request, target),
        (Dialect::Gemini, Task::Chat(request)) => gemini::encode(Service::GeminiApi, request, target),
        (Dialect::Vertex, Task::Chat(request)) => gemini::encode(Service::Vertex, request, target),
        (Dialect::Gemini, Task::Embed(request)) => gemini::embed::encode(Service::GeminiApi, request, target),
        (Dialect::Vertex, Task::Embed(request)) => gemini::embed::encode(Service::Vertex, request, target),
        (Dialect::Cohere, Task::Chat(request)) => cohere::encode(request, target),
        (Dialect::Cohere, Task::Embed(request)) => cohere::embed::encode(request, target),
        (Dialect::Cohere, Task::Rerank(request)) => scores::encode(request, target, "/rerank".into()),
        (other, task) => Err(not_spoken(other, task.kind())),
    }
}

/// The stop sequences of a request that the endpoint is not told, since it knows none: the answer is cut here instead.
pub fn unsent_stops(dialect: Dialect, task: &Task, target: &Target<'_>) -> Option<Stops> {
    let request = task.as_chat()?;
    let is_sent = match dialect {
        Dialect::OpenaiResponses => false,
        Dialect::OpenaiChat | Dialect::Azure => {
            target.supports("stop") && !target.quirks.omit.iter().any(|omitted| omitted == "stop")
        }
        _ => true,
    };
    if is_sent { None } else { Stops::at(request.stop.clone()) }
}

/// Reads the body of an answer whose status is an error.
pub fn decode_error(dialect: Dialect, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> UpstreamError {
    // The dialects write errors so much alike that one reader understands nearly all.
    match dialect {
        Dialect::Cohere => cohere::error(status, headers, body),
        _ => failure::of_answer(status, headers, body),
    }
}

/// Reads an answer, piece by piece.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    wire: Wire,
    exclude_reasoning: bool,
    is_done: bool,
}

#[derive(Debug)]
enum Framing {
    Stream(sse::Decoder),
    Binary(event_stream::Frames),
    /// The answer is one JSON object, as that of embeddings is, or that of a host that does not stream although a stream was
    /// asked for: what came of it so far.
    OnePiece {
        so_far: Vec<u8>,
        limit: usize,
    },
}

#[derive(Debug)]
enum Wire {
    OpenaiChat(openai_chat::Decoder),
    OpenaiResponses(openai_responses::Decoder),
    Anthropic(anthropic::Decoder),
    Bedrock(bedrock::Decoder),
    Gemini(gemini::Decoder),
    Cohere(cohere::Decoder),
    Whole(WholeReader, Reading),
}

/// Reads an answer that never comes as a stream.
type WholeReader = fn(&[u8], Reading, &mut VecDeque<Event>) -> Result<(), UpstreamError>;

/// The longest answer of many vectors: 2,048 of 3,072 numbers, as JSON.
const VECTORS_LIMIT: usize = 96 * 1024 * 1024;

impl Decoder {
    /// Fails only where the dialect is not spoken.
    pub fn new(dialect: Dialect, reading: Reading) -> Result<Self, EncodeError> {
        let wire = match (dialect, reading.task) {
            (Dialect::OpenaiChat | Dialect::Azure, TaskKind::Chat) => {
                Wire::OpenaiChat(openai_chat::Decoder::new(reading))
            }
            (Dialect::OpenaiChat | Dialect::Azure, TaskKind::Embed) => {
                Wire::Whole(openai_chat::embeddings::read, reading)
            }
            (Dialect::OpenaiChat, TaskKind::Rerank) => Wire::Whole(openai_chat::rerank::read, reading),
            (Dialect::OpenaiResponses, TaskKind::Chat) => {
                Wire::OpenaiResponses(openai_responses::Decoder::new(reading))
            }
            (Dialect::Anthropic, TaskKind::Chat) => Wire::Anthropic(anthropic::Decoder::new(reading)),
            (Dialect::Bedrock, TaskKind::Chat) => Wire::Bedrock(bedrock::Decoder::new(reading)),
            (Dialect::Gemini | Dialect::Vertex, TaskKind::Chat) => Wire::Gemini(gemini::Decoder::new(reading)),
            (Dialect::Gemini | Dialect::Vertex, TaskKind::Embed) => Wire::Whole(gemini::embed::read, reading),
            (Dialect::Cohere, TaskKind::Chat) => Wire::Cohere(cohere::Decoder::default()),
            (Dialect::Cohere, TaskKind::Embed) => Wire::Whole(cohere::embed::read, reading),
            (Dialect::Cohere, TaskKind::Rerank) => Wire::Whole(cohere::rerank::read, reading),
            (other, task) => return Err(not_spoken(other, task)),
        };
        let framing = match (reading.task, dialect) {
            (TaskKind::Chat, Dialect::Bedrock) => Framing::Binary(event_stream::Frames::default()),
            (TaskKind::Chat, _) => Framing::Stream(sse::Decoder::default()),
            (TaskKind::Embed, _) => Framing::OnePiece { so_far: Vec::new(), limit: VECTORS_LIMIT },
            (TaskKind::Rerank, _) => Framing::OnePiece { so_far: Vec::new(), limit: sse::DEFAULT_LIMIT },
        };
        Ok(Self { framing, wire, exclude_reasoning: reading.exclude_reasoning, is_done: false })
    }

    /// The same for a body that is one JSON object. Its events come out at the end.
    pub fn of_one_piece(dialect: Dialect, reading: Reading) -> Result<Self, EncodeError> {
        let mut decoder = Self::new(dialect, reading)?;
        if !matches!(decoder.framing, Framing::OnePiece { .. }) {
            decoder.framing = Framing::OnePiece { so_far: Vec::new(), limit: sse::DEFAULT_LIMIT };
        }
        Ok(decoder)
    }

    /// Whether the protocol's own end has come: all events are out, and nothing that follows matters.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// What the provider has counted up to now, where it tells that before the end.
    pub fn usage_so_far(&self) -> Option<Usage> {
        match &self.wire {
            Wire::OpenaiChat(decoder) => decoder.usage_so_far(),
            Wire::Anthropic(decoder) => decoder.usage_so_far(),
            Wire::Gemini(decoder) => decoder.usage_so_far(),
            // Told in the end alone.
            _ => None,
        }
    }

    /// Takes the next piece of the body, however it is cut, and appends its events.
    ///
    /// An error is the provider's, told in the stream, or that of a stream that is not the protocol. It is final; the events
    /// appended before it were delivered.
    pub fn push(&mut self, piece: &[u8], out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        if self.is_done {
            return Ok(());
        }
        let first = out.len();
        let Self { framing, wire, is_done, .. } = self;
        let mut on_frame = |frame: sse::Frame<'_>| {
            let flow = wire.read(frame, out)?;
            *is_done = flow.is_break();
            Ok(flow)
        };
        let result = match framing {
            Framing::Stream(frames) => frames.push(piece, on_frame),
            Framing::Binary(frames) => frames.push(piece, &mut on_frame),
            Framing::OnePiece { so_far, limit } if so_far.len() + piece.len() > *limit => {
                Err(sse::FrameTooLarge { limit: *limit }.into())
            }
            Framing::OnePiece { so_far, .. } => {
                so_far.extend_from_slice(piece);
                Ok(())
            }
        };
        self.hide_reasoning(first, out);
        result
    }

    /// Says that the body is over. It is an error unless the protocol's own end came before: an end is never invented.
    pub fn end(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        if self.is_done {
            return Ok(());
        }
        let first = out.len();
        let result = self.read_end(out);
        self.hide_reasoning(first, out);
        self.is_done = result.is_ok();
        result
    }

    fn read_end(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        if let Framing::OnePiece { so_far, .. } = &self.framing
            && self.wire.read(sse::Frame { event: b"", data: so_far }, out)?.is_break()
        {
            return Ok(());
        }
        match &mut self.wire {
            Wire::OpenaiChat(decoder) => decoder.end(out),
            Wire::OpenaiResponses(decoder) => decoder.end(),
            Wire::Anthropic(decoder) => decoder.end(),
            Wire::Bedrock(decoder) => decoder.end(out),
            Wire::Gemini(decoder) => decoder.end(out),
            Wire::Cohere(_) | Wire::Whole(..) => Err(cut_off()),
        }
    }

    /// Takes reasoning out of the events from `first` on, where the client wants none.
    fn hide_reasoning(&self, first: usize, out: &mut VecDeque<Event>) {
        if self.exclude_reasoning {
            let mut at = 0;
            out.retain(|event| {
                at += 1;
                at <= first || !matches!(event, Event::Reasoning(_))
            });
        }
    }
}

impl Wire {
    /// Takes one frame; `Break` at the protocol's own end.
    fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        match self {
            Self::OpenaiChat(decoder) => decoder.read(frame, out),
            Self::OpenaiResponses(decoder) => decoder.read(frame, out),
            Self::Anthropic(decoder) => decoder.read(frame, out),
            Self::Bedrock(decoder) => decoder.read(frame, out),
            Self::Gemini(decoder) => decoder.read(frame, out),
            Self::Cohere(decoder) => decoder.read(frame, out),
            Self::Whole(read, reading) => read(frame.data, *reading, out).map(|()| ControlFlow::Break(())),
        }
    }
}

/// The head of an answer, where the wire tells no more than these.
const fn start(upstream_id: Option<String>, upstream_model: Option<String>) -> Event {
    Event::Start { upstream_id, upstream_model, system_fingerprint: None, service_tier: None }
}

/// The error of a stream that stopped before its protocol's end.
fn cut_off() -> UpstreamError {
    UpstreamError::new(ErrorKind::ProviderUnavailable, "The provider's answer broke off before its end.")
}

/// The error of a frame that is not the protocol.
fn not_the_protocol() -> UpstreamError {
    UpstreamError::new(
        ErrorKind::ProviderUnavailable,
        "The provider's answer is broken: it holds a piece that is not its protocol.",
    )
}
