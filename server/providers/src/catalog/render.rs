//! From tables to the text of a catalog file: one value per line, so that a newer list gives a readable diff.

use toml::{Table, Value};

/// The text of a file: a comment, single values, sections, then the entries of its list.
pub fn render(comment: &str, head: &Table, list: &str, entries: &[Table]) -> String {
    let mut text: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    let (sections, singles): (Vec<_>, Vec<_>) = head.iter().partition(|(name, _)| is_section(name));
    text.push('\n');
    push_lines(&mut text, singles);
    for (name, value) in sections {
        text.push_str(&format!("\n[{name}]\n"));
        push_lines(&mut text, value.as_table().into_iter().flatten());
    }
    for entry in entries {
        text.push_str(&format!("\n[[{list}]]\n"));
        push_lines(&mut text, entry);
    }
    text
}

fn is_section(name: &str) -> bool {
    matches!(name, "policy" | "quirks")
}

fn push_lines<'a>(text: &mut String, fields: impl IntoIterator<Item = (&'a String, &'a Value)>) {
    for (name, value) in fields {
        text.push_str(&format!("{name} = {value}\n"));
    }
}
