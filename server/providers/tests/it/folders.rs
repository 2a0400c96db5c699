//! Folders with catalog files or facts, made for one test.

use std::fs;
use std::path::Path;

use domain::Timestamp;
use tempfile::TempDir;

/// 2026-11-22, noon.
pub const NOW: Timestamp = Timestamp(1_795_348_800_000_000);

/// A folder of these files, gone with the test.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        put(folder.path(), path, text);
    }
    folder
}

pub fn put(folder: &Path, path: &str, text: &str) {
    let to = folder.join(path);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text).unwrap();
}

/// The text of every file below a folder, with its path.
pub fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
