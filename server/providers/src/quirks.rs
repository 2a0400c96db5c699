//! Where a provider deviates from its dialect: typed, documented, and read from the provider's file.

mod answer;
mod request;

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use answer::{
    CountedAs, EmbeddingDimensions, EmbeddingEncoding, EmbeddingInputType, PromptCaching, RerankTop, UsageQuirks,
};
pub use request::{
    AuthorNames, FunctionChoice, JsonSchemaForm, MaxTokensField, NotAPath, ReasoningField, ReasoningRequest,
    RequiredChoice, RoutePath, SystemMessages, ToolCallIds,
};

/// Every field has the dialect's plain behaviour as its default; an unknown field in a file is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Where routes are behind the base URL, if not at `/{route}`.
    pub path: Option<RoutePath>,
    /// The name of the limit on completion tokens.
    pub max_tokens: MaxTokensField,
    /// The field of messages and deltas that carries reasoning text, in both directions.
    pub reasoning_field: ReasoningField,
    /// How reasoning is asked for.
    pub reasoning_request: ReasoningRequest,
    /// Whether summaries of reasoning may be asked for (Responses): OpenAI refuses accounts that it has not verified.
    pub reasoning_summaries: bool,
    /// Whether reasoning comes in the text, between `<think>` and `</think>`.
    pub think_tags: bool,
    /// Where system messages may stand.
    pub system_messages: SystemMessages,
    /// Whether turns of user and assistant must alternate: neighbours of one role are joined.
    pub roles_alternate: bool,
    /// What becomes of the names of messages' authors.
    pub author_names: AuthorNames,
    /// Whether a `developer` message is understood; otherwise it is sent as `system`.
    pub developer_role: bool,
    /// Whether `strict` on function tools is understood; otherwise it is left out.
    pub strict_tools: bool,
    /// How the call of some tool is demanded.
    pub tool_choice_required: RequiredChoice,
    /// How the call of one tool is demanded.
    pub tool_choice_function: FunctionChoice,
    /// What ids of tool calls must look like.
    pub tool_call_ids: ToolCallIds,
    /// How the JSON schema of the answer is told.
    pub json_schema: JsonSchemaForm,
    /// The highest `n` accepted; a higher one is cut, and 1 is not sent.
    pub most_choices: Option<u32>,
    /// Whether `stream_options.include_usage` is understood.
    pub stream_usage: bool,
    /// Whether message content must be one string; otherwise parts may be sent.
    pub content_must_be_string: bool,
    /// Whether an assistant's message of tool calls alone needs an empty text in the place of `null`.
    pub empty_text_beside_calls: bool,
    /// Whether images may be named by URL; otherwise only their data may be sent.
    pub image_urls: bool,
    /// Whether files may be named by URL; otherwise only their data may be sent.
    pub file_urls: bool,
    /// Whether `metadata` is taken. OpenAI takes it only together with `store`.
    pub metadata: bool,
    /// Whether reasoning of earlier turns must be sent back with tool results.
    pub reasoning_replay: bool,
    /// Request parameters (dialect's own names) the provider refuses: they are left out.
    pub omit: Vec<String>,
    /// Request parameters (dialect's own names) that the provider calls otherwise: `seed = "random_seed"`.
    pub rename: BTreeMap<String, String>,
    /// Fields that go with every chat, unless the request has one of that name.
    pub add: Map<String, Value>,
    /// The same, for models that are known to reason.
    pub add_where_reasoning: Map<String, Value>,
    /// The highest temperature accepted, as a decimal; a higher one is cut.
    #[serde(deserialize_with = "decimal")]
    pub temperature_max: Option<String>,
    /// How tokens are counted.
    pub usage: UsageQuirks,
    /// Whether dropping the connection of a stream stops the bill. Unknown: no.
    pub cancels_on_disconnect: Option<bool>,
    /// How prompts are cached.
    pub prompt_caching: PromptCaching,
    /// Whether a header keeps a session on one machine, so that its prompt cache is found again.
    pub session_affinity_headers: bool,
    /// How an embedding model's vectors are asked for.
    pub embedding_encoding: EmbeddingEncoding,
    /// The name of the length of vectors.
    pub embedding_dimensions: EmbeddingDimensions,
    /// In which words it can be told what vectors are for.
    pub embedding_input_type: EmbeddingInputType,
    /// The name of how many of the best documents a ranking shall hold.
    pub rerank_top: RerankTop,
    /// Facts that no field says yet.
    pub notes: Vec<String>,
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match rust_decimal::Decimal::from_str_exact(&text) {
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(D::Error::custom(format_args!("`{text}` is not a decimal number such as \"1.99\""))),
    }
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            path: None,
            max_tokens: MaxTokensField::default(),
            reasoning_field: ReasoningField::default(),
            reasoning_request: ReasoningRequest::default(),
            reasoning_summaries: true,
            think_tags: false,
            system_messages: SystemMessages::default(),
            roles_alternate: false,
            author_names: AuthorNames::default(),
            developer_role: false,
            strict_tools: true,
            tool_choice_required: RequiredChoice::default(),
            tool_choice_function: FunctionChoice::default(),
            tool_call_ids: ToolCallIds::default(),
            json_schema: JsonSchemaForm::default(),
            most_choices: None,
            stream_usage: true,
            content_must_be_string: false,
            empty_text_beside_calls: false,
            image_urls: true,
            file_urls: true,
            metadata: false,
            reasoning_replay: false,
            omit: Vec::new(),
            rename: BTreeMap::new(),
            add: Map::new(),
            add_where_reasoning: Map::new(),
            temperature_max: None,
            usage: UsageQuirks::default(),
            cancels_on_disconnect: None,
            prompt_caching: PromptCaching::default(),
            session_affinity_headers: false,
            embedding_encoding: EmbeddingEncoding::default(),
            embedding_dimensions: EmbeddingDimensions::default(),
            embedding_input_type: EmbeddingInputType::default(),
            rerank_top: RerankTop::default(),
            notes: Vec::new(),
        }
    }
}
