//! Splits the compiled wasm at its lazy routes and writes the JavaScript that loads it.

use std::{fs, path::Path};

use anyhow::anyhow;

use crate::strip;

/// Writes `NAME.js`, `NAME.wasm`, the split parts and the manifest that says which part needs which to `out`.
///
/// `wasm` must be linked with `--emit-relocs`: without relocations there is nothing to split by.
pub fn bundle(wasm: &Path, out: &Path, name: &str) -> anyhow::Result<()> {
    let input = fs::read(wasm)?;
    let main = wasm.with_file_name("split.wasm");
    let module = format!("./{name}.js");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = out;
    options.main_out_path = &main;
    options.main_module = &module;
    // These two names are fixed: Leptos asks for them.
    options.link_name = "./__wasm_split.______________________.js";
    let split = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:#}"))?;
    fs::write(out.join("__wasm_split_manifest.json"), serde_json::to_vec(&split.prefetch_map)?)?;

    wasm_bindgen_cli_support::Bindgen::new()
        .keep_lld_exports(true)
        .demangle(false)
        .input_path(&main)
        .out_name(name)
        .web(true)?
        .generate(out)?;
    // A server compiled with LEPTOS_OUTPUT_NAME asks for the name without `_bg`.
    fs::rename(out.join(format!("{name}_bg.wasm")), out.join(format!("{name}.wasm")))?;
    strip_all(out)
}

fn strip_all(dir: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            fs::write(&path, strip::custom_sections(&fs::read(&path)?)?)?;
        }
    }
    Ok(())
}
