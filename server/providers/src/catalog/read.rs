//! From the text of one file to its entries, with every fault found on the way.
//!
//! Serde stops at the first fault. So each entry is read by itself, and where one has a fault, that fault is noted, the value
//! that caused it is taken out and the entry is read again, until it is read or nothing is left to take out.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use super::entry::{ModelEntry, ModelFile, Offer, ProviderFile};
use super::fault::Fault;

/// A file that holds a list of entries of its own kind.
pub trait CatalogFile: DeserializeOwned {
    type Entry: DeserializeOwned;
    /// The name of the list.
    const LIST: &'static str;

    fn entries(&mut self) -> &mut Vec<Self::Entry>;
}

impl CatalogFile for ProviderFile {
    type Entry = Offer;
    const LIST: &'static str = "offers";

    fn entries(&mut self) -> &mut Vec<Offer> {
        &mut self.offers
    }
}

impl CatalogFile for ModelFile {
    type Entry = ModelEntry;
    const LIST: &'static str = "models";

    fn entries(&mut self) -> &mut Vec<ModelEntry> {
        &mut self.models
    }
}

/// Something wrong at a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub span: Range<usize>,
    pub message: String,
}

impl Flaw {
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// Reads a file. `None` if its head could not be read at all; entries that could not are missing.
pub fn read<F: CatalogFile>(text: &str) -> (Option<F>, Vec<Flaw>) {
    let (mut root, errors) = DeTable::parse_recoverable(text);
    let mut flaws: Vec<Flaw> = errors.iter().map(flaw_of).collect();
    if !flaws.is_empty() {
        return (None, flaws);
    }
    let listed = match root.get_mut().get_mut(F::LIST).map(Spanned::get_mut) {
        Some(DeValue::Array(list)) => std::mem::replace(list, none()),
        _ => none(),
    };
    let span = root.span();
    let head = Spanned::new(span, DeValue::Table(root.into_inner()));
    let mut file: Option<F> = read_value(head, &mut flaws);
    for value in listed {
        let entry = read_value(value, &mut flaws);
        if let (Some(file), Some(entry)) = (&mut file, entry) {
            file.entries().push(entry);
        }
    }
    (file, flaws)
}

fn read_value<T: DeserializeOwned>(mut value: Spanned<DeValue<'_>>, flaws: &mut Vec<Flaw>) -> Option<T> {
    let mut taken_out: Vec<Step> = Vec::new();
    loop {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let flaw = flaw_of(&error);
        // A required value that was taken out is missed next, and then nothing else is left to find.
        if taken_out
            .iter()
            .any(|step| matches!(step, Step::Key(key) if flaw.message == format!("missing field `{key}`")))
        {
            return None;
        }
        let path = find(&value, &flaw.span);
        flaws.push(flaw);
        if !path.as_ref().is_some_and(|path| take_out(&mut value, path)) {
            return None;
        }
        taken_out.extend(path.into_iter().filter_map(|mut path| path.pop()));
    }
}

fn none<'i>() -> DeArray<'i> {
    std::iter::empty().collect()
}

fn flaw_of(error: &toml::de::Error) -> Flaw {
    Flaw::at(error.span().unwrap_or_default(), error.message().replace('\n', ", "))
}

/// Turns flaws into faults: finds the line and the field of each.
pub fn faults(file: &str, text: &str, flaws: Vec<Flaw>) -> Vec<Fault> {
    if flaws.is_empty() {
        return Vec::new();
    }
    let (root, _) = DeTable::parse_recoverable(text);
    let root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
    flaws
        .into_iter()
        .map(|flaw| Fault {
            file: file.to_owned(),
            line: Some(line_of(text, flaw.span.start)),
            field: find(&root, &flaw.span).map(|path| shown(&path)).unwrap_or_default(),
            message: flaw.message,
        })
        .collect()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(i) => text.push_str(&format!("[{i}]")),
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
        }
    }
    text
}

/// The way to the value that has this span, or whose key has it. The empty way is the value itself.
fn find(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Vec<Step>> {
    let inside = |step: Step, child: &Spanned<DeValue<'_>>| {
        find(child, span).map(|rest| std::iter::once(step).chain(rest).collect::<Vec<_>>())
    };
    let deeper = match value.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, child)| {
            let step = || Step::Key(key.get_ref().to_string());
            inside(step(), child).or_else(|| (key.span() == *span).then(|| vec![step()]))
        }),
        DeValue::Array(array) => array.iter().enumerate().find_map(|(i, child)| inside(Step::Index(i), child)),
        _ => None,
    };
    deeper.or_else(|| (value.span() == *span).then(Vec::new))
}

/// Takes the value at the end of the way out. False if the way is empty or leads nowhere.
fn take_out(value: &mut Spanned<DeValue<'_>>, path: &[Step]) -> bool {
    match (path, value.get_mut()) {
        ([Step::Key(key)], DeValue::Table(table)) => table.remove(key.as_str()).is_some(),
        ([Step::Index(i)], DeValue::Array(array)) if *i < array.len() => {
            let rest = std::mem::replace(array, none()).into_iter().enumerate().filter(|(j, _)| j != i);
            *array = rest.map(|(_, value)| value).collect();
            true
        }
        ([Step::Key(key), rest @ ..], DeValue::Table(table)) => {
            table.get_mut(key.as_str()).is_some_and(|child| take_out(child, rest))
        }
        ([Step::Index(i), rest @ ..], DeValue::Array(array)) => {
            array.get_mut(*i).is_some_and(|child| take_out(child, rest))
        }
        _ => false,
    }
}
