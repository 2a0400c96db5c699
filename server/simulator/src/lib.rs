//! Plays a provider of language models over HTTP, so that the demo, the tests and the benchmarks need none.
//!
//! It speaks what providers speak, byte for byte as they document it, and is as strict with requests as they are; it shares no
//! code with the gateway that calls it, since it is there to test it. It has no model: it says back what it was told, calls
//! the tools whose names it reads, fills in the schemas it is given, and repeats itself exactly.
//!
//! | path | speaks |
//! |---|---|
//! | `POST /openai/v1/chat/completions`, `GET /openai/v1/models` | OpenAI chat completions; reasoning in `reasoning_content` |
//! | `POST /openai/v1/responses` | OpenAI Responses, without memory: what it said must be sent again, encrypted reasoning included |
//! | `POST /openai/v1/embeddings` | OpenAI embeddings: nearer for texts that share words and letters |
//! | `POST /azure/openai/deployments/{deployment}/{chat/completions,embeddings}?api-version=…`, `POST /azure/openai/v1/{chat/completions,responses,embeddings}` | the same as Azure serves it: a key is always needed, and a content filter tells its verdicts |
//! | `POST /anthropic/v1/messages` | Anthropic Messages |
//! | `POST /gemini/v1beta/models/{model}:generateContent`, `:streamGenerateContent`, `:countTokens`, `:embedContent`, `:batchEmbedContents` | the Gemini API |
//! | the same under `/vertex/v1/projects/{p}/locations/{l}/publishers/google` and `/vertex/v1/publishers/google` | Vertex AI, with and without a project |
//! | `POST /bedrock/model/{id}/converse`, `…/converse-stream` | Amazon Bedrock Converse; a bearer token, or SigV4 by the key `AKIASIMULATOR00000000` and the secret `simulator-secret` |
//! | `POST /cohere/v2/chat`, `/v2/embed`, `/v2/rerank` | Cohere v2 |
//! | `GET POST DELETE /control/faults` | faults ordered from outside: `{"match": {"dialect", "model"}, "fault", "count"}` |
//! | `GET DELETE /control/log` | the last 100,000 requests (`?last=n`) with state, tokens sent, usage and times |
//!
//! # Models
//!
//! `sim-echo` says back the last user message. `sim-reasoner` thinks first. `sim-tools` is an echo by another name. `sim-slow`
//! takes three seconds to its first token and sends ten a second. `sim-flaky` is always overloaded (503) in the OpenAI dialect,
//! and well in the others. Any other id is an echo. **Every** model calls tools: the demanded one, or those whose names stand in the last
//! user message, with arguments that satisfy their schema; given the results, it quotes them. Every model makes structured
//! answers, counts images, keeps to stop sequences and token limits, and, asked to in the Anthropic, Gemini, Bedrock or Cohere dialects or by a
//! response's `reasoning`, thinks.
//!
//! # Knobs
//!
//! Behind a `?` in the model id, as in `sim-echo?ttft=200&tps=50&tokens=300&fault=drop_after:5`, or as headers, which are stronger:
//!
//! | in the id | header | means |
//! |---|---|---|
//! | `ttft` | `x-sim-first-token-ms` | milliseconds to the first token |
//! | `tps` | `x-sim-tokens-per-second` | tokens a second |
//! | `tokens` | `x-sim-output-tokens` | exact number of completion tokens, reasoning included |
//! | `thinking` | `x-sim-reasoning-tokens` | exact number of reasoning tokens, if it thinks at all |
//! | `finish` | `x-sim-finish` | `refusal`, `content_filter` (half-way through the answer) or `prompt_filter` (instead of an answer; OpenAI, Azure and Google, whose `refusal` is the same) |
//! | `cache` | `x-sim-cache-min-tokens` | smallest prompt prefix that is cached (1,024) |
//! | `usage` | `x-sim-usage` | `none`: token counts are not told |
//! | `fault` | `x-sim-fault` | a [`Fault`], by its name |
//!
//! # Tokens
//!
//! A prompt weighs one token for each 4 bytes of a message's text (rounded up), 3 for each message, 85 for each image, sound or file,
//! and one for each 4 bytes of the tools' and schemas' JSON. An answer has one token for each piece it is streamed in (a word and the space before it,
//! or a few marks), and one for each name of a tool called.
//!
//! A prompt beginning with the same whole messages as an earlier one of the same model has those reported as cached, if they
//! have 1,024 tokens or more; in the Anthropic dialect only up to the caller's `cache_control` marks. Nothing expires.

mod anthropic;
mod bedrock;
mod cache;
mod cohere;
mod config;
mod control;
mod exchange;
mod fault;
mod gemini;
mod ids;
mod knobs;
mod log;
mod media;
mod node;
mod openai;
mod playback;
mod schema;
mod script;
mod tokens;
mod vector;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use crate::config::Config;
pub use crate::fault::{Fault, UnknownFault};
pub use crate::log::{Entry, State};

/// How long answers under way may take to end once the simulator is told to stop; some never would.
const GRACE: Duration = Duration::from_millis(500);

/// All a running simulator knows.
#[derive(Debug)]
pub(crate) struct Simulator {
    config: Config,
    ids: ids::Ids,
    cache: cache::PromptCache,
    rules: control::Rules,
    log: Arc<log::Log>,
}

/// The simulator as a part of another server. Each call makes a simulator of its own.
pub fn router(config: Config) -> Router {
    let limit = DefaultBodyLimit::max(config.max_body);
    let simulator = Arc::new(Simulator {
        ids: ids::Ids::new(config.frozen_at),
        cache: cache::PromptCache::default(),
        rules: control::Rules::default(),
        log: Arc::default(),
        config,
    });
    Router::new()
        .nest("/openai", openai::routes())
        .nest("/azure", openai::azure_routes())
        .nest("/anthropic", anthropic::routes())
        .nest("/gemini", gemini::gemini_routes())
        .nest("/vertex", gemini::vertex_routes())
        .nest("/bedrock", bedrock::routes())
        .nest("/cohere", cohere::routes())
        .nest("/control", control::routes())
        .layer(limit)
        .with_state(simulator)
}

/// Serves a simulator on `listener` until `shutdown`, then lets answers under way end for half a second.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "small packets stay delayed");
        }
    });
    let (stopping, stopped) = oneshot::channel::<()>();
    let until = async move {
        shutdown.await;
        drop(stopping);
    };
    let grace = async move {
        // The sender is only ever dropped: that is the signal.
        let _ = stopped.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = axum::serve(listener, router(config)).with_graceful_shutdown(until) => served,
        () = grace => Ok(()),
    }
}
