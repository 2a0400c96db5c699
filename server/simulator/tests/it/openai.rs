//! The OpenAI dialect.

use serde_json::{Value, json};

use crate::client::{Reply, Sim, say, with};

/// All of one kind of delta, joined.
fn joined(reply: &Reply, pointer: &str) -> String {
    reply.events().iter().filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": {"type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}}, "required": ["city"]}}})
}

#[tokio::test]
async fn a_stream_is_as_documented_to_the_byte() {
    let sim = Sim::start().await;
    let body = with(say("sim-echo", "hi."), json!({"stream": true, "stream_options": {"include_usage": true}}));
    let reply = sim.openai(&[], body).await;
    let id = reply.events()[0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("chatcmpl-") && id.len() == 38, "{id}");
    let chunk = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"{id}\",\"object\":\"chat.completion.chunk\",\"created\":1735689600,\"model\":\"sim-echo\",\
             \"service_tier\":\"default\",\"system_fingerprint\":\"fp_44709d6fcb\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
        )
    };
    let delta = |delta: &str, finish: &str| {
        let choice = format!("{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}");
        chunk(&choice, "null")
    };
    let expected = [
        delta(r#"{"role":"assistant","content":"","refusal":null}"#, "null"),
        delta(r#"{"content":"You"}"#, "null"),
        delta(r#"{"content":" said"}"#, "null"),
        delta(r#"{"content":":"}"#, "null"),
        delta(r#"{"content":" hi"}"#, "null"),
        delta(r#"{"content":"."}"#, "null"),
        delta("{}", "\"stop\""),
        chunk(
            "",
            r#"{"prompt_tokens":4,"completion_tokens":5,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#,
        ),
        "data: [DONE]\n\n".to_owned(),
    ];
    assert_eq!(reply.body, expected.concat());
    assert_eq!(reply.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert!(reply.header("x-request-id").unwrap().starts_with("req_"));
    assert!(reply.complete);
}

#[tokio::test]
async fn a_whole_completion_has_the_documented_fields() {
    let sim = Sim::start().await;
    let mut body = sim.openai(&[], say("sim-echo", "hi.")).await.json();
    assert!(body["id"].take().as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(
        body,
        json!({"id": null, "object": "chat.completion", "created": 1_735_689_600, "model": "sim-echo",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "You said: hi.", "refusal": null,
                "annotations": []}, "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0,
                    "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}},
            "service_tier": "default", "system_fingerprint": "fp_44709d6fcb"})
    );
}

#[tokio::test]
async fn reasoning_comes_first_and_is_counted() {
    let sim = Sim::start().await;
    let body = |effort| with(say("sim-reasoner", "why?"), json!({"stream": true, "reasoning_effort": effort}));
    let reply = sim.openai(&[], body("low")).await;
    let events = reply.events();
    assert!(events[1]["choices"][0]["delta"]["reasoning_content"].is_string());
    assert_eq!(joined(&reply, "/choices/0/delta/content"), "You said: why?");
    let thoughts = events.iter().filter(|event| event["choices"][0]["delta"]["reasoning_content"].is_string());
    assert_eq!(thoughts.count(), 20);
    assert_eq!(joined(&sim.openai(&[], body("none")).await, "/choices/0/delta/reasoning_content"), "");
    let whole = sim.openai(&[], with(body("high"), json!({"stream": false}))).await.json();
    assert_eq!(whole["usage"]["completion_tokens_details"]["reasoning_tokens"], 160);
    assert_eq!(whole["usage"]["completion_tokens"], 165);
}

#[tokio::test]
async fn tools_are_called_and_their_results_quoted() {
    let sim = Sim::start().await;
    let time = json!({"type": "function", "function": {"name": "now"}});
    let body =
        with(say("sim-tools", "call get_weather and now please"), json!({"stream": true, "tools": [weather(), time]}));
    let reply = sim.openai(&[], body.clone()).await;
    let deltas: Vec<Value> = reply.events().iter().map(|event| event["choices"][0]["delta"].clone()).collect();
    assert_eq!(deltas[0], json!({"role": "assistant", "content": null, "refusal": null}));
    let call = &deltas[1]["tool_calls"][0];
    assert_eq!((&call["index"], &call["function"]), (&json!(0), &json!({"name": "get_weather", "arguments": ""})));
    assert_eq!(deltas[2], json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\""}}]}));
    let arguments = |index: u64| -> String {
        let calls = deltas.iter().map(|delta| &delta["tool_calls"][0]).filter(|call| call["index"] == index);
        calls.map(|call| call["function"]["arguments"].as_str().unwrap()).collect()
    };
    assert_eq!(arguments(0), r#"{"city":"some city","unit":"c"}"#);
    assert_eq!(arguments(1), "{}");
    assert!(reply.body.contains("\"finish_reason\":\"tool_calls\""));

    let whole = sim.openai(&[], with(body, json!({"stream": false, "parallel_tool_calls": false}))).await.json();
    let message = whole["choices"][0]["message"].clone();
    assert_eq!((&message["content"], message["tool_calls"].as_array().unwrap().len()), (&Value::Null, 1));
    let result = json!({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "18 degrees"});
    let messages = json!([{"role": "user", "content": "call get_weather"}, message, result]);
    let after = sim.openai(&[], json!({"model": "m", "messages": messages, "tools": [weather()]})).await.json();
    assert_eq!(after["choices"][0]["message"]["content"], "The tool get_weather returned: 18 degrees");
}

#[tokio::test]
async fn a_structured_answer_fits_its_schema() {
    let sim = Sim::start().await;
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 2}}, "required": ["n"],
        "additionalProperties": false});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
    let reply = sim.openai(&[], with(say("m", "hi"), json!({"response_format": format}))).await.json();
    assert_eq!(reply["choices"][0]["message"]["content"], "{\"n\":2}");
    let object = json!({"response_format": {"type": "json_object"}});
    let reply = sim.openai(&[], with(say("m", "as JSON"), object)).await.json();
    assert_eq!(reply["choices"][0]["message"]["content"], "{\"answer\":\"as JSON\"}");
}

#[tokio::test]
async fn limits_stops_choices_images_and_endings_are_honoured() {
    let sim = Sim::start().await;
    let finish = |reply: &Value| reply["choices"][0]["finish_reason"].as_str().unwrap().to_owned();
    let content = |reply: &Value| reply["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned();

    let short = sim.openai(&[], with(say("m", "hi"), json!({"max_tokens": 2}))).await.json();
    assert_eq!((content(&short), finish(&short)), ("You said".into(), "length".into()));
    let stopped = sim.openai(&[], with(say("m", "one two"), json!({"stop": [" two", "x"]}))).await.json();
    assert_eq!((content(&stopped), finish(&stopped)), ("You said: one".into(), "stop".into()));
    let exact = sim.openai(&[("x-sim-output-tokens", "77")], say("m?tokens=3", "hi")).await.json();
    assert_eq!(exact["usage"]["completion_tokens"], 77);
    let twice = sim.openai(&[], with(say("m", "hi"), json!({"n": 2, "stream": true}))).await;
    assert_eq!(joined(&twice, "/choices/0/delta/content"), "YouYou said said:: hi hi");
    let refused = sim.openai(&[], say("m?finish=refusal", "hi")).await.json();
    assert_eq!(refused["choices"][0]["message"]["refusal"], "I'm sorry, but I can't help with that.");
    assert_eq!(finish(&sim.openai(&[], say("m?finish=content_filter", "hi")).await.json()), "content_filter");

    let images = json!([{"type": "text", "text": "look."}, {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aW1n", "detail": "low"}}]);
    let seen = sim.openai(&[], json!({"model": "m", "messages": [{"role": "user", "content": images}]})).await.json();
    assert_eq!(content(&seen), "You said: look. I see 2 images.");
    assert_eq!(seen["usage"]["prompt_tokens"], 2 + 3 + 2 * 85);

    let likely = sim.openai(&[], with(say("m", "hi"), json!({"logprobs": true, "top_logprobs": 2}))).await.json();
    let first = &likely["choices"][0]["logprobs"]["content"][0];
    assert_eq!((&first["token"], first["top_logprobs"].as_array().unwrap().len()), (&json!("You"), 2));
}

#[tokio::test]
async fn a_repeated_prompt_is_reported_as_cached() {
    let sim = Sim::start().await;
    let cached = async |model: &str, text: &str| {
        let body = json!({"model": model, "messages": [{"role": "system", "content": "rules ".repeat(1000)},
            {"role": "user", "content": text}]});
        sim.openai(&[], body).await.json()["usage"]["prompt_tokens_details"]["cached_tokens"].clone()
    };
    assert_eq!(cached("m", "one").await, 0);
    assert_eq!(cached("m", "two").await, 1503);
    assert_eq!(cached("m", "two").await, 1507);
    assert_eq!(cached("m?tps=9999", "two").await, 1507, "knobs make no other model");
    assert_eq!(cached("other", "two").await, 0);
    let small = sim.openai(&[], say("m?cache=1", "hi")).await.json();
    assert_eq!(small["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
    let small = sim.openai(&[], say("m?cache=1", "hi")).await.json();
    assert_eq!(small["usage"]["prompt_tokens_details"]["cached_tokens"], 4);
}

#[tokio::test]
async fn models_are_listed() {
    let sim = Sim::start().await;
    let models = sim.request("GET", "/openai/v1/models", &[], b"").await.unwrap().json();
    assert_eq!(models["data"][0]["id"], "sim-echo");
    assert_eq!(models["data"][0]["object"], "model");
}
