//! The output in the making: canonical events become items, and each step an event of the stream.
//!
//! Reasoning and messages come one after the other: each is done when the next thing begins. Calls may be made side by side,
//! so they stay open to the end. What is never ended is never called done.

use canon::{Choice, Event as Piece, Fold, ReasoningDelta, ReasoningDetailKind, ReasoningKind, Source};
use serde_json::Value;

use super::events::{Event, Moment, Sequence};
use super::items::{Item, Part, PartKind, Status, flat_annotation};
use super::reasoning::seal;
use super::tools::unwrap_input;

type Written = serde_json::Result<()>;

/// All items so far.
#[derive(Debug)]
pub struct Output {
    /// What ids of items are made of.
    stem: String,
    /// Names of tools that take a free text.
    custom: Vec<String>,
    /// Log probabilities come after their text: it waits for them.
    with_logprobs: bool,
    slots: Vec<Slot>,
    /// The reasoning or message that goes on.
    open: Option<usize>,
    /// Its part that goes on, the last of its kind, and the canonical block it holds.
    part: Option<(PartKind, u32)>,
    waiting: Option<String>,
    pub sequence: Sequence,
}

#[derive(Debug)]
struct Slot {
    item: Item,
    is_done: bool,
    /// The canonical number: of the last block of reasoning, or of a call.
    number: u32,
    /// The blocks of a reasoning item, as they must come back.
    thoughts: Fold,
    /// The JSON that stands for a custom tool's text.
    arguments: String,
}

impl Output {
    pub fn new(generation: &str, custom: Vec<String>, with_logprobs: bool) -> Self {
        Self {
            stem: generation.trim_start_matches("gen-").to_owned(),
            custom,
            with_logprobs,
            slots: Vec::new(),
            open: None,
            part: None,
            waiting: None,
            sequence: Sequence::default(),
        }
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.slots.iter().map(|slot| &slot.item)
    }

    /// Takes one piece of the answer.
    pub fn push(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Written {
        if let Piece::Logprobs(value) = piece {
            let text = self.waiting.take().unwrap_or_default();
            let tokens = value.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            return self.say(PartKind::OutputText, &text, tokens, out);
        }
        self.flush(out)?;
        match piece {
            Piece::Text(text) if self.with_logprobs => {
                self.waiting = Some(text.clone());
                Ok(())
            }
            Piece::Text(text) => self.say(PartKind::OutputText, text, &[], out),
            Piece::Refusal(text) => self.say(PartKind::Refusal, text, &[], out),
            Piece::Reasoning(delta) => self.think(delta, out),
            Piece::ToolCall { index, id, name } => self.call(*index, id, name, out),
            Piece::ToolArguments { index, delta } => self.argue(*index, delta, out),
            Piece::Image(source) => self.draw(source, out),
            Piece::Annotation(annotation) => self.cite(annotation, out),
            // Responses have no speech: what is said is told.
            Piece::Audio(piece) => self.say(PartKind::OutputText, piece.transcript.as_deref().unwrap_or(""), &[], out),
            Piece::Start { .. }
            | Piece::Choice(_)
            | Piece::Logprobs(_)
            | Piece::Embedding { .. }
            | Piece::Score { .. }
            | Piece::Finish { .. }
            | Piece::Usage(_) => Ok(()),
        }
    }

    /// Takes a whole answer, in the order that models answer in.
    pub fn push_all(&mut self, answer: &Choice, out: &mut Vec<u8>) -> Written {
        let mut details: Vec<_> =
            (0..).zip(&answer.reasoning_details).map(|(n, d)| (d.index.unwrap_or(n), d)).collect();
        details.sort_by_key(|(index, _)| *index);
        for (index, detail) in details {
            let (id, format) = (&detail.id, &detail.format);
            let mut think =
                |kind| self.think(&ReasoningDelta { index, kind, id: id.clone(), format: format.clone() }, out);
            match detail.kind.clone() {
                ReasoningDetailKind::Text { text, signature } => {
                    text.map(ReasoningKind::Text).map_or(Ok(()), &mut think)?;
                    signature.map(ReasoningKind::Signature).map_or(Ok(()), &mut think)?;
                }
                ReasoningDetailKind::Summary { summary } => think(ReasoningKind::Summary(summary))?,
                ReasoningDetailKind::Encrypted { data } => think(ReasoningKind::Encrypted(data))?,
            }
        }
        let text = Some(&answer.text).filter(|text| !text.is_empty()).map(|text| Piece::Text(text.clone()));
        let logprobs = answer.logprobs.clone().map(Piece::Logprobs);
        let refusal = answer.refusal.clone().map(Piece::Refusal);
        for piece in text.into_iter().chain(logprobs).chain(refusal) {
            self.push(&piece, out)?;
        }
        answer.audio.iter().cloned().map(Piece::Audio).try_for_each(|piece| self.push(&piece, out))?;
        answer.annotations.iter().try_for_each(|annotation| self.cite(annotation, out))?;
        answer.images.iter().try_for_each(|source| self.draw(source, out))?;
        for (index, call) in (0..).zip(&answer.tool_calls) {
            self.call(index, &call.id, &call.name, out)?;
            self.argue(index, &call.arguments, out)?;
        }
        Ok(())
    }

    /// The answer ended: all that is open is done, the last of it cut off where the answer was.
    pub fn close(&mut self, is_cut: bool, out: &mut Vec<u8>) -> Written {
        self.flush(out)?;
        self.close_part(out)?;
        self.open = None;
        let last = self.slots.iter().rposition(|slot| !slot.is_done);
        for at in 0..self.slots.len() {
            let status = if is_cut && Some(at) == last { Status::Incomplete } else { Status::Completed };
            self.finish(at, status, out)?;
        }
        Ok(())
    }

    /// The answer broke off: what is open stays without an end.
    pub fn break_off(&mut self, out: &mut Vec<u8>) -> Written {
        self.flush(out)?;
        for slot in self.slots.iter_mut().filter(|slot| !slot.is_done) {
            slot.item.set_status(Status::Incomplete);
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Written {
        match self.waiting.take() {
            Some(text) => self.say(PartKind::OutputText, &text, &[], out),
            None => Ok(()),
        }
    }

    // === Messages ===

    fn say(&mut self, kind: PartKind, text: &str, logprobs: &[Value], out: &mut Vec<u8>) -> Written {
        if text.is_empty() && logprobs.is_empty() {
            return Ok(());
        }
        let at = self.message(out)?;
        self.append(at, (kind, 0), text, logprobs, out)
    }

    fn message(&mut self, out: &mut Vec<u8>) -> serde_json::Result<usize> {
        if let Some(at) = self.open
            && self.slots.get(at).is_some_and(|slot| matches!(slot.item, Item::Message { .. }))
        {
            return Ok(at);
        }
        self.close_open(out)?;
        let id = self.new_id("msg");
        let item = Item::Message { id, status: Status::InProgress, role: "assistant", content: Vec::new() };
        self.begin(item, 0, out)
    }

    fn cite(&mut self, annotation: &Value, out: &mut Vec<u8>) -> Written {
        let at = self.message(out)?;
        let content_index = self.open_part(at, (PartKind::OutputText, 0), out)?;
        let Some(slot) = self.slots.get_mut(at) else { return Ok(()) };
        let id = slot.item.id().to_owned();
        let part = slot.item.parts_mut(PartKind::OutputText).and_then(|parts| parts.last_mut());
        let Some(Part::OutputText { annotations, .. }) = part else { return Ok(()) };
        annotations.push(flat_annotation(annotation));
        let event = Event {
            r#type: "response.output_text.annotation.added",
            item_id: Some(&id),
            output_index: Some(at),
            content_index: Some(content_index),
            annotation_index: Some(annotations.len() - 1),
            annotation: annotations.last(),
            ..Event::default()
        };
        self.sequence.write(event, out)
    }

    // === Reasoning ===

    fn think(&mut self, delta: &ReasoningDelta, out: &mut Vec<u8>) -> Written {
        let at = self.reasoning(delta, out)?;
        if let Some(slot) = self.slots.get_mut(at) {
            slot.thoughts.push(&Piece::Reasoning(delta.clone()));
        }
        match &delta.kind {
            ReasoningKind::Text(text) => self.append(at, (PartKind::ReasoningText, delta.index), text, &[], out),
            ReasoningKind::Summary(text) => self.append(at, (PartKind::SummaryText, delta.index), text, &[], out),
            ReasoningKind::Signature(_) | ReasoningKind::Encrypted(_) => Ok(()),
        }
    }

    /// The item of this block of reasoning: blocks under one id of the provider's are one item. Its id is that one, if it is
    /// told with the first piece and new.
    fn reasoning(&mut self, delta: &ReasoningDelta, out: &mut Vec<u8>) -> serde_json::Result<usize> {
        if let Some(at) = self.open
            && let Some(slot) = self.slots.get_mut(at)
            && let Item::Reasoning { id, .. } = &slot.item
            && (slot.number == delta.index || delta.id.as_deref() == Some(id))
        {
            slot.number = delta.index;
            return Ok(at);
        }
        self.close_open(out)?;
        let own = delta.id.clone().filter(|id| id.starts_with("rs_") && self.items().all(|item| item.id() != id));
        let id = own.unwrap_or_else(|| self.new_id("rs"));
        let (summary, content) = (Vec::new(), Vec::new());
        let item = Item::Reasoning { id, summary, content, encrypted_content: None, format: delta.format.clone() };
        self.begin(item, delta.index, out)
    }

    // === Calls ===

    fn call(&mut self, number: u32, call_id: &str, name: &str, out: &mut Vec<u8>) -> Written {
        if self.call_at(number).is_some() {
            return Ok(());
        }
        self.close_open(out)?;
        let is_custom = self.custom.iter().any(|custom| custom == name);
        let id = self.new_id(if is_custom { "ctc" } else { "fc" });
        let (call_id, name) = (if call_id.is_empty() { id.clone() } else { call_id.to_owned() }, name.to_owned());
        let status = Status::InProgress;
        let item = if is_custom {
            Item::CustomToolCall { id, status, call_id, name, input: String::new() }
        } else {
            Item::FunctionCall { id, status, call_id, name, arguments: String::new() }
        };
        self.begin(item, number, out)?;
        self.open = None;
        Ok(())
    }

    fn call_at(&self, number: u32) -> Option<usize> {
        self.slots.iter().position(|slot| {
            matches!(slot.item, Item::FunctionCall { .. } | Item::CustomToolCall { .. }) && slot.number == number
        })
    }

    fn argue(&mut self, number: u32, delta: &str, out: &mut Vec<u8>) -> Written {
        self.call(number, "", "", out)?;
        let Some(at) = self.call_at(number).filter(|_| !delta.is_empty()) else { return Ok(()) };
        let Some(slot) = self.slots.get_mut(at) else { return Ok(()) };
        match &mut slot.item {
            Item::FunctionCall { id, arguments, .. } => {
                arguments.push_str(delta);
                let r#type = "response.function_call_arguments.delta";
                let event =
                    Event { r#type, item_id: Some(id), output_index: Some(at), delta: Some(delta), ..Event::default() };
                self.sequence.write(event, out)
            }
            _ => {
                slot.arguments.push_str(delta);
                Ok(())
            }
        }
    }

    // === Pictures ===

    fn draw(&mut self, source: &Source, out: &mut Vec<u8>) -> Written {
        self.close_open(out)?;
        let id = self.new_id("ig");
        let (status, result, output_format) = (Status::InProgress, None, None);
        let at = self.begin(Item::ImageGenerationCall { id: id.clone(), status, result, output_format }, 0, out)?;
        self.open = None;
        for r#type in ["response.image_generation_call.in_progress", "response.image_generation_call.completed"] {
            let event = Event { r#type, item_id: Some(&id), output_index: Some(at), ..Event::default() };
            self.sequence.write(event, out)?;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            slot.item = Item::picture(id, source);
        }
        self.finish(at, Status::Completed, out)
    }

    // === Any item ===

    fn new_id(&self, prefix: &str) -> String {
        format!("{prefix}_{}_{}", self.stem, self.slots.len())
    }

    /// Adds an item; it is the open one.
    fn begin(&mut self, item: Item, number: u32, out: &mut Vec<u8>) -> serde_json::Result<usize> {
        let at = self.slots.len();
        let r#type = "response.output_item.added";
        self.sequence.write(Event { r#type, output_index: Some(at), item: Some(&item), ..Event::default() }, out)?;
        self.slots.push(Slot { item, is_done: false, number, thoughts: Fold::default(), arguments: String::new() });
        self.open = Some(at);
        Ok(at)
    }

    fn append(
        &mut self,
        at: usize,
        (kind, block): (PartKind, u32),
        text: &str,
        logprobs: &[Value],
        out: &mut Vec<u8>,
    ) -> Written {
        let index = self.open_part(at, (kind, block), out)?;
        let Some(slot) = self.slots.get_mut(at) else { return Ok(()) };
        if let Some(part) = slot.item.parts_mut(kind).and_then(|parts| parts.last_mut()) {
            part.text_mut().push_str(text);
            if let Part::OutputText { logprobs: all, .. } = part {
                all.extend_from_slice(logprobs);
            }
        }
        let logprobs = (kind == PartKind::OutputText).then_some(logprobs);
        let event = Event { delta: Some(text), logprobs, ..of_part(slot.item.id(), at, kind, index, Moment::Delta) };
        self.sequence.write(event, out)
    }

    /// The number of the part that goes on, which is of this kind and block now.
    fn open_part(&mut self, at: usize, (kind, block): (PartKind, u32), out: &mut Vec<u8>) -> serde_json::Result<usize> {
        if self.part != Some((kind, block)) {
            self.close_part(out)?;
            let Some(slot) = self.slots.get_mut(at) else { return Ok(0) };
            let id = slot.item.id().to_owned();
            let Some(parts) = slot.item.parts_mut(kind) else { return Ok(0) };
            parts.push(kind.empty());
            let event = of_part(&id, at, kind, parts.len() - 1, Moment::Added);
            self.sequence.write(Event { part: parts.last(), ..event }, out)?;
            self.part = Some((kind, block));
        }
        let parts = self.slots.get_mut(at).and_then(|slot| slot.item.parts_mut(kind));
        Ok(parts.map_or(0, |parts| parts.len().saturating_sub(1)))
    }

    fn close_part(&mut self, out: &mut Vec<u8>) -> Written {
        let (Some(at), Some((kind, _))) = (self.open, self.part.take()) else { return Ok(()) };
        let Some(slot) = self.slots.get_mut(at) else { return Ok(()) };
        let id = slot.item.id().to_owned();
        let Some(parts) = slot.item.parts_mut(kind) else { return Ok(()) };
        let (index, Some(part)) = (parts.len().saturating_sub(1), parts.last()) else { return Ok(()) };
        let mut done = of_part(&id, at, kind, index, Moment::TextDone);
        match part {
            Part::Refusal { refusal } => done.refusal = Some(refusal),
            part => done.text = Some(part.text()),
        }
        if let Part::OutputText { logprobs, .. } = part {
            done.logprobs = Some(logprobs);
        }
        self.sequence.write(done, out)?;
        let done = Event { part: Some(part), ..of_part(&id, at, kind, index, Moment::Done) };
        self.sequence.write(done, out)
    }

    fn close_open(&mut self, out: &mut Vec<u8>) -> Written {
        self.close_part(out)?;
        match self.open.take() {
            Some(at) => self.finish(at, Status::Completed, out),
            None => Ok(()),
        }
    }

    /// Says that an item is done, if it is not yet.
    fn finish(&mut self, at: usize, status: Status, out: &mut Vec<u8>) -> Written {
        let Some(slot) = self.slots.get_mut(at).filter(|slot| !slot.is_done) else { return Ok(()) };
        slot.is_done = true;
        slot.item.set_status(status);
        match &mut slot.item {
            Item::Reasoning { id, encrypted_content, format, .. } => {
                let blocks = &slot.thoughts.so_far().answer.reasoning_details;
                *encrypted_content = seal(blocks, id);
                *format = blocks.iter().find_map(|block| block.format.clone());
            }
            Item::FunctionCall { id, name, arguments, .. } => {
                let done = Event {
                    r#type: "response.function_call_arguments.done",
                    item_id: Some(id),
                    output_index: Some(at),
                    name: Some(name),
                    arguments: Some(arguments),
                    ..Event::default()
                };
                self.sequence.write(done, out)?;
            }
            Item::CustomToolCall { id, input, .. } => {
                *input = unwrap_input(&slot.arguments);
                let event = Event { item_id: Some(id), output_index: Some(at), ..Event::default() };
                let r#type = "response.custom_tool_call_input.delta";
                self.sequence.write(Event { r#type, delta: Some(input), ..event }, out)?;
                let event = Event { item_id: Some(id), output_index: Some(at), ..Event::default() };
                let r#type = "response.custom_tool_call_input.done";
                self.sequence.write(Event { r#type, input: Some(input), ..event }, out)?;
            }
            Item::Message { .. } | Item::ImageGenerationCall { .. } => {}
        }
        let r#type = "response.output_item.done";
        let done = Event { r#type, output_index: Some(at), item: Some(&slot.item), ..Event::default() };
        self.sequence.write(done, out)
    }
}

/// An event of a part, without its contents.
fn of_part(item_id: &str, at: usize, kind: PartKind, index: usize, moment: Moment) -> Event<'_> {
    let is_summary = kind == PartKind::SummaryText;
    Event {
        r#type: kind.event(moment),
        item_id: Some(item_id),
        output_index: Some(at),
        content_index: (!is_summary).then_some(index),
        summary_index: is_summary.then_some(index),
        ..Event::default()
    }
}
