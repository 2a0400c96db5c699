//! Puts a `.br` and a `.gz` beside each file, so that the server sends the smallest form and compresses nothing itself.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// Below this a compressed file saves no packet.
const MIN_BYTES: u64 = 1024;

/// Compresses every file in `dir` at the highest quality: it is done once per build and read by every visitor.
pub fn all(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()? {
        let meta = entry.metadata()?;
        if meta.is_file() && meta.len() >= MIN_BYTES {
            let (path, bytes) = (entry.path(), fs::read(entry.path())?);
            fs::write(with_suffix(&path, ".br"), brotli(&bytes)?)?;
            fs::write(with_suffix(&path, ".gz"), gzip(&bytes)?)?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn brotli(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut bytes, &mut packed, &params)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("souk.js");
        let text = "export const receipt = 1;\n".repeat(100);
        fs::write(&path, &text).unwrap();
        fs::write(dir.path().join("small.js"), "1").unwrap();
        all(dir.path()).unwrap();

        let (mut brotli, mut gzip) = (String::new(), String::new());
        brotli::Decompressor::new(fs::File::open(with_suffix(&path, ".br")).unwrap(), 4096)
            .read_to_string(&mut brotli)
            .unwrap();
        flate2::read::GzDecoder::new(fs::File::open(with_suffix(&path, ".gz")).unwrap())
            .read_to_string(&mut gzip)
            .unwrap();
        assert_eq!((&brotli, &gzip), (&text, &text));
        assert!(!dir.path().join("small.js.br").exists(), "too small to be worth it");
    }
}
