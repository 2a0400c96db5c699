//! What providers' errors mean.

mod length;

use std::time::Duration;

use http::HeaderName;

use super::*;

fn read(status: u16, body: &str) -> UpstreamError {
    of_answer(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn each_providers_words_are_understood() {
    use ErrorKind::*;
    let cases = [
        (
            400,
            r#"{"error":{"code":400,"message":"The input token count (1091639) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            ContextLengthExceeded,
            Some("INVALID_ARGUMENT"),
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            Authentication,
            Some("INVALID_ARGUMENT"),
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
            PermissionDenied,
            Some("FAILED_PRECONDITION"),
        ),
        (
            503,
            r#"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#,
            ProviderOverloaded,
            Some("UNAVAILABLE"),
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            ContextLengthExceeded,
            Some("context_length_exceeded"),
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"},"request_id":"req_1"}"#,
            ContextLengthExceeded,
            Some("invalid_request_error"),
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 70000 > 64000, which is the maximum allowed number of output tokens for claude-x"}}"#,
            MaxTokensExceeded,
            Some("invalid_request_error"),
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#,
            PaymentRequired,
            Some("invalid_request_error"),
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            ProviderOverloaded,
            Some("overloaded_error"),
        ),
        (
            413,
            r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
            PayloadTooLarge,
            Some("request_too_large"),
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            PaymentRequired,
            Some("insufficient_quota"),
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}}"#,
            RateLimitExceeded,
            Some("rate_limit_exceeded"),
        ),
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-ab***yz.","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            Authentication,
            Some("invalid_api_key"),
        ),
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
            NotFound,
            Some("model_not_found"),
        ),
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#,
            ContextLengthExceeded,
            Some("BadRequestError"),
        ),
        (
            400,
            r#"{"error":{"code":"content_filter","message":"The response was filtered"}}"#,
            ContentPolicyViolation,
            Some("content_filter"),
        ),
        (
            422,
            r#"{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error"}]}"#,
            Unprocessable,
            None,
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            Authentication,
            Some("INVALID_ARGUMENT"),
        ),
        (
            400,
            r#"{"errors":[{"message":"AiError: no such thing","code":5007}],"success":false}"#,
            InvalidRequest,
            Some("5007"),
        ),
        (400, r#"{"error":"could not process image"}"#, InvalidImage, None),
        (
            404,
            r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
            NotFound,
            None,
        ),
        (
            403,
            r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}"#,
            Authentication,
            Some("UnrecognizedClientException"),
        ),
        (500, r#"{"error":{"message":"boom","type":"server_error"}}"#, Server, Some("server_error")),
        (502, "<html>Bad Gateway</html>", ProviderUnavailable, None),
        (503, "upstream connect error", ProviderOverloaded, None),
        (524, "", Timeout, None),
        (307, "", ProviderUnavailable, None),
        (418, "", Unmapped, None),
    ];
    for (status, body, kind, code) in cases {
        let error = read(status, body);
        assert_eq!((error.kind, error.code.as_deref(), error.status), (kind, code, Some(status)), "{body}");
        assert!(!error.message.is_empty() && !error.message.contains('<'), "{body}");
    }
}

#[test]
fn awss_exceptions_are_named_in_a_header() {
    use ErrorKind::*;
    let cases = [
        (429, "ThrottlingException", "Too many requests, please wait before trying again.", RateLimitExceeded),
        (400, "ValidationException", "Input is too long for requested model.", ContextLengthExceeded),
        (
            400,
            "ValidationException",
            "The maximum tokens you requested exceeds the model limit of 8192.",
            MaxTokensExceeded,
        ),
        (400, "ValidationException", "The provided model identifier is invalid.", NotFound),
        (400, "ValidationException", "messages: text content blocks must be non-empty", InvalidRequest),
        (403, "AccessDeniedException", "You don't have access to the model.", PermissionDenied),
        (404, "ResourceNotFoundException", "Could not resolve the foundation model.", NotFound),
        (408, "ModelTimeoutException", "Model timed out.", Timeout),
        (424, "ModelErrorException", "The model failed.", Server),
        (429, "ModelNotReadyException", "The model is not ready for inference.", ProviderOverloaded),
        (503, "ServiceUnavailableException", "Try again.", ProviderOverloaded),
        (403, "InvalidSignatureException", "The request signature we calculated does not match.", Authentication),
    ];
    for (status, name, words, kind) in cases {
        let header = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/").parse().unwrap();
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-amzn-errortype"), header)]);
        let body = format!("{{\"message\":\"{words}\"}}");
        let error = of_answer(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes());
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(name)), "{name}: {words}");
    }
}

#[test]
fn a_message_is_bounded_and_tells_nothing_of_the_operators_account() {
    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5_000));
    assert_eq!(read(400, &long).message.chars().count(), MESSAGE_LIMIT + 1);
    assert!(!read(401, r#"{"error":{"message":"Incorrect API key provided: sk-ab***yz."}}"#).message.contains("sk-ab"));
}

#[test]
fn an_error_within_a_stream_takes_its_status_from_its_code() {
    let error = of_stream(br#"{"error":{"code":429,"message":"slow down"}}"#);
    assert_eq!((error.kind, error.status), (ErrorKind::RateLimitExceeded, Some(429)));
    let error = of_stream(br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#);
    assert_eq!((error.kind, error.status), (ErrorKind::ProviderOverloaded, None));
}

#[test]
fn the_wish_to_wait_is_read_in_all_its_forms() {
    let wait = |headers: &[(&'static str, &str)]| {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        of_answer(StatusCode::TOO_MANY_REQUESTS, &headers, b"").retry_after
    };
    assert_eq!(wait(&[("retry-after", "20")]), Some(Duration::from_secs(20)));
    assert_eq!(wait(&[("retry-after", "1.5")]), Some(Duration::from_millis(1_500)));
    assert_eq!(wait(&[("retry-after", "9"), ("retry-after-ms", "250")]), Some(Duration::from_millis(250)));
    let dates = [("retry-after", "Sun, 22 Nov 2026 11:54:36 GMT"), ("date", "Sun, 22 Nov 2026 11:53:36 GMT")];
    assert_eq!(wait(&dates), Some(Duration::from_secs(60)));
    assert_eq!(wait(&[("retry-after", "1e300")]), Some(Duration::from_secs(86_400)));
    assert_eq!(wait(&[("retry-after", "NaN")]), None);
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    let details = |delay: &str| {
        let info = "type.googleapis.com/google.rpc";
        format!(
            r#"{{"error":{{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED","details":[
            {{"@type":"{info}.QuotaFailure","violations":[]}},{{"@type":"{info}.RetryInfo","retryDelay":"{delay}"}}]}}}}"#
        )
    };
    let told = |delay: &str| read(429, &details(delay));
    assert_eq!(told("26.5s").retry_after, Some(Duration::from_millis(26_500)));
    assert_eq!(told("26.5s").kind, ErrorKind::RateLimitExceeded);
    assert_eq!(told("soon").retry_after, None);
    assert_eq!(wait(&[]), None);
}
