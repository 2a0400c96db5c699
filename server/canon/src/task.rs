//! The kinds of call there are: a chat, embeddings, a ranking. All travel through the same flow and answer with events.

use serde_json::{Map, Value};

use crate::{Part, Request};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one per call, and nearly always a chat")]
pub enum Task {
    Chat(Request),
    Embed(EmbedRequest),
    Rerank(RerankRequest),
}

/// The kind of a task, without its contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskKind {
    #[default]
    Chat,
    Embed,
    Rerank,
}

impl TaskKind {
    pub const ALL: [Self; 3] = [Self::Chat, Self::Embed, Self::Rerank];

    /// What is wanted, in words.
    pub const fn wanted(self) -> &'static str {
        match self {
            Self::Chat => "an answer",
            Self::Embed => "embeddings",
            Self::Rerank => "a ranking",
        }
    }
}

/// Asks for one vector for each input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbedRequest {
    pub inputs: Vec<EmbedInput>,
    /// The length of the vectors, where the model can choose.
    pub dimensions: Option<u64>,
    /// What the vectors are for: `search_document`, `search_query`, `classification`, `clustering` …
    pub input_type: Option<String>,
    /// The client's end user.
    pub user: Option<String>,
    /// Provider-specific fields for the endpoint at hand, merged into the request body last.
    pub extra: Map<String, Value>,
}

/// One thing to embed.
#[derive(Clone, Debug, PartialEq)]
pub enum EmbedInput {
    Text(String),
    /// Tokens of the model's own vocabulary.
    Tokens(Vec<u32>),
    /// Text and images that make one vector together.
    Parts(Vec<Part>),
}

/// Asks how well each document answers a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RerankRequest {
    pub query: String,
    pub documents: Vec<String>,
    /// Only the best so many.
    pub top_n: Option<u64>,
    /// The client's end user.
    pub user: Option<String>,
    /// Provider-specific fields for the endpoint at hand, merged into the request body last.
    pub extra: Map<String, Value>,
}

impl Task {
    pub const fn kind(&self) -> TaskKind {
        match self {
            Self::Chat(_) => TaskKind::Chat,
            Self::Embed(_) => TaskKind::Embed,
            Self::Rerank(_) => TaskKind::Rerank,
        }
    }

    pub const fn as_chat(&self) -> Option<&Request> {
        match self {
            Self::Chat(request) => Some(request),
            Self::Embed(_) | Self::Rerank(_) => None,
        }
    }

    /// The client's end user.
    pub const fn user(&self) -> Option<&String> {
        match self {
            Self::Chat(request) => request.user.as_ref(),
            Self::Embed(request) => request.user.as_ref(),
            Self::Rerank(request) => request.user.as_ref(),
        }
    }

    pub const fn extra_mut(&mut self) -> &mut Map<String, Value> {
        match self {
            Self::Chat(request) => &mut request.extra,
            Self::Embed(request) => &mut request.extra,
            Self::Rerank(request) => &mut request.extra,
        }
    }
}
