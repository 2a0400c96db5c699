//! The receipt of a request: what was tried, how it ended, what each unit cost.

use serde::{Deserialize, Serialize};

use crate::{Cost, EndpointTag, GenerationId, KeyId, ModelSlug, NanoUsd, ProviderSlug, Timestamp, Usage};

/// One billed call and all that is known of it. Written once, when it is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    pub id: GenerationId,
    pub created_at: Timestamp,
    /// The API it came through: `chat.completions`; the site's own chat is `chat.completions` with no key.
    pub surface: String,
    /// `None`: made on the site, signed in.
    pub key: Option<KeyId>,
    /// As the client wrote it.
    pub requested_model: String,
    /// What answered; `None` if nothing did.
    pub served_by: Option<ServedBy>,
    pub streamed: bool,
    pub state: GenerationState,
    /// Normalised, and as the provider said it.
    pub finish_reason: Option<String>,
    pub native_finish_reason: Option<String>,
    pub usage: Usage,
    /// What else than text went in and came out.
    #[serde(default)]
    pub media: MediaCounts,
    /// The tier of service that the provider says it gave; prices are that tier's.
    #[serde(default)]
    pub service_tier: Option<String>,
    /// Lines are exact; `total` is what was booked.
    pub cost: Cost,
    /// What prompt caching took off the cost. Negative: what it added, where more was written than read.
    #[serde(default)]
    pub cache_discount: Option<NanoUsd>,
    /// What was set aside before the call.
    pub held: NanoUsd,
    /// From the arrival of the request to the first content of the answer.
    pub first_token_ms: Option<u32>,
    /// From the arrival of the request to its end.
    pub duration_ms: u32,
    pub attempts: Vec<Attempt>,
    /// Endpoints that were not considered, and why.
    pub excluded: Vec<Exclusion>,
    pub error: Option<Failure>,
    /// The provider's own id of the answer.
    pub upstream_id: Option<String>,
    /// `HTTP-Referer` and title the client gave.
    pub app: Option<String>,
    /// The client's end user.
    pub user: Option<String>,
}

/// How many media a call had beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaCounts {
    /// Pictures, videos and files in the prompt.
    pub prompt: u32,
    /// Sounds in the prompt.
    pub prompt_audio: u32,
    /// Pictures in the answer.
    pub completion: u32,
}

/// The endpoint that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedBy {
    /// With the variant, if any.
    pub model: ModelSlug,
    pub provider: ProviderSlug,
    pub provider_name: String,
    pub tag: EndpointTag,
    /// By the simulator: no model thought.
    pub simulated: bool,
}

/// How a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerationState {
    /// Answered to its end.
    Completed,
    /// The client went away before the end.
    Cancelled,
    /// Nothing answered, or the answer broke off.
    Failed,
}

impl GenerationState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// One try at one endpoint; times are milliseconds since the request arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub model: ModelSlug,
    pub provider: ProviderSlug,
    pub provider_name: String,
    pub tag: EndpointTag,
    pub started_ms: u32,
    pub first_token_ms: Option<u32>,
    pub ended_ms: u32,
    /// The provider's HTTP status; 200 once it streamed.
    pub status: Option<u16>,
    /// `None`: it served.
    pub failure: Option<Failure>,
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// As in `error.metadata.error_type`.
    pub error_type: String,
    pub message: String,
    /// The provider's own code, unchanged.
    pub code: Option<String>,
}

/// An endpoint that was left out of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    pub tag: EndpointTag,
    /// As in `error.availability.excluded_by`, such as `allowed_providers`, `context_length`, `provider_key`.
    pub reason: String,
}
