//! A Converse request, read as strictly as AWS reads it.
//!
//! One thing is stricter here: Converse passes over members it does not know, where a misspelt one would never be found; the
//! simulator refuses them.

use serde_json::Value;

use super::content;
use super::error::{by_model, place};
use super::message::Conversation;
use super::thought::{ModelFields, Thoughts};
use super::{CONTEXT, message};
use crate::cache::Segment;
use crate::node::{Node, Problem, Wrong};
use crate::script::{Choice, Format, Prompt, Tool};
use crate::tokens;

const FIELDS: [&str; 13] = [
    "messages",
    "system",
    "inferenceConfig",
    "toolConfig",
    "guardrailConfig",
    "additionalModelRequestFields",
    "promptVariables",
    "additionalModelResponseFieldPaths",
    "requestMetadata",
    "performanceConfig",
    "serviceTier",
    "outputConfig",
    "modelId",
];

const MAX_MARKS: usize = 4;
const MAX_STOPS: usize = 2500;
const MAX_NAME: usize = 64;

/// What a good request asks for. `'v` is its body.
#[derive(Debug)]
pub(super) struct Request<'v> {
    pub prompt: Prompt<'v>,
    pub segments: Vec<Segment<'v>>,
    pub thoughts: Thoughts,
    /// The stop sequence that came is to be told.
    pub names_stop: bool,
    pub latency: Option<&'static str>,
    pub tier: Option<&'static str>,
}

/// What `inferenceConfig` asks for.
#[derive(Debug, Default)]
struct Inference<'v> {
    limit: Option<u32>,
    stops: Vec<&'v str>,
}

impl<'v> Request<'v> {
    /// Reads `body`; `schema` is what [`text_schema`] found in it.
    pub fn read(body: &'v Value, schema: Option<&'v Value>) -> Result<Self, Problem> {
        let root = Node::root(body);
        root.only(&FIELDS)?;
        let inference = inference(&root)?;
        let fields = ModelFields::read(&root, inference.limit)?;
        let (latency, tier) = service(&root)?;
        let mut segments = Vec::new();
        let (tools, choice) = tools(&root, &mut segments)?;
        if fields.thought > 0 {
            thinking_allows(&root, &fields, choice)?;
        }
        if let Some(system) = root.get("system") {
            message::read_system(&system, &mut segments)?;
        }
        let mut conversation = Conversation::new(segments, fields.thought > 0, root.get("toolConfig").is_some());
        conversation.read(&root.need("messages")?)?;
        let Conversation { said, images, results, segments, marks, .. } = conversation;
        check_size(&segments)?;
        let marks = marks + marked(&root);
        if marks > MAX_MARKS {
            let text = format!("A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {marks}.");
            return Err(by_model(text));
        }
        let thoughts = fields.thoughts(&said);
        let prompt = Prompt {
            said,
            images,
            results,
            tools,
            choice,
            parallel: !fields.one_call,
            format: schema.map_or(Format::Text, Format::Schema),
            stops: inference.stops,
            limit: inference.limit,
            thought: fields.thought,
        };
        Ok(Self { prompt, segments, thoughts, names_stop: names_stop(&root)?, latency, tier })
    }
}

/// The schema that the answer's text must have; Converse has it as a text within the request.
pub(super) fn text_schema(body: &Value) -> Result<Option<Value>, Problem> {
    let root = Node::root(body);
    let Some(config) = root.get("outputConfig") else { return Ok(None) };
    let Some(format) = config.get("textFormat") else { return Ok(None) };
    format.only(&["type", "structure"])?;
    format.need("type")?.word(&["json_schema"])?;
    let structure = format.need("structure")?;
    structure.only(&["jsonSchema"])?;
    let definition = structure.need("jsonSchema")?;
    definition.only(&["schema", "name", "description"])?;
    definition.maybe("name", |field| field.text())?;
    definition.maybe("description", |field| field.text())?;
    let schema = definition.need("schema")?;
    let parsed: Option<Value> = serde_json::from_str(schema.text()?).ok().filter(Value::is_object);
    let Some(parsed) = parsed else {
        let at = place(&schema.fail(Wrong::Missing).path);
        return Err(schema.said(format!("The value at {at} is not a valid JSON schema."), None));
    };
    let closed = parsed.get("additionalProperties") == Some(&Value::Bool(false));
    if parsed.get("type").is_some_and(|kind| kind == "object") && !closed {
        let text =
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false";
        return Err(by_model(text));
    }
    Ok(Some(parsed))
}

fn inference<'v>(root: &Node<'_, 'v>) -> Result<Inference<'v>, Problem> {
    let Some(config) = root.get("inferenceConfig") else { return Ok(Inference::default()) };
    config.only(&["maxTokens", "temperature", "topP", "stopSequences"])?;
    config.maybe("temperature", |field| field.number(0.0..=1.0))?;
    config.maybe("topP", |field| field.number(0.0..=1.0))?;
    let limit = config.maybe("maxTokens", |field| field.amount(1))?;
    let mut stops = Vec::new();
    if let Some(list) = config.get("stopSequences") {
        for stop in list.items_within(0..=MAX_STOPS)? {
            stops.push(filled(&stop)?);
        }
    }
    Ok(Inference { limit, stops })
}

/// The speed and the tier asked for, after a look at the settings that change nothing here.
fn service(root: &Node) -> Result<(Option<&'static str>, Option<&'static str>), Problem> {
    root.maybe("guardrailConfig", |config| {
        config.only(&["guardrailIdentifier", "guardrailVersion", "trace", "streamProcessingMode"])?;
        config.maybe("trace", |field| field.word(&["enabled", "disabled", "enabled_full"]))?;
        config.maybe("streamProcessingMode", |field| field.word(&["sync", "async"]))
    })?;
    root.maybe("promptVariables", |field| field.object())?;
    root.maybe("requestMetadata", |field| field.object())?;
    let latency = root.maybe("performanceConfig", |config| {
        config.only(&["latency"])?;
        config.maybe("latency", |field| field.word(&["standard", "optimized"]))
    })?;
    let tier = root.maybe("serviceTier", |tier| {
        tier.only(&["type"])?;
        tier.need("type")?.word(&["priority", "default", "flex", "reserved"])
    })?;
    Ok((latency.flatten(), tier))
}

fn names_stop(root: &Node) -> Result<bool, Problem> {
    let Some(paths) = root.get("additionalModelResponseFieldPaths") else { return Ok(false) };
    let mut found = false;
    for path in paths.items_within(0..=10)? {
        let pointer = filled(&path)?;
        if !pointer.starts_with('/') {
            return Err(path.said(format!("The JSON Pointer {pointer} is not valid."), None));
        }
        found |= pointer == "/stop_sequence";
    }
    Ok(found)
}

/// What Claude does not do while it thinks.
fn thinking_allows(root: &Node, fields: &ModelFields, choice: Choice) -> Result<(), Problem> {
    let see = "Please consult our documentation at \
               https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
    let temperature = root.value().pointer("/inferenceConfig/temperature").and_then(Value::as_f64);
    if temperature.is_some_and(|temperature| temperature < 1.0) {
        return Err(by_model(format!("`temperature` may only be set to 1 when thinking is enabled. {see}")));
    }
    if fields.has_top_k {
        return Err(by_model(format!("`top_k` must be unset when thinking is enabled. {see}")));
    }
    if matches!(choice, Choice::Any | Choice::Named(_)) {
        return Err(by_model("Thinking may not be enabled when tool_choice forces tool use."));
    }
    Ok(())
}

/// The tools and which to call.
fn tools<'v>(root: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<(Vec<Tool<'v>>, Choice<'v>), Problem> {
    let Some(config) = root.get("toolConfig") else { return Ok((Vec::new(), Choice::Auto)) };
    config.only(&["tools", "toolChoice"])?;
    let mut tools: Vec<Tool> = Vec::new();
    let list = config.need("tools")?;
    for tool in list.items_within(1..=usize::MAX)? {
        match content::union(&tool, "Tool", &["toolSpec", "systemTool", "cachePoint"])? {
            "cachePoint" => {
                let lifetime = content::cache_point(&tool.need("cachePoint")?)?;
                if let Some(last) = segments.last_mut() {
                    last.mark = Some(lifetime);
                }
            }
            "systemTool" => {
                let system = tool.need("systemTool")?;
                system.only(&["name"])?;
                name(&system.need("name")?)?;
            }
            _ => {
                let read = tool_spec(&tool.need("toolSpec")?)?;
                if tools.iter().any(|tool| tool.name == read.name) {
                    return Err(by_model("tools: Tool names must be unique."));
                }
                tools.push(read);
                let tokens = tokens::weigh(tool.value().to_string().len());
                segments.push(Segment { role: "tools", value: tool.value(), tokens, mark: None });
            }
        }
    }
    let Some(choice) = config.get("toolChoice") else { return Ok((tools, Choice::Auto)) };
    let wanted = match content::union(&choice, "ToolChoice", &["auto", "any", "tool"])? {
        "auto" => {
            choice.need("auto")?.only(&[])?;
            Choice::Auto
        }
        "any" => {
            choice.need("any")?.only(&[])?;
            Choice::Any
        }
        _ => {
            let tool = choice.need("tool")?;
            tool.only(&["name"])?;
            let name = name(&tool.need("name")?)?;
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(by_model(format!("tool_choice: Tool '{name}' not found in provided tools")));
            }
            Choice::Named(name)
        }
    };
    Ok((tools, wanted))
}

fn tool_spec<'v>(spec: &Node<'_, 'v>) -> Result<Tool<'v>, Problem> {
    spec.only(&["name", "description", "inputSchema", "strict"])?;
    let name = name(&spec.need("name")?)?;
    spec.maybe("description", |field| filled(field))?;
    spec.maybe("strict", |field| field.flag())?;
    let input = spec.need("inputSchema")?;
    input.only(&["json"])?;
    let schema = input.need("json")?;
    if schema.value().get("type").is_none_or(|kind| kind != "object") {
        let at = place(&schema.fail(Wrong::Missing).path);
        let text = format!("The value at {at}.type must be one of the following: object.");
        return Err(schema.said(text, None));
    }
    Ok(Tool { name, schema: Some(schema.value()) })
}

/// A tool's name.
pub(super) fn name<'v>(node: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    matching(node, MAX_NAME, "_-", "[a-zA-Z0-9_-]+")
}

/// The id of a tool's use.
pub(super) fn use_id<'v>(node: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    matching(node, MAX_NAME, "_.:-", "[a-zA-Z0-9_.:-]+")
}

/// A text of letters, digits and `marks`, at most `most` bytes long.
fn matching<'v>(node: &Node<'_, 'v>, most: usize, marks: &str, pattern: &str) -> Result<&'v str, Problem> {
    let text = filled(node)?;
    if text.len() > most {
        return Err(node.fail(Wrong::TooLong { got: text.len(), most }));
    }
    if text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c)) {
        return Ok(text);
    }
    let path = super::error::member(&node.fail(Wrong::Missing).path);
    let rule = "failed to satisfy constraint: Member must satisfy regular expression pattern:";
    Err(node.said(format!("1 validation error detected: Value '{text}' at '{path}' {rule} {pattern}"), None))
}

/// A text of at least one character.
pub(super) fn filled<'v>(node: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    let text = node.text()?;
    if text.is_empty() { Err(node.fail(Wrong::Empty)) } else { Ok(text) }
}

fn check_size(segments: &[Segment]) -> Result<(), Problem> {
    let tokens = segments.iter().fold(0_u32, |sum, segment| sum.saturating_add(segment.tokens));
    if tokens > CONTEXT { Err(by_model("Input is too long for requested model.")) } else { Ok(()) }
}

/// Cache points among tools and in the system prompt.
fn marked(root: &Node) -> usize {
    let count = |pointer: &str| {
        let items = root.value().pointer(pointer).and_then(Value::as_array);
        items.into_iter().flatten().filter(|item| item.get("cachePoint").is_some()).count()
    };
    count("/toolConfig/tools") + count("/system")
}
