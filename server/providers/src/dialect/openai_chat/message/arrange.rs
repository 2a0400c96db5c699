//! Puts messages where a host lets them stand: its rules for system messages, and for whose turn it is.

use std::borrow::Cow;

use super::{Content, WireMessage, WirePart};
use crate::quirks::{Quirks, SystemMessages};

/// The messages by the host's rules. Nothing said is lost, only who said it and when.
pub fn arranged<'a>(mut messages: Vec<WireMessage<'a>>, quirks: &Quirks) -> Vec<WireMessage<'a>> {
    match quirks.system_messages {
        SystemMessages::Anywhere => {}
        SystemMessages::None => messages.iter_mut().for_each(WireMessage::give_to_user),
        SystemMessages::Leading => {
            messages.iter_mut().skip_while(|message| message.is_system()).for_each(WireMessage::give_to_user);
        }
        SystemMessages::Merged => {
            let (system, others): (Vec<_>, Vec<_>) = messages.into_iter().partition(WireMessage::is_system);
            messages = system.into_iter().reduce(WireMessage::joined).into_iter().chain(others).collect();
        }
    }
    if quirks.roles_alternate {
        messages = messages.into_iter().fold(Vec::new(), |mut turns: Vec<WireMessage<'a>>, message| {
            match turns.pop() {
                Some(last) if last.is_same_turn(&message) => turns.push(last.joined(message)),
                last => {
                    turns.extend(last);
                    turns.push(message);
                }
            }
            turns
        });
    }
    messages
}

impl<'a> WireMessage<'a> {
    fn is_system(&self) -> bool {
        matches!(self.role, "system" | "developer")
    }

    fn give_to_user(&mut self) {
        if self.is_system() {
            self.role = "user";
        }
    }

    /// Whether two neighbours are one turn of user or assistant. Calls wait for their results: they end a turn.
    fn is_same_turn(&self, next: &Self) -> bool {
        self.role == next.role && matches!(self.role, "user" | "assistant") && self.tool_calls.is_empty()
    }

    /// Both as one message; what is no content is the later one's where it has any.
    fn joined(self, next: Self) -> Self {
        let content = match (self.content, next.content) {
            (Some(first), Some(second)) => Some(first.joined(second)),
            (first, second) => first.or(second),
        };
        Self {
            role: self.role,
            content,
            name: next.name.or(self.name),
            refusal: next.refusal.or(self.refusal),
            reasoning_content: next.reasoning_content.or(self.reasoning_content),
            reasoning: next.reasoning.or(self.reasoning),
            reasoning_details: next.reasoning_details.or(self.reasoning_details),
            tool_calls: next.tool_calls,
            tool_call_id: next.tool_call_id,
        }
    }
}

impl<'a> Content<'a> {
    /// One text with a blank line between, or one list.
    fn joined(self, next: Self) -> Self {
        match (self, next) {
            (Self::Text(first), Self::Text(second)) => Self::Text(Cow::Owned(format!("{first}\n\n{second}"))),
            (first, second) => {
                let mut parts = first.into_parts();
                parts.extend(second.into_parts());
                Self::Parts(parts)
            }
        }
    }

    /// As a list. An empty text is no part.
    pub fn into_parts(self) -> Vec<WirePart<'a>> {
        match self {
            Self::Parts(parts) => parts,
            Self::Text(text) if text.is_empty() => Vec::new(),
            Self::Text(text) => vec![WirePart::Text { text, cache_control: None }],
        }
    }

    /// Says first who speaks.
    pub fn begin_with_name(&mut self, name: &str) {
        match self {
            Self::Text(text) => *text = Cow::Owned(format!("{name}: {text}")),
            Self::Parts(parts) => match parts.first_mut() {
                Some(WirePart::Text { text, .. }) => *text = Cow::Owned(format!("{name}: {text}")),
                _ => parts.insert(0, WirePart::Text { text: Cow::Owned(format!("{name}:")), cache_control: None }),
            },
        }
    }
}
