//! Requests in Chat Completions.

use canon::{Message, Part, Reasoning, Request, ResponseFormat, Sampling, Source, ToolChoice};
use providers::quirks::{MaxTokensField, PromptCaching, Quirks, ReasoningField, ReasoningRequest};
use serde_json::{Number, Value, json};

use super::*;

fn body(quirks: Quirks, request: &Request) -> Value {
    Offer { quirks, ..Offer::default() }.body(Dialect::OpenaiChat, request)
}

#[test]
fn what_the_client_left_out_is_left_out_upstream() {
    let encoded = Offer::default().encode(Dialect::OpenaiChat, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/chat/completions");
    assert!(encoded.headers.is_empty());
    let expected = r#"{"model":"the-model","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}"#;
    assert_eq!(encoded.body, expected);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_tool_loop_with_media_is_told_in_full() {
    let talk = Request { messages: long_talk(), tools: vec![tool("look"), tool("time")], ..Request::default() };
    insta::assert_json_snapshot!(body(Quirks::default(), &talk), @r#"
    {
      "model": "the-model",
      "messages": [
        {
          "role": "system",
          "content": "Be kind."
        },
        {
          "role": "system",
          "content": "Be brief."
        },
        {
          "role": "user",
          "content": [
            {
              "type": "text",
              "text": "Look:"
            },
            {
              "type": "image_url",
              "image_url": {
                "url": "https://example.org/a.png",
                "detail": "low"
              }
            },
            {
              "type": "file",
              "file": {
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,JVBERi0="
              }
            }
          ],
          "name": "Ada"
        },
        {
          "role": "assistant",
          "content": null,
          "tool_calls": [
            {
              "id": "functions.look:0",
              "type": "function",
              "function": {
                "name": "look",
                "arguments": "{\"city\": \"Paris\"}"
              }
            },
            {
              "id": "call_2",
              "type": "function",
              "function": {
                "name": "time",
                "arguments": "{}"
              }
            }
          ]
        },
        {
          "role": "tool",
          "content": "a tower",
          "tool_call_id": "functions.look:0"
        },
        {
          "role": "tool",
          "content": "noon",
          "tool_call_id": "call_2"
        },
        {
          "role": "user",
          "content": [
            {
              "type": "text",
              "text": "Media returned by the tool call functions.look:0:"
            },
            {
              "type": "image_url",
              "image_url": {
                "url": "data:image/png;base64,iVBORw0KGgo="
              }
            }
          ]
        },
        {
          "role": "user",
          "content": "And now?"
        }
      ],
      "tools": [
        {
          "type": "function",
          "function": {
            "name": "look",
            "description": "Tells it",
            "parameters": {
              "type": "object",
              "properties": {
                "city": {
                  "type": "string"
                }
              }
            },
            "strict": true
          }
        },
        {
          "type": "function",
          "function": {
            "name": "time",
            "description": "Tells it",
            "parameters": {
              "type": "object",
              "properties": {
                "city": {
                  "type": "string"
                }
              }
            },
            "strict": true
          }
        }
      ],
      "stream": true,
      "stream_options": {
        "include_usage": true
      }
    }
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn all_parameters_are_passed_on() {
    let n = |text: &str| serde_json::from_str::<Number>(text).ok();
    let request = Request {
        max_tokens: Some(100),
        stop: vec!["END".to_owned()],
        sampling: Sampling {
            temperature: n("0.7"),
            top_p: n("0.9"),
            top_k: n("40"),
            min_p: n("0.05"),
            top_a: n("0"),
            frequency_penalty: n("-1"),
            presence_penalty: n("0.5"),
            repetition_penalty: n("1.1"),
            seed: n("42"),
            logit_bias: json!({"50256": -100}).as_object().cloned(),
            logprobs: Some(true),
            top_logprobs: n("3"),
        },
        tools: vec![tool("look")],
        tool_choice: Some(ToolChoice::Function("look".to_owned())),
        parallel_tool_calls: Some(false),
        response_format: Some(schema()),
        reasoning: thinking("high"),
        verbosity: Some("low".to_owned()),
        prompt_cache_key: Some("talk-1".to_owned()),
        service_tier: Some("flex".to_owned()),
        user: Some("u-1".to_owned()),
        metadata: json!({"kept": "here"}).as_object().cloned(),
        prediction: Some(json!({"type": "content", "content": "x"})),
        extra: json!({"safe_prompt": true, "seed": 7}).as_object().cloned().unwrap(),
        ..ask("Hi")
    };
    insta::assert_json_snapshot!(body(Quirks::default(), &request), @r#"
    {
      "model": "the-model",
      "messages": [
        {
          "role": "user",
          "content": "Hi"
        }
      ],
      "tools": [
        {
          "type": "function",
          "function": {
            "name": "look",
            "description": "Tells it",
            "parameters": {
              "type": "object",
              "properties": {
                "city": {
                  "type": "string"
                }
              }
            },
            "strict": true
          }
        }
      ],
      "tool_choice": {
        "type": "function",
        "function": {
          "name": "look"
        }
      },
      "parallel_tool_calls": false,
      "max_tokens": 100,
      "stop": [
        "END"
      ],
      "temperature": 0.7,
      "top_p": 0.9,
      "top_k": 40,
      "min_p": 0.05,
      "top_a": 0,
      "frequency_penalty": -1,
      "presence_penalty": 0.5,
      "repetition_penalty": 1.1,
      "logit_bias": {
        "50256": -100
      },
      "logprobs": true,
      "top_logprobs": 3,
      "reasoning_effort": "high",
      "response_format": {
        "type": "json_schema",
        "json_schema": {
          "name": "person",
          "schema": {
            "type": "object",
            "properties": {
              "age": {
                "type": "integer"
              }
            },
            "required": [
              "age"
            ]
          },
          "strict": true
        }
      },
      "verbosity": "low",
      "prompt_cache_key": "talk-1",
      "service_tier": "flex",
      "user": "u-1",
      "prediction": {
        "type": "content",
        "content": "x"
      },
      "stream": true,
      "stream_options": {
        "include_usage": true
      },
      "safe_prompt": true,
      "seed": 7
    }
    "#);
}

#[test]
fn quirks_change_what_they_name() {
    let quirks = Quirks {
        max_tokens: MaxTokensField::MaxCompletionTokens,
        developer_role: true,
        strict_tools: false,
        stream_usage: false,
        content_must_be_string: true,
        omit: vec!["seed".to_owned()],
        temperature_max: Some("1".to_owned()),
        ..Quirks::default()
    };
    let request = Request {
        messages: vec![
            Message::Developer { parts: vec![text("a"), text("b")], name: None },
            Message::User { parts: vec![text("Hi")], name: Some("Ada".to_owned()) },
        ],
        tools: vec![tool("look")],
        max_tokens: Some(5),
        sampling: Sampling { temperature: Number::from_f64(1.5), seed: Some(1.into()), ..Sampling::default() },
        ..Request::default()
    };
    insta::assert_json_snapshot!(body(quirks, &request), @r#"
    {
      "model": "the-model",
      "messages": [
        {
          "role": "developer",
          "content": "a\nb"
        },
        {
          "role": "user",
          "content": "Hi",
          "name": "Ada"
        }
      ],
      "tools": [
        {
          "type": "function",
          "function": {
            "name": "look",
            "description": "Tells it",
            "parameters": {
              "type": "object",
              "properties": {
                "city": {
                  "type": "string"
                }
              }
            }
          }
        }
      ],
      "max_completion_tokens": 5,
      "temperature": 1,
      "stream": true
    }
    "#);
}

#[test]
fn parameters_that_the_endpoint_is_known_not_to_take_are_dropped() {
    let supported = Some(vec!["temperature".to_owned()]);
    let sampling = Sampling { temperature: Some(1.into()), top_k: Some(1.into()), ..Sampling::default() };
    let request = Request { sampling, response_format: Some(ResponseFormat::JsonObject), ..ask("Hi") };
    let body = Offer { supported, ..Offer::default() }.body(Dialect::OpenaiChat, &request);
    assert_eq!((&body["temperature"], body.get("top_k"), body.get("response_format")), (&json!(1), None, None));
    let capabilities = Capabilities { temperature: Some(false), ..Capabilities::default() };
    let body = Offer { capabilities, ..Offer::default() }.body(Dialect::OpenaiChat, &request);
    assert_eq!((body.get("temperature"), &body["top_k"]), (None, &json!(1)));
}

#[test]
fn reasoning_is_asked_for_as_the_host_wants_it() {
    let asked = |request: ReasoningRequest, known: &str, reasoning: Option<Reasoning>| {
        let quirks = Quirks { reasoning_request: request, ..Quirks::default() };
        let request = Request { reasoning, max_tokens: Some(1_000), ..ask("Hi") };
        let body = Offer { quirks, efforts: efforts(known), ..Offer::default() }.body(Dialect::OpenaiChat, &request);
        let fields = ["reasoning_effort", "reasoning", "thinking"];
        Value::Object(fields.iter().filter_map(|name| Some(((*name).to_owned(), body.get(name)?.clone()))).collect())
    };
    let budget = || Some(Reasoning { max_tokens: Some(800), ..Reasoning::default() });
    let on = || Some(Reasoning { enabled: Some(true), ..Reasoning::default() });
    let off = || Some(Reasoning { enabled: Some(false), ..Reasoning::default() });
    let hidden = || Some(Reasoning { exclude: Some(true), ..Reasoning::default() });
    use ReasoningRequest::{Effort, None as Nothing, Object, Thinking};
    let cases = [
        (Effort, "", thinking("low"), json!({"reasoning_effort": "low"})),
        (Effort, "", thinking("max"), json!({"reasoning_effort": "high"})),
        (Effort, "", thinking("minimal"), json!({"reasoning_effort": "low"})),
        (Effort, "low high max", thinking("max"), json!({"reasoning_effort": "max"})),
        (Effort, "low high max", thinking("medium"), json!({"reasoning_effort": "low"})),
        (Effort, "minimal low", off(), json!({"reasoning_effort": "minimal"})),
        (Effort, "none low", off(), json!({"reasoning_effort": "none"})),
        (Effort, "none high", thinking("low"), json!({"reasoning_effort": "high"})),
        (Effort, "", budget(), json!({"reasoning_effort": "high"})),
        (Effort, "", on(), json!({"reasoning_effort": "medium"})),
        (Effort, "", hidden(), json!({})),
        (Effort, "", None, json!({})),
        (Object, "", budget(), json!({"reasoning": {"max_tokens": 800}})),
        (Object, "", hidden(), json!({"reasoning": {"exclude": true}})),
        (Thinking, "", thinking("low"), json!({"thinking": {"type": "enabled"}})),
        (Thinking, "high max", thinking("max"), json!({"reasoning_effort": "max", "thinking": {"type": "enabled"}})),
        (Thinking, "", off(), json!({"thinking": {"type": "disabled"}})),
        (Nothing, "", thinking("low"), json!({})),
    ];
    for (request, known, reasoning, expected) in cases {
        assert_eq!(asked(request, known, reasoning.clone()), expected, "{request:?} {known} {reasoning:?}");
    }
}

#[test]
fn earlier_thoughts_go_back_to_hosts_that_want_them() {
    let talk = Request { messages: long_talk(), ..Request::default() };
    let replay = |reasoning_field| Quirks { reasoning_replay: true, reasoning_field, ..Quirks::default() };
    assert_eq!(body(replay(ReasoningField::ReasoningContent), &talk)["messages"][3]["reasoning_content"], "plain");
    assert_eq!(body(replay(ReasoningField::Reasoning), &talk)["messages"][3]["reasoning"], "plain");
    let object = Quirks { reasoning_request: ReasoningRequest::Object, ..Quirks::default() };
    insta::assert_json_snapshot!(body(object, &talk)["messages"][3]["reasoning_details"], @r#"
    [
      {
        "type": "reasoning.text",
        "text": "Let me look",
        "signature": "c2ln",
        "id": null,
        "format": "anthropic-claude-v1",
        "index": 0
      },
      {
        "type": "reasoning.encrypted",
        "data": "ZW5j",
        "id": null,
        "format": "anthropic-claude-v1",
        "index": 1
      },
      {
        "type": "reasoning.text",
        "text": "plain",
        "id": null,
        "format": null,
        "index": 2
      }
    ]
    "#);
}

#[test]
fn caches_are_marked_where_marks_are_understood() {
    let talk = Request {
        messages: long_talk(),
        cache_control: Some(CacheControl { ttl: CacheTtl::FiveMinutes }),
        ..Request::default()
    };
    let quirks =
        Quirks { prompt_caching: PromptCaching::Explicit, session_affinity_headers: true, ..Quirks::default() };
    let body = body(quirks.clone(), &talk);
    assert_eq!(body["cache_control"], json!({"type": "ephemeral"}));
    assert_eq!(body["messages"][0]["content"][0]["cache_control"], json!({"type": "ephemeral", "ttl": "1h"}));
    let keyed = Request { prompt_cache_key: Some("talk-1".to_owned()), ..ask("Hi") };
    let encoded = Offer { quirks, ..Offer::default() }.encode(Dialect::OpenaiChat, &keyed).unwrap();
    assert_eq!(
        encoded.headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect::<Vec<_>>(),
        [("x-session-affinity", &b"talk-1"[..])]
    );
}

#[test]
fn all_media_have_a_place() {
    let parts = vec![
        Part::Audio { data: "UklGRg==".to_owned(), format: "wav".to_owned() },
        Part::Video { source: Source::Url("https://example.org/a.mp4".to_owned()) },
        Part::Image { source: png(), detail: None, cache_control: None },
        Part::File { filename: None, source: Source::Url("https://example.org/a.pdf".to_owned()), cache_control: None },
    ];
    let request = Request { messages: vec![Message::User { parts, name: None }], ..Request::default() };
    insta::assert_json_snapshot!(body(Quirks::default(), &request)["messages"][0]["content"], @r#"
    [
      {
        "type": "input_audio",
        "input_audio": {
          "data": "UklGRg==",
          "format": "wav"
        }
      },
      {
        "type": "video_url",
        "video_url": {
          "url": "https://example.org/a.mp4"
        }
      },
      {
        "type": "image_url",
        "image_url": {
          "url": "data:image/png;base64,iVBORw0KGgo="
        }
      },
      {
        "type": "file",
        "file": {
          "file_data": "https://example.org/a.pdf"
        }
      }
    ]
    "#);
}
