//! Requests that Google refuses, with the words it refuses them in.

use serde_json::{Value, json};

use crate::client::{Sim, with};

fn say(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

fn contents(contents: Value) -> Value {
    json!({ "contents": contents })
}

fn part(part: Value) -> Value {
    contents(json!([{"role": "user", "parts": [part]}]))
}

fn config(config: Value) -> Value {
    with(say("hi"), json!({ "generationConfig": config }))
}

fn tool(declaration: Value) -> Value {
    with(say("hi"), json!({"tools": [{"functionDeclarations": [declaration]}]}))
}

fn parameters(parameters: Value) -> Value {
    tool(json!({"name": "f", "parameters": parameters}))
}

async fn check(cases: impl IntoIterator<Item = (Value, &str)>) {
    let sim = Sim::start().await;
    for (body, expected) in cases {
        let reply = sim.gemini("m:generateContent", body.clone()).await;
        assert_eq!(reply.status, 400, "{body} gave {}", reply.body);
        let error = &reply.json()["error"];
        assert_eq!((&error["code"], &error["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
        assert!(error["message"].as_str().unwrap().contains(expected), "{error} should say {expected}");
    }
}

#[tokio::test]
async fn the_parser_says_what_is_no_field_and_no_value() {
    let declared = "tools[0].function_declarations[0].parameters";
    let unknown = |name: &str, place: &str| {
        format!("Invalid JSON payload received. Unknown name \"{name}\" at '{place}': Cannot find field.")
    };
    let inner =
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "const": "x"}}});
    let (open, deep) =
        (unknown("additionalProperties", declared), unknown("const", &format!("{declared}.properties[1].value")));
    let named = unknown("max_tokens", "generation_config");
    check([
        (with(say("hi"), json!({"foo": 1})), "Invalid JSON payload received. Unknown name \"foo\": Cannot find field."),
        (config(json!({"max_tokens": 5})), named.as_str()),
        (parameters(with(inner.clone(), json!({"additionalProperties": false}))), open.as_str()),
        (parameters(inner), deep.as_str()),
        (
            parameters(json!({"type": ["string", "null"]})),
            "Unknown name \"type\" at 'tools[0].function_declarations[0].parameters': Proto field is not repeating, cannot start list.",
        ),
        (config(json!({"temperature": "hot"})), "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\""),
        (part(json!({"text": 5})), "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 5"),
        (contents(json!("hi")), "Invalid value at 'contents' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), \"hi\""),
        (
            with(say("hi"), json!({"tools": [{"functionDeclarations": [{"name": "f"}]}], "toolConfig": {"functionCallingConfig": {"mode": "SOMETIMES"}}})),
            "Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), \"SOMETIMES\"",
        ),
        (
            part(json!({"text": "a", "inlineData": {}})),
            "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'",
        ),
        (
            part(json!({"inlineData": {"mimeType": "image/png", "data": "**"}})),
            "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"**\"",
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_parser_tells_the_violated_field_as_a_detail() {
    let sim = Sim::start().await;
    let error = sim.gemini("m:generateContent", config(json!({"x": 1}))).await.json()["error"].clone();
    assert_eq!(error["details"][0]["@type"], "type.googleapis.com/google.rpc.BadRequest");
    let violation = &error["details"][0]["fieldViolations"][0];
    assert_eq!((&violation["field"], &violation["description"]), (&json!("generation_config"), &error["message"]));
}

#[tokio::test]
async fn the_validators_say_what_a_field_must_be() {
    let object = |properties: Value| parameters(json!({"type": "OBJECT", "properties": properties}));
    check([
        (json!({}), "* GenerateContentRequest.contents: contents is not specified\n"),
        (contents(json!([])), "* GenerateContentRequest.contents: contents is not specified\n"),
        (contents(json!([{"role": "user", "parts": []}])), "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n"),
        (
            part(json!({"thought": true})),
            "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data' must have one initialized field\n",
        ),
        (contents(json!([{"role": "system", "parts": [{"text": "a"}]}])), "Please use a valid role: user, model."),
        (part(json!({"inlineData": {"mimeType": "image/gif", "data": "aW1n"}})), "Unsupported MIME type: image/gif"),
        (config(json!({"temperature": 2.5})), "* GenerateContentRequest.generation_config.temperature: must be in the range [0.0, 2.0].\n"),
        (config(json!({"maxOutputTokens": 0})), "generation_config.max_output_tokens: must be in the range"),
        (config(json!({"responseMimeType": "text/html"})), "response_mime_type: allowed mimetypes are `text/plain`"),
        (config(json!({"responseSchema": {"type": "STRING"}})), "response_schema: only allowed when response_mime_type is"),
        (config(json!({"responseModalities": ["IMAGE"]})), "The requested combination of response modalities (IMAGE)"),
        (
            config(json!({"thinkingConfig": {"thinkingBudget": 100, "thinkingLevel": "LOW"}})),
            "You can only set only one of thinking budget and thinking level.",
        ),
        (config(json!({"thinkingConfig": {"thinkingBudget": 99_999}})), "The thinking budget 99999 is invalid."),
        (tool(json!({"name": "1f"})), "function_declarations[0].name: [FIELD_INVALID] Invalid function name."),
        (object(json!({})), "function_declarations[0].parameters.properties: should be non-empty for OBJECT type\n"),
        (
            object(json!({"a": {}})),
            "parameters.properties[a].type: must be specified when not using one_of, any_of or all_of fields\n",
        ),
        (object(json!({"a": {"type": "ARRAY"}})), "parameters.properties[a].items: missing field.\n"),
        (
            parameters(json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["b"]})),
            "parameters.required[0]: property is not defined\n",
        ),
        (parameters(json!({"type": "STRING"})), "parameters schema should be of type OBJECT."),
        (
            with(say("hi"), json!({"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}})),
            "Function calling config is set without function_declarations.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn calls_and_responses_must_take_turns() {
    let user = json!({"role": "user", "parts": [{"text": "a"}]});
    let call = json!({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]});
    let answer = |name: &str| json!({"role": "user", "parts": [{"functionResponse": {"name": name, "response": {}}}]});
    let count =
        "Please ensure that the number of function response parts is equal to the number of function call parts";
    check([
        (contents(json!([call])), "Please ensure that function call turn comes immediately after a user turn"),
        (
            contents(json!([user, answer("f")])),
            "Please ensure that function response turn comes immediately after a function call turn.",
        ),
        (contents(json!([user, call, user])), count),
        (contents(json!([user, call])), count),
        (contents(json!([user, call, answer("g")])), count),
    ])
    .await;
}

#[tokio::test]
async fn vertex_takes_what_the_gemini_api_does_not_and_wants_roles() {
    let sim = Sim::start().await;
    let open =
        parameters(json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}));
    assert_eq!(sim.vertex("m:generateContent", open).await.status, 200);
    let labelled = with(say("hi"), json!({"labels": {"team": "a"}}));
    assert_eq!(sim.vertex("m:generateContent", labelled.clone()).await.status, 200);
    assert_eq!(sim.gemini("m:generateContent", labelled).await.status, 400);
    let nobody = contents(json!([{"parts": [{"text": "a"}]}]));
    assert_eq!(sim.gemini("m:generateContent", nobody.clone()).await.status, 200);
    let refused = sim.vertex("m:generateContent", nobody).await;
    assert!(refused.status == 400 && refused.body.contains("Please use a valid role: user, model."));
}

#[tokio::test]
async fn what_is_not_there_is_not_found_or_denied() {
    let sim = Sim::start().await;
    let cached = with(say("hi"), json!({"cachedContent": "cachedContents/x"}));
    let denied = sim.gemini("m:generateContent", cached).await;
    assert_eq!((denied.status, &denied.json()["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let missing = sim.gemini("m:predict", say("hi")).await;
    assert_eq!((missing.status, &missing.json()["error"]["status"]), (404, &json!("NOT_FOUND")));
    assert_eq!(sim.gemini("m:generateContent", json!("x")).await.status, 400);
    let torn = sim.request("POST", "/gemini/v1beta/models/m:generateContent", &[], b"{").await.unwrap();
    assert_eq!((torn.status, &torn.json()["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    let bad = sim.gemini("m%3Fnothing%3D1:generateContent", say("hi")).await;
    assert!(bad.status == 400 && bad.body.contains("unknown knob"), "{}", bad.body);
}

#[tokio::test]
async fn a_prompt_beyond_the_context_is_refused_in_googles_words() {
    let sim = Sim::start().await;
    let body = say(&"word".repeat(1_048_577));
    let refused = sim.gemini("m:generateContent", body).await.json();
    assert_eq!(
        refused["error"]["message"],
        "The input token count (1048580) exceeds the maximum number of tokens allowed (1048576)."
    );
}
