//! What is wrong with a catalog file, said so that it can be found and mended.

use std::fmt;

/// One thing wrong with one catalog file.
///
/// Shown as `providers/acme.toml:12: offers[3].prices.prompt: "abc" is not a price: …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct Fault {
    /// The path below the catalog's folder, such as `providers/acme.toml`.
    pub file: String,
    /// Counted from 1; `None` if the file as a whole is meant.
    pub line: Option<usize>,
    /// Where in the file's structure, such as `offers[3].prices.prompt` (counted from 0); empty if nowhere in particular.
    pub field: String,
    pub message: String,
}

impl Fault {
    /// A fault of a whole file.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, field: String::new(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.message)
    }
}
