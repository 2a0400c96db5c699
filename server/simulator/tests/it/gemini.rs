//! The Gemini dialect.

use serde_json::{Value, json};
use simulator::Config;

use crate::client::{Reply, Sim, with};

/// A request that says `text`.
fn say(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

fn weather() -> Value {
    json!({"functionDeclarations": [{"name": "get_weather", "description": "d", "parameters": {"type": "OBJECT",
        "properties": {"city": {"type": "STRING"}}, "required": ["city"]}}]})
}

fn thinking() -> Value {
    json!({"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": true}}})
}

/// The parts of all events of a stream, of the first candidate.
fn parts(reply: &Reply) -> Vec<Value> {
    let of = |event: &Value| event["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default();
    reply.events().iter().flat_map(of).collect()
}

fn text(parts: &[Value], thought: bool) -> String {
    parts.iter().filter(|part| (part["thought"] == true) == thought).filter_map(|part| part["text"].as_str()).collect()
}

#[tokio::test]
async fn a_stream_is_as_documented_to_the_byte() {
    let sim = Sim::start().await;
    let reply = sim.gemini("sim-echo:streamGenerateContent?alt=sse", say("hi.")).await;
    let id = reply.events()[0]["responseId"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 22);
    let event = |text: &str, finish: &str, sent: u32| {
        format!(
            "data: {{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": \"{text}\"}}],\"role\": \"model\"}},{finish}\"index\": 0}}],\
             \"usageMetadata\": {{\"promptTokenCount\": 4,\"candidatesTokenCount\": {sent},\"totalTokenCount\": {},\
             \"promptTokensDetails\": [{{\"modality\": \"TEXT\",\"tokenCount\": 4}}]}},\
             \"modelVersion\": \"sim-echo\",\"responseId\": \"{id}\"}}\r\n\r\n",
            4 + sent
        )
    };
    let expected = [
        event("You", "", 1),
        event(" said", "", 2),
        event(":", "", 3),
        event(" hi", "", 4),
        event(".", "", 5),
        event("", "\"finishReason\": \"STOP\",", 5),
    ];
    assert_eq!(reply.body, expected.concat());
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    assert!(reply.complete);
}

#[tokio::test]
async fn a_stream_not_asked_for_as_events_is_an_array() {
    let sim = Sim::start().await;
    let reply = sim.gemini("sim-echo:streamGenerateContent", say("hi.")).await;
    assert!(reply.body.starts_with("[{\n  \"candidates\": [\n") && reply.body.contains("}\n,\r\n{"), "{}", reply.body);
    let chunks = reply.json();
    assert_eq!(chunks.as_array().unwrap().len(), 6);
    assert_eq!(chunks[5]["candidates"][0]["finishReason"], "STOP");
    let refused = sim.gemini("sim-echo:streamGenerateContent", json!({})).await;
    assert_eq!((refused.status, &refused.json()[0]["error"]["code"]), (400, &json!(400)));
    let broken = sim.gemini("sim-echo%3Ffault%3Derror_after%3A2:streamGenerateContent", say("hi.")).await.json();
    assert_eq!((broken.as_array().unwrap().len(), &broken[2]["error"]["status"]), (3, &json!("UNAVAILABLE")));
}

#[tokio::test]
async fn a_whole_answer_has_the_documented_fields() {
    let sim = Sim::start().await;
    let config = json!({"generationConfig": {"stopSequences": ["two"]}});
    let mut body = sim.gemini("m:generateContent", with(say("one two"), config)).await.json();
    assert_eq!(body["responseId"].take().as_str().unwrap().len(), 22);
    assert_eq!(
        body,
        json!({"candidates": [{"content": {"parts": [{"text": "You said: one "}], "role": "model"}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 5, "totalTokenCount": 10,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}]}, "modelVersion": "m", "responseId": null})
    );
}

#[tokio::test]
async fn thoughts_are_shown_if_wanted_and_counted_apart() {
    let sim = Sim::start().await;
    let streamed = sim.gemini("m:streamGenerateContent?alt=sse", with(say("hi"), thinking())).await;
    let all = parts(&streamed);
    let whole = sim.gemini("m:generateContent", with(say("hi"), thinking())).await.json();
    let content = whole["candidates"][0]["content"]["parts"].as_array().unwrap();
    assert_eq!((text(content, true), text(content, false)), (text(&all, true), text(&all, false)));
    assert_eq!(text(&all, false), "You said: hi");
    assert_eq!(content[1]["thoughtSignature"], all.last().unwrap()["thoughtSignature"]);
    assert!(all.last().unwrap()["thoughtSignature"].is_string());
    let usage = &whole["usageMetadata"];
    assert_eq!((&usage["thoughtsTokenCount"], &usage["candidatesTokenCount"]), (&json!(20), &json!(4)));
    assert_eq!(usage["totalTokenCount"], 28);
    assert_eq!(&streamed.events().last().unwrap()["usageMetadata"], usage);
    assert_eq!(streamed.events()[0]["usageMetadata"]["thoughtsTokenCount"], 1);

    let hidden = sim.gemini("sim-reasoner:streamGenerateContent?alt=sse", say("hi")).await;
    assert_eq!(text(&parts(&hidden), true), "");
    assert_eq!(hidden.events().last().unwrap()["usageMetadata"]["thoughtsTokenCount"], 60);
    let off = json!({"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}});
    let plain = sim.gemini("sim-reasoner:generateContent", with(say("hi"), off)).await.json();
    assert!(plain["usageMetadata"].get("thoughtsTokenCount").is_none());
    assert!(plain["candidates"][0]["content"]["parts"][0].get("thoughtSignature").is_none());
}

#[tokio::test]
async fn a_call_comes_whole_and_its_signature_must_come_back() {
    let sim = Sim::start().await;
    let tools = with(thinking(), json!({"tools": [weather()]}));
    let ask = with(say("call get_weather"), tools.clone());
    let streamed = sim.gemini("m:streamGenerateContent?alt=sse", ask.clone()).await;
    let made: Vec<Value> = parts(&streamed).into_iter().filter(|part| part["functionCall"].is_object()).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["functionCall"]["args"], json!({"city": "some city"}));
    assert_eq!(streamed.events().last().unwrap()["candidates"][0]["finishReason"], "STOP");
    let whole = sim.gemini("m:generateContent", ask).await.json();
    let content = whole["candidates"][0]["content"].clone();
    let call = content["parts"][1].clone();
    assert_eq!(call["thoughtSignature"], made[0]["thoughtSignature"]);

    let follow = async |call: &Value| {
        let answer = json!({"functionResponse": {"name": "get_weather", "id": call["functionCall"]["id"], "response": {"output": "18 degrees"}}});
        let contents = json!([{"role": "user", "parts": [{"text": "call get_weather"}]}, {"role": "model", "parts": [call]},
            {"role": "user", "parts": [answer]}]);
        sim.gemini("m:generateContent", with(tools.clone(), json!({"contents": contents}))).await
    };
    let after = follow(&call).await.json();
    assert_eq!(after["candidates"][0]["content"]["parts"][1]["text"], "The tool get_weather returned: 18 degrees");
    let mut bare = call.clone();
    bare.as_object_mut().unwrap().remove("thoughtSignature");
    let refused = follow(&bare).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("is missing a thought_signature in functionCall parts."), "{}", refused.body);
    assert!(refused.body.contains("function call `default_api:get_weather` , position 2."), "{}", refused.body);
    let excused = with(bare.clone(), json!({"thoughtSignature": "skip_thought_signature_validator"}));
    assert_eq!(follow(&excused).await.status, 200);
    let forged = follow(&with(bare, json!({"thoughtSignature": "c2ltdWxhdGVk"}))).await;
    assert!(forged.status == 400 && forged.body.contains("Corrupted thought signature."), "{}", forged.body);
}

#[tokio::test]
async fn an_earlier_turn_needs_no_signatures_any_more() {
    let sim = Sim::start().await;
    let contents = json!([{"role": "user", "parts": [{"text": "call get_weather"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "get_weather", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "get_weather", "response": {"output": "18"}}}]},
        {"role": "model", "parts": [{"text": "18 degrees"}]}, {"role": "user", "parts": [{"text": "thanks"}]}]);
    let body = with(thinking(), json!({"contents": contents, "tools": [weather()]}));
    let reply = sim.vertex("m:generateContent", body).await;
    assert_eq!(reply.json()["candidates"][0]["content"]["parts"][1]["text"], "You said: thanks");
}

#[tokio::test]
async fn the_modes_of_function_calling_are_kept() {
    let sim = Sim::start().await;
    let now = json!({"functionDeclarations": [{"name": "now"}]});
    let tools = json!({"tools": [weather(), now]});
    let calls = async |said: &str, config: Value| {
        let config = json!({"toolConfig": {"functionCallingConfig": config}});
        let body = with(with(say(said), tools.clone()), config);
        let reply = sim.vertex("m:generateContent", body).await.json();
        let parts = reply["candidates"][0]["content"]["parts"].as_array().unwrap().clone();
        parts.iter().filter_map(|part| Some(part["functionCall"]["name"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(calls("get_weather, now", json!({"mode": "AUTO"})).await, ["get_weather", "now"]);
    assert_eq!(calls("get_weather, now", json!({"mode": "NONE"})).await, [""; 0]);
    assert_eq!(calls("hi", json!({"mode": "ANY"})).await, ["get_weather"]);
    assert_eq!(calls("hi", json!({"mode": "ANY", "allowedFunctionNames": ["now"]})).await, ["now"]);
    let validated = json!({"mode": "VALIDATED", "allowedFunctionNames": ["now"]});
    assert_eq!(calls("get_weather, now", validated).await, ["now"]);
}

#[tokio::test]
async fn structured_answers_follow_either_kind_of_schema() {
    let sim = Sim::start().await;
    let config =
        |key: &str, schema: Value| json!({"generationConfig": {"responseMimeType": "application/json", key: schema}});
    let subset = json!({"type": "OBJECT", "properties": {"ok": {"type": "BOOLEAN"}, "n": {"type": "integer", "nullable": true}}});
    let full = json!({"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"const": 7}},
        "additionalProperties": false});
    for (config, expected) in
        [(config("responseSchema", subset), "{\"ok\":true,\"n\":1}"), (config("responseJsonSchema", full), "{\"n\":7}")]
    {
        let body = sim.gemini("m:generateContent", with(say("hi"), config)).await.json();
        assert_eq!(body["candidates"][0]["content"]["parts"][0]["text"], expected);
    }
}

#[tokio::test]
async fn blocked_prompts_and_filtered_answers_say_so() {
    let sim = Sim::start().await;
    let blocked = sim.gemini("m%3Ffinish%3Drefusal:generateContent", say("hi")).await.json();
    assert!(blocked.get("candidates").is_none());
    assert_eq!(blocked["promptFeedback"], json!({"blockReason": "PROHIBITED_CONTENT"}));
    assert_eq!(blocked["usageMetadata"]["totalTokenCount"], blocked["usageMetadata"]["promptTokenCount"]);
    let streamed = sim.gemini("m%3Ffinish%3Drefusal:streamGenerateContent?alt=sse", say("hi")).await;
    assert_eq!(
        (streamed.events().len(), &streamed.events()[0]["promptFeedback"]["blockReason"]),
        (1, &json!("PROHIBITED_CONTENT"))
    );
    assert_eq!(sim.log().await[1]["completion_tokens"], 0);
    let filtered = sim.gemini("m%3Ffinish%3Dcontent_filter:streamGenerateContent?alt=sse", say("a b c d")).await;
    let last = filtered.events().last().unwrap()["candidates"][0].clone();
    assert_eq!((&last["finishReason"], &last["safetyRatings"][0]["blocked"]), (&json!("SAFETY"), &json!(true)));
    assert!(last.get("content").is_none() && text(&parts(&filtered), false) == "You said:");
    let cut = json!({"generationConfig": {"maxOutputTokens": 2}});
    let body = sim.gemini("m:generateContent", with(say("hi"), cut)).await.json();
    assert_eq!(body["candidates"][0]["finishReason"], "MAX_TOKENS");
}

#[tokio::test]
async fn candidates_and_log_probabilities_come_as_asked() {
    let sim = Sim::start().await;
    let config = json!({"generationConfig": {"candidateCount": 2, "responseLogprobs": true, "logprobs": 2}});
    let body = sim.gemini("m:generateContent", with(say("hi"), config.clone())).await.json();
    assert_eq!(body["candidates"][1]["index"], 1);
    assert_eq!(body["usageMetadata"]["candidatesTokenCount"], 8);
    let result = &body["candidates"][0]["logprobsResult"];
    assert_eq!(result["chosenCandidates"][0]["token"], "You");
    assert_eq!(result["topCandidates"][3]["candidates"].as_array().unwrap().len(), 2);
    let streamed = sim.gemini("m:streamGenerateContent?alt=sse", with(say("hi"), config)).await;
    let chosen = |event: &Value| event["candidates"][1]["logprobsResult"]["chosenCandidates"][0]["token"].clone();
    let tokens: Vec<Value> = streamed.events().iter().map(chosen).filter(Value::is_string).collect();
    assert_eq!(tokens, ["You", " said", ":", " hi"]);
}

#[tokio::test]
async fn media_are_counted_by_their_kind_and_repeated_prompts_are_cached() {
    let sim = Sim::start().await;
    let ask = |question: &str| {
        json!({"systemInstruction": {"parts": [{"text": "rules ".repeat(1000)}]}, "contents": [{"role": "user", "parts": [
            {"inlineData": {"mimeType": "image/png", "data": "aW1n"}}, {"text": question},
            {"fileData": {"mimeType": "application/pdf", "fileUri": "https://example.com/a.pdf"}}]}]})
    };
    let first = sim.gemini("m:generateContent", ask("one")).await.json();
    assert_eq!(first["candidates"][0]["content"]["parts"][0]["text"], "You said: one I see 1 image.");
    let details = json!([{"modality": "TEXT", "tokenCount": 1507}, {"modality": "IMAGE", "tokenCount": 85},
        {"modality": "DOCUMENT", "tokenCount": 85}]);
    assert_eq!(first["usageMetadata"]["promptTokensDetails"], details);
    assert!(first["usageMetadata"].get("cachedContentTokenCount").is_none());
    let second = sim.gemini("m:generateContent", ask("two")).await.json();
    assert_eq!(second["usageMetadata"]["cachedContentTokenCount"], 1503);
    let counted = sim.gemini("m:countTokens", ask("one")).await.json();
    assert_eq!((&counted["totalTokens"], &counted["promptTokensDetails"]), (&json!(1677), &details));
    let inner = json!({"generateContentRequest": with(ask("one"), json!({"model": "models/m"}))});
    assert_eq!(sim.gemini("m:countTokens", inner).await.json()["totalTokens"], 1677);
}

#[tokio::test]
async fn the_same_text_has_the_same_vector() {
    let sim = Sim::start().await;
    let ask =
        |text: &str| json!({"model": "models/m", "content": {"parts": [{"text": text}]}, "outputDimensionality": 768});
    let one = sim.gemini("m:embedContent", ask("river")).await.json();
    let both = sim.gemini("m:batchEmbedContents", json!({"requests": [ask("river"), ask("stone")]})).await.json();
    assert_eq!(one["embedding"]["values"].as_array().unwrap().len(), 768);
    assert_eq!(one["embedding"], both["embeddings"][0]);
    assert_ne!(both["embeddings"][0], both["embeddings"][1]);
    assert_eq!(both["usageMetadata"]["promptTokenCount"], 4);
    let other = sim.gemini("x:batchEmbedContents", json!({"requests": [ask("river")]})).await;
    assert!(other.body.contains("* BatchEmbedContentsRequest.requests[0].model: must match"), "{}", other.body);
}

#[tokio::test]
async fn vertex_answers_in_a_project_and_without_one() {
    let sim = Sim::start().await;
    let body = sim.vertex("sim-echo:generateContent", say("hi")).await.json();
    assert_eq!(body["usageMetadata"]["trafficType"], "ON_DEMAND");
    let path = "/vertex/v1/publishers/google/models/sim-echo%3Ftokens%3D9:generateContent";
    let express = sim.request("POST", path, &[], say("hi").to_string().as_bytes()).await.unwrap().json();
    assert_eq!(express["usageMetadata"]["candidatesTokenCount"], 9);
    let log = sim.log().await;
    assert_eq!((&log[0]["dialect"], &log[1]["model"]), (&json!("vertex"), &json!("sim-echo?tokens=9")));
}

#[tokio::test]
async fn each_door_has_its_own_key() {
    let sim = Sim::with(Config { api_key: Some("k".into()), ..Config::default() }).await;
    let gemini = "/gemini/v1beta/models/m:generateContent";
    let vertex = "/vertex/v1/projects/p/locations/l/publishers/google/models/m:generateContent";
    let express = "/vertex/v1/publishers/google/models/m:generateContent";
    let told = async |path: &str, headers: &[(&str, &str)]| {
        let reply = sim.request("POST", path, headers, say("hi").to_string().as_bytes()).await.unwrap();
        (reply.status, reply.json()["error"]["details"][0]["reason"].as_str().unwrap_or_default().to_owned())
    };
    let ok = (200, String::new());
    assert_eq!(told(gemini, &[("x-goog-api-key", "k")]).await, ok);
    assert_eq!(told(&format!("{gemini}?key=k"), &[]).await, ok);
    assert_eq!(told(express, &[("x-goog-api-key", "k")]).await, ok);
    assert_eq!(told(vertex, &[("authorization", "Bearer k")]).await, ok);
    assert_eq!(told(gemini, &[("x-goog-api-key", "x")]).await, (400, "API_KEY_INVALID".into()));
    assert_eq!(told(gemini, &[("authorization", "Bearer k")]).await.0, 403);
    assert_eq!(told(vertex, &[("x-goog-api-key", "k")]).await, (401, "CREDENTIALS_MISSING".into()));
    assert_eq!(told(vertex, &[("authorization", "Bearer x")]).await, (401, "ACCESS_TOKEN_TYPE_UNSUPPORTED".into()));
}

#[tokio::test]
async fn faults_are_googles_own() {
    let sim = Sim::start().await;
    let stream = async |fault: &str| {
        let call = format!("m%3Ftokens%3D10%26fault%3D{fault}:streamGenerateContent?alt=sse");
        sim.gemini(&call, say("hi")).await
    };
    let limited = stream("status:429,7").await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, None));
    let error = &limited.json()["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!(429), &json!("RESOURCE_EXHAUSTED")));
    let retry = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"});
    assert_eq!(error["details"], json!([retry]));
    assert_eq!(stream("status:503").await.json()["error"]["status"], "UNAVAILABLE");
    let cut = stream("drop_after:3").await;
    assert!(cut.events().len() == 3 && !cut.complete);
    let broken = stream("error_after:3").await;
    let (events, error) = broken.body.rsplit_once("\r\n\r\n").unwrap();
    assert_eq!(events.matches("data: ").count(), 3);
    assert!(error.starts_with("{\n  \"error\": {\n    \"code\": 503,") && broken.complete, "{error}");
    let torn = stream("garbage_after:2").await;
    assert!(torn.events().len() == 2 && torn.body.ends_with("[{\"cont\r\n\r\n"));
    let empty = stream("empty").await.events();
    assert_eq!(empty[0]["candidates"][0]["content"], json!({"role": "model"}));
    assert!(empty.len() == 1 && empty[0]["usageMetadata"].get("candidatesTokenCount").is_none());
    assert!(!stream("no_usage").await.body.contains("usageMetadata"));
}
