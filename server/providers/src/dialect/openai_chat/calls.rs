//! Tells from streamed pieces which tool call each belongs to, however little the host says about it.

use std::collections::VecDeque;

use canon::Event;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One element of `delta.tool_calls`.
#[derive(Deserialize)]
pub struct CallDelta<'a> {
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default, borrow)]
    function: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize, Default)]
struct FunctionDelta<'a> {
    #[serde(default)]
    name: Option<String>,
    /// A string by the protocol; an object at some hosts.
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

/// The calls of one answer.
#[derive(Debug, Default)]
pub struct Calls {
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    wire_index: Option<u32>,
    id: String,
    /// Arguments that came before the name, without which the call cannot be told.
    waiting: Option<String>,
}

impl Calls {
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes a piece. `answer_id` makes the ids of calls that come without one unique across turns.
    pub fn take(&mut self, delta: CallDelta<'_>, answer_id: Option<&str>, out: &mut VecDeque<Event>) {
        let function = delta.function.unwrap_or_default();
        let (id, name) = (delta.id.unwrap_or_default(), function.name.unwrap_or_default());
        let arguments = function.arguments.map(text_of).unwrap_or_default();
        let at = self.find(delta.index, &id, !name.is_empty()).unwrap_or_else(|| {
            let at = self.calls.len();
            let id = if id.is_empty() { format!("call_{}_{at}", answer_id.unwrap_or("0")) } else { id };
            self.calls.push(Call { wire_index: delta.index, id, waiting: Some(String::new()) });
            at
        });
        let (Some(call), Ok(index)) = (self.calls.get_mut(at), u32::try_from(at)) else { return };
        let delta = match call.waiting.take() {
            Some(before) if name.is_empty() => {
                call.waiting = Some(before + &arguments);
                return;
            }
            Some(before) => {
                out.push_back(Event::ToolCall { index, id: call.id.clone(), name });
                before + &arguments
            }
            None => arguments,
        };
        if !delta.is_empty() {
            out.push_back(Event::ToolArguments { index, delta });
        }
    }

    /// Tells the calls whose name never came: what is broken is shown, not hidden.
    pub fn flush(&mut self, out: &mut VecDeque<Event>) {
        for (index, call) in (0..).zip(&mut self.calls) {
            if let Some(delta) = call.waiting.take() {
                out.push_back(Event::ToolCall { index, id: call.id.clone(), name: String::new() });
                out.push_back(Event::ToolArguments { index, delta });
            }
        }
    }

    /// The known call that a piece continues.
    ///
    /// By its index, unless it brings another id and a name (some hosts number all calls 0); without an index by its id; with
    /// neither it continues the last call, unless a name begins a new one.
    fn find(&self, index: Option<u32>, id: &str, has_name: bool) -> Option<usize> {
        if index.is_some() {
            let at = self.calls.iter().rposition(|call| call.wire_index == index)?;
            let is_other = has_name && !id.is_empty() && self.calls.get(at).is_some_and(|call| call.id != id);
            return (!is_other).then_some(at);
        }
        if !id.is_empty() {
            return self.calls.iter().position(|call| call.id == id);
        }
        let last = self.calls.len().checked_sub(1)?;
        let is_waiting = self.calls.get(last).is_some_and(|call| call.waiting.is_some());
        (!has_name || is_waiting).then_some(last)
    }
}

/// JSON text of arguments: what the string holds, or the object as it stands.
fn text_of(arguments: &RawValue) -> String {
    serde_json::from_str::<String>(arguments.get()).unwrap_or_else(|_| arguments.get().to_owned())
}
