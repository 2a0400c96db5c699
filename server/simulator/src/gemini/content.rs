//! The contents of a request: roles, the order of function calls and their responses, and the signatures of thoughts.

use std::borrow::Cow;

use serde_json::Value;

use super::door::Door;
use super::error::FIELD;
use super::part::{self, Body};
use crate::cache::Segment;
use crate::node::{Node, Problem, Step};
use crate::tokens;

const ROLES: &str = "Please use a valid role: user, model.";
const CALL_ORDER: &str =
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
const RESPONSE_ORDER: &str = "Please ensure that function response turn comes immediately after a function call turn.";
const RESPONSE_COUNT: &str = "Please ensure that the number of function response parts is equal to the number of function \
    call parts of the function call turn.";

/// Prompt tokens by what they stand for; the rest is text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Media {
    pub image: u32,
    pub video: u32,
    pub audio: u32,
    pub document: u32,
}

impl Media {
    pub fn total(self) -> u32 {
        self.image + self.video + self.audio + self.document
    }

    pub fn add(&mut self, other: Self) {
        self.image += other.image;
        self.video += other.video;
        self.audio += other.audio;
        self.document += other.document;
    }
}

/// What the contents read so far amount to.
#[derive(Debug)]
pub(super) struct Conversation<'v> {
    pub said: Cow<'v, str>,
    pub images: usize,
    pub results: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    pub segments: Vec<Segment<'v>>,
    pub media: Media,
    door: Door,
    /// The model thinks, so that the calls of its current turn must come back signed.
    thinks: bool,
    /// Who spoke last.
    last: Option<Speaker>,
    /// Calls of the last content that await their responses: name and id.
    calls: Vec<(&'v str, Option<&'v str>)>,
    /// The first call of the current turn that came back without its signature: name and content, from 1.
    unsigned: Option<(&'v str, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaker {
    User,
    Model,
    Function,
}

/// One content while its parts are read.
#[derive(Debug, Default)]
struct Turn<'v> {
    text: Cow<'v, str>,
    images: usize,
    media: Media,
    tokens: u32,
    /// Name, id and whether it is signed.
    calls: Vec<(&'v str, Option<&'v str>, bool)>,
    /// Name, id and text.
    responses: Vec<(&'v str, Option<&'v str>, Cow<'v, str>)>,
}

impl<'v> Conversation<'v> {
    /// After `segments` of tools and system instruction.
    pub fn new(segments: Vec<Segment<'v>>, door: Door, thinks: bool) -> Self {
        Self {
            said: Cow::default(),
            images: 0,
            results: Vec::new(),
            segments,
            media: Media::default(),
            door,
            thinks,
            last: None,
            calls: Vec::new(),
            unsigned: None,
        }
    }

    /// Reads the `contents` of the request `root`.
    pub fn read(&mut self, root: &Node<'_, 'v>) -> Result<(), Problem> {
        let contents = root.need("contents")?;
        let items = contents.items()?;
        if items.len() == 0 {
            return Err(contents.said("contents is not specified", FIELD));
        }
        for (at, content) in items.enumerate() {
            self.read_content(at, &content)?;
        }
        if !self.calls.is_empty() {
            return Err(contents.said(RESPONSE_COUNT, None));
        }
        match self.unsigned {
            Some((name, position)) if self.thinks => Err(contents.said(self.door.unsigned(name, position), None)),
            _ => Ok(()),
        }
    }

    fn read_content(&mut self, at: usize, content: &Node<'_, 'v>) -> Result<(), Problem> {
        content.only(&["role", "parts"])?;
        let role = content.maybe("role", |role| role.text())?;
        let speaker = match role {
            Some("user") => Speaker::User,
            Some("model") => Speaker::Model,
            Some("function") => Speaker::Function,
            None if self.door == Door::Gemini => Speaker::User,
            _ => return Err(content.said(ROLES, None)),
        };
        let turn = self.turn(content)?;
        let tokens = turn.tokens + tokens::PER_MESSAGE;
        let role = role.unwrap_or("user");
        self.segments.push(Segment { role, value: content.value(), tokens, mark: None });
        self.media.add(turn.media);
        match speaker {
            Speaker::Model => self.model(at, content, turn)?,
            Speaker::User | Speaker::Function => self.user(content, speaker, turn)?,
        }
        self.last = Some(speaker);
        Ok(())
    }

    fn model(&mut self, at: usize, content: &Node, turn: Turn<'v>) -> Result<(), Problem> {
        if !self.calls.is_empty() {
            return Err(content.said(RESPONSE_COUNT, None));
        }
        if !turn.responses.is_empty() {
            return Err(content.said(RESPONSE_ORDER, None));
        }
        if !turn.calls.is_empty() && matches!(self.last, None | Some(Speaker::Model)) {
            return Err(content.said(CALL_ORDER, None));
        }
        if let Some((name, _, false)) = turn.calls.first() {
            self.unsigned.get_or_insert((name, at + 1));
        }
        self.calls = turn.calls.into_iter().map(|(name, id, _)| (name, id)).collect();
        Ok(())
    }

    fn user(&mut self, content: &Node, speaker: Speaker, turn: Turn<'v>) -> Result<(), Problem> {
        if !turn.calls.is_empty() {
            return Err(content.said(CALL_ORDER, None));
        }
        if speaker == Speaker::Function && turn.responses.is_empty() {
            return Err(content.said(ROLES, None));
        }
        if self.calls.is_empty() && !turn.responses.is_empty() {
            return Err(content.said(RESPONSE_ORDER, None));
        }
        for (name, id, _) in &turn.responses {
            let answered = |(call, call_id): &(&str, Option<&str>)| match (id, call_id) {
                (Some(id), Some(call_id)) => id == call_id,
                _ => call == name,
            };
            match self.calls.iter().position(answered) {
                Some(at) => self.calls.remove(at),
                None => return Err(content.said(RESPONSE_COUNT, None)),
            };
        }
        if !self.calls.is_empty() {
            return Err(content.said(RESPONSE_COUNT, None));
        }
        self.results.clear();
        self.results.extend(turn.responses.into_iter().map(|(name, _, text)| (name.into(), text)));
        if self.results.is_empty() {
            self.unsigned = None;
        }
        if self.results.is_empty() || !turn.text.is_empty() {
            self.said = turn.text;
            self.images = turn.images;
        }
        Ok(())
    }

    fn turn(&self, content: &Node<'_, 'v>) -> Result<Turn<'v>, Problem> {
        let mut turn = Turn::default();
        let empty = || {
            let mut problem = content.said("contents.parts must not be empty.", FIELD);
            problem.path.push(Step::Key("parts".to_owned()));
            problem
        };
        let Some(parts) = content.get("parts") else { return Err(empty()) };
        let items = parts.items()?;
        if items.len() == 0 {
            return Err(empty());
        }
        for item in items {
            let part = part::read(&item, self.door)?;
            turn.tokens += part.tokens;
            turn.media.add(part.media);
            match part.body {
                Body::Thought => {}
                Body::Text(text) => append(&mut turn.text, text),
                Body::Medium => turn.images += usize::from(part.media.image > 0),
                Body::Call { name, id } => turn.calls.push((name, id, part.signed)),
                Body::Response { name, id, text } => turn.responses.push((name, id, text)),
            }
        }
        Ok(turn)
    }
}

/// Reads the system instruction: a content of texts, whoever says it.
pub(super) fn read_system<'v>(system: &Node<'_, 'v>, segments: &mut Vec<Segment<'v>>) -> Result<(), Problem> {
    system.only(&["role", "parts"])?;
    system.maybe("role", |role| role.text())?;
    let mut bytes = 0;
    for item in system.need("parts")?.items()? {
        let part = part::read(&item, Door::Gemini)?;
        let Body::Text(text) = part.body else {
            return Err(item.said("system_instruction parts must be text", FIELD));
        };
        bytes += text.len();
    }
    let tokens = tokens::PER_MESSAGE + tokens::weigh(bytes);
    segments.push(Segment { role: "system", value: system.value(), tokens, mark: None });
    Ok(())
}

/// The text in the result of a function: what it has under `output`, `result` or `error`, or all of it as JSON.
pub(super) fn spoken(response: &Value) -> Cow<'_, str> {
    let told = ["output", "result", "error"].iter().find_map(|key| response.get(key));
    match told {
        Some(Value::String(text)) => Cow::Borrowed(text),
        other => Cow::Owned(other.unwrap_or(response).to_string()),
    }
}

fn append<'v>(whole: &mut Cow<'v, str>, text: &'v str) {
    if whole.is_empty() {
        *whole = Cow::Borrowed(text);
    } else if !text.is_empty() {
        let whole = whole.to_mut();
        whole.push('\n');
        whole.push_str(text);
    }
}
