use canon::{Message, Part, ReasoningDetail, ReasoningDetailKind, Request, ResponseFormat, Source, ToolChoice};
use gateway::GatewayError;
use gateway::call::{Call, Origin};
use gateway::surfaces::responses::parse::parse;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(body: &Value) -> Result<Call, GatewayError> {
    parse(body.to_string().as_bytes(), Origin::default()).map(|(call, _)| call)
}

fn with(extra: Value) -> Value {
    let mut body = json!({"model": "acme/talker", "input": "hi"});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

/// The request with these fields, which must be right.
fn request(extra: Value) -> Request {
    read(&with(extra)).unwrap().task.as_chat().unwrap().clone()
}

#[track_caller]
fn refuses(extra: Value, field: &str, part: &str) {
    match read(&with(extra)) {
        Err(GatewayError::Invalid { field: at, message }) => {
            assert_eq!(at.as_deref(), Some(field), "{message}");
            assert!(message.contains(part), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned(), cache_control: None }
}

#[test]
fn wrong_settings_are_named() {
    refuses(json!({"model": null}), "model", "is missing");
    refuses(json!({"input": null}), "input", "is missing");
    refuses(json!({"input": []}), "input", "is empty");
    refuses(json!({"input": 5}), "input", "a string or a list");
    refuses(json!({"temperature": 3}), "temperature", "from 0 to 2");
    refuses(json!({"top_logprobs": 21}), "top_logprobs", "from 0 to 20");
    refuses(json!({"max_output_tokens": 0}), "max_output_tokens", "0 is given");
    refuses(json!({"reasoning": {"effort": "enormous"}}), "reasoning.effort", "expected one of");
    refuses(json!({"reasoning": {"effort": "low", "max_tokens": 5}}), "reasoning", "not both");
    refuses(json!({"text": {"format": {"type": "yaml"}}}), "text.format.type", "json_schema");
    refuses(json!({"text": {"format": {"type": "json_schema", "name": "a"}}}), "text.format.schema", "is missing");
    refuses(json!({"modalities": ["audio"]}), "modalities", "text or image");
    refuses(json!({"stream": "yes"}), "stream", "expected a boolean");
    refuses(json!({"instructions": ["a"]}), "instructions", "expected a string");
}

#[test]
fn what_needs_a_memory_is_refused_with_the_reason() {
    refuses(json!({"store": true}), "store", "keeps no answers");
    refuses(json!({"previous_response_id": "resp_1"}), "previous_response_id", "whole conversation");
    refuses(json!({"conversation": "conv_1"}), "conversation", "whole conversation");
    refuses(json!({"background": true}), "background", "Stream them");
    refuses(json!({"prompt": {"id": "pmpt_1"}}), "prompt", "templates");
    assert!(read(&with(json!({"store": false, "previous_response_id": null, "background": false}))).is_ok());
}

#[test]
fn wrong_items_are_named_to_the_field() {
    let items = |item: Value| json!({"input": [{"role": "user", "content": "hi"}, item]});
    refuses(items(json!({"role": "wizard", "content": "hi"})), "input[1].role", "unknown variant `wizard`");
    refuses(items(json!({"role": "user", "content": 5})), "input[1].content", "a string or a list");
    refuses(items(json!({})), "input[1].type", "is missing");
    refuses(items(json!({"type": 5})), "input[1].type", "expected a string");
    refuses(items(json!("hi")), "input[1]", "expected struct");
    refuses(items(json!({"type": "item_reference", "id": "msg_1"})), "input[1]", "keeps no answers");
    refuses(items(json!({"id": "msg_1"})), "input[1]", "keeps no answers");
    refuses(
        items(json!({"type": "web_search_call", "id": "ws_1"})),
        "input[1].type",
        "\"web_search_call\" is not offered",
    );
    refuses(items(json!({"type": "function_call", "name": "f"})), "input[1]", "missing field `call_id`");
    refuses(
        items(json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": {}})),
        "input[1].arguments",
        "expected a string",
    );
    refuses(items(json!({"type": "function_call_output", "call_id": "c"})), "input[1]", "missing field `output`");
    refuses(
        items(json!({"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text"}]})),
        "input[1].output[0].text",
        "is missing",
    );
    refuses(
        items(json!({"type": "reasoning", "summary": [{"type": "summary_text"}]})),
        "input[1].summary[0]",
        "missing field `text`",
    );
    refuses(
        items(json!({"type": "reasoning", "summary": [], "encrypted_content": "souk-reasoning-1:AAAA"})),
        "input[1].encrypted_content",
        "unmodified",
    );
    refuses(items(json!({"type": "image_generation_call", "result": "ftp://x"})), "input[1].result", "http(s) URL");
}

#[test]
fn wrong_parts_are_named_to_the_field() {
    let part =
        |part: Value| json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}, part]}]});
    refuses(part(json!({"type": "hologram"})), "input[0].content[1].type", "\"hologram\" is given");
    refuses(part(json!({"text": "hi"})), "input[0].content[1]", "missing field `type`");
    refuses(part(json!({"type": "input_text", "text": 5})), "input[0].content[1].text", "expected a string");
    refuses(part(json!({"type": "input_image"})), "input[0].content[1].image_url", "is missing");
    refuses(
        part(json!({"type": "input_image", "image_url": "ftp://x"})),
        "input[0].content[1].image_url",
        "http(s) URL",
    );
    refuses(part(json!({"type": "input_image", "file_id": "file-1"})), "input[0].content[1].file_id", "kept elsewhere");
    refuses(part(json!({"type": "input_file", "file_id": "file-1"})), "input[0].content[1].file_id", "kept elsewhere");
    refuses(
        part(json!({"type": "input_file", "filename": "a.pdf"})),
        "input[0].content[1]",
        "one of file_data and file_url",
    );
    refuses(part(json!({"type": "input_file", "file_data": "%PDF"})), "input[0].content[1].file_data", "data URL");
    refuses(part(json!({"type": "input_audio"})), "input[0].content[1].input_audio", "is missing");
}

#[test]
fn wrong_tools_are_named_to_the_field() {
    let tools = |tool: Value| json!({"tools": [{"type": "function", "name": "f"}, tool]});
    refuses(tools(json!({"type": "web_search", "filters": {}})), "tools[1].type", "web_search is not offered here");
    refuses(tools(json!({"type": "image_generation", "quality": "high"})), "tools[1].type", "image_generation");
    refuses(tools(json!({"type": "function", "name": ""})), "tools[1].name", "is missing or empty");
    refuses(tools(json!({"type": "custom"})), "tools[1].name", "is missing or empty");
    refuses(tools(json!({"type": "function", "name": "g", "parameters": []})), "tools[1].parameters", "JSON Schema");
    refuses(json!({"tools": vec![json!({"type": "function", "name": "f"}); 1025]}), "tools", "1025 given");
    refuses(json!({"tool_choice": "maybe"}), "tool_choice", "none, auto or required");
    refuses(json!({"tool_choice": 5}), "tool_choice", "expected struct");
    refuses(json!({"tool_choice": {"type": "file_search"}}), "tool_choice.type", "file_search is not offered");
    refuses(json!({"tool_choice": {"type": "function"}}), "tool_choice.name", "is missing");
    refuses(
        json!({"tool_choice": {"type": "allowed_tools", "mode": "never", "tools": []}}),
        "tool_choice.mode",
        "auto or required",
    );
    refuses(
        json!({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}}),
        "tool_choice.tools[0].type",
        "mcp is not offered",
    );
}

#[test]
fn tool_choices_are_understood() {
    let choice = |choice: Value| request(json!({"tool_choice": choice})).tool_choice.unwrap();
    assert_eq!(choice(json!("none")), ToolChoice::None);
    assert_eq!(choice(json!("auto")), ToolChoice::Auto);
    assert_eq!(choice(json!("required")), ToolChoice::Required);
    assert_eq!(choice(json!({"type": "function", "name": "f"})), ToolChoice::Function("f".to_owned()));
    assert_eq!(choice(json!({"type": "custom", "name": "f"})), ToolChoice::Function("f".to_owned()));
    let allowed = json!({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]});
    assert_eq!(choice(allowed), ToolChoice::Allowed { required: true, names: vec!["f".to_owned()] });
}

#[test]
fn settings_reach_the_canonical_request() {
    let request = request(json!({
        "instructions": "Be brief.", "max_output_tokens": 7, "temperature": 0.5, "top_p": 0.9, "parallel_tool_calls": false,
        "reasoning": {"effort": "high", "summary": "auto"}, "text": {"format": {"type": "json_schema", "name": "a", "schema": {}}, "verbosity": "low"},
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs"], "top_logprobs": 2, "prompt_cache_key": "k",
        "service_tier": "flex", "safety_identifier": "u", "metadata": {"a": "b"}, "truncation": "auto", "stop": ["END"],
        "cache_control": {"type": "ephemeral"}, "modalities": ["text"], "some_new_field": 1,
    }));
    assert_eq!(request.messages[0], Message::System { parts: vec![text("Be brief.")], name: None });
    assert_eq!(request.messages[1], Message::User { parts: vec![text("hi")], name: None });
    assert_eq!((request.max_tokens, request.parallel_tool_calls), (Some(7), Some(false)));
    assert!(matches!(&request.response_format, Some(ResponseFormat::JsonSchema(schema)) if schema.name == "a"));
    let reasoning = request.reasoning.as_ref().unwrap();
    assert_eq!((reasoning.effort.as_deref(), reasoning.summary.as_deref()), (Some("high"), Some("auto")));
    assert_eq!((request.sampling.logprobs, request.sampling.top_logprobs.clone()), (Some(true), Some(2.into())));
    assert_eq!((request.verbosity.as_deref(), request.user.as_deref()), (Some("low"), Some("u")));
    assert_eq!((request.prompt_cache_key.as_deref(), request.service_tier.as_deref()), (Some("k"), Some("flex")));
    assert!(request.cache_control.is_some());
}

#[test]
fn parts_of_all_kinds_are_understood() {
    let request = request(json!({"input": [{"type": "message", "role": "user", "content": [
        {"type": "input_text", "text": "Look", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        {"type": "input_file", "file_url": "https://example.org/a.pdf"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ]}]}));
    let Message::User { parts, .. } = &request.messages[0] else { panic!("{:?}", request.messages) };
    assert!(matches!(&parts[0], Part::Text { cache_control: Some(_), .. }));
    assert!(
        matches!(&parts[1], Part::Image { detail: Some(detail), source: Source::Data { .. }, .. } if detail == "low")
    );
    assert!(matches!(&parts[2], Part::File { filename: Some(_), source: Source::Data { .. }, .. }));
    assert!(matches!(&parts[3], Part::File { filename: None, source: Source::Url(_), .. }));
    assert!(matches!(&parts[4], Part::Audio { .. }));
}

#[test]
fn what_the_model_said_between_two_others_is_one_message() {
    let request = request(json!({"input": [
        {"role": "user", "content": "Weather?"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Think."}], "encrypted_content": "gAAA"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "arguments": "{\"at\":\"Oslo\"}", "status": "completed"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c2", "name": "patch", "input": "a \"b\"\n"},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "done"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    ]}));
    let [_, Message::Assistant { parts, reasoning, tool_calls, .. }, first, second, last] = request.messages.as_slice()
    else {
        panic!("{:#?}", request.messages)
    };
    assert_eq!(parts, &[text("I look.")]);
    let block = |index, kind| ReasoningDetail {
        kind,
        id: Some("rs_1".to_owned()),
        format: Some("openai-responses-v1".to_owned()),
        index: Some(index),
    };
    assert_eq!(
        reasoning,
        &[
            block(0, ReasoningDetailKind::Summary { summary: "Think.".to_owned() }),
            block(1, ReasoningDetailKind::Encrypted { data: "gAAA".to_owned() }),
        ]
    );
    assert_eq!((tool_calls[0].id.as_str(), tool_calls[0].arguments.as_str()), ("c1", "{\"at\":\"Oslo\"}"));
    assert_eq!(tool_calls[1].arguments, json!({"input": "a \"b\"\n"}).to_string());
    assert!(
        matches!(first, Message::Tool { tool_call_id, parts, .. } if tool_call_id == "c1" && *parts == [text("rain")])
    );
    assert!(
        matches!(second, Message::Tool { tool_call_id, parts, .. } if tool_call_id == "c2" && *parts == [text("done")])
    );
    assert!(matches!(last, Message::Assistant { refusal: Some(refusal), .. } if refusal == "No."));
}

#[test]
fn words_and_thoughts_after_words_keep_their_place() {
    let said = |text: &str| json!({"role": "assistant", "content": text});
    let thought =
        |text: &str| json!({"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": text}]});
    let request = request(json!({"input": [said("a"), said("b"), thought("c"), said("d")]}));
    let kinds: Vec<(usize, usize)> = request
        .messages
        .iter()
        .map(|message| match message {
            Message::Assistant { reasoning, parts, .. } => (reasoning.len(), parts.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [(0, 1), (0, 1), (1, 1)]);
}

#[test]
fn a_custom_tool_is_told_as_a_function_with_its_grammar() {
    let format = json!({"type": "grammar", "syntax": "lark", "definition": "start: /a+/"});
    let request =
        request(json!({"tools": [{"type": "custom", "name": "patch", "description": "Patches.", "format": format}]}));
    let [tool] = request.tools.as_slice() else { panic!() };
    assert_eq!(tool.parameters.as_ref().unwrap()["required"], json!(["input"]));
    let description = tool.description.as_deref().unwrap();
    assert!(description.starts_with("Patches.") && description.contains("lark grammar:\nstart: /a+/"), "{description}");
}

/// Any JSON, of the words that the API knows.
fn anything() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 24] = [
        "type",
        "role",
        "content",
        "id",
        "call_id",
        "name",
        "arguments",
        "output",
        "summary",
        "encrypted_content",
        "text",
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "image_generation_call",
        "input_text",
        "input_image",
        "image_url",
        "user",
        "assistant",
        "result",
        "souk-reasoning-1:W10=",
    ];
    let word = proptest::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<Option<bool>>().prop_map(|b| json!(b)),
        any::<i8>().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        let key = word.clone().prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_body_is_understood_or_refused_with_a_field(input in anything(), tools in anything(), choice in anything()) {
        for extra in [json!({"input": input}), json!({"tools": tools}), json!({"tool_choice": choice})] {
            match read(&with(extra)) {
                Ok(_) => {}
                Err(GatewayError::Invalid { field, message }) => prop_assert!(field.is_some(), "{message}"),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
