//! Removes what only a debugger reads from wasm: the names of functions are two thirds of a lazily loaded part.

use anyhow::Context;

/// Every module begins with its magic number and version.
const HEADER: usize = 8;
/// The id of a custom section, the only kind that may be left out.
const CUSTOM: u8 = 0;

/// The module `wasm` without its custom sections.
pub fn custom_sections(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(HEADER).context("no wasm: it is shorter than the header")?;
    let mut stripped = header.to_vec();
    while let Some((&id, after_id)) = rest.split_first() {
        let (size, body) = leb128(after_id).context("a section without a size")?;
        let body = body.get(size..).context("a section is longer than the module")?;
        let (section, after) = rest.split_at(rest.len() - body.len());
        if id != CUSTOM {
            stripped.extend_from_slice(section);
        }
        rest = after;
    }
    Ok(stripped)
}

/// Reads an unsigned LEB128 number of at most 32 bits; gives it and what follows.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: u32 = 0;
    for (index, &byte) in bytes.iter().enumerate().take(5) {
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value as usize, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn names_go_and_code_stays() {
        let code = [10, 0x82, 0x00, 7, 7]; // a size of two, in two bytes
        let name = [CUSTOM, 6, 4, b'n', b'a', b'm', b'e', 1];
        let module = [MODULE, &name, &code, &name].concat();
        assert_eq!(custom_sections(&module).unwrap(), [MODULE, &code].concat());
    }

    #[test]
    fn a_cut_module_is_an_error() {
        for cut in
            [&b"\0asm"[..], &[MODULE, &[10]].concat(), &[MODULE, &[10, 5, 1]].concat(), &[MODULE, &[1, 0x80]].concat()]
        {
            assert!(custom_sections(cut).is_err(), "{cut:?}");
        }
    }
}
