//! The Bedrock dialect.

use serde_json::{Value, json};
use simulator::Config;

use crate::client::{Reply, Sim, with};

const KEY: (&str, &str) = ("authorization", "Bearer key");

fn say(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": text}]}]})
}

fn weather() -> Value {
    json!({"toolSpec": {"name": "get_weather", "description": "d", "inputSchema": {"json": {"type": "object",
        "properties": {"city": {"type": "string"}}, "required": ["city"]}}}})
}

async fn send(sim: &Sim, model: &str, operation: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let model =
        model.replace('%', "%25").replace('?', "%3F").replace('&', "%26").replace(':', "%3A").replace(' ', "%20");
    let path = format!("/bedrock/model/{model}/{operation}");
    sim.request("POST", &path, headers, body.to_string().as_bytes()).await.unwrap()
}

async fn converse(sim: &Sim, model: &str, body: Value) -> Value {
    let reply = send(sim, model, "converse", &[KEY], &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// The events of a stream: message type, event or exception type, payload. Checks each frame's lengths and checksums.
fn frames(mut bytes: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let mut frames = Vec::new();
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
    while !bytes.is_empty() {
        let length = number(&bytes[..4]) as usize;
        let (frame, rest) = bytes.split_at(length);
        let (content, checksum) = frame.split_at(length - 4);
        assert_eq!(number(&content[8..12]), crc32(&content[..8]));
        assert_eq!(number(checksum), crc32(content));
        let (mut headers, payload) = content[12..].split_at(number(&content[4..8]) as usize);
        let mut read = Vec::new();
        while !headers.is_empty() {
            let (name, after) = headers[1..].split_at(usize::from(headers[0]));
            assert_eq!(after[0], 7, "a text");
            let (value, after) = after[3..].split_at(usize::from(u16::from_be_bytes([after[1], after[2]])));
            read.push((String::from_utf8(name.to_vec()).unwrap(), String::from_utf8(value.to_vec()).unwrap()));
            headers = after;
        }
        let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[1..], [":content-type", ":message-type"]);
        assert_eq!(names[0], if read[2].1 == "event" { ":event-type" } else { ":exception-type" });
        frames.push((read[2].1.clone(), read[0].1.clone(), payload.to_vec()));
        bytes = rest;
    }
    frames
}

/// CRC-32 bit by bit, as IEEE 802.3 defines it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// The events of a stream, without their padding.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    let read = |(_, name, payload): (String, String, Vec<u8>)| {
        let mut payload: Value = serde_json::from_slice(&payload).unwrap();
        if let Some(fields) = payload.as_object_mut() {
            fields.remove("p");
        }
        (name, payload)
    };
    frames(&reply.bytes).into_iter().map(read).collect()
}

fn deltas(reply: &Reply, pointer: &str) -> String {
    let text = |(_, payload): (String, Value)| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    events(reply).into_iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_stream_is_framed_as_documented() {
    let sim = Sim::start().await;
    let reply = send(&sim, "anthropic.claude-v1:0", "converse-stream", &[KEY], &say("hi.")).await;
    assert_eq!(reply.header("content-type"), Some("application/vnd.amazon.eventstream"));
    assert_eq!(reply.header("x-amzn-requestid").unwrap().len(), 36);
    let delta = |text: &str| ("contentBlockDelta".to_owned(), json!({"contentBlockIndex": 0, "delta": {"text": text}}));
    let event = |name: &str, payload: Value| (name.to_owned(), payload);
    let expected = [
        event("messageStart", json!({"role": "assistant"})),
        delta("You"),
        delta(" said"),
        delta(":"),
        delta(" hi"),
        delta("."),
        event("contentBlockStop", json!({"contentBlockIndex": 0})),
        event("messageStop", json!({"stopReason": "end_turn"})),
        event(
            "metadata",
            json!({"metrics": {"latencyMs": 42}, "usage": {"inputTokens": 4, "outputTokens": 5, "totalTokens": 9,
                "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0}}),
        ),
    ];
    assert_eq!(events(&reply), expected);
    assert!(reply.complete);
    let first = &frames(&reply.bytes)[1].2;
    assert!(first.starts_with(b"{\"contentBlockIndex\":0,\"delta\":{\"text\":\"You\"},\"p\":\"a"), "{first:?}");
}

#[tokio::test]
async fn a_whole_message_has_the_documented_members() {
    let sim = Sim::start().await;
    let wanted = json!({"inferenceConfig": {"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["two"]},
        "additionalModelResponseFieldPaths": ["/stop_sequence"], "additionalModelRequestFields": {"top_k": 5},
        "performanceConfig": {"latency": "optimized"}, "serviceTier": {"type": "flex"}, "system": [{"text": "Rules."}]});
    let body = converse(&sim, "m", with(say("one two"), wanted)).await;
    assert_eq!(
        body,
        json!({"metrics": {"latencyMs": 42}, "output": {"message": {"content": [{"text": "You said: one "}],
            "role": "assistant"}}, "stopReason": "stop_sequence", "additionalModelResponseFields": {"stop_sequence": "two"},
            "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15, "cacheReadInputTokens": 0,
            "cacheWriteInputTokens": 0}, "performanceConfig": {"latency": "optimized"}, "serviceTier": {"type": "flex"}})
    );
}

#[tokio::test]
async fn thinking_is_sealed_and_must_come_back_unchanged() {
    let sim = Sim::start().await;
    let thinking = json!({"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        "inferenceConfig": {"maxTokens": 4000}, "toolConfig": {"tools": [weather()]}});
    let ask = with(say("call get_weather"), thinking.clone());
    let streamed = send(&sim, "m", "converse-stream", &[KEY], &ask).await;
    let whole = converse(&sim, "m", ask).await;
    let content = &whole["output"]["message"]["content"];
    let reasoning = &content[0]["reasoningContent"]["reasoningText"];
    assert_eq!(reasoning["text"], deltas(&streamed, "/delta/reasoningContent/text"));
    assert_eq!(reasoning["signature"], deltas(&streamed, "/delta/reasoningContent/signature"));
    assert_eq!(deltas(&streamed, "/delta/toolUse/input"), r#"{"city":"some city"}"#);
    let start = events(&streamed).into_iter().find(|(name, _)| name == "contentBlockStart").unwrap().1;
    assert_eq!((&start["contentBlockIndex"], &start["start"]["toolUse"]["name"]), (&json!(1), &json!("get_weather")));
    assert_eq!(whole["stopReason"], "tool_use");
    assert_eq!(content[1]["toolUse"]["input"], json!({"city": "some city"}));

    let follow = async |content: Value| {
        let id = &whole["output"]["message"]["content"][1]["toolUse"]["toolUseId"];
        let result =
            json!([{"toolResult": {"toolUseId": id, "status": "success", "content": [{"json": {"degrees": 18}}]}}]);
        let messages = json!([{"role": "user", "content": [{"text": "call get_weather"}]}, {"role": "assistant",
            "content": content}, {"role": "user", "content": result}]);
        send(&sim, "m", "converse", &[KEY], &with(thinking.clone(), json!({"messages": messages}))).await
    };
    let after = follow(content.clone()).await.json();
    assert_eq!(after["output"]["message"]["content"][1]["text"], "The tool get_weather returned: {\"degrees\":18}");
    let mut forged = content.clone();
    forged[0]["reasoningContent"]["reasoningText"]["text"] = json!("something else");
    let refused = follow(forged).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("messages.1.content.0: Invalid `signature` in `thinking` block"), "{}", refused.body);
    let without = follow(json!([content[1]])).await;
    assert!(without.body.contains("messages.1.content.0.type: Expected `thinking`"), "{}", without.body);
}

#[tokio::test]
async fn thinking_can_be_hidden_or_encrypted() {
    let sim = Sim::start().await;
    let fields = |thinking: Value| json!({"additionalModelRequestFields": {"thinking": thinking}});
    let adaptive = fields(json!({"type": "adaptive", "display": "omitted"}));
    let hidden = converse(&sim, "m", with(say("hi"), with(adaptive, json!({"outputConfig": {"effort": "low"}})))).await;
    assert_eq!(hidden["output"]["message"]["content"][0]["reasoningContent"]["reasoningText"]["text"], "");
    assert_eq!(hidden["usage"]["outputTokens"], 24);
    let magic = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E";
    let ask = with(say(magic), fields(json!({"type": "adaptive"})));
    let whole = converse(&sim, "m", ask.clone()).await;
    let redacted = whole["output"]["message"]["content"][0]["reasoningContent"]["redactedContent"].as_str().unwrap();
    let streamed = send(&sim, "m", "converse-stream", &[KEY], &ask).await;
    assert_eq!(deltas(&streamed, "/delta/reasoningContent/redactedContent"), redacted);
    assert_eq!(deltas(&streamed, "/delta/reasoningContent/text"), "");
}

#[tokio::test]
async fn tools_are_called_side_by_side_and_schemas_are_kept() {
    let sim = Sim::start().await;
    let now = json!({"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}});
    let body = with(say("get_weather, now"), json!({"toolConfig": {"tools": [weather(), now]}}));
    let whole = converse(&sim, "m", body.clone()).await;
    let names: Vec<&Value> =
        whole["output"]["message"]["content"].as_array().unwrap().iter().map(|b| &b["toolUse"]["name"]).collect();
    assert_eq!(names, ["get_weather", "now"]);
    let forced = json!({"toolConfig": {"tools": [weather(), now], "toolChoice": {"tool": {"name": "now"}}}});
    let one = converse(&sim, "m", with(body, forced)).await;
    assert_eq!(one["output"]["message"]["content"][0]["toolUse"]["name"], "now");
    let schema =
        r#"{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}"#;
    let format = json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}}});
    let structured = converse(&sim, "m", with(say("hi"), format)).await;
    assert_eq!(structured["output"]["message"]["content"][0]["text"], "{\"ok\":true}");
}

#[tokio::test]
async fn prompts_are_cached_up_to_cache_points() {
    let sim = Sim::start().await;
    let usage = async |question: &str| {
        let system = json!([{"text": "rules ".repeat(1000)}, {"cachePoint": {"type": "default", "ttl": "1h"}}]);
        converse(&sim, "m", with(say(question), json!({"system": system}))).await["usage"].clone()
    };
    let first = usage("one").await;
    assert_eq!((&first["cacheWriteInputTokens"], &first["cacheReadInputTokens"]), (&json!(1503), &json!(0)));
    assert_eq!(first["cacheDetails"], json!([{"ttl": "1h", "inputTokens": 1503}]));
    let second = usage("two").await;
    assert_eq!((&second["cacheWriteInputTokens"], &second["cacheReadInputTokens"]), (&json!(0), &json!(1503)));
    assert_eq!((&second["inputTokens"], &second["totalTokens"]), (&json!(4), &json!(1511)));
    assert!(second.get("cacheDetails").is_none());
}

#[tokio::test]
async fn every_ending_has_its_stop_reason() {
    let sim = Sim::start().await;
    for (model, reason) in
        [("m?finish=content_filter", "content_filtered"), ("m?finish=refusal", "guardrail_intervened")]
    {
        assert_eq!(converse(&sim, model, say("hi")).await["stopReason"], reason);
    }
    let short = with(say("hi"), json!({"inferenceConfig": {"maxTokens": 2}}));
    assert_eq!(converse(&sim, "m", short).await["stopReason"], "max_tokens");
}

#[tokio::test]
async fn faults_are_in_awss_own_shape() {
    let sim = Sim::start().await;
    let stream = async |fault: &str| {
        send(&sim, &format!("m?tokens=10&fault={fault}"), "converse-stream", &[KEY], &say("hi")).await
    };
    let busy = stream("status:429,7").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("7")));
    assert!(busy.header("x-amzn-errortype").unwrap().starts_with("ThrottlingException:http://"));
    assert_eq!(busy.json(), json!({"message": "Too many requests, please wait before trying again."}));
    let broken = stream("error_after:3").await;
    let (kind, name, payload) = frames(&broken.bytes).pop().unwrap();
    assert_eq!((kind.as_str(), name.as_str()), ("exception", "modelStreamErrorException"));
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap()["originalStatusCode"], 500);
    assert_eq!(frames(&broken.bytes).iter().filter(|(_, name, _)| name == "contentBlockDelta").count(), 3);
    let garbage = stream("garbage_after:1").await;
    assert!(serde_json::from_slice::<Value>(&frames(&garbage.bytes).pop().unwrap().2).is_err());
    let cut = stream("drop_after:2").await;
    assert!(!cut.complete && frames(&cut.bytes).len() == 3);
    let silent = stream("no_usage").await;
    assert_eq!(events(&silent).pop().unwrap().0, "messageStop");
    let empty = stream("empty").await;
    assert_eq!(events(&empty).len(), 3);
    let log = sim.log().await;
    assert_eq!((&log[0]["dialect"], &log[0]["status"]), (&json!("bedrock"), &json!(429)));
}

/// Signed by botocore 1.44.5 at 2025-01-01T00:00:00Z, for the host `sim`: model, session token, signature.
const SIGNED: [(&str, Option<&str>, &str); 2] = [
    (
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        None,
        "e9df78cb38b34127da4e814eddeb945a2f15095d62ec20c9e05c087b67651421",
    ),
    ("sim-echo?tokens=3&ttft=0", Some("session"), "76bc8076e1d289248a5bcda4fcbfd3998a6d9c0e049e94412206bddc3cafac3d"),
];

#[tokio::test]
async fn a_signature_by_awss_own_client_is_let_in_and_any_change_is_not() {
    let sim = Sim::start().await;
    for (model, session, signature) in SIGNED {
        let encoded = model.replace('?', "%3F").replace('&', "%26").replace(':', "%3A").replace('=', "%3D");
        let path = format!("/bedrock/model/{encoded}/converse");
        let names = if session.is_some() { ";x-amz-security-token" } else { "" };
        let send = async |key: &str, signature: &str, body: &str| {
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential={key}/20250101/us-east-1/bedrock/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date{names}, Signature={signature}"
            );
            let mut headers = vec![
                ("content-type", "application/json"),
                ("x-amz-date", "20250101T000000Z"),
                ("authorization", &authorization),
            ];
            headers.extend(session.map(|token| ("x-amz-security-token", token)));
            sim.request("POST", &path, &headers, body.as_bytes()).await.unwrap()
        };
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hi."}]}]}"#;
        let good = send("AKIASIMULATOR00000000", signature, body).await;
        assert_eq!(good.status, 200, "{}", good.body);
        let kind = |reply: &Reply| reply.header("x-amzn-errortype").unwrap().split(':').next().unwrap().to_owned();
        let changed = send("AKIASIMULATOR00000000", signature, &body.replace("hi", "ho")).await;
        assert_eq!((changed.status, kind(&changed).as_str()), (403, "InvalidSignatureException"));
        let stranger = send("AKIASTRANGER00000000", signature, body).await;
        assert_eq!((stranger.status, kind(&stranger).as_str()), (403, "UnrecognizedClientException"));
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_credentials() {
    let sim = Sim::with(Config { api_key: Some("key".into()), ..Config::default() }).await;
    let none = send(&sim, "m", "converse", &[], &say("hi")).await;
    assert_eq!((none.status, none.json()), (403, json!({"message": "Missing Authentication Token"})));
    let wrong = send(&sim, "m", "converse", &[("authorization", "Bearer other")], &say("hi")).await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.body.contains("Please make sure your API Key is valid."));
    assert_eq!(send(&sim, "m", "converse", &[KEY], &say("hi")).await.status, 200);
    let old = "AWS4-HMAC-SHA256 Credential=AKIASIMULATOR00000000/20250101/us-east-1/bedrock/aws4_request, \
               SignedHeaders=host;x-amz-date, Signature=00";
    let headers = [("authorization", old), ("x-amz-date", "20250101T000000Z")];
    let expired = send(&sim, "m", "converse", &headers, &say("hi")).await;
    assert!(expired.status == 403 && expired.body.contains("Signature expired"), "{}", expired.body);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a flat table")]
async fn aws_says_what_is_wrong_and_where() {
    let sim = Sim::start().await;
    let plain = |fields| with(say("hi"), fields);
    let messages = |messages: Value| json!({"messages": messages, "toolConfig": {"tools": [weather()]}});
    let user = |content: Value| messages(json!([{"role": "user", "content": content}]));
    let hi = json!({"role": "user", "content": [{"text": "hi"}]});
    let used =
        json!({"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": {}}}]});
    let result = |id: &str| json!({"toolResult": {"toolUseId": id, "content": [{"text": "x"}]}});
    let spec = |name: &str, schema: Value| {
        plain(json!({"toolConfig": {"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": schema}}}]}}))
    };
    let cases = [
        (
            plain(json!({"inferenceConfig": {"temperature": 1.5}})),
            "1 validation error detected: Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1",
        ),
        (plain(json!({"inferenceConfig": {"maxTokens": 0}})), "Member must have value greater than or equal to 1"),
        (
            plain(json!({"inferenceConfig": {"topK": 5}})),
            "Malformed input request: #/inferenceConfig: extraneous key [topK] is not permitted",
        ),
        (plain(json!({"additionalModelRequestFields": {"foo": 1}})), "extraneous key [foo] is not permitted"),
        (
            plain(json!({"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 10}}})),
            "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            messages(json!([{"role": "robot", "content": []}])),
            "Value 'robot' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
        ),
        (messages(json!([hi, hi])), "A conversation must alternate between user and assistant roles."),
        (
            messages(json!([{"role": "assistant", "content": [{"text": "hi"}]}])),
            "A conversation must start with a user message.",
        ),
        (messages(json!([])), "A conversation must start with a user message."),
        (user(json!([])), "The content field in the Message object at messages.0 is empty."),
        (user(json!([{"text": "  "}])), "The text field in the ContentBlock object at messages.0.content.0 is blank."),
        (
            user(json!([{"type": "text"}])),
            "The ContentBlock object at messages.0.content.0 must set one of the following keys: text, image",
        ),
        (user(json!("hi")), "Unexpected field type"),
        (user(json!([{"text": 5}])), "NUMBER_VALUE can not be converted to String"),
        (
            user(json!([{"image": {"format": "tiff", "source": {"bytes": "aW1n"}}}])),
            "Member must satisfy enum value set: [png, jpeg, gif, webp]",
        ),
        (
            user(json!([{"text": "a"}, {"document": {"name": "a.pdf", "format": "pdf", "source": {"bytes": "aW1n"}}}])),
            "The document file name can only contain alphanumeric characters",
        ),
        (
            user(json!([{"document": {"name": "a", "format": "pdf", "source": {"bytes": "aW1n"}}}])),
            "A text block must be included",
        ),
        (
            user(json!([{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}])),
            "not allowed in a message of the user role",
        ),
        (
            user(json!([result("t9")])),
            "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn.",
        ),
        (messages(json!([hi, used, hi])), "Expected toolResult blocks at messages.2.content for the following Ids: t1"),
        (messages(json!([hi, used])), "Expected toolResult blocks at messages.2.content for the following Ids: t1"),
        (
            json!({"messages": [hi, used, {"role": "user", "content": [result("t1")]}]}),
            "The toolConfig field must be defined",
        ),
        (
            messages(
                json!([hi, used, {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "status": "error", "content": []}}]}]),
            ),
            "cannot be empty when status value is error",
        ),
        (
            messages(
                json!([hi, {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "f", "input": "{}"}}]}]),
            ),
            "The format of the value at messages.1.content.0.toolUse.input is invalid. Provide a json object",
        ),
        (
            spec("get weather", json!({"type": "object"})),
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
        ),
        (
            spec("f", json!({})),
            "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.",
        ),
        (plain(json!({"toolConfig": {"tools": []}})), "Member must have length greater than or equal to 1"),
        (
            plain(json!({"toolConfig": {"tools": [weather()], "toolChoice": {"none": {}}}})),
            "must set one of the following keys: auto, any, tool",
        ),
        (say(&"word ".repeat(200_000)), "Input is too long for requested model."),
    ];
    for (body, expected) in cases {
        let reply = send(&sim, "m", "converse-stream", &[KEY], &body).await;
        let shown = body.to_string();
        assert_eq!(reply.status, 400, "{}", &shown[..shown.len().min(300)]);
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(expected), "{message} should say {expected}");
    }
    let bad = send(&sim, "not a model", "converse", &[KEY], &say("hi")).await;
    assert_eq!((bad.status, bad.json()["message"].as_str()), (400, Some("The provided model identifier is invalid.")));
}
