//! The folder of bundles: `VERSION/` with the files, `current` with the name of the version that is served.
//!
//! A version is put there whole, and the one before it stays: a server that still runs, and pages that are open, go on
//! loading their parts from it.

use std::{fs, io, path::Path};

/// The file that names the version to serve. The server reads it when it starts.
const CURRENT: &str = "current";
/// Where a version is made before it is put on the shelf.
const FRESH: &str = "fresh";

/// Whether `version` is what `shelf` serves.
pub fn serves(shelf: &Path, version: &str) -> bool {
    current(shelf).is_some_and(|current| current == version) && shelf.join(version).is_dir()
}

/// Has `make` fill a folder, and serves that as `version` from then on.
pub fn add(shelf: &Path, version: &str, make: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (fresh, place) = (shelf.join(FRESH), shelf.join(version));
    let before = current(shelf);
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    make(&fresh)?;
    remove(&place)?;
    fs::rename(&fresh, &place)?;
    let note = shelf.join(FRESH);
    fs::write(&note, version)?;
    fs::rename(&note, shelf.join(CURRENT))?;
    for entry in fs::read_dir(shelf)? {
        let name = entry?.file_name();
        let stays = [Some(CURRENT), Some(version), before.as_deref()].iter().any(|kept| *kept == name.to_str());
        if !stays {
            remove(&shelf.join(name))?;
        }
    }
    Ok(())
}

fn current(shelf: &Path) -> Option<String> {
    fs::read_to_string(shelf.join(CURRENT)).ok()
}

/// Removes a file or a folder, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn names(shelf: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_version_before_the_current_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = dir.path().join("pkg");
        for version in ["1", "2", "3"] {
            add(&shelf, version, |fresh| Ok(fs::write(fresh.join("souk.js"), version)?)).unwrap();
            assert!(serves(&shelf, version));
        }
        assert_eq!(names(&shelf), ["2", "3", "current"]);
        assert_eq!(fs::read_to_string(shelf.join("3/souk.js")).unwrap(), "3");
        assert!(!serves(&shelf, "2"));
    }

    #[test]
    fn a_failure_changes_nothing_that_is_served() {
        let dir = tempfile::tempdir().unwrap();
        add(dir.path(), "1", |_| Ok(())).unwrap();
        add(dir.path(), "2", |_| Err(anyhow!("no wasm"))).unwrap_err();
        assert!(serves(dir.path(), "1"));
        add(dir.path(), "2", |_| Ok(())).unwrap();
        assert_eq!(names(dir.path()), ["1", "2", "current"]);
    }
}
