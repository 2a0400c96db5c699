//! Names a bundle by a hash of all it is made from: nothing is made twice, and browsers may keep what they have for ever.

use std::{fs, io, path::Path};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// Hexadecimal digits of the hash in a name: short enough for a URL, long enough to differ.
const DIGITS: usize = 16;

/// The name of the bundle that `inputs` give; a folder stands for all the files in it, in order of their names.
pub fn of(inputs: &[&Path]) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    for input in inputs {
        add(&mut hash, input).with_context(|| format!("cannot read {}", input.display()))?;
    }
    let mut name = hex::encode(hash.finalize());
    name.truncate(DIGITS);
    Ok(name)
}

fn add(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(hash, entry));
    }
    let bytes = fs::read(path)?;
    // Name and length keep two neighbours apart: moving a line from one file to the next is a change.
    hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(&bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_another_version() {
        let dir = tempfile::tempdir().unwrap();
        let version = |text: &str| {
            fs::write(dir.path().join("a.css"), text).unwrap();
            of(&[dir.path()]).unwrap()
        };
        let red = version("a { color: red }");
        assert_eq!(red.len(), DIGITS);
        assert_ne!(red, version("a { color: blue }"));
        assert_eq!(red, version("a { color: red }"));
    }

    #[test]
    fn text_moved_between_files_is_another_version() {
        let dir = tempfile::tempdir().unwrap();
        let version = |left: &str, right: &str| {
            fs::write(dir.path().join("a"), left).unwrap();
            fs::write(dir.path().join("b"), right).unwrap();
            of(&[dir.path()]).unwrap()
        };
        assert_ne!(version("xy", "z"), version("x", "yz"));
    }
}
