//! Requests in the Responses API.

use canon::{Message, Part, Reasoning, ReasoningDetail, ReasoningDetailKind, Request, Sampling, Source, ToolChoice};
use providers::quirks::{Quirks, ReasoningRequest};
use serde_json::{Number, Value, json};

use super::*;

fn body(quirks: Quirks, request: &Request) -> Value {
    Offer { quirks, ..Offer::default() }.body(Dialect::OpenaiResponses, request)
}

fn thought(kind: ReasoningDetailKind, id: &str, index: u32) -> ReasoningDetail {
    let format = Some("openai-responses-v1".to_owned());
    ReasoningDetail { kind, id: Some(id.to_owned()), format, index: Some(index) }
}

#[test]
fn what_the_client_left_out_is_left_out_upstream() {
    let encoded = Offer::default().encode(Dialect::OpenaiResponses, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/responses");
    assert!(encoded.headers.is_empty());
    let expected = r#"{"model":"the-model","input":[{"type":"message","role":"user","content":"Hi"}],"include":["reasoning.encrypted_content"],"store":false,"stream":true}"#;
    assert_eq!(encoded.body, expected);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_tool_loop_with_media_is_told_in_full() {
    let talk = Request { messages: long_talk(), tools: vec![tool("look"), tool("time")], ..Request::default() };
    insta::assert_json_snapshot!(body(Quirks { developer_role: true, ..Quirks::default() }, &talk), @r#"
    {
      "model": "the-model",
      "input": [
        {
          "type": "message",
          "role": "system",
          "content": "Be kind."
        },
        {
          "type": "message",
          "role": "developer",
          "content": "Be brief."
        },
        {
          "type": "message",
          "role": "user",
          "content": [
            {
              "type": "input_text",
              "text": "Ada: Look:"
            },
            {
              "type": "input_image",
              "image_url": "https://example.org/a.png",
              "detail": "low"
            },
            {
              "type": "input_file",
              "filename": "a.pdf",
              "file_data": "data:application/pdf;base64,JVBERi0="
            }
          ]
        },
        {
          "type": "function_call",
          "call_id": "functions.look:0",
          "name": "look",
          "arguments": "{\"city\": \"Paris\"}"
        },
        {
          "type": "function_call",
          "call_id": "call_2",
          "name": "time",
          "arguments": "{}"
        },
        {
          "type": "function_call_output",
          "call_id": "functions.look:0",
          "output": [
            {
              "type": "input_text",
              "text": "a tower"
            },
            {
              "type": "input_image",
              "image_url": "data:image/png;base64,iVBORw0KGgo=",
              "detail": "auto"
            }
          ]
        },
        {
          "type": "function_call_output",
          "call_id": "call_2",
          "output": "noon"
        },
        {
          "type": "message",
          "role": "user",
          "content": "And now?"
        }
      ],
      "tools": [
        {
          "type": "function",
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
        },
        {
          "type": "function",
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
      ],
      "include": [
        "reasoning.encrypted_content"
      ],
      "store": false,
      "stream": true
    }
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn all_parameters_that_the_protocol_has_are_passed_on() {
    let n = |text: &str| serde_json::from_str::<Number>(text).ok();
    let request = Request {
        max_tokens: Some(100),
        stop: vec!["END".to_owned()],
        sampling: Sampling {
            temperature: n("0.7"),
            top_p: n("0.9"),
            top_k: n("40"),
            seed: n("42"),
            frequency_penalty: n("-1"),
            logprobs: Some(true),
            top_logprobs: n("3"),
            ..Sampling::default()
        },
        tools: vec![Tool { parameters: None, strict: None, ..tool("look") }],
        tool_choice: Some(ToolChoice::Allowed { required: true, names: vec!["look".to_owned()] }),
        parallel_tool_calls: Some(false),
        response_format: Some(schema()),
        reasoning: Some(Reasoning {
            effort: Some("high".to_owned()),
            summary: Some("auto".to_owned()),
            ..Reasoning::default()
        }),
        verbosity: Some("low".to_owned()),
        prompt_cache_key: Some("talk-1".to_owned()),
        service_tier: Some("flex".to_owned()),
        user: Some("u-1".to_owned()),
        metadata: json!({"kept": "here"}).as_object().cloned(),
        extra: json!({"truncation": "auto", "store": true}).as_object().cloned().unwrap(),
        ..ask("Hi")
    };
    insta::assert_json_snapshot!(body(Quirks::default(), &request), @r#"
    {
      "model": "the-model",
      "input": [
        {
          "type": "message",
          "role": "user",
          "content": "Hi"
        }
      ],
      "tools": [
        {
          "type": "function",
          "name": "look",
          "description": "Tells it",
          "parameters": {
            "type": "object",
            "properties": {}
          },
          "strict": false
        }
      ],
      "tool_choice": {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [
          {
            "type": "function",
            "name": "look"
          }
        ]
      },
      "parallel_tool_calls": false,
      "max_output_tokens": 100,
      "temperature": 0.7,
      "top_p": 0.9,
      "top_logprobs": 3,
      "reasoning": {
        "effort": "high",
        "summary": "auto"
      },
      "text": {
        "format": {
          "type": "json_schema",
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
        },
        "verbosity": "low"
      },
      "prompt_cache_key": "talk-1",
      "service_tier": "flex",
      "user": "u-1",
      "include": [
        "reasoning.encrypted_content",
        "message.output_text.logprobs"
      ],
      "stream": true,
      "truncation": "auto",
      "store": true
    }
    "#);
}

#[test]
fn reasoning_goes_back_item_by_item_as_it_came() {
    use ReasoningDetailKind::{Encrypted, Summary, Text};
    let summary = |text: &str| Summary { summary: text.to_owned() };
    let encrypted = |data: &str| Encrypted { data: data.to_owned() };
    let foreign =
        ReasoningDetail { format: Some("anthropic-claude-v1".to_owned()), ..thought(encrypted("not ours"), "rs_0", 0) };
    let reasoning = vec![
        foreign,
        thought(summary("First."), "rs_1", 0),
        thought(summary("Second."), "rs_1", 1),
        thought(encrypted("ZW5j"), "rs_1", 2),
        thought(summary("A summary of what is gone."), "rs_2", 3),
        thought(Text { text: Some("Said openly.".to_owned()), signature: None }, "rs_3", 4),
    ];
    let message = Message::Assistant {
        parts: vec![text("So."), text("Yes.")],
        name: None,
        refusal: Some("No more.".to_owned()),
        reasoning,
        tool_calls: Vec::new(),
    };
    let talk = Request { messages: vec![user("Hi"), message, user("On")], ..Request::default() };
    insta::assert_json_snapshot!(body(Quirks::default(), &talk)["input"], @r#"
    [
      {
        "type": "message",
        "role": "user",
        "content": "Hi"
      },
      {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [
          {
            "type": "summary_text",
            "text": "First."
          },
          {
            "type": "summary_text",
            "text": "Second."
          }
        ],
        "encrypted_content": "ZW5j"
      },
      {
        "type": "reasoning",
        "id": "rs_3",
        "summary": [],
        "content": [
          {
            "type": "reasoning_text",
            "text": "Said openly."
          }
        ]
      },
      {
        "type": "message",
        "role": "assistant",
        "content": "So.\nYes."
      },
      {
        "type": "message",
        "role": "assistant",
        "content": "No more."
      },
      {
        "type": "message",
        "role": "user",
        "content": "On"
      }
    ]
    "#);
}

#[test]
fn thoughts_that_come_back_without_their_ids_stay_apart() {
    let nameless = |data: &str, index| ReasoningDetail {
        id: None,
        ..thought(ReasoningDetailKind::Encrypted { data: data.to_owned() }, "", index)
    };
    let message = Message::Assistant {
        parts: vec![text("So.")],
        name: None,
        refusal: None,
        reasoning: vec![nameless("one", 0), nameless("two", 1)],
        tool_calls: Vec::new(),
    };
    let talk = Request { messages: vec![user("Hi"), message], ..Request::default() };
    let input = &body(Quirks::default(), &talk)["input"];
    assert_eq!((&input[1]["encrypted_content"], &input[2]["encrypted_content"]), (&json!("one"), &json!("two")));
}

#[test]
fn a_choice_of_tool_is_said_in_the_protocols_words() {
    let choice = |choice: ToolChoice| {
        let request = Request { tools: vec![tool("look")], tool_choice: Some(choice), ..ask("Hi") };
        body(Quirks::default(), &request)["tool_choice"].clone()
    };
    assert_eq!(choice(ToolChoice::None), json!("none"));
    assert_eq!(choice(ToolChoice::Auto), json!("auto"));
    assert_eq!(choice(ToolChoice::Required), json!("required"));
    assert_eq!(choice(ToolChoice::Function("look".to_owned())), json!({"type": "function", "name": "look"}));
}

#[test]
fn sounds_and_files_elsewhere_are_sent_and_video_cannot_be() {
    let url = |url: &str| Source::Url(url.to_owned());
    let said = |parts: Vec<Part>| Request {
        messages: vec![Message::User { parts, name: Some("Ada".to_owned()) }],
        ..Request::default()
    };
    let audio = Part::Audio { data: "UklGRg==".to_owned(), format: "wav".to_owned() };
    let file = Part::File { filename: None, source: url("https://example.org/a.pdf"), cache_control: None };
    let unnamed = Part::File { filename: None, source: png(), cache_control: None };
    insta::assert_json_snapshot!(body(Quirks::default(), &said(vec![audio, file, unnamed]))["input"], @r#"
    [
      {
        "type": "message",
        "role": "user",
        "content": [
          {
            "type": "input_text",
            "text": "Ada:"
          },
          {
            "type": "input_audio",
            "input_audio": {
              "data": "UklGRg==",
              "format": "wav"
            }
          },
          {
            "type": "input_file",
            "file_url": "https://example.org/a.pdf"
          },
          {
            "type": "input_file",
            "filename": "file",
            "file_data": "data:image/png;base64,iVBORw0KGgo="
          }
        ]
      }
    ]
    "#);
    let video = said(vec![Part::Video { source: url("https://example.org/a.mp4") }]);
    let error = Offer::default().encode(Dialect::OpenaiResponses, &video).unwrap_err();
    assert!(matches!(error, EncodeError::NoWay("video")));
}

#[test]
fn what_the_endpoint_is_known_not_to_take_is_dropped() {
    let request = Request {
        sampling: Sampling { temperature: Number::from_f64(1.5), logprobs: Some(true), ..Sampling::default() },
        reasoning: thinking("high"),
        response_format: Some(schema()),
        verbosity: Some("low".to_owned()),
        tools: vec![tool("look")],
        ..ask("Hi")
    };
    let offer = Offer {
        capabilities: Capabilities { reasoning: Some(false), temperature: Some(false), ..Capabilities::default() },
        supported: Some(vec!["tools".to_owned()]),
        quirks: Quirks { strict_tools: false, ..Quirks::default() },
        ..Offer::default()
    };
    let body = offer.body(Dialect::OpenaiResponses, &request);
    for name in ["temperature", "reasoning", "text", "include"] {
        assert!(body.get(name).is_none(), "{name}: {body}");
    }
    assert!(body["tools"][0].get("strict").is_none());
    let fixed = Quirks {
        reasoning_request: ReasoningRequest::None,
        temperature_max: Some("1".to_owned()),
        ..Quirks::default()
    };
    let body = self::body(fixed, &request);
    assert!(body.get("reasoning").is_none() && body["temperature"] == json!(1));
}

#[test]
fn thoughts_are_summed_up_where_they_are_wanted_and_may_be() {
    let reasoning = |reasoning: Reasoning, quirks: Quirks| {
        body(quirks, &Request { reasoning: Some(reasoning), ..ask("Hi") })["reasoning"].clone()
    };
    let low = || Reasoning { effort: Some("low".to_owned()), ..Reasoning::default() };
    assert_eq!(reasoning(low(), Quirks::default()), json!({"effort": "low", "summary": "auto"}));
    let asked = Reasoning { summary: Some("detailed".to_owned()), ..Reasoning::default() };
    assert_eq!(reasoning(asked.clone(), Quirks::default()), json!({"summary": "detailed"}));
    let hidden = Reasoning { exclude: Some(true), ..low() };
    assert_eq!(reasoning(hidden, Quirks::default()), json!({"effort": "low"}));
    let unverified = Quirks { reasoning_summaries: false, ..Quirks::default() };
    assert_eq!(reasoning(low(), unverified), json!({"effort": "low"}));
    let off = Reasoning { enabled: Some(false), ..asked };
    assert_eq!(reasoning(off, Quirks::default()), json!({"effort": "none"}));
}
