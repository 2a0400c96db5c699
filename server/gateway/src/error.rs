//! How a request can fail, before a surface puts it into its own envelope.

use std::time::Duration;

use canon::{ErrorKind, TaskKind, UpstreamError};
use domain::{Attempt, Exclusion};

use crate::ports::{HoldRefused, KeyRefused, StoreError};

/// Why a client gets no answer. Messages are for the client: they say what to do and hold no secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    /// `field` is its path in the body, such as `messages[0].role`.
    #[error("{}{message}", field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default())]
    Invalid { field: Option<String>, message: String },
    #[error("The request body is larger than {limit_mib} MiB")]
    TooLarge { limit_mib: usize },
    #[error("{0}")]
    Unauthenticated(String),
    #[error("{0}")]
    NoCredits(String),
    #[error("{model} is not a model of this server{}", nearest(.similar))]
    ModelNotFound { model: String, similar: Vec<String> },
    /// The model does something else than what this route is for.
    #[error("{model} gives {}: call POST /api/v1{} for it", gives.wanted(), route(*.gives))]
    WrongEndpoint { model: String, gives: TaskKind },
    /// Every endpoint was left out of the plan.
    #[error("{message}")]
    NoEndpoints { models: Vec<String>, excluded: Vec<Exclusion>, message: String },
    /// Every endpoint that was tried failed; `error` is the last one's.
    #[error("{error}")]
    Upstream { error: UpstreamError, attempts: Vec<Attempt> },
    #[error("There is no such {0}")]
    NotFound(&'static str),
    #[error("{0}")]
    MethodNotAllowed(String),
    #[error("The server cannot book requests at the moment: try again in a few seconds")]
    Unavailable,
    #[error("Something went wrong on the server. It was logged; try again")]
    Internal,
}

impl GatewayError {
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field.into()), message: message.into() }
    }

    /// The HTTP status (OPENROUTER.md §2.5).
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } | Self::ModelNotFound { .. } | Self::WrongEndpoint { .. } => 400,
            Self::Unauthenticated(_) => 401,
            Self::NoCredits(_) => 402,
            Self::NoEndpoints { .. } | Self::NotFound(_) => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::TooLarge { .. } => 413,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Upstream { error, .. } => upstream_status(error.kind),
        }
    }

    /// The stable word that clients switch on: `error.metadata.error_type`.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Invalid { .. }
            | Self::ModelNotFound { .. }
            | Self::WrongEndpoint { .. }
            | Self::MethodNotAllowed(_) => "invalid_request",
            Self::Unauthenticated(_) => "authentication",
            Self::NoCredits(_) => "payment_required",
            Self::NoEndpoints { .. } | Self::NotFound(_) => "not_found",
            Self::TooLarge { .. } => "payload_too_large",
            Self::Internal | Self::Unavailable => "server",
            // The operator's account at a provider is no business of the customer's.
            Self::Upstream { error, .. } => match error.kind {
                ErrorKind::Authentication
                | ErrorKind::PermissionDenied
                | ErrorKind::PaymentRequired
                | ErrorKind::NotFound => ErrorKind::ProviderUnavailable.name(),
                kind => kind.name(),
            },
        }
    }

    /// What the customer reads: trouble with the operator's own account at a provider is told as just that, without its words.
    pub fn for_client(&self) -> String {
        match self {
            Self::Upstream { error: e, attempts } => {
                let name = attempts.last().map_or("The provider", |a| a.provider_name.as_str());
                match e.kind {
                    ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::PaymentRequired => format!(
                        "{name} does not accept this server's account: tell its operator, or choose another provider"
                    ),
                    _ if e.status.is_some() => format!("{name}: {e}"),
                    _ => e.message.clone(),
                }
            }
            error => error.to_string(),
        }
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Upstream { error, .. } => error.retry_after,
            Self::Unavailable => Some(Duration::from_secs(2)),
            _ => None,
        }
    }
}

fn upstream_status(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::InvalidRequest
        | ErrorKind::ContextLengthExceeded
        | ErrorKind::MaxTokensExceeded
        | ErrorKind::ContentPolicyViolation
        | ErrorKind::Refusal
        | ErrorKind::InvalidImage => 400,
        ErrorKind::PayloadTooLarge => 413,
        ErrorKind::Unprocessable => 422,
        ErrorKind::RateLimitExceeded => 429,
        ErrorKind::ProviderOverloaded => 503,
        ErrorKind::Timeout => 504,
        ErrorKind::NotFound
        | ErrorKind::Authentication
        | ErrorKind::PermissionDenied
        | ErrorKind::PaymentRequired
        | ErrorKind::ProviderUnavailable
        | ErrorKind::Server
        | ErrorKind::Unmapped => 502,
    }
}

const fn route(task: TaskKind) -> &'static str {
    match task {
        TaskKind::Chat => "/chat/completions",
        TaskKind::Embed => "/embeddings",
        TaskKind::Rerank => "/rerank",
    }
}

fn nearest(similar: &[String]) -> String {
    if similar.is_empty() {
        ": GET /api/v1/models lists them".to_owned()
    } else {
        format!(". Did you mean {}?", similar.join(" or "))
    }
}

impl From<StoreError> for GatewayError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not reach the database");
        Self::Unavailable
    }
}

impl From<KeyRefused> for GatewayError {
    fn from(refused: KeyRefused) -> Self {
        match refused {
            KeyRefused::Store(error) => error.into(),
            refused => Self::Unauthenticated(refused.to_string()),
        }
    }
}

impl From<HoldRefused> for GatewayError {
    fn from(refused: HoldRefused) -> Self {
        match refused {
            HoldRefused::Store(error) => error.into(),
            HoldRefused::NoCredits { available, needed } => Self::NoCredits(format!(
                "Not enough credits: this request needs {needed} to be set aside, the account has {available} left. Add credits, or lower max_tokens"
            )),
            HoldRefused::KeyLimit { remaining, needed } => Self::NoCredits(format!(
                "The key's limit is too low: this request needs {needed} to be set aside, the limit leaves {remaining}. Raise it on the keys page, or lower max_tokens"
            )),
        }
    }
}
