//! What deviates in answers: how they count, how they cache, how vectors and rankings are asked for and come.

use serde::{Deserialize, Serialize};

/// What the totals of a usage report hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsageQuirks {
    /// Where reasoning tokens are: within the completion tokens, or beside them. Hosts whose `total_tokens` shows that they are
    /// beside need not be told of.
    pub reasoning: CountedAs,
    /// Where the tokens read from and written to a cache are: within the prompt tokens, or beside them.
    pub cached: CountedAs,
}

/// Where a kind of token is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedAs {
    #[default]
    Within,
    Beside,
}

/// How prompts are cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptCaching {
    #[default]
    Unknown,
    Implicit,
    Explicit,
    Both,
}

/// How an embedding model's vectors are asked for. Whatever comes is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingEncoding {
    /// As lists of numbers, which every host knows.
    #[default]
    Float,
    /// As bytes in base64: a third of the size.
    Base64,
    /// The host refuses the parameter.
    Unsaid,
}

/// The name of the length of vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingDimensions {
    #[default]
    Dimensions,
    /// Voyage's and Cohere's name.
    OutputDimension,
}

/// In which words it can be told what vectors are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingInputType {
    /// The host knows no `input_type`: it is left out.
    #[default]
    Unsaid,
    /// As the client says it: `search_query`, `search_document` …
    AsGiven,
    /// `query` and `document` (Voyage).
    QueryDocument,
    /// `query` and `passage` (NVIDIA).
    QueryPassage,
}

/// The name of how many of the best documents a ranking shall hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerankTop {
    #[default]
    TopN,
    /// Voyage's name.
    TopK,
}
