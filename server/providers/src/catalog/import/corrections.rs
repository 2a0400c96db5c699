//! What the lists of facts lack or get wrong, kept by hand in `import.toml` beside the files an import makes.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

/// `import.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Corrections {
    /// `{placeholder}` of addresses → environment variable, unless a provider says otherwise.
    pub url_variables: BTreeMap<String, String>,
    /// Spelling of words in names that are derived from slugs.
    pub words: BTreeMap<String, String>,
    /// Provider slug → fields of its file, which replace those of the facts. Tables are merged.
    pub providers: BTreeMap<String, Table>,
    /// Model slug → fields of its entry, likewise.
    pub models: BTreeMap<String, Table>,
}

/// Puts the fields of one table in place of those of another; tables inside are merged likewise.
pub fn merge(into: &mut Table, from: &Table) {
    for (field, value) in from {
        match (into.get_mut(field), value) {
            (Some(Value::Table(known)), Value::Table(new)) => merge(known, new),
            _ => {
                into.insert(field.clone(), value.clone());
            }
        }
    }
}
