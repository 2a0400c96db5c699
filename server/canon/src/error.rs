//! How a provider can fail, in one vocabulary.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One failure of one attempt. `message` is for the customer: it never holds a key or a URL with one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct UpstreamError {
    pub kind: ErrorKind,
    /// The provider's HTTP status, if it answered.
    pub status: Option<u16>,
    /// The provider's own code or type, unchanged.
    pub code: Option<String>,
    pub message: String,
    pub retry_after: Option<Duration>,
}

impl UpstreamError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, code: None, message: message.into(), retry_after: None }
    }
}

/// What kind of failure, as `error.metadata.error_type` names it (OPENROUTER.md §2.5) where a customer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The provider found the customer's request wrong.
    InvalidRequest,
    ContextLengthExceeded,
    MaxTokensExceeded,
    ContentPolicyViolation,
    Refusal,
    InvalidImage,
    PayloadTooLarge,
    Unprocessable,
    /// The provider does not know the model, or not any more.
    NotFound,
    /// The operator's account at the provider: key wrong, no permission, no funds.
    Authentication,
    PermissionDenied,
    PaymentRequired,
    RateLimitExceeded,
    ProviderOverloaded,
    /// No connection, a broken answer, or one that stopped midway.
    ProviderUnavailable,
    Timeout,
    /// The provider's own fault (5xx).
    Server,
    Unmapped,
}

impl ErrorKind {
    /// Whether another endpoint may do better. Not where the request itself is at fault: each would refuse it alike.
    pub const fn may_move_on(self) -> bool {
        !matches!(
            self,
            Self::InvalidRequest
                | Self::MaxTokensExceeded
                | Self::ContentPolicyViolation
                | Self::Refusal
                | Self::InvalidImage
                | Self::PayloadTooLarge
                | Self::Unprocessable
                | Self::ContextLengthExceeded
        )
    }

    /// The name in `error_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::ContextLengthExceeded => "context_length_exceeded",
            Self::MaxTokensExceeded => "max_tokens_exceeded",
            Self::ContentPolicyViolation => "content_policy_violation",
            Self::Refusal => "refusal",
            Self::InvalidImage => "invalid_image",
            Self::PayloadTooLarge => "payload_too_large",
            Self::Unprocessable => "unprocessable",
            Self::NotFound => "not_found",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::PaymentRequired => "payment_required",
            Self::RateLimitExceeded => "rate_limit_exceeded",
            Self::ProviderOverloaded => "provider_overloaded",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::Timeout => "timeout",
            Self::Server => "server",
            Self::Unmapped => "unmapped",
        }
    }
}
