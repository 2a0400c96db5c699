//! A prompt that is too long, in the words of those who say so: their documentation, servers' sources, and users' reports.

use canon::ErrorKind::{self, ContextLengthExceeded, MaxTokensExceeded, RateLimitExceeded};

use super::read;

/// Checks the error of an answer with the status 400.
fn check(who: &str, body: &str, kind: ErrorKind) {
    assert_eq!(read(400, body).kind, kind, "{who}: {body}");
}

/// Who says it, and how, in the shape `{error: {message, type, code}}` or one of their own.
const TOO_LONG: [(&str, &str); 42] = [
    (
        "OpenAI",
        r#"{"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
    ),
    (
        "OpenAI, Responses",
        r#"{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input","code":null}}"#,
    ),
    (
        "Azure",
        r#"{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.","type":"invalid_request_error","param":"messages","code":null}}"#,
    ),
    (
        "Anthropic",
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"}}"#,
    ),
    (
        "Anthropic, with its answer",
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again"}}"#,
    ),
    (
        "Gemini",
        r#"{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}"#,
    ),
    (
        "Vertex",
        r#"{"error":{"code":400,"message":"Unable to submit request because the input token count is 1200000 but model only supports up to 1048576. Reduce the input token count and try again.","status":"INVALID_ARGUMENT"}}"#,
    ),
    ("Bedrock", r#"{"message":"Input is too long for requested model."}"#),
    (
        "Bedrock, OpenAI's routes",
        r#"{"error":{"message":"prompt tokens (140000) exceed model maximum (131072)","type":"validation_error"}}"#,
    ),
    (
        "Cohere",
        r#"{"message":"too many tokens: size limit exceeded by 11326 tokens. Try using shorter or fewer inputs. The limit for this model is 128000 tokens."}"#,
    ),
    (
        "Mistral",
        r#"{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_invalid_args","param":null,"code":"3051"}"#,
    ),
    (
        "DeepSeek",
        r#"{"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 150000 tokens (142000 in the messages, 8000 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
    ),
    (
        "Groq",
        r#"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
    ),
    (
        "Cerebras",
        r#"{"message":"Please reduce the length of the messages or completion. Current length is 70000 while limit is 65536","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#,
    ),
    (
        "xAI",
        r#"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}"#,
    ),
    (
        "Together",
        r#"{"error":{"message":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`","type":"invalid_request_error","param":"max_tokens","code":null}}"#,
    ),
    (
        "Fireworks",
        r#"{"error":{"object":"error","type":"invalid_request_error","message":"The prompt is too long: 40000, model maximum context length: 32767"}}"#,
    ),
    (
        "vLLM",
        r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages, Please reduce the length of the messages.","type":"BadRequestError","param":null,"code":400}"#,
    ),
    (
        "vLLM, later",
        r#"{"error":{"message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.","type":"BadRequestError","param":null,"code":400}}"#,
    ),
    (
        "SGLang",
        r#"{"object":"error","message":"The input (12345 tokens) is longer than the model's context length (8192 tokens).","type":"BadRequestError","param":null,"code":400}"#,
    ),
    (
        "SGLang, with its answer",
        r#"{"object":"error","message":"Requested token count exceeds the model's maximum context length of 8192 tokens.","type":"BadRequest","param":null,"code":400}"#,
    ),
    (
        "Text Generation Inference",
        r#"{"error":"Input validation error: `inputs` must have less than 4096 tokens. Given: 5000","error_type":"validation"}"#,
    ),
    (
        "Ollama",
        r#"{"error":{"message":"prompt too long; exceeded max context length by 12 tokens","type":"invalid_request_error","param":null,"code":null}}"#,
    ),
    (
        "Ollama, embeddings",
        r#"{"error":{"message":"the input length exceeds the context length","type":"api_error","param":null,"code":null}}"#,
    ),
    (
        "llama.cpp",
        r#"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
    ),
    (
        "LM Studio",
        r#"{"error":"The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input"}"#,
    ),
    ("MiniMax", r#"{"base_resp":{"status_code":2013,"status_msg":"invalid params, context window exceeds limit"}}"#),
    (
        "Moonshot",
        r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)","type":"invalid_request_error"}}"#,
    ),
    (
        "Alibaba",
        r#"{"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]","type":"invalid_request_error","param":null,"code":"invalid_parameter_error"}}"#,
    ),
    ("Z.AI", r#"{"error":{"code":"1261","message":"Prompt exceeds max length"}}"#),
    (
        "Volcengine",
        r#"{"error":{"code":"InvalidParameter","message":"Total tokens of image and text exceed max message tokens. Request id: 1","param":"","type":"BadRequest"}}"#,
    ),
    (
        "Volcengine, text",
        r#"{"error":{"code":"InvalidParameter","message":"Input length 300000 exceeds the maximum length 229376. Request id: 1","param":"","type":"BadRequest"}}"#,
    ),
    ("DeepInfra", r#"{"error":{"message":"Requested input length 33000 exceeds maximum input length 32768"}}"#),
    (
        "OpenRouter",
        r#"{"error":{"message":"This endpoint's maximum context length is 128000 tokens. However, you requested about 130000 tokens.","code":400}}"#,
    ),
    (
        "Cloudflare",
        r#"{"errors":[{"message":"AiError: The estimated number of input and maximum output tokens (25000) exceeded this model context window limit (24000).","code":5021}],"success":false}"#,
    ),
    (
        "watsonx",
        r#"{"errors":[{"code":"invalid_input_argument","message":"Invalid input argument for Model 'x': the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model"}]}"#,
    ),
    ("Snowflake", r#"{"message":"max tokens of 4096 exceeded","code":"390142"}"#),
    (
        "Perplexity",
        r#"{"error":{"message":"Your request exceeds the maximum context length of this model","type":"invalid_message","code":400}}"#,
    ),
    (
        "NVIDIA",
        r#"{"object":"error","message":"Input length 5000 exceeds maximum allowed token size 512","detail":{},"type":"invalid_request_error"}"#,
    ),
    (
        "Copilot",
        r#"{"error":{"message":"prompt token count of 130000 exceeds the limit of 128000","code":"model_max_prompt_tokens_exceeded"}}"#,
    ),
    ("AI21", r#"{"detail":"Prompt has too many tokens: 300000. Max length is 262144"}"#),
    (
        "TensorRT-LLM",
        r#"{"object":"error","message":"The sum of prompt length (5000) and query length should not exceed max_seq_len (4096)","type":"BadRequestError"}"#,
    ),
];

#[test]
fn a_prompt_that_is_too_long_is_recognised_in_each_providers_own_words() {
    for (who, body) in TOO_LONG {
        check(who, body, ContextLengthExceeded);
    }
}

#[test]
fn an_answer_that_is_asked_to_be_too_long_is_something_else() {
    for (who, body) in [
        (
            "Anthropic",
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 70000 > 64000, which is the maximum allowed number of output tokens for claude-x"}}"#,
        ),
        (
            "OpenAI",
            r#"{"error":{"message":"max_tokens is too large: 200000. This model supports at most 16384 completion tokens, whereas you provided 200000.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}"#,
        ),
        (
            "vLLM",
            r#"{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 10 input tokens (5000 > 4096 - 10).","type":"BadRequestError","param":null,"code":400}}"#,
        ),
        (
            "Bedrock",
            r#"{"message":"The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192."}"#,
        ),
    ] {
        check(who, body, MaxTokensExceeded);
    }
}

#[test]
fn too_many_tokens_at_a_time_are_a_matter_of_rate() {
    for body in [
        r#"{"error":{"message":"Too many tokens, please wait before trying again."}}"#,
        r#"{"error":{"message":"Rate limit: tokens exceed the quota of this minute","type":"tokens"}}"#,
        r#"{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#,
    ] {
        assert_eq!(read(429, body).kind, RateLimitExceeded, "{body}");
    }
}
