//! The Cohere dialect: chat, embed, rerank.

use serde_json::{Value, json};
use simulator::Config;

use crate::client::{Reply, Sim, with};

fn say(model: &str, text: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}]})
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": {"type": "object",
        "properties": {"city": {"type": "string"}}, "required": ["city"]}}})
}

async fn post(sim: &Sim, path: &str, body: &Value) -> Reply {
    sim.request("POST", &format!("/cohere/v2/{path}"), &[], body.to_string().as_bytes()).await.unwrap()
}

async fn chat(sim: &Sim, body: Value) -> Value {
    let reply = post(sim, "chat", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

async fn stream(sim: &Sim, body: Value) -> Reply {
    post(sim, "chat", &with(body, json!({"stream": true}))).await
}

fn deltas(reply: &Reply, pointer: &str) -> String {
    reply.events().iter().filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_stream_is_as_documented_to_the_byte() {
    let sim = Sim::start().await;
    let reply = stream(&sim, say("sim-echo", "hi.")).await;
    let id = reply.events()[0]["id"].as_str().unwrap().to_owned();
    let delta = |text: &str| {
        format!(
            "event: content-delta\ndata: {{\"type\":\"content-delta\",\"index\":0,\"delta\":{{\"message\":{{\"content\":\
             {{\"text\":\"{text}\"}}}}}}}}\n\n"
        )
    };
    let expected = [
        format!(
            "event: message-start\ndata: {{\"type\":\"message-start\",\"id\":\"{id}\",\"delta\":{{\"message\":{{\"role\":\"assistant\",\
             \"content\":[],\"tool_plan\":\"\",\"tool_calls\":[],\"citations\":[]}}}}}}\n\n"
        ),
        "event: content-start\ndata: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"text\",\
         \"text\":\"\"}}}}\n\n"
            .to_owned(),
        delta("You"),
        delta(" said"),
        delta(":"),
        delta(" hi"),
        delta("."),
        "event: content-end\ndata: {\"type\":\"content-end\",\"index\":0}\n\n".to_owned(),
        format!(
            "event: message-end\ndata: {{\"type\":\"message-end\",\"id\":\"{id}\",\"delta\":{{\"finish_reason\":\"COMPLETE\",\
             \"usage\":{{\"billed_units\":{{\"input_tokens\":4,\"output_tokens\":5}},\"tokens\":{{\"input_tokens\":70,\
             \"output_tokens\":5}},\"cached_tokens\":0}}}}}}\n\n"
        ),
        "data: [DONE]\n\n".to_owned(),
    ];
    assert_eq!(reply.body, expected.concat());
    assert!(reply.complete);
}

#[tokio::test]
async fn a_whole_answer_has_the_documented_fields() {
    let sim = Sim::start().await;
    let settings = json!({"temperature": 0.3, "p": 0.75, "k": 3, "seed": 7, "frequency_penalty": 0.5, "safety_mode": "STRICT",
        "stop_sequences": ["two"], "max_tokens": 50, "citation_options": {"mode": "OFF"}, "logprobs": true});
    let mut body = chat(&sim, with(say("m", "one two"), settings)).await;
    assert_eq!(body["id"].take().as_str().unwrap().len(), 36);
    let logprobs = body["logprobs"].take();
    assert_eq!((logprobs.as_array().unwrap().len(), &logprobs[0]["text"]), (5, &json!("You")));
    assert_eq!(
        body,
        json!({"id": null, "message": {"role": "assistant", "content": [{"type": "text", "text": "You said: one "}]},
            "finish_reason": "STOP_SEQUENCE", "usage": {"billed_units": {"input_tokens": 5, "output_tokens": 5},
            "tokens": {"input_tokens": 71, "output_tokens": 5}, "cached_tokens": 0}, "logprobs": null})
    );
}

#[tokio::test]
async fn calls_follow_a_plan_and_results_are_quoted() {
    let sim = Sim::start().await;
    let now = json!({"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}});
    let tools = json!({"tools": [weather(), now]});
    let ask = with(say("m", "get_weather, now"), tools.clone());
    let streamed = stream(&sim, ask.clone()).await;
    let whole = chat(&sim, ask).await;
    let message = &whole["message"];
    assert_eq!(whole["finish_reason"], "TOOL_CALL");
    assert_eq!(message["tool_plan"], "I will use get_weather and now.");
    assert_eq!(message["tool_plan"], deltas(&streamed, "/delta/message/tool_plan"));
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], r#"{"city":"some city"}"#);
    let arguments = deltas(&streamed, "/delta/message/tool_calls/function/arguments");
    assert_eq!(arguments, r#"{"city":"some city"}{}"#);
    let kinds: Vec<Value> = streamed.events().iter().filter(|e| e["index"] == 1).map(|e| e["type"].clone()).collect();
    assert_eq!(kinds, ["tool-call-start", "tool-call-delta", "tool-call-end"]);

    let result = |call: usize, content: Value| json!({"role": "tool", "tool_call_id": message["tool_calls"][call]["id"], "content": content});
    let document = json!([{"type": "document", "document": {"data": {"time": "noon"}}}]);
    let messages = json!([{"role": "user", "content": "get_weather, now"}, message, result(0, json!("18 degrees")),
        result(1, document)]);
    let after = chat(&sim, with(tools, json!({"model": "m", "messages": messages}))).await;
    let said = "The tool get_weather returned: 18 degrees\nThe tool now returned: {\"time\":\"noon\"}";
    assert_eq!(after["message"]["content"][0]["text"], said);
    let forced = json!({"tools": [weather()], "tool_choice": "REQUIRED", "strict_tools": true});
    assert_eq!(chat(&sim, with(say("m", "hi"), forced)).await["finish_reason"], "TOOL_CALL");
    let barred = json!({"tools": [weather()], "tool_choice": "NONE"});
    assert_eq!(chat(&sim, with(say("m", "get_weather"), barred)).await["finish_reason"], "COMPLETE");
}

#[tokio::test]
async fn thinking_is_a_block_of_its_own() {
    let sim = Sim::start().await;
    let thinking = json!({"thinking": {"type": "enabled", "token_budget": 20}});
    let whole = chat(&sim, with(say("m", "hi"), thinking.clone())).await;
    let streamed = stream(&sim, with(say("m", "hi"), thinking)).await;
    assert_eq!(whole["message"]["content"][0]["thinking"], deltas(&streamed, "/delta/message/content/thinking"));
    assert_eq!(whole["message"]["content"][1]["text"], "You said: hi");
    assert_eq!(deltas(&streamed, "/delta/message/content/type"), "thinkingtext");
    let by_model = chat(&sim, say("sim-reasoner", "hi")).await;
    assert_eq!(by_model["message"]["content"][0]["type"], "thinking");
    let off = chat(&sim, with(say("sim-reasoner", "hi"), json!({"thinking": {"type": "disabled"}}))).await;
    assert_eq!(off["message"]["content"][0]["type"], "text");
}

#[tokio::test]
async fn answers_keep_to_schemas_and_see_images() {
    let sim = Sim::start().await;
    let schema = json!({"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]});
    let format = json!({"response_format": {"type": "json_object", "json_schema": schema}});
    assert_eq!(chat(&sim, with(say("m", "hi"), format)).await["message"]["content"][0]["text"], "{\"ok\":true}");
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,aW1n", "detail": "low"}});
    let content = json!([{"type": "text", "text": "look"}, image]);
    let seen = chat(&sim, json!({"model": "m", "messages": [{"role": "user", "content": content}]})).await;
    assert_eq!(seen["message"]["content"][0]["text"], "You said: look I see 1 image.");
}

#[tokio::test]
async fn faults_are_in_coheres_own_shape() {
    let sim = Sim::start().await;
    let faulty = |fault: &str| say(&format!("m?tokens=10&fault={fault}"), "hi");
    let busy = stream(&sim, faulty("status:429,7")).await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("7")));
    assert!(busy.json()["id"].is_string() && busy.json()["message"].is_string());
    let broken = stream(&sim, faulty("error_after:3")).await;
    let last = broken.events().pop().unwrap();
    assert_eq!((&last["type"], &last["delta"]["finish_reason"]), (&json!("message-end"), &json!("ERROR")));
    assert!(last["delta"]["error"].is_string() && !broken.body.contains("[DONE]"));
    let cut = stream(&sim, faulty("drop_after:2")).await;
    assert!(!cut.complete && deltas(&cut, "/delta/message/content/text") == "You said");
    assert!(!stream(&sim, faulty("no_usage")).await.body.contains("usage"));
    let embed = json!({"model": "m?fault=status:503", "input_type": "search_query", "texts": ["a"]});
    assert_eq!(post(&sim, "embed", &embed).await.status, 503);
}

#[tokio::test]
async fn embeddings_come_in_each_type_asked_for() {
    let sim = Sim::start().await;
    let body = json!({"model": "e", "input_type": "search_document", "texts": ["red boat", "blue"],
        "embedding_types": ["float", "int8", "uint8", "binary", "ubinary", "base64"], "output_dimension": 256});
    let reply = post(&sim, "embed", &body).await.json();
    for (kind, length) in [("float", 256), ("int8", 256), ("uint8", 256), ("binary", 32), ("ubinary", 32)] {
        let all = reply["embeddings"][kind].as_array().unwrap();
        assert_eq!((all.len(), all[0].as_array().unwrap().len()), (2, length), "{kind}");
    }
    assert!(reply["embeddings"]["base64"][1].is_string());
    assert_eq!((&reply["texts"], &reply["response_type"]), (&body["texts"], &json!("embeddings_by_type")));
    assert_eq!(reply["meta"], json!({"api_version": {"version": "2"}, "billed_units": {"input_tokens": 3}}));
    let inputs = json!([{"content": [{"type": "text", "text": "red"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aW1n"}}]}]);
    let mixed =
        post(&sim, "embed", &json!({"model": "e", "input_type": "search_document", "inputs": inputs})).await.json();
    assert_eq!(mixed["embeddings"]["float"][0].as_array().unwrap().len(), 1536);
    assert_eq!(mixed["meta"]["billed_units"], json!({"input_tokens": 1, "images": 1}));
}

#[tokio::test]
async fn documents_are_ranked_by_the_words_they_share_with_the_query() {
    let sim = Sim::start().await;
    let documents = json!(["a lamp", "The capital of Norway is Oslo.", "Norway is cold"]);
    let body = json!({"model": "r", "query": "capital of norway", "documents": documents, "top_n": 2});
    let reply = post(&sim, "rerank", &body).await.json();
    let order: Vec<&Value> = reply["results"].as_array().unwrap().iter().map(|result| &result["index"]).collect();
    assert_eq!(order, [1, 2]);
    assert_eq!(reply["results"][0]["relevance_score"], 1.0);
    assert_eq!(reply["meta"]["billed_units"], json!({"search_units": 1}));
    let many: Vec<String> = (0..101).map(|n| format!("document {n}")).collect();
    let reply = post(&sim, "rerank", &json!({"model": "r", "query": "x", "documents": many})).await.json();
    assert_eq!(reply["meta"]["billed_units"], json!({"search_units": 2}));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a flat table")]
async fn cohere_says_what_is_wrong_and_where() {
    let sim = Sim::start().await;
    let plain = |fields| with(say("m", "hi"), fields);
    let tool = json!({"tools": [weather()]});
    let called = json!({"role": "assistant", "tool_calls": [{"id": "c1", "type": "function",
        "function": {"name": "get_weather", "arguments": "{}"}}]});
    let hi = json!({"role": "user", "content": "hi"});
    let cases = [
        ("chat", json!({"messages": [hi]}), 400, "a model parameter is required for this endpoint."),
        ("chat", plain(json!({"foo": 1})), 422, "unknown field: parameter 'foo' is not a valid field."),
        (
            "chat",
            plain(json!({"messages": [{"role": "user", "content": "a", "name": "x"}]})),
            422,
            "parameter 'messages[0].name'",
        ),
        ("chat", plain(json!({"temperature": 1.5})), 400, "invalid request: temperature must be at most 1 inclusive"),
        ("chat", plain(json!({"p": 1.0})), 400, "p must be at most 0.99"),
        (
            "chat",
            plain(json!({"stream": "yes"})),
            400,
            "invalid type: parameter stream is of type string but should be of type boolean.",
        ),
        (
            "chat",
            plain(json!({"frequency_penalty": 0.1, "presence_penalty": 0.1})),
            400,
            "cannot specify both frequency_penalty and presence_penalty",
        ),
        (
            "chat",
            plain(json!({"stop_sequences": ["a", "b", "c", "d", "e", "f"]})),
            400,
            "stop_sequences must have at most 5",
        ),
        (
            "chat",
            plain(json!({"tool_choice": "REQUIRED"})),
            400,
            "tool_choice is only supported when tools are provided",
        ),
        (
            "chat",
            plain(with(tool.clone(), json!({"tool_choice": "auto"}))),
            400,
            "tool_choice must be one of REQUIRED, NONE - received auto.",
        ),
        (
            "chat",
            plain(with(tool.clone(), json!({"response_format": {"type": "json_object"}}))),
            400,
            "response_format is not supported with tools.",
        ),
        ("chat", plain(with(tool, json!({"safety_mode": "STRICT"}))), 400, "safety_mode is not supported"),
        (
            "chat",
            plain(json!({"response_format": {"type": "json_object", "json_schema": {"type": "object"}}})),
            400,
            "at least one required field",
        ),
        ("chat", plain(json!({"messages": [hi, called, hi]})), 400, "missing: c1"),
        (
            "chat",
            plain(json!({"messages": [hi, {"role": "tool", "tool_call_id": "c9", "content": "x"}]})),
            400,
            "tool call id 'c9' not found",
        ),
        ("chat", say("m", ""), 400, "message must be at least 1 token long"),
        (
            "chat",
            say("m", &"word ".repeat(250_000)),
            400,
            "too many tokens: total number of tokens in the prompt cannot exceed 256000 - received",
        ),
        ("embed", json!({"model": "e", "texts": ["a"]}), 400, "valid input_type must be provided"),
        ("embed", json!({"model": "e", "input_type": "clustering"}), 400, "exactly one of texts, images or inputs"),
        (
            "embed",
            json!({"model": "e", "input_type": "clustering", "texts": vec!["a"; 97]}),
            400,
            "total number of texts must be at most 96 - received 97",
        ),
        (
            "rerank",
            json!({"model": "r", "query": " ", "documents": ["a"]}),
            400,
            "query must not be empty or be only whitespace",
        ),
        ("rerank", json!({"model": "r", "query": "a", "documents": []}), 400, "list of documents must not be empty"),
    ];
    for (path, body, status, expected) in cases {
        let reply = post(&sim, path, &body).await;
        let message = reply.json()["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(reply.status, status, "{message}");
        assert!(message.contains(expected), "{message} should say {expected}");
    }
}

#[tokio::test]
async fn a_key_is_asked_for() {
    let sim = Sim::with(Config { api_key: Some("key".into()), ..Config::default() }).await;
    let body = say("m", "hi").to_string();
    let send = async |headers: &[(&str, &str)]| {
        sim.request("POST", "/cohere/v2/chat", headers, body.as_bytes()).await.unwrap()
    };
    assert_eq!((send(&[]).await.status, send(&[("authorization", "Bearer key")]).await.status), (401, 200));
    assert_eq!(send(&[("authorization", "Bearer no")]).await.json()["message"], "invalid api token");
}
