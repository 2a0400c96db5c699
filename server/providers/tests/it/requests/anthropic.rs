//! Requests in Anthropic's Messages.

use canon::{Message, Part, Reasoning, Request, ResponseFormat, Sampling, ToolChoice};
use serde_json::{Number, Value, json};

use super::*;

/// A model that takes a budget and structured output.
fn classic() -> Offer {
    let capabilities = Capabilities {
        structured_outputs: Some(true),
        temperature: Some(true),
        reasoning: Some(true),
        ..Capabilities::default()
    };
    Offer { max_output: Some(64_000), capabilities, efforts: efforts("low medium high"), ..Offer::default() }
}

/// A model that thinks adaptively and takes no samplers.
fn adaptive() -> Offer {
    let classic = classic();
    let capabilities = Capabilities { temperature: Some(false), ..classic.capabilities };
    Offer { capabilities, efforts: efforts("low medium high xhigh max"), ..classic }
}

fn body(offer: &Offer, request: &Request) -> Value {
    offer.body(Dialect::Anthropic, request)
}

#[test]
fn the_least_request_has_what_the_protocol_needs() {
    let encoded = Offer::default().encode(Dialect::Anthropic, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/messages");
    assert_eq!(
        encoded.headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect::<Vec<_>>(),
        [("anthropic-version", &b"2023-06-01"[..])]
    );
    let expected = r#"{"model":"the-model","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true}"#;
    assert_eq!(encoded.body, expected);
    assert_eq!(body(&classic(), &ask("Hi"))["max_tokens"], 64_000);
    assert_eq!(body(&classic(), &Request { max_tokens: Some(9), ..ask("Hi") })["max_tokens"], 9);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_tool_loop_with_media_is_told_in_full() {
    let talk = Request {
        messages: long_talk(),
        tools: vec![
            tool("look"),
            Tool { parameters: None, cache_control: Some(CacheControl { ttl: CacheTtl::OneHour }), ..tool("time") },
        ],
        cache_control: Some(CacheControl { ttl: CacheTtl::FiveMinutes }),
        ..Request::default()
    };
    insta::assert_json_snapshot!(body(&Offer::default(), &talk), @r#"
    {
      "model": "the-model",
      "max_tokens": 4096,
      "system": [
        {
          "type": "text",
          "text": "Be kind.",
          "cache_control": {
            "type": "ephemeral",
            "ttl": "1h"
          }
        },
        {
          "type": "text",
          "text": "Be brief."
        }
      ],
      "messages": [
        {
          "role": "user",
          "content": [
            {
              "type": "text",
              "text": "Ada: Look:"
            },
            {
              "type": "image",
              "source": {
                "type": "url",
                "url": "https://example.org/a.png"
              }
            },
            {
              "type": "document",
              "source": {
                "type": "base64",
                "media_type": "application/pdf",
                "data": "JVBERi0="
              },
              "title": "a.pdf",
              "cache_control": {
                "type": "ephemeral"
              }
            }
          ]
        },
        {
          "role": "assistant",
          "content": [
            {
              "type": "thinking",
              "thinking": "Let me look",
              "signature": "c2ln"
            },
            {
              "type": "redacted_thinking",
              "data": "ZW5j"
            },
            {
              "type": "tool_use",
              "id": "functions_look_0",
              "name": "look",
              "input": {
                "city": "Paris"
              }
            },
            {
              "type": "tool_use",
              "id": "call_2",
              "name": "time",
              "input": {}
            }
          ]
        },
        {
          "role": "user",
          "content": [
            {
              "type": "tool_result",
              "tool_use_id": "functions_look_0",
              "content": [
                {
                  "type": "text",
                  "text": "a tower"
                },
                {
                  "type": "image",
                  "source": {
                    "type": "base64",
                    "media_type": "image/png",
                    "data": "iVBORw0KGgo="
                  }
                }
              ],
              "cache_control": {
                "type": "ephemeral"
              }
            },
            {
              "type": "tool_result",
              "tool_use_id": "call_2",
              "content": [
                {
                  "type": "text",
                  "text": "noon"
                }
              ]
            },
            {
              "type": "text",
              "text": "And now?"
            }
          ]
        }
      ],
      "tools": [
        {
          "name": "look",
          "description": "Tells it",
          "input_schema": {
            "type": "object",
            "properties": {
              "city": {
                "type": "string"
              }
            }
          }
        },
        {
          "name": "time",
          "description": "Tells it",
          "input_schema": {
            "type": "object",
            "properties": {}
          },
          "cache_control": {
            "type": "ephemeral",
            "ttl": "1h"
          }
        }
      ],
      "cache_control": {
        "type": "ephemeral"
      },
      "stream": true
    }
    "#);
}

#[test]
fn parameters_are_passed_on_as_far_as_the_protocol_has_them() {
    let request = Request {
        stop: vec!["END".to_owned(), "\n".to_owned()],
        sampling: Sampling {
            temperature: Number::from_f64(1.7),
            top_p: Number::from_f64(0.9),
            top_k: Some(40.into()),
            seed: Some(1.into()),
            ..Sampling::default()
        },
        user: Some("u-1".to_owned()),
        service_tier: Some("default".to_owned()),
        extra: json!({"top_k": 5, "container": "c"}).as_object().cloned().unwrap(),
        ..ask("Hi")
    };
    insta::assert_json_snapshot!(body(&classic(), &request), @r#"
    {
      "model": "the-model",
      "max_tokens": 64000,
      "messages": [
        {
          "role": "user",
          "content": [
            {
              "type": "text",
              "text": "Hi"
            }
          ]
        }
      ],
      "temperature": 1,
      "stop_sequences": [
        "END"
      ],
      "metadata": {
        "user_id": "u-1"
      },
      "service_tier": "standard_only",
      "stream": true,
      "top_k": 5,
      "container": "c"
    }
    "#);
    let body = body(&adaptive(), &Request { extra: Default::default(), ..request });
    assert_eq!((body.get("temperature"), body.get("top_p"), body.get("top_k")), (None, None, None));
}

#[test]
fn tools_are_chosen_as_asked() {
    let choice = |tool_choice, parallel_tool_calls| {
        let request = Request { tools: vec![tool("look")], tool_choice, parallel_tool_calls, ..ask("Hi") };
        body(&Offer::default(), &request).get("tool_choice").cloned().unwrap_or_default()
    };
    assert_eq!(choice(None, None), Value::Null);
    assert_eq!(choice(None, Some(false)), json!({"type": "auto", "disable_parallel_tool_use": true}));
    assert_eq!(choice(Some(ToolChoice::None), Some(false)), json!({"type": "none"}));
    assert_eq!(choice(Some(ToolChoice::Auto), None), json!({"type": "auto"}));
    assert_eq!(choice(Some(ToolChoice::Required), None), json!({"type": "any"}));
    assert_eq!(choice(Some(ToolChoice::Function("look".to_owned())), None), json!({"type": "tool", "name": "look"}));
    let strict = body(&classic(), &Request { tools: vec![tool("look")], ..ask("Hi") });
    assert_eq!(
        (&strict["tools"][0]["strict"], &strict["tools"][0]["input_schema"]["additionalProperties"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn structured_output_is_native_where_known_and_a_forced_tool_elsewhere() {
    let request = Request { response_format: Some(schema()), reasoning: thinking("low"), ..ask("Hi") };
    let native = classic().encode(Dialect::Anthropic, &request).unwrap();
    assert!(!native.reading.answer_tool);
    let native: Value = serde_json::from_slice(&native.body).unwrap();
    insta::assert_json_snapshot!(native["output_config"], @r#"
    {
      "format": {
        "type": "json_schema",
        "schema": {
          "type": "object",
          "properties": {
            "age": {
              "type": "integer"
            }
          },
          "required": [
            "age"
          ],
          "additionalProperties": false
        }
      }
    }
    "#);
    assert_eq!((native.get("tools"), &native["thinking"]["type"]), (None, &json!("enabled")));

    let by_tool = Offer::default().encode(Dialect::Anthropic, &request).unwrap();
    assert!(by_tool.reading.answer_tool);
    let by_tool: Value = serde_json::from_slice(&by_tool.body).unwrap();
    insta::assert_json_snapshot!(json!({"tools": by_tool["tools"], "tool_choice": by_tool["tool_choice"], "thinking": by_tool.get("thinking")}), @r#"
    {
      "tools": [
        {
          "name": "souk_json_answer",
          "description": "Gives the final answer. Its arguments are the whole answer.",
          "input_schema": {
            "type": "object",
            "properties": {
              "age": {
                "type": "integer"
              }
            },
            "required": [
              "age"
            ]
          }
        }
      ],
      "tool_choice": {
        "type": "tool",
        "name": "souk_json_answer",
        "disable_parallel_tool_use": true
      },
      "thinking": null
    }
    "#);

    let with_tools =
        Request { tools: vec![tool("look")], response_format: Some(ResponseFormat::JsonObject), ..ask("Hi") };
    let with_tools = body(&classic(), &with_tools);
    assert_eq!(with_tools["tool_choice"], json!({"type": "any", "disable_parallel_tool_use": true}));
    assert_eq!(with_tools["tools"][1]["input_schema"], json!({"type": "object", "additionalProperties": true}));
}

#[test]
fn thinking_follows_what_the_model_knows() {
    let asked = |offer: &Offer, reasoning: Option<Reasoning>, max_tokens: Option<u64>| {
        let body = body(
            offer,
            &Request {
                reasoning,
                max_tokens,
                sampling: Sampling { temperature: Some(1.into()), ..Sampling::default() },
                ..ask("Hi")
            },
        );
        json!([body.get("thinking"), body.get("output_config"), body.get("temperature")])
    };
    let budget = |max_tokens| Some(Reasoning { max_tokens: Some(max_tokens), ..Reasoning::default() });
    let hidden = Some(Reasoning { enabled: Some(true), exclude: Some(true), ..Reasoning::default() });
    let both = Offer { capabilities: classic().capabilities, ..adaptive() };
    let unknown = Offer { max_output: Some(64_000), ..Offer::default() };
    let cases = [
        (&classic(), thinking("high"), None, json!([{"type": "enabled", "budget_tokens": 51_200}, null, null])),
        (&classic(), thinking("low"), Some(10_000), json!([{"type": "enabled", "budget_tokens": 2_000}, null, null])),
        (&classic(), budget(9_000), Some(5_000), json!([{"type": "enabled", "budget_tokens": 4_999}, null, null])),
        (&classic(), thinking("high"), Some(1_000), json!([null, null, 1])),
        (&classic(), thinking("none"), None, json!([null, null, 1])),
        (&classic(), None, None, json!([null, null, 1])),
        (
            &adaptive(),
            thinking("xhigh"),
            None,
            json!([{"type": "adaptive", "display": "summarized"}, {"effort": "xhigh"}, null]),
        ),
        (
            &adaptive(),
            thinking("minimal"),
            None,
            json!([{"type": "adaptive", "display": "summarized"}, {"effort": "low"}, null]),
        ),
        (&adaptive(), hidden, None, json!([{"type": "adaptive", "display": "omitted"}, null, null])),
        (
            &adaptive(),
            budget(32_000),
            None,
            json!([{"type": "adaptive", "display": "summarized"}, {"effort": "medium"}, null]),
        ),
        (&both, budget(32_000), None, json!([{"type": "enabled", "budget_tokens": 32_000}, null, null])),
        (&both, thinking("max"), None, json!([{"type": "adaptive", "display": "summarized"}, {"effort": "max"}, null])),
        (
            &unknown,
            thinking("max"),
            None,
            json!([{"type": "adaptive", "display": "summarized"}, {"effort": "high"}, null]),
        ),
    ];
    for (offer, reasoning, max_tokens, expected) in cases {
        assert_eq!(asked(offer, reasoning.clone(), max_tokens), expected, "{reasoning:?} {max_tokens:?}");
    }
    let terse = body(&adaptive(), &Request { verbosity: Some("low".to_owned()), ..ask("Hi") });
    assert_eq!((&terse["output_config"], terse.get("thinking")), (&json!({"effort": "low"}), None));
}

#[test]
fn thinking_gives_way_to_a_forced_tool_and_to_a_loop_without_its_thoughts() {
    let forced = Request {
        tools: vec![tool("look")],
        tool_choice: Some(ToolChoice::Required),
        reasoning: thinking("high"),
        ..ask("Hi")
    };
    assert_eq!(body(&adaptive(), &forced).get("thinking"), None);
    let mut messages = long_talk();
    messages.pop();
    let in_loop = Request { messages, reasoning: thinking("high"), ..Request::default() };
    assert!(body(&classic(), &in_loop).get("thinking").is_some());
    let mut forgetful = in_loop;
    for message in &mut forgetful.messages {
        if let Message::Assistant { reasoning, .. } = message {
            reasoning.clear();
        }
    }
    assert_eq!(body(&classic(), &forgetful).get("thinking"), None);
}

#[test]
fn roles_alternate_and_a_prefill_ends_in_no_white_space() {
    let request = Request {
        messages: vec![system("a"), user("b"), user(""), user("c"), assistant("d"), system("e"), assistant("f \n")],
        ..Request::default()
    };
    let body = body(&Offer::default(), &request);
    let block = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(body["system"], json!([block("a"), block("e")]));
    let expected = json!([
        {"role": "user", "content": [block("b"), block("c")]},
        {"role": "assistant", "content": [block("d"), block("f")]},
    ]);
    assert_eq!(body["messages"], expected);
}

#[test]
fn broken_arguments_and_text_files_are_told_as_they_are() {
    let call =
        ToolCall { id: "1".to_owned(), name: "f".to_owned(), arguments: "{\"a\": ".to_owned(), cache_control: None };
    let caller = Message::Assistant {
        parts: Vec::new(),
        name: None,
        refusal: None,
        reasoning: Vec::new(),
        tool_calls: vec![call],
    };
    let source = Source::Data { media_type: "text/csv".to_owned(), data: "YSxi".to_owned() };
    let file = Part::File { filename: Some("a.csv".to_owned()), source, cache_control: None };
    let request =
        Request { messages: vec![caller, Message::User { parts: vec![file], name: None }], ..Request::default() };
    let body = body(&Offer::default(), &request);
    assert_eq!(body["messages"][0]["content"][0]["input"], json!({"arguments": "{\"a\": "}));
    assert_eq!(
        body["messages"][1]["content"][0]["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "a,b"})
    );
}

#[test]
fn what_the_protocol_cannot_say_is_refused_clearly() {
    let audio = Part::Audio { data: String::new(), format: "wav".to_owned() };
    let request = Request { messages: vec![Message::User { parts: vec![audio], name: None }], ..Request::default() };
    let error = Offer::default().encode(Dialect::Anthropic, &request).unwrap_err();
    assert_eq!(error.to_string(), "this provider's protocol has no way to send audio");
}
