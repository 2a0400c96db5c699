//! Requests in Google's generateContent, and in its embeddings.

use canon::{EmbedInput, EmbedRequest, Message, Part, Reasoning, Request, Sampling, ToolChoice};
use serde_json::{Number, Value, json};

use super::*;

/// A model that thinks by levels.
fn levels() -> Offer {
    let capabilities = Capabilities { reasoning: Some(true), ..Capabilities::default() };
    Offer { max_output: Some(65_536), capabilities, efforts: efforts("minimal low medium high"), ..Offer::default() }
}

/// A model that thinks by a budget.
fn budgets() -> Offer {
    Offer { efforts: Vec::new(), ..levels() }
}

fn body(offer: &Offer, request: &Request) -> Value {
    offer.body(Dialect::Gemini, request)
}

fn google(kind: ReasoningDetailKind, id: Option<&str>) -> ReasoningDetail {
    let format = Some("google-gemini-v1".to_owned());
    ReasoningDetail { kind, id: id.map(str::to_owned), format, index: None }
}

fn sealed(data: &str, id: Option<&str>) -> ReasoningDetail {
    google(ReasoningDetailKind::Encrypted { data: data.to_owned() }, id)
}

#[test]
fn the_least_request_has_what_the_protocol_needs() {
    let encoded = Offer::default().encode(Dialect::Gemini, &ask("Hi")).unwrap();
    assert_eq!(encoded.path, "/models/the-model:streamGenerateContent?alt=sse");
    assert!(encoded.headers.is_empty());
    assert_eq!(encoded.body, r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#);
    let vertex = Offer::default().encode(Dialect::Vertex, &ask("Hi")).unwrap();
    assert_eq!(vertex.path, "/publishers/google/models/the-model:streamGenerateContent?alt=sse");
    assert_eq!(vertex.body, encoded.body);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_tool_loop_with_media_is_told_in_full() {
    let talk = Request {
        messages: long_talk(),
        tools: vec![tool("look"), Tool { parameters: None, ..tool("time") }],
        ..Request::default()
    };
    insta::assert_json_snapshot!(body(&levels(), &talk), @r#"
    {
      "systemInstruction": {
        "parts": [
          {
            "text": "Be kind."
          },
          {
            "text": "Be brief."
          }
        ]
      },
      "contents": [
        {
          "role": "user",
          "parts": [
            {
              "text": "Ada: Look:"
            },
            {
              "fileData": {
                "mimeType": "image/png",
                "fileUri": "https://example.org/a.png"
              }
            },
            {
              "inlineData": {
                "mimeType": "application/pdf",
                "data": "JVBERi0="
              }
            }
          ]
        },
        {
          "role": "model",
          "parts": [
            {
              "functionCall": {
                "id": "functions.look:0",
                "name": "look",
                "args": {
                  "city": "Paris"
                }
              },
              "thoughtSignature": "skip_thought_signature_validator"
            },
            {
              "functionCall": {
                "id": "call_2",
                "name": "time",
                "args": {}
              }
            }
          ]
        },
        {
          "role": "user",
          "parts": [
            {
              "functionResponse": {
                "id": "functions.look:0",
                "name": "look",
                "response": {
                  "output": "a tower"
                },
                "parts": [
                  {
                    "inlineData": {
                      "mimeType": "image/png",
                      "data": "iVBORw0KGgo="
                    }
                  }
                ]
              }
            },
            {
              "functionResponse": {
                "id": "call_2",
                "name": "time",
                "response": {
                  "output": "noon"
                }
              }
            },
            {
              "text": "And now?"
            }
          ]
        }
      ],
      "tools": [
        {
          "functionDeclarations": [
            {
              "name": "look",
              "description": "Tells it",
              "parametersJsonSchema": {
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
              "description": "Tells it"
            }
          ]
        }
      ],
      "generationConfig": {
        "mediaResolution": "MEDIA_RESOLUTION_LOW"
      }
    }
    "#);
}

#[test]
fn media_of_a_result_stand_beside_it_for_models_that_take_none_within() {
    let contents = &body(&budgets(), &Request { messages: long_talk(), ..Request::default() })["contents"];
    insta::assert_json_snapshot!(contents[2]["parts"], @r#"
    [
      {
        "functionResponse": {
          "id": "functions.look:0",
          "name": "look",
          "response": {
            "output": "a tower"
          }
        }
      },
      {
        "inlineData": {
          "mimeType": "image/png",
          "data": "iVBORw0KGgo="
        }
      },
      {
        "functionResponse": {
          "id": "call_2",
          "name": "time",
          "response": {
            "output": "noon"
          }
        }
      },
      {
        "text": "And now?"
      }
    ]
    "#);
    assert!(contents[1]["parts"][0].get("thoughtSignature").is_none());
}

#[test]
fn signatures_go_back_to_where_they_were() {
    let thought = ReasoningDetailKind::Text { text: Some("Hm.".to_owned()), signature: Some("VA==".to_owned()) };
    let unsigned = ReasoningDetailKind::Text { text: Some("Well.".to_owned()), signature: None };
    let call = |id: &str| ToolCall { id: id.to_owned(), name: "f".to_owned(), ..ToolCall::default() };
    let picture = Part::Image { source: png(), detail: None, cache_control: None };
    let answer = Message::Assistant {
        parts: vec![text("Here:"), picture, text("Nice?")],
        name: None,
        refusal: None,
        reasoning: vec![
            google(thought, None),
            google(unsigned, None),
            sealed("Ug==", Some("image-0")),
            sealed("QQ==", None),
            sealed("Qw==", Some("c1")),
        ],
        tool_calls: vec![call("c1"), call("c2")],
    };
    let messages = vec![user("Draw"), answer, user("More")];
    insta::assert_json_snapshot!(body(&levels(), &Request { messages, ..Request::default() })["contents"][1], @r#"
    {
      "role": "model",
      "parts": [
        {
          "text": "Hm.",
          "thought": true,
          "thoughtSignature": "VA=="
        },
        {
          "text": "Here:"
        },
        {
          "inlineData": {
            "mimeType": "image/png",
            "data": "iVBORw0KGgo="
          },
          "thoughtSignature": "Ug=="
        },
        {
          "text": "Nice?",
          "thoughtSignature": "QQ=="
        },
        {
          "functionCall": {
            "id": "c1",
            "name": "f",
            "args": {}
          },
          "thoughtSignature": "Qw=="
        },
        {
          "functionCall": {
            "id": "c2",
            "name": "f",
            "args": {}
          }
        }
      ]
    }
    "#);
}

#[test]
fn a_failed_tool_says_so_and_objects_stay_objects() {
    let result = |text: &str, is_error| Message::Tool {
        tool_call_id: "c1".to_owned(),
        parts: vec![Part::Text { text: text.to_owned(), cache_control: None }],
        is_error,
    };
    let response = |message: Message| {
        let request = Request { messages: vec![message], ..Request::default() };
        body(&levels(), &request)["contents"][0]["parts"][0]["functionResponse"]["response"].clone()
    };
    assert_eq!(response(result("{\"t\": 18}", false)), json!({"output": {"t": 18}}));
    assert_eq!(response(result("[18]", false)), json!({"output": "[18]"}));
    assert_eq!(response(result("no such city", true)), json!({"error": "no such city"}));
}

#[test]
fn a_system_prompt_alone_is_what_is_to_be_answered() {
    let alone = Request { messages: vec![system("Be kind.")], ..Request::default() };
    assert_eq!(body(&levels(), &alone), json!({"contents": [{"role": "user", "parts": [{"text": "Be kind."}]}]}));
    let both = Request { messages: vec![system("Be kind."), user("Hi")], ..Request::default() };
    assert_eq!(body(&levels(), &both)["systemInstruction"], json!({"parts": [{"text": "Be kind."}]}));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn all_settings_have_their_place() {
    let number = |n: i64| Some(Number::from(n));
    let sampling = Sampling {
        temperature: number(1),
        top_p: Number::from_f64(0.5),
        top_k: number(40),
        min_p: Number::from_f64(0.1),
        frequency_penalty: number(1),
        presence_penalty: number(-1),
        seed: number(7),
        logprobs: Some(true),
        top_logprobs: number(3),
        ..Sampling::default()
    };
    let high = Part::Image { source: png(), detail: Some("high".to_owned()), cache_control: None };
    let request = Request {
        messages: vec![Message::User { parts: vec![text("Look"), high], name: None }],
        max_tokens: Some(100),
        choices: Some(2),
        stop: vec!["END".to_owned()],
        sampling,
        service_tier: Some("flex".to_owned()),
        modalities: vec!["text".to_owned(), "image".to_owned()],
        audio: Some(json!({"voice": "Kore", "format": "pcm16"})),
        image_config: json!({"aspect_ratio": "16:9", "image_size": "2K"}).as_object().cloned(),
        response_format: Some(schema()),
        ..Request::default()
    };
    let encoded = levels().encode(Dialect::Gemini, &request).unwrap();
    assert_eq!(encoded.reading.choices, Some(2));
    let mut body: Value = serde_json::from_slice(&encoded.body).unwrap();
    body.as_object_mut().unwrap().remove("contents");
    insta::assert_json_snapshot!(body, @r#"
    {
      "serviceTier": "flex",
      "generationConfig": {
        "maxOutputTokens": 100,
        "candidateCount": 2,
        "stopSequences": [
          "END"
        ],
        "temperature": 1,
        "topP": 0.5,
        "topK": 40,
        "frequencyPenalty": 1,
        "presencePenalty": -1,
        "seed": 7,
        "responseLogprobs": true,
        "logprobs": 3,
        "responseMimeType": "application/json",
        "responseJsonSchema": {
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
        "responseModalities": [
          "TEXT",
          "IMAGE"
        ],
        "speechConfig": {
          "voiceConfig": {
            "prebuiltVoiceConfig": {
              "voiceName": "Kore"
            }
          }
        },
        "imageConfig": {
          "aspectRatio": "16:9",
          "imageSize": "2K"
        },
        "mediaResolution": "MEDIA_RESOLUTION_HIGH"
      }
    }
    "#);
    let few = Offer { supported: Some(vec!["temperature".to_owned()]), ..levels() };
    let config = &self::body(&few, &request)["generationConfig"];
    assert_eq!((&config["temperature"], config.get("seed")), (&json!(1), None));
}

#[test]
fn thinking_is_asked_for_in_the_models_own_way() {
    let config = |offer: &Offer, reasoning: Reasoning| {
        let request = Request { reasoning: Some(reasoning), ..ask("Hi") };
        body(offer, &request)["generationConfig"]["thinkingConfig"].clone()
    };
    let effort = |word: &str| Reasoning { effort: Some(word.to_owned()), ..Reasoning::default() };
    let on = Reasoning { enabled: Some(true), ..Reasoning::default() };
    let off = Reasoning { enabled: Some(false), ..Reasoning::default() };
    let exactly = |tokens| Reasoning { max_tokens: Some(tokens), ..Reasoning::default() };
    let shown = |field: &str, value: Value| json!({"includeThoughts": true, field: value});
    assert_eq!(config(&levels(), effort("high")), shown("thinkingLevel", json!("HIGH")));
    assert_eq!(config(&levels(), effort("xhigh")), shown("thinkingLevel", json!("HIGH")));
    assert_eq!(config(&levels(), exactly(60_000)), shown("thinkingLevel", json!("HIGH")));
    assert_eq!(config(&levels(), on.clone()), json!({"includeThoughts": true}));
    assert_eq!(config(&levels(), off.clone()), json!({"thinkingLevel": "MINIMAL"}));
    assert_eq!(config(&budgets(), effort("low")), shown("thinkingBudget", json!(13_107)));
    assert_eq!(config(&budgets(), effort("high")), shown("thinkingBudget", json!(24_576)));
    assert_eq!(config(&budgets(), exactly(2_000)), shown("thinkingBudget", json!(2_000)));
    assert_eq!(config(&budgets(), on), shown("thinkingBudget", json!(-1)));
    assert_eq!(config(&budgets(), off), json!({"thinkingBudget": 0}));
    let hidden = Reasoning { exclude: Some(true), ..effort("low") };
    assert_eq!(config(&levels(), hidden), json!({"thinkingLevel": "LOW"}));
    let capabilities = Capabilities { reasoning: Some(false), ..Capabilities::default() };
    assert_eq!(config(&Offer { capabilities, ..Offer::default() }, effort("low")), Value::Null);
    assert!(body(&levels(), &ask("Hi")).get("generationConfig").is_none());
}

#[test]
fn tools_are_chosen_as_asked() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let calling = |choice: Option<ToolChoice>| {
        let request = Request { tools: vec![tool("look"), tool("time")], tool_choice: choice, ..ask("Hi") };
        body(&levels(), &request)
    };
    let mode = |choice: ToolChoice| calling(Some(choice))["toolConfig"]["functionCallingConfig"].clone();
    assert!(calling(None).get("toolConfig").is_none());
    assert_eq!(mode(ToolChoice::Auto), json!({"mode": "AUTO"}));
    assert_eq!(mode(ToolChoice::None), json!({"mode": "NONE"}));
    assert_eq!(mode(ToolChoice::Required), json!({"mode": "ANY"}));
    assert_eq!(mode(ToolChoice::Function("time".to_owned())), json!({"mode": "ANY", "allowedFunctionNames": ["time"]}));
    let allowed = calling(Some(ToolChoice::Allowed { required: true, names: names(&["time"]) }));
    assert_eq!(allowed["toolConfig"]["functionCallingConfig"], json!({"mode": "ANY"}));
    assert_eq!(allowed["tools"][0]["functionDeclarations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_shape_beside_tools_goes_by_a_tool_where_the_model_cannot_do_both() {
    let request = Request { tools: vec![tool("look")], response_format: Some(schema()), ..ask("Hi") };
    let both = levels().encode(Dialect::Gemini, &request).unwrap();
    assert!(!both.reading.answer_tool);
    assert_eq!(body(&levels(), &request)["generationConfig"]["responseMimeType"], "application/json");
    let by_tool = budgets().encode(Dialect::Gemini, &request).unwrap();
    assert!(by_tool.reading.answer_tool);
    let body = body(&budgets(), &request);
    assert!(body.get("generationConfig").is_none());
    assert_eq!(body["tools"][0]["functionDeclarations"][1]["name"], "souk_json_answer");
    assert_eq!(body["toolConfig"]["functionCallingConfig"], json!({"mode": "ANY"}));
}

#[test]
fn media_that_google_fetches_have_a_type() {
    let data = |source: Source| {
        let parts = vec![Part::File { filename: None, source, cache_control: None }];
        let messages = vec![Message::User { parts, name: None }];
        body(&levels(), &Request { messages, ..Request::default() })["contents"][0]["parts"][0]["fileData"].clone()
    };
    let url = |url: &str| data(Source::Url(url.to_owned()));
    assert_eq!(url("https://example.org/a.PNG?x=1")["mimeType"], "image/png");
    assert_eq!(url("gs://bucket/a")["mimeType"], "application/pdf");
    assert_eq!(url("https://www.youtube.com/watch?v=1"), json!({"fileUri": "https://www.youtube.com/watch?v=1"}));
}

#[test]
fn embeddings_are_asked_for_in_one_request() {
    let embed = |inputs: Vec<EmbedInput>| {
        let input_type = Some("search_document".to_owned());
        Task::Embed(EmbedRequest { inputs, dimensions: Some(256), input_type, ..EmbedRequest::default() })
    };
    let texts = || vec![EmbedInput::Text("a".to_owned()), EmbedInput::Text("b".to_owned())];
    let sent = |dialect: Dialect, inputs: Vec<EmbedInput>| {
        let encoded = Offer::default().encode_task(dialect, &embed(inputs)).unwrap();
        (encoded.path.into_owned(), serde_json::from_slice::<Value>(&encoded.body).unwrap())
    };
    let request = |text: &str| {
        json!({"model": "models/the-model", "content": {"parts": [{"text": text}]}, "taskType": "RETRIEVAL_DOCUMENT",
            "outputDimensionality": 256})
    };
    let expected = json!({"requests": [request("a"), request("b")]});
    assert_eq!(sent(Dialect::Gemini, texts()), ("/models/the-model:batchEmbedContents".to_owned(), expected));
    let instance = |text: &str| json!({"content": text, "task_type": "RETRIEVAL_DOCUMENT"});
    let expected = json!({"instances": [instance("a"), instance("b")], "parameters": {"outputDimensionality": 256}});
    assert_eq!(sent(Dialect::Vertex, texts()), ("/publishers/google/models/the-model:predict".to_owned(), expected));
    let picture = Part::Image { source: png(), detail: None, cache_control: None };
    let (path, body) = sent(Dialect::Vertex, vec![EmbedInput::Parts(vec![text("a"), picture])]);
    assert_eq!(path, "/publishers/google/models/the-model:batchEmbedContents");
    let config = json!({"taskType": "RETRIEVAL_DOCUMENT", "outputDimensionality": 256});
    assert_eq!(body["requests"][0]["embedContentConfig"], config);
    let tokens = embed(vec![EmbedInput::Tokens(vec![1])]);
    assert!(Offer::default().encode_task(Dialect::Gemini, &tokens).is_err());
}
