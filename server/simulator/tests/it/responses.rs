//! OpenAI's responses.

use serde_json::{Value, json};

use crate::client::{Reply, Sim, with};

fn ask(model: &str, input: impl Into<Value>) -> Value {
    json!({"model": model, "input": input.into(), "store": false})
}

fn thinking(model: &str, input: impl Into<Value>) -> Value {
    with(
        ask(model, input),
        json!({"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}),
    )
}

fn types(reply: &Reply) -> Vec<String> {
    let mut types: Vec<String> =
        reply.events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    types.dedup();
    types
}

fn weather() -> Value {
    json!({"type": "function", "name": "get_weather", "strict": false, "parameters": {"type": "object",
        "properties": {"city": {"type": "string"}}, "required": ["city"]}})
}

#[tokio::test]
async fn a_stream_has_every_documented_event_in_order_and_numbered() {
    let sim = Sim::start().await;
    let reply = sim.responses(&[], with(ask("sim-echo", "hi."), json!({"stream": true}))).await;
    assert_eq!(reply.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(
        types(&reply),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let events = reply.events();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let item = events[2]["item"]["id"].clone();
    assert!(item.as_str().unwrap().starts_with("msg_"));
    assert_eq!(
        reply.body.split("\n\n").nth(4).unwrap(),
        format!(
            "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":4,\
             \"item_id\":{item},\"output_index\":0,\"content_index\":0,\"delta\":\"You\",\"logprobs\":[]}}"
        )
    );
    assert_eq!(
        events[2]["item"],
        json!({"type": "message", "id": item, "status": "in_progress", "content": [], "role": "assistant"})
    );
    assert!(!reply.body.contains("[DONE]") && reply.complete);
}

#[tokio::test]
async fn a_whole_response_is_the_last_event_of_a_stream() {
    let body = with(
        thinking("sim-echo", "hi."),
        json!({"instructions": "Be brief.", "temperature": 0.5, "metadata": {"a": "b"}, "service_tier": "fast"}),
    );
    let streamed = Sim::start().await.responses(&[], with(body.clone(), json!({"stream": true}))).await;
    let whole = Sim::start().await.responses(&[], body).await.json();
    assert_eq!(streamed.events().last().unwrap()["response"], whole);
    assert_eq!(streamed.events()[0]["response"]["output"], json!([]));
    assert_eq!(
        whole["usage"],
        json!({"input_tokens": 3 + 3 + 3 + 1, "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": 25, "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 35})
    );
    for (key, value) in [
        ("object", json!("response")),
        ("status", json!("completed")),
        ("created_at", json!(1_735_689_600)),
        ("instructions", json!("Be brief.")),
        ("temperature", json!(0.5)),
        ("top_p", json!(1.0)),
        ("tool_choice", json!("auto")),
        ("store", json!(false)),
        ("service_tier", json!("priority")),
        ("text", json!({"format": {"type": "text"}, "verbosity": "medium"})),
        ("reasoning", json!({"effort": "low", "summary": "auto"})),
        ("metadata", json!({"a": "b"})),
        ("incomplete_details", Value::Null),
        ("error", Value::Null),
    ] {
        assert_eq!(whole[key], value, "{key}");
    }
    let message = &whole["output"][1];
    assert_eq!(message["content"][0]["text"], "You said: hi.");
    assert_eq!((&message["status"], &message["content"][0]["annotations"]), (&json!("completed"), &json!([])));
}

#[tokio::test]
async fn reasoning_is_summed_up_and_encrypted_only_if_asked() {
    let sim = Sim::start().await;
    let reply = sim.responses(&[], with(thinking("m", "why?"), json!({"stream": true}))).await;
    assert_eq!(
        types(&reply)[2..8],
        [
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
        ]
    );
    let plain = sim.responses(&[], with(ask("sim-reasoner", "why?"), json!({"stream": true}))).await;
    assert!(!types(&plain).iter().any(|kind| kind.contains("summary")));
    let whole = sim.responses(&[], ask("sim-reasoner", "why?")).await.json();
    let thought = &whole["output"][0];
    assert_eq!((&thought["type"], &thought["summary"]), (&json!("reasoning"), &json!([])));
    assert!(thought.get("encrypted_content").is_none());
    assert_eq!(whole["usage"]["output_tokens_details"]["reasoning_tokens"], 60);
    let none = sim.responses(&[], with(ask("sim-reasoner", "why?"), json!({"reasoning": {"effort": "none"}}))).await;
    assert_eq!(none.json()["output"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn reasoning_comes_back_only_with_its_own_encrypted_content() {
    let sim = Sim::start().await;
    let first = sim.responses(&[], thinking("m", "why?")).await.json();
    let replay = |reasoning: Value| {
        let message = json!({"role": "user", "content": "and then?"});
        thinking("m", json!([{"role": "user", "content": "why?"}, reasoning, first["output"][1], message]))
    };
    let thought = first["output"][0].clone();
    assert_eq!(sim.responses(&[], replay(thought.clone())).await.status, 200);
    let nameless = json!({"type": "reasoning", "summary": [], "encrypted_content": thought["encrypted_content"]});
    assert_eq!(sim.responses(&[], replay(nameless)).await.status, 200);
    for (field, value) in [("id", "rs_other"), ("encrypted_content", "gAAAAABm")] {
        let refused = sim.responses(&[], replay(with(thought.clone(), json!({ field: value })))).await;
        assert_eq!(refused.status, 400, "{field}");
        let error = refused.json()["error"].clone();
        assert_eq!(error["code"], "invalid_encrypted_content");
        assert!(error["message"].as_str().unwrap().contains("could not be verified"));
    }
    let bare = json!({"type": "reasoning", "id": thought["id"], "summary": []});
    for lost in [bare, json!({"type": "item_reference", "id": "msg_1"})] {
        let refused = sim.responses(&[], replay(lost)).await;
        assert_eq!(refused.status, 404);
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains("Items are not persisted"));
    }
}

#[tokio::test]
async fn tools_are_called_and_their_outputs_quoted() {
    let sim = Sim::start().await;
    let shell = json!({"type": "custom", "name": "shell", "format": {"type": "text"}});
    let asked = with(ask("m", "call get_weather and shell"), json!({"tools": [weather(), shell], "stream": true}));
    let reply = sim.responses(&[], asked.clone()).await;
    let kinds = types(&reply);
    assert_eq!(
        kinds[2..],
        [
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.custom_tool_call_input.delta",
            "response.custom_tool_call_input.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let whole = reply.events().last().unwrap()["response"].clone();
    let [call, custom] = [whole["output"][0].clone(), whole["output"][1].clone()];
    assert_eq!((&call["arguments"], &call["name"]), (&json!("{\"city\":\"some city\"}"), &json!("get_weather")));
    assert!(call["id"].as_str().unwrap().starts_with("fc_") && custom["id"].as_str().unwrap().starts_with("ctc_"));
    assert_ne!(call["call_id"], custom["call_id"]);
    assert_eq!((&custom["type"], &custom["input"]), (&json!("custom_tool_call"), &json!("{}")));
    assert_eq!(whole["tools"][0]["description"], Value::Null);

    let output = json!({"type": "function_call_output", "call_id": call["call_id"],
        "output": [{"type": "input_text", "text": "18 degrees"}, {"type": "input_image", "image_url": "https://a.b/c.png"}]});
    let input = json!([{"type": "message", "role": "user", "content": "call get_weather"}, call, output]);
    let after = sim.responses(&[], with(ask("m", input), json!({"tools": [weather()]}))).await.json();
    assert_eq!(after["output"][0]["content"][0]["text"], "The tool get_weather returned: 18 degrees");
}

#[tokio::test]
async fn a_choice_of_tools_is_kept_to() {
    let sim = Sim::start().await;
    let other = json!({"type": "function", "name": "now", "strict": true, "parameters": null});
    let tools = json!([weather(), other]);
    let called = async |input: &str, choice: Value| -> Vec<String> {
        let body = with(ask("m", input), json!({"tools": tools, "tool_choice": choice}));
        let output = sim.responses(&[], body).await.json()["output"].as_array().unwrap().clone();
        output.iter().filter_map(|item| item["name"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(called("hi", json!("required")).await, ["get_weather"]);
    assert_eq!(called("hi", json!({"type": "function", "name": "now"})).await, ["now"]);
    assert!(called("get_weather", json!("none")).await.is_empty());
    let allowed =
        |mode: &str| json!({"type": "allowed_tools", "mode": mode, "tools": [{"type": "function", "name": "now"}]});
    assert_eq!(called("hi", allowed("required")).await, ["now"]);
    assert_eq!(called("get_weather and now", allowed("auto")).await, ["now"]);
    let single = with(ask("m", "get_weather and now"), json!({"tools": tools, "parallel_tool_calls": false}));
    assert_eq!(sim.responses(&[], single).await.json()["output"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn limits_formats_media_and_endings_are_honoured() {
    let sim = Sim::start().await;
    let whole = async |body: Value| sim.responses(&[], body).await.json();
    let short = whole(with(ask("m?tokens=50", "hi"), json!({"max_output_tokens": 16}))).await;
    assert_eq!(short["status"], "incomplete");
    assert_eq!(short["incomplete_details"], json!({"reason": "max_output_tokens"}));
    assert_eq!((&short["output"][0]["status"], &short["usage"]["output_tokens"]), (&json!("incomplete"), &json!(16)));
    let filtered = sim.responses(&[], with(ask("m?finish=content_filter", "hi"), json!({"stream": true}))).await;
    assert_eq!(types(&filtered).last().unwrap(), "response.incomplete");
    assert_eq!(filtered.events().last().unwrap()["response"]["incomplete_details"]["reason"], "content_filter");
    let refused = sim.responses(&[], with(ask("m?finish=refusal", "hi"), json!({"stream": true}))).await;
    assert!(types(&refused).contains(&"response.refusal.delta".to_owned()));
    assert_eq!(refused.events().last().unwrap()["response"]["output"][0]["content"][0]["type"], "refusal");
    assert_eq!(whole(ask("m?finish=prompt_filter", "hi")).await["error"]["code"], "invalid_prompt");

    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 2}}, "required": ["n"],
        "additionalProperties": false});
    let format = json!({"format": {"type": "json_schema", "name": "x", "strict": true, "schema": schema}});
    let fitting = whole(with(ask("m", "hi"), json!({"text": format}))).await;
    assert_eq!(fitting["output"][0]["content"][0]["text"], "{\"n\":2}");
    assert_eq!(fitting["text"]["format"]["name"], "x");

    let media = json!([{"role": "user", "content": [{"type": "input_text", "text": "look."},
        {"type": "input_image", "image_url": "data:image/png;base64,aW1n", "detail": "low"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aW1n"},
        {"type": "input_audio", "input_audio": {"data": "aW1n", "format": "wav"}}]}]);
    let seen = whole(ask("m", media)).await;
    assert_eq!(seen["output"][0]["content"][0]["text"], "You said: look. I see 1 image.");
    assert_eq!(seen["usage"]["input_tokens"], 2 + 3 + 3 * 85);

    let likely = json!({"include": ["message.output_text.logprobs"], "top_logprobs": 2});
    let likely = whole(with(ask("m", "hi"), likely)).await;
    assert_eq!(likely["output"][0]["content"][0]["logprobs"][0]["top_logprobs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let sim = Sim::start().await;
    let plain = |fields| with(ask("m", "hi"), fields);
    let user = |content: Value| ask("m", json!([{"role": "user", "content": content}]));
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let result = json!({"type": "function_call_output", "call_id": "c9", "output": "x"});
    let cases = [
        (plain(json!({"foo": 1})), "Unknown parameter: 'foo'.", json!("foo")),
        (plain(json!({"messages": []})), "Unknown parameter: 'messages'.", json!("messages")),
        (json!({"input": "x"}), "Missing required parameter: 'model'.", json!("model")),
        (json!({"model": "m"}), "One of \"input\" or \"previous_response_id\"", json!("input")),
        (
            plain(json!({"previous_response_id": "resp_1"})),
            "Previous response with id 'resp_1' not found.",
            json!("previous_response_id"),
        ),
        (
            plain(json!({"max_completion_tokens": 20})),
            "has moved to 'max_output_tokens'",
            json!("max_completion_tokens"),
        ),
        (
            plain(json!({"max_output_tokens": 5})),
            "Expected a value >= 16, but got 5 instead.",
            json!("max_output_tokens"),
        ),
        (plain(json!({"reasoning": {"effort": "huge"}})), "Invalid value: 'huge'.", json!("reasoning.effort")),
        (plain(json!({"include": ["x"]})), "Invalid value: 'x'.", json!("include[0]")),
        (plain(json!({"tool_choice": "required"})), "must be specified with 'tools' parameter", json!("tool_choice")),
        (plain(json!({"text": {"format": {"type": "json_object"}}})), "must contain the word 'json'", json!("input")),
        (ask("m", json!([])), "Invalid 'input': empty array.", json!("input")),
        (
            user(json!([{"type": "text", "text": "x"}])),
            "Invalid value: 'text'. Supported values are: 'input_text'",
            json!("input[0].content[0].type"),
        ),
        (
            ask("m", json!([{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}])),
            "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
            json!("input[0].content[0].type"),
        ),
        (
            ask(
                "m",
                json!([{"role": "user", "content": "x"}, {"type": "message", "id": "x1", "role": "assistant", "content": "y"}]),
            ),
            "Invalid 'input[1].id': 'x1'. Expected an ID that begins with 'msg'.",
            json!("input[1].id"),
        ),
        (ask("m", json!([call])), "No tool output found for function call c1.", json!("input")),
        (ask("m", json!([result])), "No tool call found for function call output with call_id c9.", json!("input")),
        (
            user(json!([{"type": "input_image", "image_url": "nonsense"}])),
            "Expected a valid URL",
            json!("input[0].content[0].image_url"),
        ),
        (
            user(json!([{"type": "input_file", "file_data": "aW1n", "filename": "a"}])),
            "without the 'data:' prefix",
            json!("input[0].content[0].file_data"),
        ),
    ];
    refuses(&sim, &cases).await;
}

#[tokio::test]
async fn a_wrong_tool_is_named_by_its_place() {
    let sim = Sim::start().await;
    let tool = |tool: Value| with(ask("m", "hi"), json!({"tools": [tool]}));
    let cases = [
        (tool(json!({"type": "function"})), "Missing required parameter: 'tools[0].name'.", json!("tools[0].name")),
        (
            tool(json!({"type": "function", "function": {"name": "f"}})),
            "Unknown parameter: 'tools[0].function'.",
            json!("tools[0].function"),
        ),
        (
            tool(
                json!({"type": "function", "name": "f", "strict": true, "parameters": {"type": "object", "properties": {}}}),
            ),
            "Invalid schema for function 'f': In context=(), 'additionalProperties' is required",
            json!("tools[0].parameters"),
        ),
    ];
    refuses(&sim, &cases).await;
}

/// Sends each body, which must be refused with these words about this parameter.
async fn refuses(sim: &Sim, cases: &[(Value, &str, Value)]) {
    for (body, expected, param) in cases {
        let reply = sim.responses(&[], body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        let error = &reply.json()["error"];
        assert!(error["message"].as_str().unwrap().contains(expected), "{error} should say {expected}");
        assert_eq!((&error["type"], &error["param"]), (&json!("invalid_request_error"), param), "{error}");
    }
}

#[tokio::test]
async fn faults_come_in_the_dialects_own_form() {
    let sim = Sim::start().await;
    let stream = async |fault: &str| {
        let body = with(ask(&format!("m?tokens=10&fault={fault}"), "hi"), json!({"stream": true}));
        sim.responses(&[], body).await
    };
    let pieces =
        |reply: &Reply| reply.events().iter().filter(|event| event["type"] == "response.output_text.delta").count();
    let failed = stream("error_after:3").await;
    assert_eq!(types(&failed)[5..], ["error", "response.failed"]);
    let events = failed.events();
    let [.., error, end] = events.as_slice() else { panic!("{failed:?}") };
    assert_eq!((&error["code"], &error["param"]), (&json!("server_error"), &Value::Null));
    assert_eq!(end["response"]["error"]["code"], "server_error");
    assert_eq!((pieces(&failed), &end["response"]["status"]), (3, &json!("failed")));
    let cut = stream("drop_after:2").await;
    assert_eq!((pieces(&cut), cut.complete), (2, false));
    assert_eq!(stream("status:429,7").await.header("retry-after"), Some("7"));
    let silent = sim.responses(&[], ask("m?usage=none", "hi")).await.json();
    assert_eq!(silent["usage"], Value::Null);
    let empty = sim.responses(&[], ask("m?fault=empty", "hi")).await.json();
    assert_eq!((&empty["output"], &empty["usage"]["output_tokens"]), (&json!([]), &json!(0)));
    assert_eq!(sim.responses(&[], ask("sim-flaky", "hi")).await.status, 503);
    let log = sim.log().await;
    assert_eq!(
        (&log[0]["dialect"], &log[0]["tokens_sent"], &log[0]["state"]),
        (&json!("openai"), &json!(3), &json!("failed"))
    );
}

#[tokio::test]
async fn a_repeated_input_is_reported_as_cached() {
    let sim = Sim::start().await;
    let cached = async |text: &str| {
        let body = with(ask("m", text), json!({"instructions": "rules ".repeat(1000)}));
        sim.responses(&[], body).await.json()["usage"]["input_tokens_details"]["cached_tokens"].clone()
    };
    assert_eq!(cached("one").await, 0);
    assert_eq!(cached("two").await, 1503);
}
