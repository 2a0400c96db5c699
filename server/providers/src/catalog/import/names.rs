//! A readable name for a model of which only the slug is known.

use std::collections::BTreeMap;

/// Makes `GPT Image 1` of `openai/gpt-image-1`. `spelling` knows words that are not simply capitalised; one that ends in a
/// hyphen is tied by it to a number that follows (`gpt` → `GPT-`, so `GPT-4o`).
pub fn from_slug(slug: &str, spelling: &BTreeMap<String, String>) -> String {
    let name = slug.split_once('/').map_or(slug, |(_, name)| name);
    let mut text = String::new();
    for word in name.split(['-', '_']).filter(|word| !word.is_empty()).map(|word| spelled(word, spelling)) {
        let is_tied = text.ends_with('-') && word.starts_with(|c: char| c.is_ascii_digit());
        if !is_tied && !text.is_empty() {
            text.truncate(text.trim_end_matches('-').len());
            text.push(' ');
        }
        text.push_str(&word);
    }
    text.truncate(text.trim_end_matches('-').len());
    text
}

/// Whether a listed name is only the slug again: no capital, no space.
pub fn is_bare(name: &str) -> bool {
    !name.chars().any(|c| c.is_uppercase() || c == ' ')
}

fn spelled(word: &str, spelling: &BTreeMap<String, String>) -> String {
    if let Some(known) = spelling.get(word) {
        return known.clone();
    }
    // The family of `qwen3.5` or `gpt4` is spelled as it is without its version.
    if let Some(start) = word.find(|c: char| c.is_ascii_digit())
        && let Some(known) = word.get(..start).and_then(|family| spelling.get(family))
    {
        return format!("{}{}", known.trim_end_matches('-'), word.get(start..).unwrap_or_default());
    }
    if is_size(word) {
        return word.to_uppercase().replace('X', "x");
    }
    if is_version(word) {
        return word.to_owned();
    }
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `70b`, `a3b`, `8x7b`, `128k`, `1.5b`: numbers of weights or tokens.
fn is_size(word: &str) -> bool {
    let digits = word.strip_prefix(['a', 'e']).unwrap_or(word);
    digits.strip_suffix(['b', 'k', 'm']).is_some_and(|number| {
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.' || c == 'x')
    })
}

/// `v2`, `v0.1`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_derived_from_the_slug_with_known_spellings() {
        let spelling = BTreeMap::from([("gpt".to_owned(), "GPT-".to_owned()), ("qwen".to_owned(), "Qwen".to_owned())]);
        let check = |slug: &str, expect: &str| assert_eq!(from_slug(slug, &spelling), expect, "{slug}");
        check("openai/gpt-image-1", "GPT Image 1");
        check("openai/gpt-4o-mini-tts", "GPT-4o Mini Tts");
        check("openai/gpt", "GPT");
        check("qwen/qwen3.5-122b-a10b", "Qwen3.5 122B A10B");
        check("mistralai/mixtral-8x7b-instruct-v0.1", "Mixtral 8x7B Instruct v0.1");
        check("acme/one--two_three", "One Two Three");
    }
}
