//! Letters and colour that stand for a name: pure functions, so the same on every page and server.

/// Hues in degrees (OKLCH), far enough apart to be told from each other.
const HUES: [u16; 15] = [20, 40, 62, 85, 110, 135, 155, 175, 195, 228, 250, 274, 290, 306, 340];

/// The hue of a slug.
pub fn hue(slug: &str) -> u16 {
    // FNV-1a, 32 bits: stable over releases, unlike the standard hasher.
    let hash = slug.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let index = hash as usize % HUES.len();
    HUES.get(index).copied().unwrap_or_default()
}

/// The first letters of the first two words, else the first two letters; the first one is a capital.
pub fn letters(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let letters: String = match second {
        Some(second) => first.chars().take(1).chain(second.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    crate::format::capitalised(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_from_two_words_or_one() {
        for (name, expected) in
            [("meta-llama", "Ml"), ("DeepInfra", "De"), ("x-ai", "Xa"), ("a", "A"), ("", ""), ("日本 語", "日語")]
        {
            assert_eq!(letters(name), expected, "{name}");
        }
    }

    #[test]
    fn a_slug_keeps_its_hue() {
        assert_eq!(hue("anthropic"), hue("anthropic"));
        let used: std::collections::BTreeSet<_> = (0..200).map(|i| hue(&format!("provider-{i}"))).collect();
        assert_eq!(used.len(), HUES.len(), "every hue is reached");
    }
}
