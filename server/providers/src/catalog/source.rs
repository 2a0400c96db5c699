//! Where catalog files come from: those the program was built with, and a folder laid over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::fault::Fault;

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../catalog");

/// The folders of a catalog.
const PROVIDERS: &str = "providers/";
const MODELS: &str = "models/";

/// The texts of catalog files by their path, such as `providers/acme.toml`.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, File>);

/// One file's text.
#[derive(Clone, Debug)]
pub struct File {
    pub text: Cow<'static, str>,
    /// Whether it comes from the folder laid over the shipped files.
    pub overlaid: bool,
}

/// The files this program was built with.
pub fn shipped() -> Files {
    let files = SHIPPED.dirs().flat_map(Dir::files).filter_map(|file| {
        let text = Cow::Borrowed(file.contents_utf8()?);
        Some((file.path().to_str()?.replace('\\', "/"), File { text, overlaid: false }))
    });
    Files(files.collect())
}

impl Files {
    /// The files of a folder alone.
    pub fn in_folder(folder: &Path) -> Result<Self, Vec<Fault>> {
        let mut files = Self::default();
        files.overlay(folder)?;
        for file in files.0.values_mut() {
            file.overlaid = false;
        }
        Ok(files)
    }

    /// Lays the `.toml` files of a folder's `providers/` and `models/` over these. A file replaces the one of the same name as
    /// a whole; a new name adds. Other files are none of our business, but other folders with `.toml` files are likely a slip.
    pub fn overlay(&mut self, folder: &Path) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        for name in names_in(folder, "", &mut faults) {
            let path = folder.join(&name);
            if !path.is_dir() {
                continue;
            }
            let inner = names_in(&path, &format!("{name}/"), &mut faults);
            for file in inner.iter().filter(|file| file.ends_with(".toml")) {
                let key = format!("{name}/{file}");
                if !key.starts_with(PROVIDERS) && !key.starts_with(MODELS) {
                    faults.push(Fault::of_file(key, "is neither in `providers` nor in `models`"));
                    continue;
                }
                match fs::read_to_string(path.join(file)) {
                    Ok(text) => self.insert(key, File { text: Cow::Owned(text), overlaid: true }),
                    Err(error) => faults.push(Fault::of_file(key, format!("cannot be read: {error}"))),
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Adds a file, in place of one at the same path.
    pub fn insert(&mut self, path: String, file: File) {
        self.0.insert(path, file);
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    pub fn providers(&self) -> impl Iterator<Item = (&str, &File)> {
        self.iter().filter(|(path, _)| path.starts_with(PROVIDERS))
    }

    pub fn models(&self) -> impl Iterator<Item = (&str, &File)> {
        self.iter().filter(|(path, _)| path.starts_with(MODELS))
    }
}

/// The names in a folder, sorted, without hidden ones (editors and mounts leave some).
fn names_in(folder: &Path, shown: &str, faults: &mut Vec<Fault>) -> Vec<String> {
    let shown = if shown.is_empty() { folder.display().to_string() } else { shown.to_owned() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(Fault::of_file(shown, format!("cannot be read: {error}")));
            return Vec::new();
        }
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}
