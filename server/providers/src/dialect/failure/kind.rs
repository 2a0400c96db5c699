//! Which kind of failure a provider's codes, words and status mean.

use canon::ErrorKind;

/// By code, then by words, then by status.
pub fn of(codes: &[String], message: &str, status: Option<u16>) -> ErrorKind {
    let words = message.to_ascii_lowercase();
    let by_code = codes.iter().find_map(|code| of_code(&code.to_ascii_lowercase()));
    match by_code {
        // Said of every fault in a request: its words know better.
        None | Some(ErrorKind::InvalidRequest | ErrorKind::Server) => {
            let by_words = of_words(&words).filter(|kind| !(is_rate(status) && is_length(*kind)));
            by_words.or(by_code).unwrap_or_else(|| of_status(status))
        }
        Some(kind) => kind,
    }
}

/// Too many tokens in a minute, not in a prompt.
const fn is_rate(status: Option<u16>) -> bool {
    matches!(status, Some(429))
}

const fn is_length(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ContextLengthExceeded | ErrorKind::MaxTokensExceeded)
}

fn of_code(code: &str) -> Option<ErrorKind> {
    Some(match code {
        "context_length_exceeded"
        | "context_window_exceeded"
        | "exceed_context_size_error"
        | "model_max_prompt_tokens_exceeded" => ErrorKind::ContextLengthExceeded,
        "max_tokens_exceeded" => ErrorKind::MaxTokensExceeded,
        "content_filter"
        | "content_policy_violation"
        | "content_policy"
        | "moderation_blocked"
        | "data_inspection_failed"
        | "bio_policy"
        | "misalignment_policy_violation"
        | "image_content_policy_violation" => ErrorKind::ContentPolicyViolation,
        "invalid_image"
        | "invalid_image_url"
        | "invalid_image_format"
        | "image_parse_error"
        | "invalid_base64_image"
        | "invalid_image_mode"
        | "image_too_large"
        | "image_too_small"
        | "image_file_too_large"
        | "image_file_not_found"
        | "empty_image_file"
        | "unsupported_image_media_type"
        | "failed_to_download_image" => ErrorKind::InvalidImage,
        "request_too_large" | "payload_too_large" => ErrorKind::PayloadTooLarge,
        "insufficient_quota"
        | "billing_error"
        | "billing_hard_limit_reached"
        | "insufficient_balance"
        | "payment_required" => ErrorKind::PaymentRequired,
        "invalid_api_key"
        | "authentication_error"
        | "unauthorized"
        | "unauthenticated"
        | "unrecognizedclientexception"
        | "invalidsignatureexception"
        | "incompletesignatureexception"
        | "expiredtokenexception"
        | "missingauthenticationtokenexception" => ErrorKind::Authentication,
        // The last is Google's, of accounts without billing or from places it does not serve.
        "permission_error" | "permission_denied" | "forbidden" | "accessdeniedexception" | "failed_precondition" => {
            ErrorKind::PermissionDenied
        }
        "model_not_found" | "not_found_error" | "model_not_available" | "not_found" | "resourcenotfoundexception" => {
            ErrorKind::NotFound
        }
        "overloaded_error"
        | "overloaded"
        | "engine_overloaded"
        | "engine_overloaded_error"
        | "capacity_exceeded"
        | "server_overloaded"
        | "modelnotreadyexception"
        | "serviceunavailableexception" => ErrorKind::ProviderOverloaded,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "rate_limit_reached"
        | "resource_exhausted"
        | "throttlingexception"
        | "servicequotaexceededexception" => ErrorKind::RateLimitExceeded,
        "timeout_error" | "timeout" | "modeltimeoutexception" => ErrorKind::Timeout,
        "api_error"
        | "server_error"
        | "internal_server_error"
        | "internal_error"
        | "internalserverexception"
        | "modelerrorexception"
        | "modelstreamerrorexception" => ErrorKind::Server,
        "invalid_request_error"
        | "invalid_request"
        | "invalid_argument"
        | "invalid_prompt"
        | "badrequesterror"
        | "validationexception" => ErrorKind::InvalidRequest,
        _ => return None,
    })
}

/// Each row's words mean its kind; the first row that fits counts.
const WORDS: [(ErrorKind, &[&str]); 8] = [
    // Before the context's length, whose words it shares.
    (
        ErrorKind::MaxTokensExceeded,
        &[
            "maximum allowed number of output tokens",
            "max_tokens is too large",
            "max_completion_tokens is too large",
            "max_completion_tokens' is too large",
            "maximum tokens you requested exceeds",
        ],
    ),
    (
        ErrorKind::ContextLengthExceeded,
        &[
            "context length",
            "context_length",
            "context window",
            "maximum context",
            "context limit",
            "context size",
            "prompt is too long",
            "prompt too long",
            "input is too long",
            "input too long",
            "too many tokens",
            "max_seq_len",
            "maximum sequence length",
            "maximum prompt length",
            "input token count",
            "exceeds the maximum number of tokens",
            "tokens exceed",
            "token count exceeds",
            "prompt token count",
            "prompt tokens (",
            "exceeded model token limit",
            "exceed max message tokens",
            "cannot exceed the total tokens limit",
            "max tokens of",
            "maximum allowed token size",
            "`max_new_tokens` must be <=",
            "`inputs` must have less than",
            "longer than the maximum model length",
            "maximum input length",
            "exceeds the maximum length",
            "prompt exceeds max length",
            "reduce the length of the messages",
            "range of input length",
        ],
    ),
    (
        ErrorKind::PaymentRequired,
        &[
            "credit balance is too low",
            "insufficient balance",
            "insufficient credit",
            "exceeded your current quota",
            "account is in arrears",
        ],
    ),
    (
        ErrorKind::ContentPolicyViolation,
        &[
            "content policy",
            "content management policy",
            "safety system",
            "was flagged",
            "content filter",
            "inappropriate content",
            "usage policies",
        ],
    ),
    (
        ErrorKind::InvalidImage,
        &["could not process image", "invalid image", "unsupported image", "image exceeds", "failed to load image"],
    ),
    // Converse says so of models that are only served by way of a profile, or not at all.
    (ErrorKind::NotFound, &["on-demand throughput isn", "model identifier is invalid"]),
    (ErrorKind::Authentication, &["invalid api key", "incorrect api key", "api key not valid", "invalid x-api-key"]),
    (ErrorKind::ProviderOverloaded, &["overloaded", "at capacity", "no capacity", "too busy", "queue is full"]),
];

fn of_words(words: &str) -> Option<ErrorKind> {
    WORDS.iter().find(|(_, phrases)| phrases.iter().any(|phrase| words.contains(phrase))).map(|(kind, _)| *kind)
}

fn of_status(status: Option<u16>) -> ErrorKind {
    match status {
        Some(400 | 405 | 409 | 411 | 415 | 431) => ErrorKind::InvalidRequest,
        Some(401) => ErrorKind::Authentication,
        Some(402) => ErrorKind::PaymentRequired,
        Some(403) => ErrorKind::PermissionDenied,
        Some(404 | 410) => ErrorKind::NotFound,
        Some(408 | 504 | 524) => ErrorKind::Timeout,
        Some(413) => ErrorKind::PayloadTooLarge,
        Some(422) => ErrorKind::Unprocessable,
        Some(429) => ErrorKind::RateLimitExceeded,
        Some(498 | 503 | 529) => ErrorKind::ProviderOverloaded,
        // A redirect is not followed: whoever answers there is not the provider's API.
        Some(300..=399 | 502 | 520..=523 | 525..=527 | 530) => ErrorKind::ProviderUnavailable,
        Some(500..=599) | None => ErrorKind::Server,
        Some(_) => ErrorKind::Unmapped,
    }
}
