//! Requests as Google's clients write them.

use canon::request::ReasoningDetailKind;
use canon::{Message, Part, Reasoning, ReasoningDetail, Request, ResponseFormat, Source, Task, ToolCall, ToolChoice};
use gateway::call::{Call, Origin};
use gateway::surfaces::gemini::embed::EmbedContent;
use gateway::surfaces::gemini::parse::parse;
use serde_json::{Value, json};

fn read(body: &Value) -> Result<(Call, bool), String> {
    parse(Some("acme/talker"), false, body.to_string().as_bytes(), Origin::default()).map_err(|e| e.to_string())
}

fn request(mut body: Value) -> Request {
    if body["contents"].is_null() {
        body["contents"] = json!([{"parts": [{"text": "hi"}]}]);
    }
    match read(&body).unwrap().0.task {
        Task::Chat(request) => request,
        other => panic!("{other:?}"),
    }
}

fn refusal(mut body: Value) -> String {
    if body["contents"].is_null() {
        body["contents"] = json!([{"parts": [{"text": "hi"}]}]);
    }
    read(&body).unwrap_err()
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned(), cache_control: None }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned(), cache_control: None }
}

fn sealed(id: Option<&str>, data: &str) -> ReasoningDetail {
    ReasoningDetail {
        kind: ReasoningDetailKind::Encrypted { data: data.to_owned() },
        id: id.map(str::to_owned),
        format: Some("google-gemini-v1".to_owned()),
        index: None,
    }
}

#[test]
fn a_model_is_named_by_the_path_or_by_the_body() {
    assert_eq!(
        read(&json!({"contents": []})).unwrap_err(),
        "contents: is empty: at least one content with a part is needed"
    );
    let body = json!({"model": "models/acme/Talker:free", "contents": {"parts": {"text": "hi"}}});
    let (call, _) = parse(None, true, body.to_string().as_bytes(), Origin::default()).unwrap();
    assert_eq!((call.models, call.stream), (vec!["acme/talker:free".to_owned()], true));
    assert_eq!(read(&json!({"contents": "hi"})).unwrap_err().split(':').next(), Some("contents"));
}

#[test]
fn contents_become_messages_and_results_find_their_calls() {
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "-_8"}});
    let request = request(json!({
        "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": [
            {"role": "user", "parts": [
                {"text": "Look:"}, picture,
                {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x.example/a.pdf"}},
                {"inline_data": {"mime_type": "audio/mpeg", "data": "UklG"}},
            ]},
            {"role": "model", "parts": [{"text": "A "}]},
            {"role": "model", "parts": [
                {"text": "tower."},
                {"functionCall": {"id": "c1", "name": "look", "args": {"city": "Paris"}}},
                {"functionCall": {"name": "time"}},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "time", "response": {"error": "no clock"}}},
                {"functionResponse": {"id": "c1", "name": "look", "response": {"output": "tall", "unit": "m"}, "parts": [picture]}},
                {"text": "So?"},
            ]},
        ],
    }));
    let png = || Part::Image {
        source: Source::Data { media_type: "image/png".to_owned(), data: "+/8=".to_owned() },
        detail: None,
        cache_control: None,
    };
    let pdf =
        Part::File { filename: None, source: Source::Url("https://x.example/a.pdf".to_owned()), cache_control: None };
    let sound = Part::Audio { data: "UklG".to_owned(), format: "mp3".to_owned() };
    let expected = vec![
        Message::System { parts: vec![text("Be kind.")], name: None },
        Message::User { parts: vec![text("Look:"), png(), pdf, sound], name: None },
        Message::Assistant {
            parts: vec![text("A tower.")],
            name: None,
            refusal: None,
            reasoning: Vec::new(),
            tool_calls: vec![call("c1", "look", r#"{"city":"Paris"}"#), call("call_1", "time", "{}")],
        },
        Message::Tool { tool_call_id: "call_1".to_owned(), parts: vec![text("no clock")], is_error: true },
        Message::Tool {
            tool_call_id: "c1".to_owned(),
            parts: vec![text(r#"{"output":"tall","unit":"m"}"#), png()],
            is_error: false,
        },
        Message::User { parts: vec![text("So?")], name: None },
    ];
    assert_eq!(request.messages, expected);
}

#[test]
fn googles_signatures_stay_what_and_where_they_are() {
    let request = request(json!({"contents": [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [
            {"text": "Hm, ", "thought": true},
            {"text": "so", "thought": true, "thoughtSignature": "dGhvdWdodA=="},
            {"functionCall": {"id": "c1", "name": "look"}, "thought_signature": "Y2FsbA=="},
            {"text": "", "thoughtSignature": "dGV4dA=="},
        ]},
    ]}));
    let Some(Message::Assistant { reasoning, parts, .. }) = request.messages.last() else { panic!("{request:?}") };
    let thought = ReasoningDetail {
        kind: ReasoningDetailKind::Text { text: Some("Hm, so".to_owned()), signature: Some("dGhvdWdodA==".to_owned()) },
        id: None,
        format: Some("google-gemini-v1".to_owned()),
        index: None,
    };
    assert_eq!(reasoning, &[thought, sealed(Some("c1"), "Y2FsbA=="), sealed(None, "dGV4dA==")]);
    assert!(parts.is_empty());
}

#[test]
fn thoughts_that_came_as_text_alone_go_back_as_text_alone() {
    let contents = json!([{"role": "model", "parts": [{"text": "Hm", "thought": true}, {"text": "Yes."}]}]);
    let request = request(json!({"contents": contents}));
    let Some(Message::Assistant { reasoning, .. }) = request.messages.last() else { panic!("{request:?}") };
    let kind = ReasoningDetailKind::Text { text: Some("Hm".to_owned()), signature: None };
    assert_eq!(reasoning, &[ReasoningDetail { kind, id: None, format: None, index: None }]);
}

#[test]
fn functions_have_json_schemas_whichever_way_they_were_written() {
    let request = request(json!({"tools": [
        {"functionDeclarations": [
            {"name": "a", "description": "A", "parameters": {"type": "OBJECT", "properties": {"n": {"type": "INTEGER", "nullable": true}}}},
            {"name": "b", "parametersJsonSchema": {"type": "object"}},
        ]},
        {"function_declarations": [{"name": "c"}]},
    ]}));
    let schemas: Vec<(&str, Option<Value>)> =
        request.tools.iter().map(|tool| (tool.name.as_str(), tool.parameters.clone())).collect();
    let a = json!({"type": "object", "properties": {"n": {"type": ["integer", "null"]}}});
    assert_eq!(schemas, [("a", Some(a)), ("b", Some(json!({"type": "object"}))), ("c", None)]);
}

#[test]
fn modes_of_calling_are_tool_choices() {
    let chosen = |config: Value| request(json!({"toolConfig": {"functionCallingConfig": config}})).tool_choice;
    let names = || vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(chosen(json!({"mode": "AUTO"})), Some(ToolChoice::Auto));
    assert_eq!(chosen(json!({"mode": "none"})), Some(ToolChoice::None));
    assert_eq!(chosen(json!({"mode": "ANY"})), Some(ToolChoice::Required));
    let one = json!({"mode": "ANY", "allowedFunctionNames": ["a"]});
    assert_eq!(chosen(one), Some(ToolChoice::Function("a".to_owned())));
    let some = json!({"mode": "ANY", "allowed_function_names": ["a", "b"]});
    assert_eq!(chosen(some), Some(ToolChoice::Allowed { required: true, names: names() }));
    let some = json!({"mode": "VALIDATED", "allowedFunctionNames": ["a", "b"]});
    assert_eq!(chosen(some), Some(ToolChoice::Allowed { required: false, names: names() }));
    let config = json!({"toolConfig": {"functionCallingConfig": {"mode": "MAYBE"}}});
    assert!(refusal(config).starts_with("toolConfig.functionCallingConfig.mode: "));
}

#[test]
fn the_generation_config_is_read_in_both_spellings() {
    let camel = json!({
        "temperature": 0.5, "topP": 0.9, "topK": 40, "candidateCount": 2, "maxOutputTokens": 100, "stopSequences": ["END"],
        "presencePenalty": 0.1, "frequencyPenalty": 0.2, "seed": 7, "responseLogprobs": true, "logprobs": 3,
        "responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"},
        "responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "thinkingConfig": {"includeThoughts": true, "thinkingBudget": 2048},
    });
    let snake = json!({
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "candidate_count": 2, "max_output_tokens": 100, "stop_sequences": ["END"],
        "presence_penalty": 0.1, "frequency_penalty": 0.2, "seed": 7, "response_logprobs": true, "logprobs": 3,
        "response_mime_type": "application/json", "response_json_schema": {"type": "object"},
        "response_modalities": ["TEXT", "IMAGE"], "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
        "thinking_config": {"include_thoughts": true, "thinking_budget": 2048},
    });
    let one =
        request(json!({"generationConfig": camel, "safetySettings": [{"category": "X", "threshold": "BLOCK_NONE"}]}));
    assert_eq!(one, request(json!({"generation_config": snake})));
    assert_eq!((one.max_tokens, one.choices, one.stop.as_slice()), (Some(100), Some(2), ["END".to_owned()].as_slice()));
    assert_eq!(one.sampling.top_logprobs, Some(3.into()));
    assert_eq!(one.modalities, ["text", "image"]);
    assert_eq!(one.image_config, json!({"aspect_ratio": "16:9", "image_size": "2K"}).as_object().cloned());
    assert!(
        matches!(one.response_format, Some(ResponseFormat::JsonSchema(format)) if format.schema == json!({"type": "object"}))
    );
    let reasoning = Reasoning { enabled: Some(true), max_tokens: Some(2048), ..Reasoning::default() };
    assert_eq!(one.reasoning, Some(reasoning));
}

#[test]
fn thinking_is_off_at_a_budget_of_none_and_the_models_own_at_minus_one() {
    let thinking = |config: Value| request(json!({"generationConfig": {"thinkingConfig": config}})).reasoning.unwrap();
    assert!(thinking(json!({"thinkingBudget": 0})).is_off());
    let dynamic = thinking(json!({"thinkingBudget": -1}));
    assert_eq!((dynamic.enabled, dynamic.max_tokens), (Some(true), None));
    assert_eq!(thinking(json!({"thinkingLevel": "LOW"})).effort.as_deref(), Some("low"));
    let both = json!({"generationConfig": {"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "low"}}});
    assert!(refusal(both).starts_with("generationConfig.thinkingConfig: "));
}

#[test]
fn what_only_google_can_do_is_refused_by_name() {
    let check = |body: Value, begin: &str| {
        let message = refusal(body);
        assert!(message.starts_with(begin), "{message}");
    };
    check(json!({"tools": [{"googleSearch": {}}]}), "tools[0].googleSearch: runs at Google alone");
    check(json!({"cachedContent": "cachedContents/1"}), "cachedContent: ");
    check(json!({"generationConfig": {"responseMimeType": "text/x.enum"}}), "generationConfig.responseMimeType: ");
    check(json!({"generationConfig": {"responseSchema": {"type": "OBJECT"}}}), "generationConfig.responseMimeType: ");
    check(json!({"generationConfig": {"candidateCount": 9}}), "generationConfig.candidateCount: ");
    let file = json!([{"parts": [{"fileData": {"fileUri": "gs://bucket/a.png"}}]}]);
    check(json!({"contents": file}), "contents[0].parts[0]: fileData.fileUri");
    check(json!({"contents": [{"parts": [{"executableCode": {"code": "1"}}]}]}), "contents[0].parts[0]: holds nothing");
    check(json!({"contents": [{"role": "system", "parts": []}]}), "contents[0].role: ");
    let orphan = json!([{"parts": [{"functionResponse": {"name": "look", "response": {}}}]}]);
    check(json!({"contents": orphan}), "contents[0].parts[0].functionResponse: answers no functionCall");
}

#[test]
fn embeddings_of_a_batch_are_one_call_if_they_ask_for_the_same() {
    let read = |body: Value, is_batch| {
        let parsed =
            EmbedContent::parse_for(Some("acme/embedder"), is_batch, body.to_string().as_bytes(), Origin::default());
        parsed.map(|(call, _)| call.task).map_err(|error| error.to_string())
    };
    let content = |text: &str| json!({"parts": [{"text": text}]});
    let one = |text: &str, size: u64| json!({"model": "models/x", "content": content(text), "taskType": "RETRIEVAL_QUERY", "outputDimensionality": size});
    let Ok(Task::Embed(request)) = read(json!({"requests": [one("a", 8), one("b", 8)]}), true) else { panic!() };
    assert_eq!(
        (request.inputs.len(), request.dimensions, request.input_type.as_deref()),
        (2, Some(8), Some("search_query"))
    );
    let refused = read(json!({"requests": [one("a", 8), one("b", 9)]}), true).unwrap_err();
    assert!(refused.starts_with("requests[1]: differs from the first"), "{refused}");
    assert!(read(json!({"requests": []}), true).unwrap_err().starts_with("requests: "));
    assert!(read(json!({"content": content("a")}), false).is_ok());
    assert!(read(json!({"content": content("")}), false).unwrap_err().starts_with("content.parts[0].text: "));
}
