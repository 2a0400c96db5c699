//! Requests in Chat Completions at hosts that deviate: each quirk changes what it names, and nothing else.

use canon::{JsonSchema, Message, Part, Reasoning, Request, ResponseFormat, Sampling, Source, ToolChoice};
use providers::catalog::Capabilities;
use providers::quirks::{PromptCaching, Quirks, ReasoningField};
use serde_json::{Value, json};

use super::*;

/// Quirks as a provider's file writes them.
fn quirks(toml: &str) -> Quirks {
    toml::from_str(toml).unwrap()
}

fn body(toml: &str, request: &Request) -> Value {
    Offer { quirks: quirks(toml), ..Offer::default() }.body(Dialect::OpenaiChat, request)
}

fn talk(messages: Vec<Message>) -> Request {
    Request { messages, ..Request::default() }
}

/// Role and content of each message.
fn turns(toml: &str, messages: Vec<Message>) -> Vec<(String, Value)> {
    let body = body(toml, &talk(messages));
    let turn = |message: &Value| (message["role"].as_str().unwrap().to_owned(), message["content"].clone());
    body["messages"].as_array().unwrap().iter().map(turn).collect()
}

fn expect(turns: &[(&str, &str)]) -> Vec<(String, Value)> {
    turns.iter().map(|(role, words)| ((*role).to_owned(), json!(words))).collect()
}

#[test]
fn a_route_is_where_the_providers_file_says() {
    let path = |toml: &str| {
        let offer = Offer { upstream_id: Some("my gpt/4"), quirks: quirks(toml), ..Offer::default() };
        offer.encode(Dialect::Azure, &ask("Hi")).unwrap().path.into_owned()
    };
    assert_eq!(path(""), "/chat/completions");
    assert_eq!(
        path(r#"path = "/deployments/{model}/{route}?api-version=2024-10-21""#),
        "/deployments/my%20gpt%2F4/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(path(r#"path = "/chat""#), "/chat");
    for wrong in ["chat", "/a b", "/{models}", "/a#b"] {
        assert!(toml::from_str::<Quirks>(&format!("path = \"{wrong}\"")).is_err(), "{wrong}");
    }
}

#[test]
fn system_messages_stand_where_the_host_lets_them() {
    let all = || vec![system("a"), system("b"), user("Hi"), assistant("Hello"), system("c"), user("Bye")];
    let plain =
        [("system", "a"), ("system", "b"), ("user", "Hi"), ("assistant", "Hello"), ("system", "c"), ("user", "Bye")];
    assert_eq!(turns("", all()), expect(&plain));
    let mut leading = plain;
    leading[4] = ("user", "c");
    assert_eq!(turns(r#"system_messages = "leading""#, all()), expect(&leading));
    assert_eq!(
        turns(r#"system_messages = "merged""#, all()),
        expect(&[("system", "a\n\nb\n\nc"), ("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")])
    );
    let none = turns(r#"system_messages = "none""#, all());
    assert!(none.iter().all(|(role, _)| role != "system"), "{none:?}");
}

#[test]
fn turns_alternate_where_they_must() {
    let all =
        vec![system("a"), user("Hi"), user("there"), assistant("Hello"), assistant("you"), system("b"), user("Bye")];
    assert_eq!(
        turns("system_messages = \"leading\"\nroles_alternate = true", all),
        expect(&[("system", "a"), ("user", "Hi\n\nthere"), ("assistant", "Hello\n\nyou"), ("user", "b\n\nBye")])
    );
    // What is no plain text is joined as a list.
    let picture =
        Message::User { parts: vec![Part::Image { source: png(), detail: None, cache_control: None }], name: None };
    let joined = turns("roles_alternate = true", vec![user("Look"), picture]);
    assert_eq!(joined.len(), 1);
    assert_eq!(joined[0].1[0], json!({"type": "text", "text": "Look"}));
    assert_eq!(joined[0].1[1]["type"], "image_url");
    // Calls wait for their results.
    let body = body("roles_alternate = true", &talk(long_talk()));
    assert!(body["messages"].as_array().unwrap().iter().any(|message| message["tool_calls"].is_array()));
}

#[test]
fn names_begin_the_text_where_the_field_is_refused() {
    let ada = |parts| Message::User { parts, name: Some("Ada".to_owned()) };
    let prefix = r#"author_names = "prefix""#;
    assert_eq!(turns(prefix, vec![ada(vec![text("Hi")])]), expect(&[("user", "Ada: Hi")]));
    assert!(!body(prefix, &talk(vec![ada(vec![text("Hi")])]))["messages"][0].as_object().unwrap().contains_key("name"));
    let picture = Part::Image { source: png(), detail: None, cache_control: None };
    let parts = turns(prefix, vec![ada(vec![picture])]);
    assert_eq!(parts[0].1[0], json!({"type": "text", "text": "Ada:"}));
}

#[test]
fn tools_are_demanded_in_the_hosts_words() {
    let wanted = |toml: &str, choice: ToolChoice| {
        let tools = vec![tool("look"), tool("see")];
        let body = body(toml, &Request { tools, tool_choice: Some(choice), ..ask("Hi") });
        (body["tool_choice"].clone(), body["tools"].as_array().unwrap().len())
    };
    let see = || ToolChoice::Function("see".to_owned());
    let only_see = |required| ToolChoice::Allowed { required, names: vec!["see".to_owned()] };
    assert_eq!(wanted("", ToolChoice::Required), (json!("required"), 2));
    assert_eq!(wanted(r#"tool_choice_required = "any""#, ToolChoice::Required), (json!("any"), 2));
    assert_eq!(wanted(r#"tool_choice_required = "auto""#, ToolChoice::Required), (json!("auto"), 2));
    assert_eq!(wanted("", see()), (json!({"type": "function", "function": {"name": "see"}}), 2));
    let any = "tool_choice_required = \"any\"\ntool_choice_function = \"only_tool\"";
    assert_eq!(wanted(any, see()), (json!("any"), 1));
    assert_eq!(wanted(any, only_see(true)), (json!("any"), 1));
    assert_eq!(wanted(any, only_see(false)), (json!("auto"), 1));
    assert_eq!(wanted(any, ToolChoice::None), (json!("none"), 2));
}

#[test]
fn ids_of_calls_fit_and_stay_together() {
    let id = |id: &str| {
        let call = ToolCall { id: id.to_owned(), name: "look".to_owned(), ..ToolCall::default() };
        let asks = Message::Assistant {
            parts: Vec::new(),
            name: None,
            refusal: None,
            reasoning: Vec::new(),
            tool_calls: vec![call],
        };
        let answers = Message::Tool { tool_call_id: id.to_owned(), parts: vec![text("ok")], is_error: false };
        let body = body(r#"tool_call_ids = "nine_alphanumerics""#, &talk(vec![user("Hi"), asks, answers]));
        let call = body["messages"][1]["tool_calls"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(body["messages"][2]["tool_call_id"], call.as_str());
        call
    };
    let replaced = id("call_38f04d9ea185424a8dc6ed9a88da5");
    assert!(replaced.len() == 9 && replaced.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{replaced}");
    assert_eq!(id("call_38f04d9ea185424a8dc6ed9a88da5"), replaced);
    assert_ne!(id("call_2"), replaced);
    assert_eq!(id("D681PevKs"), "D681PevKs");
}

#[test]
fn a_message_of_calls_alone_has_an_empty_text_where_null_is_refused() {
    let asks = || Message::Assistant {
        parts: Vec::new(),
        name: None,
        refusal: None,
        reasoning: Vec::new(),
        tool_calls: vec![ToolCall { id: "1".to_owned(), name: "look".to_owned(), ..ToolCall::default() }],
    };
    assert_eq!(turns("", vec![asks()])[0].1, Value::Null);
    assert_eq!(turns("empty_text_beside_calls = true", vec![asks()])[0].1, json!(""));
}

#[test]
fn parameters_go_by_the_hosts_names_and_its_own_are_added() {
    let toml = "omit = [\"top_k\"]\nrename = { seed = \"random_seed\", user = \"safety_identifier\" }\n\
        add = { context_length_exceeded_behavior = \"error\" }\nadd_where_reasoning = { reasoning_split = true }";
    let sampling = Sampling { seed: Some(7.into()), top_k: Some(1.into()), ..Sampling::default() };
    let request = Request { sampling, user: Some("u1".to_owned()), ..ask("Hi") };
    let plain = body(toml, &request);
    assert_eq!((&plain["random_seed"], &plain["safety_identifier"]), (&json!(7), &json!("u1")));
    assert!(["seed", "user", "top_k", "reasoning_split"].iter().all(|name| plain.get(name).is_none()), "{plain}");
    assert_eq!(plain["context_length_exceeded_behavior"], "error");
    // What the client gives for this provider wins, and models that reason get more.
    let own = json!({"context_length_exceeded_behavior": "truncate", "random_seed": 8});
    let request = Request { extra: own.as_object().unwrap().clone(), ..request };
    let capabilities = Capabilities { reasoning: Some(true), ..Capabilities::default() };
    let offer = Offer { quirks: quirks(toml), capabilities, ..Offer::default() };
    let text = String::from_utf8(offer.encode(Dialect::OpenaiChat, &request).unwrap().body.to_vec()).unwrap();
    let own: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&own["random_seed"], &own["reasoning_split"]), (&json!(8), &json!(true)));
    assert_eq!(own["context_length_exceeded_behavior"], "truncate");
    assert_eq!((text.matches("random_seed").count(), text.matches("_behavior").count()), (1, 1));
}

#[test]
fn more_answers_are_asked_for_only_where_they_can_be_had() {
    let n = |toml: &str, choices| body(toml, &Request { choices: Some(choices), ..ask("Hi") })["n"].clone();
    assert_eq!((n("", 3), n("", 1)), (json!(3), Value::Null));
    assert_eq!((n("most_choices = 2", 3), n("most_choices = 1", 3)), (json!(2), Value::Null));
}

#[test]
fn reasoning_is_switched_in_every_known_form() {
    let asked = |form: &str, reasoning: Reasoning| {
        let offer = Offer {
            quirks: quirks(&format!("reasoning_request = \"{form}\"")),
            efforts: efforts("low medium high"),
            ..Offer::default()
        };
        let body = offer.body(Dialect::OpenaiChat, &Request { reasoning: Some(reasoning), ..ask("Hi") });
        let names =
            ["thinking", "reasoning", "enable_thinking", "thinking_budget", "chat_template_kwargs", "reasoning_effort"];
        let given = names.iter().filter_map(|name| Some(((*name).to_owned(), body.get(name)?.clone())));
        Value::Object(given.collect())
    };
    let low = || thinking("low").unwrap();
    let off = || thinking("none").unwrap();
    let budget = || Reasoning { max_tokens: Some(2_000), ..Reasoning::default() };
    assert_eq!(asked("switch", low()), json!({"reasoning": {"enabled": true}, "reasoning_effort": "low"}));
    assert_eq!(asked("switch", off()), json!({"reasoning": {"enabled": false}}));
    assert_eq!(asked("enable_thinking", budget()), json!({"enable_thinking": true, "thinking_budget": 2_000}));
    assert_eq!(asked("enable_thinking", off()), json!({"enable_thinking": false}));
    let kwargs = |on: bool| json!({"enable_thinking": on, "thinking": on});
    assert_eq!(
        asked("template_kwargs", low()),
        json!({"chat_template_kwargs": kwargs(true), "reasoning_effort": "low"})
    );
    assert_eq!(asked("template_kwargs", off()), json!({"chat_template_kwargs": kwargs(false)}));
    assert_eq!(asked("thinking", off()), json!({"thinking": {"type": "disabled"}}));
    assert_eq!(asked("none", low()), json!({}));
    // A client that says nothing of reasoning switches nothing.
    assert_eq!(asked("switch", Reasoning { exclude: Some(true), ..Reasoning::default() }), json!({}));
}

#[test]
fn earlier_thoughts_can_go_back_as_parts() {
    let thought = ReasoningDetailKind::Text { text: Some("Hm".to_owned()), signature: None };
    let said = Message::Assistant {
        parts: vec![text("Yes")],
        name: None,
        refusal: None,
        reasoning: vec![ReasoningDetail { kind: thought, id: None, format: None, index: None }],
        tool_calls: Vec::new(),
    };
    let toml = "reasoning_field = \"parts\"\nreasoning_replay = true";
    let thinking = json!({"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]});
    assert_eq!(turns(toml, vec![said])[0].1, json!([thinking, {"type": "text", "text": "Yes"}]));
    assert_eq!(quirks(toml).reasoning_field, ReasoningField::Parts);
}

#[test]
fn a_schema_is_told_in_the_hosts_way() {
    let schema = json!({"type": "object"});
    let format = ResponseFormat::JsonSchema(JsonSchema {
        name: "person".to_owned(),
        description: None,
        strict: None,
        schema: schema.clone(),
    });
    let request = Request { response_format: Some(format), ..ask("Hi") };
    assert_eq!(body("", &request)["response_format"]["type"], "json_schema");
    let with_object = body(r#"json_schema = "with_object""#, &request);
    assert_eq!(with_object["response_format"], json!({"type": "json_object", "schema": schema}));
    let in_words = body(r#"json_schema = "in_words""#, &request);
    assert_eq!(in_words["response_format"], json!({"type": "json_object"}));
    assert_eq!(in_words["messages"][0]["role"], "system");
    assert!(in_words["messages"][0]["content"].as_str().unwrap().ends_with(r#"{"type":"object"}"#));
    assert_eq!(in_words["messages"][1]["content"], "Hi");
}

#[test]
fn metadata_goes_only_where_it_is_taken() {
    let metadata = json!({"team": "a"}).as_object().cloned();
    let request = Request { metadata: metadata.clone(), ..ask("Hi") };
    assert_eq!(body("", &request).get("metadata"), None);
    assert_eq!(body("metadata = true", &request)["metadata"].as_object(), metadata.as_ref());
}

#[test]
fn media_by_url_are_refused_before_a_host_refuses_them() {
    let url = || Source::Url("https://x.example/a.pdf".to_owned());
    let file =
        |source| Message::User { parts: vec![Part::File { filename: None, source, cache_control: None }], name: None };
    let image =
        |source| Message::User { parts: vec![Part::Image { source, detail: None, cache_control: None }], name: None };
    let encode = |toml: &str, message| {
        Offer { quirks: quirks(toml), ..Offer::default() }.encode(Dialect::OpenaiChat, &talk(vec![message]))
    };
    assert!(encode("", file(url())).is_ok() && encode("", image(url())).is_ok());
    assert!(matches!(encode("file_urls = false", file(url())), Err(EncodeError::NoWay(_))));
    assert!(matches!(encode("image_urls = false", image(url())), Err(EncodeError::NoWay(_))));
    assert!(encode("image_urls = false\nfile_urls = false", image(png())).is_ok());
}

#[test]
fn an_unknown_quirk_is_an_error_and_every_quirk_survives_its_file() {
    assert!(toml::from_str::<Quirks>("max_token = \"max_tokens\"").is_err());
    let written = toml::to_string(&Quirks { prompt_caching: PromptCaching::Both, ..Quirks::default() }).unwrap();
    assert_eq!(toml::from_str::<Quirks>(&written).unwrap().prompt_caching, PromptCaching::Both);
}
