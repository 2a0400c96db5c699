//! Joins the style sheet with all it imports and minifies it.

use std::{fmt::Display, path::Path};

use anyhow::anyhow;
use lightningcss::{
    bundler::{Bundler, FileProvider},
    error::{Error, ErrorLocation},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
};

/// The text of `css` and its imports in one sheet. No browsers are targeted: `light-dark()` and nesting stay as written.
pub fn bundle(css: &Path) -> anyhow::Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(css).map_err(located)?;
    sheet.minify(MinifyOptions::default()).map_err(located)?;
    let options = PrinterOptions { minify: true, ..Default::default() };
    Ok(sheet.to_css(options).map_err(located)?.code)
}

/// The error with its place as editors count it; Lightning CSS counts lines from zero.
fn located<K: Display>(error: Error<K>) -> anyhow::Error {
    match error.loc {
        Some(ErrorLocation { filename, line, column }) => anyhow!("{filename}:{}:{column}: {}", line + 1, error.kind),
        None => anyhow!("{}", error.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_joined_in_their_layer() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("main.css"), "@layer base;\n@import './base.css' layer(base);").unwrap();
        std::fs::write(dir.path().join("base.css"), "a { color: light-dark(black, white); }").unwrap();
        let sheet = bundle(&dir.path().join("main.css")).unwrap();
        assert_eq!(sheet, "@layer base{a{color:light-dark(#000,#fff)}}");
    }

    #[test]
    fn an_error_names_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("main.css"), "\na { color: red; } }").unwrap();
        let error = bundle(&dir.path().join("main.css")).unwrap_err().to_string();
        assert!(error.contains("main.css:2"), "{error}");
    }
}
