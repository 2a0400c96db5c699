//! Tells when streamed JSON is whole, without keeping it.

/// Follows one object or array through its pieces. It does not check: that is the reader's business.
#[derive(Clone, Copy, Debug, Default)]
pub struct Balance {
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    is_whole: bool,
}

impl Balance {
    pub fn push(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match byte {
                _ if std::mem::take(&mut self.is_escaped) => {}
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_whole = self.depth == 0;
                }
                _ => {}
            }
        }
    }

    /// Whether the last bracket has closed the first.
    pub const fn is_whole(self) -> bool {
        self.is_whole
    }
}

#[cfg(test)]
mod tests {
    use super::Balance;

    #[test]
    fn an_object_is_whole_when_its_own_bracket_closes_wherever_it_is_cut() {
        let text = r#"{"a": "}\"\\", "b": [{}, {"c": "{["}]}"#;
        let mut balance = Balance::default();
        for (at, letter) in text.char_indices() {
            assert!(!balance.is_whole(), "at {at}");
            balance.push(letter.encode_utf8(&mut [0; 4]));
        }
        assert!(balance.is_whole());
        let mut broken = Balance::default();
        broken.push("}}");
        broken.push(r#"{"a": "#);
        assert!(broken.is_whole(), "no more can come of what closed too often");
    }
}
