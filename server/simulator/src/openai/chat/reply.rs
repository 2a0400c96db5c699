//! A chat completion on the wire, whole or in chunks, field for field as OpenAI's API reference shows them.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

use crate::cache::Split;
use crate::openai::filter::{Filters, PromptFilter};
use crate::openai::logprobs::{Logprobs, TokenLogprob};
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Finish, Part, Script};

const FINGERPRINT: &str = "fp_44709d6fcb";
const ERROR_EVENT: &[u8] =
    b"data: {\"error\":{\"message\":\"The server had an error while processing your request. Sorry about \
    that!\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Completion {
    pub id: String,
    pub created: u64,
    pub model: String,
    pub choices: u32,
    pub logprobs: Option<usize>,
    pub script: Script,
    /// Ids of the tool calls, in order.
    pub calls: Vec<String>,
    /// Token counts, if they are told.
    pub usage: Option<Usage>,
    /// The stream ends with a chunk of token counts.
    pub counted: bool,
    /// A content filter has judged it, as Azure's does.
    pub filtered: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Debug, Clone, Serialize)]
struct PromptDetails {
    cached_tokens: u32,
    audio_tokens: u32,
}

#[derive(Debug, Clone, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u32,
    audio_tokens: u32,
    accepted_prediction_tokens: u32,
    rejected_prediction_tokens: u32,
}

impl Usage {
    pub fn new(prompt: Split, script: &Script, choices: u32) -> Self {
        let completion_tokens = script.tokens().saturating_mul(choices);
        Self {
            prompt_tokens: prompt.total(),
            completion_tokens,
            total_tokens: prompt.total().saturating_add(completion_tokens),
            prompt_tokens_details: PromptDetails { cached_tokens: prompt.read, audio_tokens: 0 },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: script.reasoning_tokens().saturating_mul(choices),
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct Whole<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a Usage>,
    service_tier: &'static str,
    system_fingerprint: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_filter_results: Option<[PromptFilter; 1]>,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_filter_results: Option<Filters>,
}

#[derive(Debug, Clone, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    refusal: Option<&'a str>,
    annotations: [(); 0],
}

#[derive(Debug, Clone, Serialize)]
struct Call<'a> {
    /// In chunks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Debug, Clone, Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

impl Completion {
    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        let message = self.message();
        let choice = |index| Choice {
            index,
            message: message.clone(),
            logprobs: self.logprobs.and_then(|top| Some(Logprobs::of_text(message.content?, top))),
            finish_reason: finish_reason(&self.script.finish),
            content_filter_results: self.filtered.then(|| verdict(&self.script.finish)),
        };
        let whole = Whole {
            id: &self.id,
            object: "chat.completion",
            created: self.created,
            model: &self.model,
            choices: (0..self.choices).map(choice).collect(),
            usage: self.usage.as_ref(),
            service_tier: "default",
            system_fingerprint: FINGERPRINT,
            prompt_filter_results: self.filtered.then_some([PromptFilter::SAFE]),
        };
        serde_json::to_vec_pretty(&whole).unwrap_or_default()
    }

    fn message<'a>(&'a self) -> Message<'a> {
        let passages = &self.script.passages;
        let text =
            |part: Part| passages.iter().find(|passage| passage.part == part).map(|passage| passage.text.as_str());
        let calls = passages.iter().filter_map(|passage| match &passage.part {
            Part::Call(name) => Some(Function { name: Some(name), arguments: &passage.text }),
            _ => None,
        });
        let call = |(id, function): (&'a String, Function<'a>)| Call {
            index: None,
            id: Some(id),
            r#type: Some("function"),
            function,
        };
        let tool_calls: Vec<Call> = self.calls.iter().zip(calls).map(call).collect();
        let refusal = text(Part::Refusal);
        let content = text(Part::Text).or((tool_calls.is_empty() && refusal.is_none()).then_some(""));
        let reasoning_content = text(Part::Reasoning);
        Message { role: "assistant", content, reasoning_content, tool_calls, refusal, annotations: [] }
    }

    /// Whether the answer starts with something else than text.
    fn opens_without_text(&self) -> bool {
        self.script.passages.first().is_some_and(|passage| passage.part != Part::Text)
    }
}

fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

/// What the filter says of an answer that ends so.
fn verdict(finish: &Finish) -> Filters {
    if *finish == Finish::ContentFilter { Filters::STRUCK } else { Filters::SAFE }
}

#[derive(Debug, Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: &'static str,
    choices: &'a [ChunkChoice<'a>],
    /// `null` in every chunk but the last, if token counts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<&'a Usage>>,
}

/// The verdict on the prompt, before anything else.
#[derive(Debug, Serialize)]
struct PromptChunk {
    choices: [(); 0],
    created: u64,
    id: &'static str,
    model: &'static str,
    object: &'static str,
    prompt_filter_results: [PromptFilter; 1],
}

impl PromptChunk {
    const SAFE: Self =
        Self { choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: [PromptFilter::SAFE] };
}

#[derive(Debug, Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_filter_results: Option<Filters>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Delta<'a> {
    Opening { role: &'static str, content: Option<&'static str>, refusal: Option<()> },
    Content { content: &'a str },
    Reasoning { reasoning_content: &'a str },
    Refusal { refusal: &'a str },
    Calls { tool_calls: [Call<'a>; 1] },
    Nothing {},
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    PromptFilter,
    Opening,
    Content,
    Finish,
    Usage,
    Done,
    Over,
}

/// The chunks of a streamed completion. With several choices each chunk is sent once for each, in turn.
#[derive(Debug)]
pub(super) struct Chunks {
    completion: Completion,
    buffer: BytesMut,
    at: At,
    choice: u32,
    cursor: Cursor,
    /// The call being written has been announced.
    named: bool,
    /// Number of the call being written.
    call: usize,
}

impl Chunks {
    pub fn new(completion: Completion) -> Self {
        let buffer = BytesMut::with_capacity(4096);
        let at = if completion.filtered { At::PromptFilter } else { At::Opening };
        Self { completion, buffer, at, choice: 0, cursor: Cursor::default(), named: false, call: 0 }
    }

    /// Whether this was the last choice to get the present chunk; counts on.
    fn all_choices(&mut self) -> bool {
        self.choice += 1;
        if self.choice < self.completion.choices {
            return false;
        }
        self.choice = 0;
        true
    }

    fn content(&mut self) -> Option<Frame> {
        loop {
            let passage = self.completion.script.passages.get(self.cursor.passage)?;
            let naming = matches!(passage.part, Part::Call(_)) && !self.named;
            let mut next = self.cursor;
            let piece = if naming { "" } else { next.piece(&self.completion.script).unwrap_or_default() };
            if piece.is_empty() && !naming {
                self.call += usize::from(self.named);
                self.named = false;
                self.cursor.turn();
                continue;
            }
            let delta = match &passage.part {
                Part::Text => Delta::Content { content: piece },
                Part::Reasoning => Delta::Reasoning { reasoning_content: piece },
                Part::Refusal => Delta::Refusal { refusal: piece },
                Part::Call(name) => {
                    let id = self.completion.calls.get(self.call).map(String::as_str);
                    let (id, kind, name) =
                        if naming { (id, Some("function"), Some(name.as_str())) } else { (None, None, None) };
                    let function = Function { name, arguments: piece };
                    Delta::Calls { tool_calls: [Call { index: Some(self.call), id, r#type: kind, function }] }
                }
            };
            let logprobs = match (&passage.part, self.completion.logprobs) {
                (Part::Text, Some(top)) => Some(Logprobs::of_tokens(vec![TokenLogprob::new(piece, top)])),
                _ => None,
            };
            let bytes = write(&mut self.buffer, &self.completion, self.choice, delta, logprobs, None);
            if self.all_choices() {
                self.cursor = next;
                self.named |= naming;
            }
            return Some(Frame { bytes, weight: Weight::Tokens(1) });
        }
    }

    fn opening(&mut self) -> Frame {
        let content = if self.completion.opens_without_text() { None } else { Some("") };
        let delta = Delta::Opening { role: "assistant", content, refusal: None };
        let bytes = write(&mut self.buffer, &self.completion, self.choice, delta, None, None);
        if self.all_choices() {
            self.at = At::Content;
        }
        Frame { bytes, weight: Weight::Structure }
    }

    fn finish(&mut self) -> Frame {
        let reason = finish_reason(&self.completion.script.finish);
        let bytes = write(&mut self.buffer, &self.completion, self.choice, Delta::Nothing {}, None, Some(reason));
        if self.all_choices() {
            let counts = self.completion.counted && self.completion.usage.is_some();
            self.at = if counts { At::Usage } else { At::Done };
        }
        Frame { bytes, weight: Weight::Closing }
    }
}

impl Frames for Chunks {
    fn next(&mut self) -> Option<Frame> {
        match self.at {
            At::PromptFilter => {
                self.at = At::Opening;
                Some(Frame { bytes: write_event(&mut self.buffer, &PromptChunk::SAFE), weight: Weight::Structure })
            }
            At::Opening => Some(self.opening()),
            At::Content => {
                let piece = self.content();
                if piece.is_some() {
                    return piece;
                }
                self.at = At::Finish;
                Some(self.finish())
            }
            At::Finish => Some(self.finish()),
            At::Usage => {
                self.at = At::Done;
                let usage = Some(self.completion.usage.as_ref());
                let bytes = write_chunk(&mut self.buffer, &self.completion, &[], usage);
                Some(Frame { bytes, weight: Weight::Closing })
            }
            At::Done => {
                self.at = At::Over;
                Some(Frame { bytes: Bytes::from_static(b"data: [DONE]\n\n"), weight: Weight::Last })
            }
            At::Over => None,
        }
    }

    fn error(&mut self) -> Bytes {
        Bytes::from_static(ERROR_EVENT)
    }

    fn garbage(&mut self) -> Bytes {
        Bytes::from_static(b"data: {\"id\":\"chatcmpl-\",\"choices\":[{\"delta\":{\"cont\n\n")
    }
}

fn write<'a>(
    buffer: &mut BytesMut,
    completion: &'a Completion,
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: Option<&'static str>,
) -> Bytes {
    let usage = (completion.counted && completion.usage.is_some()).then_some(None);
    let verdict = match (&delta, finish_reason) {
        (Delta::Content { .. }, _) => Filters::SAFE,
        (_, Some("content_filter")) => Filters::STRUCK,
        _ => Filters::NONE,
    };
    let content_filter_results = completion.filtered.then_some(verdict);
    let choice = ChunkChoice { index, delta, logprobs, finish_reason, content_filter_results };
    write_chunk(buffer, completion, &[choice], usage)
}

fn write_chunk<'a>(
    buffer: &mut BytesMut,
    completion: &'a Completion,
    choices: &[ChunkChoice<'a>],
    usage: Option<Option<&'a Usage>>,
) -> Bytes {
    let chunk = Chunk {
        id: &completion.id,
        object: "chat.completion.chunk",
        created: completion.created,
        model: &completion.model,
        service_tier: "default",
        system_fingerprint: FINGERPRINT,
        choices,
        usage,
    };
    write_event(buffer, &chunk)
}

fn write_event(buffer: &mut BytesMut, event: &impl Serialize) -> Bytes {
    buffer.put_slice(b"data: ");
    // Writing plain fields to memory cannot fail.
    let _ = serde_json::to_writer((&mut *buffer).writer(), event);
    buffer.put_slice(b"\n\n");
    buffer.split().freeze()
}
