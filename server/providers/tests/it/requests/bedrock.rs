//! Requests in Bedrock's Converse.

use canon::{Message, Part, Reasoning, Request, ResponseFormat, Sampling, ToolChoice};
use serde_json::{Number, Value, json};

use super::*;

/// A model of Anthropic's that takes a budget.
fn claude() -> Offer {
    let capabilities = Capabilities { temperature: Some(true), reasoning: Some(true), ..Capabilities::default() };
    Offer {
        upstream_id: Some("us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        max_output: Some(64_000),
        capabilities,
        efforts: efforts("low medium high"),
        ..Offer::default()
    }
}

/// One that thinks adaptively and takes a schema.
fn adaptive() -> Offer {
    let claude = claude();
    let capabilities = Capabilities { temperature: Some(false), structured_outputs: Some(true), ..claude.capabilities };
    Offer { capabilities, efforts: efforts("low medium high xhigh max"), ..claude }
}

fn of_id(upstream_id: &'static str) -> Offer {
    Offer { upstream_id: Some(upstream_id), ..claude() }
}

fn body(offer: &Offer, request: &Request) -> Value {
    offer.body(Dialect::Bedrock, request)
}

fn sampled(temperature: f64, top_p: f64) -> Sampling {
    let number = |value| Number::from_f64(value);
    Sampling {
        temperature: number(temperature),
        top_p: number(top_p),
        top_k: Some(Number::from(5)),
        ..Sampling::default()
    }
}

#[test]
fn the_least_request_has_what_the_protocol_needs() {
    let encoded = claude().encode(Dialect::Bedrock, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream");
    assert_eq!(encoded.headers[0].1, "application/vnd.amazon.eventstream");
    assert_eq!(encoded.body, r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#);
    assert_eq!(encoded.reading.reasoning_format, Some("anthropic-claude-v1"));
    let arn = of_id("arn:aws:bedrock:us-east-1:1:application-inference-profile/a b");
    let encoded = arn.encode(Dialect::Bedrock, &ask("Hi")).unwrap();
    assert_eq!(
        encoded.path,
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fa%20b/converse-stream"
    );
    assert_eq!(encoded.reading.reasoning_format, Some("bedrock-converse-v1"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_tool_loop_with_media_is_told_in_full() {
    let mut messages = long_talk();
    if let Message::User { parts, .. } = &mut messages[2] {
        parts[1] = Part::Image { source: png(), detail: Some("low".to_owned()), cache_control: None };
    }
    if let Message::Tool { is_error, .. } = &mut messages[5] {
        *is_error = true;
    }
    let talk = Request {
        messages,
        tools: vec![
            tool("look"),
            Tool { parameters: None, cache_control: Some(CacheControl { ttl: CacheTtl::OneHour }), ..tool("time") },
        ],
        cache_control: Some(CacheControl { ttl: CacheTtl::FiveMinutes }),
        ..Request::default()
    };
    insta::assert_json_snapshot!(body(&claude(), &talk), @r#"
    {
      "messages": [
        {
          "role": "user",
          "content": [
            {
              "text": "Ada: Look:"
            },
            {
              "image": {
                "format": "png",
                "source": {
                  "bytes": "iVBORw0KGgo="
                }
              }
            },
            {
              "document": {
                "format": "pdf",
                "name": "a-pdf",
                "source": {
                  "bytes": "JVBERi0="
                }
              }
            },
            {
              "cachePoint": {
                "type": "default"
              }
            }
          ]
        },
        {
          "role": "assistant",
          "content": [
            {
              "reasoningContent": {
                "reasoningText": {
                  "text": "Let me look",
                  "signature": "c2ln"
                }
              }
            },
            {
              "toolUse": {
                "toolUseId": "functions_look_0",
                "name": "look",
                "input": {
                  "city": "Paris"
                }
              }
            },
            {
              "toolUse": {
                "toolUseId": "call_2",
                "name": "time",
                "input": {}
              }
            }
          ]
        },
        {
          "role": "user",
          "content": [
            {
              "toolResult": {
                "toolUseId": "functions_look_0",
                "content": [
                  {
                    "text": "a tower"
                  },
                  {
                    "image": {
                      "format": "png",
                      "source": {
                        "bytes": "iVBORw0KGgo="
                      }
                    }
                  }
                ]
              }
            },
            {
              "cachePoint": {
                "type": "default"
              }
            },
            {
              "toolResult": {
                "toolUseId": "call_2",
                "content": [
                  {
                    "text": "noon"
                  }
                ],
                "status": "error"
              }
            },
            {
              "text": "And now?"
            },
            {
              "cachePoint": {
                "type": "default"
              }
            }
          ]
        }
      ],
      "system": [
        {
          "text": "Be kind."
        },
        {
          "cachePoint": {
            "type": "default",
            "ttl": "1h"
          }
        },
        {
          "text": "Be brief."
        }
      ],
      "toolConfig": {
        "tools": [
          {
            "toolSpec": {
              "name": "look",
              "description": "Tells it",
              "inputSchema": {
                "json": {
                  "type": "object",
                  "properties": {
                    "city": {
                      "type": "string"
                    }
                  }
                }
              }
            }
          },
          {
            "toolSpec": {
              "name": "time",
              "description": "Tells it",
              "inputSchema": {
                "json": {
                  "type": "object",
                  "properties": {}
                }
              }
            }
          },
          {
            "cachePoint": {
              "type": "default",
              "ttl": "1h"
            }
          }
        ]
      }
    }
    "#);
}

#[test]
fn what_the_protocol_cannot_carry_is_named() {
    let refused = |part: Part| {
        let request = Request { messages: vec![Message::User { parts: vec![part], name: None }], ..Request::default() };
        claude().encode(Dialect::Bedrock, &request).unwrap_err().to_string()
    };
    let image = |source| Part::Image { source, detail: None, cache_control: None };
    let by_address = "this provider's protocol has no way to send an image by its address";
    assert_eq!(refused(image(Source::Url("https://example.org/a.png".to_owned()))), by_address);
    let tiff = Source::Data { media_type: "image/tiff".to_owned(), data: "aW1n".to_owned() };
    assert!(refused(image(tiff)).ends_with("an image of this type"));
    let zip = Source::Data { media_type: "application/zip".to_owned(), data: "aW1n".to_owned() };
    assert!(refused(Part::File { filename: None, source: zip, cache_control: None }).ends_with("a file of this type"));
}

#[test]
fn media_go_by_their_bytes_or_by_an_address_in_s3() {
    let data = |media_type: &str| Source::Data { media_type: media_type.to_owned(), data: "aW1n".to_owned() };
    let file = |name: &str, source| Part::File { filename: Some(name.to_owned()), source, cache_control: None };
    let parts = vec![
        file("notes.md", data("application/octet-stream")),
        file("notes.md", data("text/markdown; charset=utf-8")),
        file("photo.jpg", data("image/jpg")),
        Part::Video { source: Source::Url("s3://bucket/clip.mp4".to_owned()) },
        Part::Audio { data: "aW1n".to_owned(), format: "wav".to_owned() },
    ];
    let request = Request { messages: vec![Message::User { parts, name: None }], ..Request::default() };
    insta::assert_json_snapshot!(body(&claude(), &request)["messages"][0]["content"], @r#"
    [
      {
        "document": {
          "format": "md",
          "name": "notes-md",
          "source": {
            "bytes": "aW1n"
          }
        }
      },
      {
        "document": {
          "format": "md",
          "name": "notes-md (2)",
          "source": {
            "bytes": "aW1n"
          }
        }
      },
      {
        "image": {
          "format": "jpeg",
          "source": {
            "bytes": "aW1n"
          }
        }
      },
      {
        "video": {
          "format": "mp4",
          "source": {
            "s3Location": {
              "uri": "s3://bucket/clip.mp4"
            }
          }
        }
      },
      {
        "audio": {
          "format": "wav",
          "source": {
            "bytes": "aW1n"
          }
        }
      }
    ]
    "#);
}

#[test]
fn a_marked_prompt_is_not_marked_for_a_model_that_cannot_cache() {
    let request = Request {
        messages: vec![Message::System { parts: vec![marked("a", CacheTtl::OneHour)], name: None }, user("b")],
        ..Request::default()
    };
    let cached = json!([{"text": "a"}, {"cachePoint": {"type": "default", "ttl": "1h"}}]);
    assert_eq!(body(&claude(), &request)["system"], cached);
    let mut plain = claude();
    plain.capabilities.prompt_caching = Some(false);
    assert_eq!(body(&plain, &request)["system"], json!([{"text": "a"}]));
}

#[test]
fn tool_choices_are_said_as_far_as_the_protocol_can() {
    let choice = |offer: &Offer, tool_choice| {
        let request = Request { tools: vec![tool("look"), tool("time")], tool_choice, ..ask("Hi") };
        body(offer, &request)["toolConfig"].clone()
    };
    let said = |tool_choice| choice(&claude(), tool_choice)["toolChoice"].clone();
    assert_eq!(said(None), Value::Null);
    assert_eq!(said(Some(ToolChoice::Auto)), json!({"auto": {}}));
    assert_eq!(said(Some(ToolChoice::Required)), json!({"any": {}}));
    assert_eq!(said(Some(ToolChoice::Function("time".to_owned()))), json!({"tool": {"name": "time"}}));
    let allowed = choice(&claude(), Some(ToolChoice::Allowed { required: true, names: vec!["time".to_owned()] }));
    assert_eq!((allowed["tools"].as_array().unwrap().len(), &allowed["toolChoice"]), (1, &json!({"any": {}})));
    assert_eq!(choice(&claude(), Some(ToolChoice::None)), Value::Null);
    let mut meek = claude();
    meek.capabilities.tool_choice = Some(false);
    assert_eq!(choice(&meek, Some(ToolChoice::Required))["toolChoice"], Value::Null);
}

#[test]
fn tools_called_before_are_declared_even_when_they_are_off_or_gone() {
    let talk = Request { messages: long_talk().split_off(3), ..Request::default() };
    let names = |request: &Request| -> Vec<Value> {
        let config = body(&claude(), request)["toolConfig"].clone();
        assert_eq!(config.get("toolChoice"), None);
        config["tools"].as_array().unwrap().iter().map(|tool| tool["toolSpec"]["name"].clone()).collect()
    };
    assert_eq!(names(&talk), ["look", "time"]);
    let off = Request { tools: vec![tool("look")], tool_choice: Some(ToolChoice::None), ..talk };
    assert_eq!(names(&off), ["look"]);
}

#[test]
fn thinking_is_asked_for_in_the_words_of_the_models_maker() {
    let asked = |offer: &Offer, request: Request| {
        let body = body(offer, &request);
        (body["additionalModelRequestFields"].clone(), body["outputConfig"].clone(), body["inferenceConfig"].clone())
    };
    let high = |more: Request| Request { reasoning: thinking("high"), sampling: sampled(0.5, 0.5), ..more };
    let budget = json!({"thinking": {"type": "enabled", "budget_tokens": 8_000}});
    let limit = json!({"maxTokens": 10_000});
    let limited = || Request { max_tokens: Some(10_000), ..ask("Hi") };
    assert_eq!(asked(&claude(), high(limited())), (budget, Value::Null, limit.clone()));
    let free = json!({"thinking": {"type": "adaptive", "display": "summarized"}});
    assert_eq!(asked(&adaptive(), high(limited())), (free, json!({"effort": "high"}), limit));
    let forced = Request { tools: vec![tool("look")], tool_choice: Some(ToolChoice::Required), ..high(limited()) };
    assert_eq!(asked(&claude(), forced).0, json!({"top_k": 5}));

    let nova = of_id("us.amazon.nova-2-lite-v1:0");
    let config = |effort: &str| json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}});
    assert_eq!(asked(&nova, Request { reasoning: thinking("high"), ..ask("Hi") }).0, config("high"));
    assert_eq!(asked(&nova, high(limited())).0, config("medium"), "at the highest it takes no limits");
    assert_eq!(
        asked(&nova, Request { sampling: sampled(0.5, 0.5), ..ask("Hi") }).0,
        json!({"inferenceConfig": {"topK": 5}})
    );
    let open = of_id("openai.gpt-oss-120b-1:0");
    assert_eq!(asked(&open, high(limited())).0, json!({"reasoning_effort": "high"}));
    let other = of_id("meta.llama3-1-8b-instruct-v1:0");
    assert_eq!(asked(&other, high(ask("Hi"))), (Value::Null, Value::Null, json!({"temperature": 0.5, "topP": 0.5})));
}

#[test]
fn limits_samplers_stops_and_tiers_go_where_they_belong() {
    let request = Request {
        max_tokens: Some(100_000),
        stop: vec!["END".to_owned(), " ".to_owned()],
        sampling: sampled(1.5, 0.9),
        service_tier: Some("priority".to_owned()),
        ..ask("Hi")
    };
    let said = body(&claude(), &request);
    assert_eq!(said["inferenceConfig"], json!({"maxTokens": 64_000, "temperature": 1, "stopSequences": ["END"]}));
    assert_eq!(said["additionalModelRequestFields"], json!({"top_k": 5}));
    assert_eq!(said["additionalModelResponseFieldPaths"], json!(["/stop_sequence"]));
    assert_eq!(said["serviceTier"], json!({"type": "priority"}));
    assert_eq!(body(&adaptive(), &request)["inferenceConfig"], json!({"maxTokens": 64_000, "stopSequences": ["END"]}));
    let plain = Offer { supported: Some(vec!["max_tokens".to_owned()]), ..of_id("meta.llama") };
    assert_eq!(body(&plain, &request)["inferenceConfig"], json!({"maxTokens": 64_000, "stopSequences": ["END"]}));
    let mut extra = request;
    extra.extra.insert("guardrailConfig".to_owned(), json!({"guardrailIdentifier": "g"}));
    assert_eq!(body(&claude(), &extra)["guardrailConfig"]["guardrailIdentifier"], "g");
}

#[test]
fn a_schema_is_asked_for_natively_or_by_the_forced_tool() {
    let request = Request { response_format: Some(schema()), reasoning: thinking("high"), ..ask("Hi") };
    let native = body(&adaptive(), &request);
    let wanted = &native["outputConfig"]["textFormat"];
    assert_eq!(wanted["type"], "json_schema");
    assert_eq!(wanted["structure"]["jsonSchema"]["name"], "person");
    let text = wanted["structure"]["jsonSchema"]["schema"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["additionalProperties"], false);
    assert_eq!(native.get("toolConfig"), None);

    let encoded = claude().encode(Dialect::Bedrock, &request).unwrap();
    assert!(encoded.reading.answer_tool);
    let forced = body(&claude(), &request);
    assert_eq!(forced["toolConfig"]["toolChoice"], json!({"tool": {"name": "souk_json_answer"}}));
    assert_eq!(forced.get("additionalModelRequestFields"), None, "a forced tool forbids to think");
    let with_tools = body(&claude(), &Request { tools: vec![tool("look")], ..request });
    assert_eq!(with_tools["toolConfig"]["toolChoice"], json!({"any": {}}));
    let any = Request { response_format: Some(ResponseFormat::JsonObject), ..ask("Hi") };
    let named = &body(&adaptive(), &any)["toolConfig"]["tools"][0]["toolSpec"]["name"];
    assert_eq!(named, "souk_json_answer");
    let nova = Offer { upstream_id: Some("amazon.nova-pro-v1:0"), ..adaptive() };
    assert_eq!(body(&nova, &Request { response_format: Some(schema()), ..ask("Hi") }).get("outputConfig"), None);
}

#[test]
fn no_reasoning_is_asked_for_where_none_is_wanted() {
    let off = Request { reasoning: Some(Reasoning { enabled: Some(false), ..Reasoning::default() }), ..ask("Hi") };
    for offer in [claude(), adaptive(), of_id("us.amazon.nova-2-lite-v1:0")] {
        assert_eq!(body(&offer, &off).get("additionalModelRequestFields"), None);
    }
    let must = of_id("openai.gpt-oss-20b-1:0");
    assert_eq!(body(&must, &off)["additionalModelRequestFields"], json!({"reasoning_effort": "low"}));
}
