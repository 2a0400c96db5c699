//! The Anthropic dialect.

use serde_json::{Value, json};

use crate::client::{Reply, Sim, say, with};

fn deltas(reply: &Reply, field: &str) -> String {
    reply.events().iter().filter_map(|event| event["delta"][field].as_str().map(str::to_owned)).collect()
}

fn weather() -> Value {
    json!({"name": "get_weather", "description": "d", "input_schema": {"type": "object",
        "properties": {"city": {"type": "string"}}, "required": ["city"]}})
}

#[tokio::test]
async fn a_stream_is_as_documented_to_the_byte() {
    let sim = Sim::start().await;
    let reply = sim.anthropic(&[], with(say("sim-echo", "hi."), json!({"stream": true}))).await;
    let id = reply.events()[0]["message"]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("msg_01") && id.len() == 28, "{id}");
    let delta = |text: &str| {
        format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\
             \"text\":\"{text}\"}}}}\n\n"
        )
    };
    let expected = [
        format!(
            "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"model\":\"sim-echo\",\"id\":\"{id}\",\
             \"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\
             \"stop_details\":null,\"usage\":{{\"input_tokens\":4,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\
             \"cache_creation\":{{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}},\"output_tokens\":1,\
             \"service_tier\":\"standard\",\"inference_geo\":\"not_available\"}}}}}}\n\n"
        ),
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\
         \"text\":\"\"}}\n\n"
            .to_owned(),
        "event: ping\ndata: {\"type\":\"ping\"}\n\n".to_owned(),
        delta("You"),
        delta(" said"),
        delta(":"),
        delta(" hi"),
        delta("."),
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n".to_owned(),
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"stop_details\":null},\
         \"usage\":{\"input_tokens\":4,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":5,\"output_tokens_details\":{\"thinking_tokens\":0}}}\n\n"
            .to_owned(),
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".to_owned(),
    ];
    assert_eq!(reply.body, expected.concat());
    assert!(reply.header("request-id").unwrap().starts_with("req_011C"));
    assert!(reply.complete);
}

#[tokio::test]
async fn a_whole_message_has_the_documented_fields() {
    let sim = Sim::start().await;
    let mut body = sim.anthropic(&[], with(say("m", "one two"), json!({"stop_sequences": ["two"]}))).await.json();
    assert!(body["id"].take().as_str().unwrap().starts_with("msg_01"));
    assert_eq!(
        body,
        json!({"id": null, "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text",
            "text": "You said: one "}], "stop_reason": "stop_sequence", "stop_sequence": "two", "stop_details": null,
            "usage": {"input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, "output_tokens": 5,
                "output_tokens_details": {"thinking_tokens": 0}, "service_tier": "standard", "inference_geo": "not_available"}})
    );
}

#[tokio::test]
async fn thinking_is_sealed_and_must_come_back_unchanged() {
    let sim = Sim::start().await;
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}, "tools": [weather()]});
    let ask = with(say("sim-reasoner", "call get_weather"), thinking.clone());
    let streamed = sim.anthropic(&[], with(ask.clone(), json!({"stream": true}))).await;
    let whole = sim.anthropic(&[], ask).await.json();
    assert_eq!(whole["content"][0]["type"], "thinking");
    assert_eq!(whole["content"][0]["thinking"], deltas(&streamed, "thinking"));
    assert_eq!(whole["content"][0]["signature"], deltas(&streamed, "signature"));
    assert_eq!(deltas(&streamed, "partial_json"), r#"{"city":"some city"}"#);
    assert_eq!(whole["stop_reason"], "tool_use");

    let follow = async |content: Value| {
        let result =
            json!([{"type": "tool_result", "tool_use_id": whole["content"][1]["id"], "content": "18 degrees"}]);
        let messages = json!([{"role": "user", "content": "call get_weather"}, {"role": "assistant", "content": content},
            {"role": "user", "content": result}]);
        sim.anthropic(&[], with(thinking.clone(), json!({"model": "m", "max_tokens": 4000, "messages": messages})))
            .await
    };
    let after = follow(whole["content"].clone()).await.json();
    assert_eq!(after["content"][1]["text"], "The tool get_weather returned: 18 degrees");
    let mut forged = whole["content"].clone();
    forged[0]["thinking"] = json!("something else");
    let refused = follow(forged).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("Invalid `signature` in `thinking` block"), "{}", refused.body);
    let without = follow(json!([whole["content"][1]])).await;
    assert!(without.body.contains("messages.1.content.0.type: Expected `thinking`"), "{}", without.body);
}

#[tokio::test]
async fn thinking_can_be_hidden_and_still_counts() {
    let sim = Sim::start().await;
    let thinking = json!({"thinking": {"type": "adaptive", "display": "omitted"}, "output_config": {"effort": "low"}});
    let body = sim.anthropic(&[], with(say("m", "hi"), thinking.clone())).await.json();
    assert_eq!(body["content"][0]["thinking"], "");
    assert_eq!(body["usage"]["output_tokens"], 24);
    assert_eq!(body["usage"]["output_tokens_details"]["thinking_tokens"], 20);
    let streamed = sim.anthropic(&[], with(say("m", "hi"), with(thinking, json!({"stream": true})))).await;
    assert_eq!((deltas(&streamed, "thinking"), deltas(&streamed, "text")), (String::new(), "You said: hi".into()));
    assert!(streamed.complete && !deltas(&streamed, "signature").is_empty());
}

#[tokio::test]
async fn several_tools_are_called_in_blocks_of_their_own() {
    let sim = Sim::start().await;
    let now = json!({"name": "now", "input_schema": {"type": "object"}});
    let body = with(say("m", "get_weather, now"), json!({"tools": [weather(), now], "stream": true}));
    let reply = sim.anthropic(&[], body.clone()).await;
    let starts: Vec<Value> =
        reply.events().into_iter().filter(|event| event["type"] == "content_block_start").collect();
    let names: Vec<&Value> = starts.iter().map(|start| &start["content_block"]["name"]).collect();
    assert_eq!(names, ["get_weather", "now"]);
    assert_eq!((&starts[1]["index"], &starts[1]["content_block"]["input"]), (&json!(1), &json!({})));
    let forced = json!({"stream": false, "tool_choice": {"type": "tool", "name": "now"}});
    let whole = sim.anthropic(&[], with(body, forced)).await.json();
    assert_eq!((&whole["content"][0]["name"], &whole["content"][0]["input"]), (&json!("now"), &json!({})));
    let format = json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object",
        "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false}}}});
    let structured = sim.anthropic(&[], with(say("m", "hi"), format)).await.json();
    assert_eq!(structured["content"][0]["text"], "{\"ok\":true}");
}

#[tokio::test]
async fn marked_prefixes_are_written_then_read() {
    let sim = Sim::start().await;
    let usage = async |question: &str, ttl: &str| {
        let control = json!({"type": "ephemeral", "ttl": ttl});
        let body = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": question}],
            "system": [{"type": "text", "text": "rules ".repeat(1000), "cache_control": control}]});
        sim.anthropic(&[], body).await.json()["usage"].clone()
    };
    let first = usage("one", "1h").await;
    assert_eq!((&first["cache_creation_input_tokens"], &first["cache_read_input_tokens"]), (&json!(1503), &json!(0)));
    assert_eq!(first["cache_creation"], json!({"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 1503}));
    let second = usage("two", "5m").await;
    assert_eq!((&second["cache_creation_input_tokens"], &second["cache_read_input_tokens"]), (&json!(0), &json!(1503)));
    assert_eq!(second["input_tokens"], 4);
}
