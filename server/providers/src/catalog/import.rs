//! Makes the shipped catalog again from lists of facts, so that a newer list is one command and a readable diff.
//!
//! Files it made carry a comment that says so; only those are replaced or removed. Hand-written files stay. What the facts
//! lack stands in `import.toml` beside the files.

mod convert;
mod corrections;
mod facts;
mod names;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use domain::Timestamp;
use serde::de::DeserializeOwned;
use toml::Table;

use super::fault::Fault;
use super::load::{Counts, load};
use super::render::render;
use super::source::{File, Files};
use corrections::{Corrections, merge};
use facts::{EndpointFact, ModelFact, ProviderFact};

/// The first line of files that an import made.
const MADE: &str =
    "Made by `souk catalog import`: what is wrong here is put right in import.toml, or in a file of your own.";

/// Why an import changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("{}: {source}", path.display())]
    Corrections { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{record}: {source}")]
    Record { record: String, source: convert::Nonsense },
    #[error("`{0}` is not a day such as 2026-11-22")]
    Day(String),
    #[error("the files made of these facts would be broken: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Broken(Vec<Fault>),
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub counts: Counts,
    /// Endpoints left out since their last day was over.
    pub past: usize,
    /// Endpoints left out since neither their price nor whether they still serve is known.
    pub unknown: usize,
    /// Files written, removed, and kept since somebody wrote them by hand.
    pub written: Vec<String>,
    pub removed: Vec<String>,
    pub kept: Vec<String>,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.counts)?;
        writeln!(f, "left out: {} past their last day, {} unconfirmed without a price", self.past, self.unknown)?;
        write!(
            f,
            "files: {} written, {} removed, {} hand-written kept",
            self.written.len(),
            self.removed.len(),
            self.kept.len()
        )
    }
}

/// Makes the files of `out` (its `providers/` and `models/`) from the three lists in `facts`, which were true on the day `as_of`.
///
/// The same facts give the same bytes. Nothing is written unless the result loads without a fault.
pub fn import(facts: &Path, out: &Path, as_of: &str) -> Result<Imported, ImportError> {
    let as_of_noon = noon(as_of)?;
    let facts = Facts::read(facts)?;
    let corrections = read_corrections(&out.join("import.toml"))?;
    let mut imported = Imported::default();
    let made = make_files(&facts, &corrections, as_of, &mut imported)?;
    let (files, found) = beside_hand_written(made, out, &mut imported)?;
    let catalog = load(files.clone(), None, as_of_noon).map_err(ImportError::Broken)?;
    imported.counts = Counts::of(&catalog);
    write_files(&files, &found, out, &mut imported)?;
    Ok(imported)
}

fn noon(day: &str) -> Result<Timestamp, ImportError> {
    let wrong = || ImportError::Day(day.to_owned());
    super::scalar::Day::try_from(day.to_owned()).map_err(|_| wrong())?;
    let text = format!("{day}T12:00:00Z");
    let at = time::OffsetDateTime::parse(&text, &time::format_description::well_known::Rfc3339).map_err(|_| wrong())?;
    Ok(Timestamp::from(at))
}

/// The three lists.
struct Facts {
    providers: Vec<ProviderFact>,
    models: Vec<ModelFact>,
    endpoints: Vec<EndpointFact>,
}

impl Facts {
    fn read(folder: &Path) -> Result<Self, ImportError> {
        Ok(Self {
            providers: read_list(&folder.join("providers.json"))?,
            models: read_list(&folder.join("models.json"))?,
            endpoints: read_list(&folder.join("endpoints.json"))?,
        })
    }
}

fn read_list<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ImportError> {
    let bytes = fs::read(path).map_err(|source| ImportError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|source| ImportError::Json { path: path.to_owned(), source })
}

fn read_corrections(path: &Path) -> Result<Corrections, ImportError> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text)
            .map_err(|source| ImportError::Corrections { path: path.to_owned(), source: Box::new(source) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Corrections::default()),
        Err(source) => Err(ImportError::Io { path: path.to_owned(), source }),
    }
}

fn in_record(record: impl Into<String>) -> impl FnOnce(convert::Nonsense) -> ImportError {
    let record = record.into();
    |source| ImportError::Record { record, source }
}

/// The texts of all files that the facts give, by path.
fn make_files(
    facts: &Facts,
    corrections: &Corrections,
    as_of: &str,
    imported: &mut Imported,
) -> Result<BTreeMap<String, String>, ImportError> {
    let models: BTreeMap<&str, &ModelFact> = facts.models.iter().map(|model| (model.slug.as_str(), model)).collect();
    let mut offers: BTreeMap<&str, Vec<(&EndpointFact, Table)>> = BTreeMap::new();
    let mut served = BTreeSet::new();
    for fact in &facts.endpoints {
        let record = || format!("endpoint {} at {}", fact.model, fact.tag);
        let Some(model) = models.get(fact.model.as_str()) else {
            let message = format!("no model `{}` is in models.json", fact.model);
            return Err(in_record(record())(convert::Nonsense { field: "model", message }));
        };
        if is_past(fact, as_of) {
            imported.past += 1;
            continue;
        }
        let fields = convert::offer(fact, model).map_err(in_record(record()))?;
        if fact.status.as_deref() == Some("unconfirmed") && !fields.contains_key("prices") {
            imported.unknown += 1;
            continue;
        }
        served.insert(fact.model.as_str());
        offers.entry(fact.provider.as_str()).or_default().push((fact, fields));
    }
    let mut files = model_files(facts, &served, corrections, as_of)?;
    for fact in &facts.providers {
        if let Some(mut own) = offers.remove(fact.slug.as_str()) {
            own.sort_by_key(|(fact, _)| (&fact.model, &fact.variant, &fact.tag));
            let own: Vec<Table> = own.into_iter().map(|(_, fields)| fields).collect();
            files.insert(format!("providers/{}.toml", fact.slug), provider_file(fact, &own, corrections, as_of)?);
        }
    }
    if let Some((provider, _)) = offers.first_key_value() {
        let message = format!("no provider `{provider}` is in providers.json");
        return Err(in_record("endpoints.json")(convert::Nonsense { field: "provider", message }));
    }
    Ok(files)
}

fn is_past(fact: &EndpointFact, as_of: &str) -> bool {
    fact.status.as_deref() == Some("past_deprecation")
        || fact.deprecation_date.as_deref().is_some_and(|day| day < as_of)
}

fn provider_file(
    fact: &ProviderFact,
    offers: &[Table],
    corrections: &Corrections,
    as_of: &str,
) -> Result<String, ImportError> {
    let mut variables = corrections.url_variables.clone();
    let correction = corrections.providers.get(&fact.slug);
    if let Some(own) = correction.and_then(|table| table.get("url_variables")).and_then(toml::Value::as_table) {
        variables.extend(own.iter().filter_map(|(name, variable)| Some((name.clone(), variable.as_str()?.to_owned()))));
    }
    let mut head = convert::provider(fact, as_of, &variables).map_err(in_record(format!("provider {}", fact.slug)))?;
    if let Some(correction) = correction {
        merge(&mut head, correction);
    }
    for last in ["source", "as_of"] {
        if let Some(value) = head.remove(last) {
            head.insert(last.to_owned(), value);
        }
    }
    Ok(render(MADE, &head, "offers", offers))
}

/// One file per author, with the models that somebody serves.
fn model_files(
    facts: &Facts,
    served: &BTreeSet<&str>,
    corrections: &Corrections,
    as_of: &str,
) -> Result<BTreeMap<String, String>, ImportError> {
    let mut authors: BTreeMap<&str, Vec<&ModelFact>> = BTreeMap::new();
    for fact in facts.models.iter().filter(|fact| served.contains(fact.slug.as_str())) {
        let author = fact.slug.split_once('/').map_or(fact.slug.as_str(), |(author, _)| author);
        authors.entry(author).or_default().push(fact);
    }
    let mut files = BTreeMap::new();
    for (author, mut models) in authors {
        models.sort_by_key(|fact| &fact.slug);
        let source = most_common_source(&models);
        let mut entries = Vec::new();
        for fact in models {
            entries.push(model_entry(fact, source, corrections)?);
        }
        let head = Table::from_iter(
            [("author", author), ("source", source), ("as_of", as_of)].map(|(k, v)| (k.to_owned(), v.into())),
        );
        files.insert(format!("models/{author}.toml"), render(MADE, &head, "models", &entries));
    }
    Ok(files)
}

fn model_entry(fact: &ModelFact, file_source: &str, corrections: &Corrections) -> Result<Table, ImportError> {
    let listed = fact.name.as_ref().filter(|name| !names::is_bare(name));
    let name = listed.cloned().unwrap_or_else(|| names::from_slug(&fact.slug, &corrections.words));
    let mut entry = convert::model(fact, &name).map_err(in_record(format!("model {}", fact.slug)))?;
    if fact.source == file_source {
        entry.remove("source");
    }
    if let Some(correction) = corrections.models.get(&fact.slug) {
        merge(&mut entry, correction);
    }
    Ok(entry)
}

/// The source most of these come from; of equals, the first by name.
fn most_common_source<'a>(models: &[&'a ModelFact]) -> &'a str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for model in models {
        *counts.entry(&model.source).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or("", |(source, _)| source)
}

/// The files as they will be in the folder: made ones, and hand-written ones in place of made ones of the same name.
/// Also those that are there now.
fn beside_hand_written(
    made: BTreeMap<String, String>,
    out: &Path,
    imported: &mut Imported,
) -> Result<(Files, Files), ImportError> {
    for folder in ["providers", "models"].map(|name| out.join(name)) {
        fs::create_dir_all(&folder).map_err(|source| ImportError::Io { path: folder, source })?;
    }
    let found = Files::in_folder(out).map_err(ImportError::Broken)?;
    let mut files = Files::default();
    for (path, text) in made {
        files.insert(path, File { text: Cow::Owned(text), overlaid: false });
    }
    for (path, file) in found.iter() {
        if !is_made(&file.text) {
            files.insert(path.to_owned(), file.clone());
            imported.kept.push(path.to_owned());
        }
    }
    Ok((files, found))
}

fn is_made(text: &str) -> bool {
    text.strip_prefix("# ").is_some_and(|rest| rest.starts_with(MADE))
}

/// Writes what differs, and removes made files that the facts no longer give.
fn write_files(files: &Files, found: &Files, out: &Path, imported: &mut Imported) -> Result<(), ImportError> {
    for (path, file) in files.iter() {
        if found.get(path).is_none_or(|known| known.text != file.text) {
            let to = out.join(path);
            fs::write(&to, file.text.as_bytes()).map_err(|source| ImportError::Io { path: to, source })?;
            imported.written.push(path.to_owned());
        }
    }
    for (path, _) in found.iter().filter(|(path, _)| files.get(path).is_none()) {
        let gone = out.join(path);
        fs::remove_file(&gone).map_err(|source| ImportError::Io { path: gone, source })?;
        imported.removed.push(path.to_owned());
    }
    Ok(())
}
