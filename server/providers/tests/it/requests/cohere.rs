//! Requests in Cohere's protocol.

use canon::{Reasoning, Request, ResponseFormat, Sampling, ToolChoice};
use serde_json::{Number, json};

use super::*;

fn body(request: &Request) -> Value {
    Offer::default().body(Dialect::Cohere, request)
}

#[test]
fn what_the_client_left_out_is_left_out_upstream() {
    let encoded = Offer::default().encode(Dialect::Cohere, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/chat");
    let expected =
        r#"{"model":"the-model","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true}"#;
    assert_eq!(encoded.body, expected);
}

#[test]
fn a_tool_loop_is_told_in_full_with_pictures_after_the_results() {
    let mut messages = long_talk();
    messages.iter_mut().for_each(|message| {
        if let Message::User { parts, .. } = message {
            parts.retain(|part| !matches!(part, Part::File { .. }));
        }
    });
    let plan = ReasoningDetail {
        kind: ReasoningDetailKind::Text { text: Some("I will look".to_owned()), signature: None },
        id: Some("tool_plan".to_owned()),
        format: None,
        index: Some(3),
    };
    if let Some(Message::Assistant { reasoning, .. }) = messages.get_mut(3) {
        reasoning.push(plan);
    }
    let messages = body(&Request { messages, ..Request::default() })["messages"].clone();
    let expected = json!([
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [
            {"type": "text", "text": "Look:"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
        ]},
        {
            "role": "assistant",
            // Thoughts of other wires are left out.
            "content": [{"type": "thinking", "thinking": "plain"}],
            "tool_plan": "I will look",
            "tool_calls": [
                {"id": "functions.look:0", "type": "function", "function": {"name": "look", "arguments": "{\"city\": \"Paris\"}"}},
                {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "content": [{"type": "text", "text": "a tower"}], "tool_call_id": "functions.look:0"},
        {"role": "tool", "content": [{"type": "text", "text": "noon"}], "tool_call_id": "call_2"},
        {"role": "user", "content": [
            {"type": "text", "text": "Pictures returned by the tools called:"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ]},
        {"role": "user", "content": [{"type": "text", "text": "And now?"}]},
    ]);
    assert_eq!(messages, expected);
}

#[test]
fn a_certain_tool_is_forced_by_offering_no_other() {
    let chosen = |choice: ToolChoice| {
        let tools = vec![tool("look"), tool("time")];
        let body = body(&Request { tools, tool_choice: Some(choice), ..ask("Hi") });
        let names: Vec<String> =
            body["tools"].as_array().unwrap().iter().map(|t| t["function"]["name"].as_str().unwrap().into()).collect();
        (names.join(" "), body["tool_choice"].as_str().unwrap_or("-").to_owned())
    };
    let check = |choice, names: &str, word: &str| assert_eq!(chosen(choice), (names.to_owned(), word.to_owned()));
    check(ToolChoice::Auto, "look time", "-");
    check(ToolChoice::None, "look time", "NONE");
    check(ToolChoice::Required, "look time", "REQUIRED");
    check(ToolChoice::Function("time".to_owned()), "time", "REQUIRED");
    check(ToolChoice::Allowed { required: false, names: vec!["look".to_owned()] }, "look", "-");
}

#[test]
fn tools_are_strict_only_where_the_provider_can_hold_all_of_them_to_it() {
    let mut strict = tool("look");
    let is_strict = |tools: Vec<Tool>| body(&Request { tools, ..ask("Hi") })["strict_tools"] == json!(true);
    assert!(!is_strict(vec![strict.clone()]), "no parameter is required");
    strict.parameters = Some(json!({"type": "object", "properties": {"city": {}}, "required": ["city"]}));
    assert!(is_strict(vec![strict.clone()]));
    assert!(!is_strict(vec![strict, tool("time")]));
}

#[test]
fn a_schema_goes_by_the_response_format_and_never_together_with_tools() {
    let shaped = Request { response_format: Some(schema()), ..ask("Hi") };
    let format = body(&shaped)["response_format"].clone();
    assert_eq!(format["type"], "json_object");
    assert_eq!(format["json_schema"]["required"], json!(["age"]));
    let with_tools = Request { tools: vec![tool("look")], ..shaped };
    let error = Offer::default().encode(Dialect::Cohere, &with_tools).unwrap_err();
    assert!(matches!(error, EncodeError::NoWay("a response format together with tools")));
    let plain = Request { response_format: Some(ResponseFormat::JsonObject), ..ask("Hi") };
    assert_eq!(body(&plain)["response_format"], json!({"type": "json_object"}));
}

#[test]
fn samplers_have_the_providers_names_and_ranges() {
    let number = |value: f64| Number::from_f64(value);
    let sampling = Sampling {
        temperature: number(0.5),
        top_p: number(1.0),
        top_k: Some(Number::from(900)),
        frequency_penalty: number(-0.5),
        presence_penalty: number(0.25),
        seed: Some(Number::from(7)),
        logprobs: Some(true),
        ..Sampling::default()
    };
    let mut body = body(&Request { sampling, max_tokens: Some(50), stop: vec!["END".to_owned()], ..ask("Hi") });
    body.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "model" | "messages" | "stream"));
    let expected = json!({
        "max_tokens": 50, "stop_sequences": ["END"], "temperature": 0.5, "p": 0.99, "k": 500.0,
        "frequency_penalty": 0.0, "presence_penalty": 0.25, "seed": 7, "logprobs": true,
    });
    assert_eq!(body, expected);
}

#[test]
fn thinking_is_switched_and_has_the_budget_that_the_effort_means() {
    let thinking = |reasoning: Reasoning| {
        let request = Request { reasoning: Some(reasoning), max_tokens: Some(10_000), ..ask("Hi") };
        body(&request)["thinking"].clone()
    };
    let effort = |word: &str| Reasoning { effort: Some(word.to_owned()), ..Reasoning::default() };
    assert_eq!(thinking(effort("high")), json!({"type": "enabled", "token_budget": 8_000}));
    assert_eq!(thinking(effort("none")), json!({"type": "disabled"}));
    let budget = Reasoning { max_tokens: Some(3_000), ..Reasoning::default() };
    assert_eq!(thinking(budget), json!({"type": "enabled", "token_budget": 3_000}));
    assert_eq!(thinking(Reasoning { enabled: Some(true), ..Reasoning::default() }), json!({"type": "enabled"}));
    assert_eq!(thinking(Reasoning { exclude: Some(true), ..Reasoning::default() }), Value::Null);
    let cannot = Capabilities { reasoning: Some(false), ..Capabilities::default() };
    let offer = Offer { capabilities: cannot, ..Offer::default() };
    let request = Request { reasoning: Some(effort("high")), ..ask("Hi") };
    assert_eq!(offer.body(Dialect::Cohere, &request)["thinking"], Value::Null);
}

#[test]
fn media_that_the_protocol_has_not_are_refused_by_name() {
    let sound = Part::Audio { data: "UklG".to_owned(), format: "wav".to_owned() };
    let request = Request { messages: vec![Message::User { parts: vec![sound], name: None }], ..Request::default() };
    assert!(matches!(Offer::default().encode(Dialect::Cohere, &request), Err(EncodeError::NoWay("audio"))));
}
