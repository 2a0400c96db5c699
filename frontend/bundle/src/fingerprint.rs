//! Tells whether a bundle is still what its input would give, by a hash of all the input.

use std::{fs, io, path::Path};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// The file in a bundle that holds the fingerprint of its input.
const FILE: &str = "fingerprint";

/// SHA-256 over all input files, in hexadecimal.
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads `inputs`; a folder stands for all the files in it, in order of their names.
    pub fn of(inputs: &[&Path]) -> anyhow::Result<Self> {
        let mut hash = Sha256::new();
        for input in inputs {
            add(&mut hash, input).with_context(|| format!("cannot read {}", input.display()))?;
        }
        Ok(Self(hex::encode(hash.finalize())))
    }

    /// Short enough for a URL, long enough to differ.
    pub fn version(&self) -> &str {
        &self.0[..16]
    }

    /// Whether the bundle in `dir` was made from this input.
    pub fn is_of(&self, dir: &Path) -> bool {
        fs::read_to_string(dir.join(FILE)).is_ok_and(|found| found == self.0)
    }

    /// Notes in `dir` what it was made from.
    pub fn put(&self, dir: &Path) -> io::Result<()> {
        fs::write(dir.join(FILE), &self.0)
    }
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
    fn a_changed_file_is_a_changed_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.css"), "a { color: red }").unwrap();
        let before = Fingerprint::of(&[dir.path()]).unwrap();
        let out = tempfile::tempdir().unwrap();
        assert!(!before.is_of(out.path()), "nothing is bundled yet");
        before.put(out.path()).unwrap();
        assert!(Fingerprint::of(&[dir.path()]).unwrap().is_of(out.path()));

        fs::write(dir.path().join("a.css"), "a { color: blue }").unwrap();
        assert!(!Fingerprint::of(&[dir.path()]).unwrap().is_of(out.path()));
    }

    #[test]
    fn text_moved_between_files_is_a_change() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        let hash = |left: &str, right: &str| {
            fs::write(&a, left).unwrap();
            fs::write(&b, right).unwrap();
            Fingerprint::of(&[dir.path()]).unwrap().0
        };
        assert_ne!(hash("xy", "z"), hash("x", "yz"));
    }
}
