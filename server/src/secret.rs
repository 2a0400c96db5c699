//! The server's own secret: made at the first start, kept in a file that nobody else can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha512};
use tower_sessions::cookie::Key;

use crate::config::Secret;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the server's secret in {}: {source}", path.display())]
pub struct SecretError {
    path: PathBuf,
    source: io::Error,
}

/// The secret kept in `path`, made if there is none yet.
pub fn kept_in(path: &Path) -> Result<Secret, SecretError> {
    read_or_make(path).map_err(|source| SecretError { path: path.to_owned(), source })
}

/// What session cookies are signed with.
pub fn cookie_key(secret: &Secret) -> Key {
    let mut hash = Sha512::new();
    hash.update(b"souk session cookies\0"); // another use of the secret gets another key
    hash.update(secret.0.as_bytes());
    Key::from(&hash.finalize())
}

fn read_or_make(path: &Path) -> io::Result<Secret> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= 32 => return Ok(Secret(text.trim().to_owned())),
        Ok(_) => {
            return Err(io::Error::other("what it holds is too short to be one; remove it, and a new one is made"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    // Written aside and linked into place, so that two servers that start at once agree on one, and it is never half there.
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    writeln!(file, "{}", hex::encode(bytes))?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::read_to_string(path).map(|text| Secret(text.trim().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("var/secret");
        let first = kept_in(&path).unwrap();
        assert_eq!(first.0.len(), 64);
        assert_eq!(kept_in(&path).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(kept_in(&dir.path().join("other")).unwrap(), first);
    }

    #[test]
    fn a_file_cut_short_is_refused_rather_than_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, "abc").unwrap();
        assert!(kept_in(&path).unwrap_err().to_string().contains("too short"));
    }
}
