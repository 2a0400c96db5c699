//! The state of the model list in the URL: reading it, writing it, and taking one filter away.

use api::{ModelQuery, ModelSort};
use leptos_router::params::ParamsMap;

use crate::format;

/// A field of the query by its name in the URL.
type Field = (&'static str, fn(&mut ModelQuery) -> &mut String);

/// All fields, in the order in which they are written.
const FIELDS: [Field; 11] = [
    ("q", |query| &mut query.q),
    ("input", |query| &mut query.input),
    ("output", |query| &mut query.output),
    ("min_context", |query| &mut query.min_context),
    ("max_price", |query| &mut query.max_price),
    ("supports", |query| &mut query.supports),
    ("author", |query| &mut query.author),
    ("provider", |query| &mut query.provider),
    ("callable", |query| &mut query.callable),
    ("sort", |query| &mut query.sort),
    ("page", |query| &mut query.page),
];

/// Fields that narrow the list; the others choose its kind, order and part.
const FILTERS: [&str; 8] = ["q", "input", "min_context", "max_price", "supports", "author", "provider", "callable"];

/// Fields that the form holds: all but the page, since a changed list starts at its first.
pub const INPUTS: [&str; 10] =
    ["q", "input", "output", "min_context", "max_price", "supports", "author", "provider", "callable", "sort"];

/// Reads the query of a URL. A repeated parameter (`input=image&input=file`) is the same as a list (`input=image,file`).
pub fn read(params: &ParamsMap) -> ModelQuery {
    from_pairs(FIELDS.iter().flat_map(|(name, _)| {
        params.get_all(name).unwrap_or_default().into_iter().map(|value| ((*name).to_owned(), value))
    }))
}

/// Reads names and values as a form gives them; unknown names and defaults are dropped.
pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> ModelQuery {
    let mut query = ModelQuery::default();
    for (name, value) in pairs {
        let value = value.trim();
        let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else { continue };
        if value.is_empty() || is_default(&name, value) {
            continue;
        }
        let slot = field(&mut query);
        if !slot.is_empty() {
            slot.push(',');
        }
        slot.push_str(value);
    }
    query
}

/// The URL of the list in this state.
pub fn href(query: &ModelQuery) -> String {
    let mut query = query.clone();
    let mut pairs = Vec::new();
    for (name, field) in FIELDS {
        let value = field(&mut query);
        let many = matches!(name, "input" | "supports");
        let values: Vec<&str> = if many { value.split(',').collect() } else { vec![value.as_str()] };
        let written = values.into_iter().filter(|value| !value.is_empty() && !is_default(name, value));
        pairs.extend(written.map(|value| format!("{name}={}", format::query_value(value))));
    }
    if pairs.is_empty() { "/models".to_owned() } else { format!("/models?{}", pairs.join("&")) }
}

/// The same list on another page.
pub fn href_of_page(query: &ModelQuery, page: u32) -> String {
    href(&ModelQuery { page: page.to_string(), ..query.clone() })
}

/// The list of another kind of output, from its first page.
pub fn href_of_output(query: &ModelQuery, output: &str) -> String {
    href(&ModelQuery { output: output.to_owned(), page: String::new(), ..query.clone() })
}

/// Without one value of one filter, or without the whole filter; from the first page.
pub fn without(query: &ModelQuery, name: &str, value: Option<&str>) -> ModelQuery {
    let mut rest = ModelQuery { page: String::new(), ..query.clone() };
    if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) {
        let slot = field(&mut rest);
        let kept = slot.split(',').filter(|one| value.is_some_and(|value| *one != value));
        *slot = kept.collect::<Vec<_>>().join(",");
    }
    rest
}

/// Without any filter; kind and order stay.
pub fn unfiltered(query: &ModelQuery) -> ModelQuery {
    ModelQuery { output: query.output.clone(), sort: query.sort.clone(), ..ModelQuery::default() }
}

/// The filters in effect: each in words, with the list that is left when it is removed.
pub fn filters(query: &ModelQuery) -> Vec<(String, ModelQuery)> {
    let mut read = query.clone();
    let mut found = Vec::new();
    for (name, field) in FIELDS.iter().filter(|(name, _)| FILTERS.contains(name)) {
        let value = field(&mut read).clone();
        match *name {
            _ if value.is_empty() => {}
            "input" | "supports" => {
                found.extend(value.split(',').map(|one| (words(name, one), without(query, name, Some(one)))));
            }
            _ => found.push((words(name, &value), without(query, name, None))),
        }
    }
    found
}

/// A filter in words: `Context ≥ 128K`.
pub fn words(name: &str, value: &str) -> String {
    match name {
        "q" => format!("“{value}”"),
        "input" => format!("{} in", format::capitalised(value)),
        "min_context" => format!("Context ≥ {}", value.parse().map_or_else(|_| value.to_owned(), format::tokens)),
        "max_price" if value == "0" => "Free".to_owned(),
        "max_price" => format!("Input ≤ ${value}"),
        "author" => format!("By {value}"),
        "provider" => format!("Served by {value}"),
        "callable" => "Callable here".to_owned(),
        _ => capability(value),
    }
}

/// The whole filter of a parameter, as it is called: `Context length`.
pub fn filter_name(name: &str) -> &str {
    match name {
        "q" => "the search",
        "input" => "Input",
        "output" => "the kind of output",
        "min_context" => "Context length",
        "max_price" => "Input price",
        "supports" => "Supports",
        "author" => "Made by",
        "provider" => "Served by",
        "callable" => "Callable here",
        other => other,
    }
}

/// `structured_outputs` in words.
pub fn capability(name: &str) -> String {
    format::capitalised(&name.replace('_', " "))
}

/// Whether a value means the same as leaving it out.
fn is_default(name: &str, value: &str) -> bool {
    match name {
        "output" => value == "text",
        "sort" => ModelSort::parse(value) == ModelSort::default(),
        "page" => value == "1",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> ModelQuery {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn a_url_is_read_back_as_it_was_written() {
        for url in [
            "/models",
            "/models?q=a+b%26c",
            "/models?input=image&input=file&min_context=128000&max_price=0.5&supports=tools&author=qwen&callable=1&sort=name&page=3",
        ] {
            let params: ParamsMap = url
                .split_once('?')
                .map(|(_, search)| {
                    let pairs = search.split('&').filter_map(|pair| pair.split_once('='));
                    pairs.map(|(k, v)| (k.to_owned(), v.replace('+', " ").replace("%26", "&"))).collect()
                })
                .unwrap_or_default();
            assert_eq!(href(&read(&params)), url);
        }
    }

    #[test]
    fn defaults_empty_values_and_unknown_names_are_left_out() {
        assert_eq!(href(&query("q=&output=text&sort=newest&page=1&utm_source=x&min_context=")), "/models");
    }

    #[test]
    fn removing_a_filter_keeps_the_others_and_returns_to_the_first_page() {
        let query = query("input=image&input=file&supports=tools&sort=name&page=4");
        let left: Vec<_> = filters(&query).iter().map(|(words, rest)| (words.clone(), href(rest))).collect();
        assert_eq!(
            left,
            [
                ("Image in".to_owned(), "/models?input=file&supports=tools&sort=name".to_owned()),
                ("File in".to_owned(), "/models?input=image&supports=tools&sort=name".to_owned()),
                ("Tools".to_owned(), "/models?input=image&input=file&sort=name".to_owned()),
            ]
        );
        assert_eq!(href(&unfiltered(&query)), "/models?sort=name");
        assert_eq!(href(&without(&query, "input", None)), "/models?supports=tools&sort=name");
    }

    #[test]
    fn filters_are_named_in_words() {
        assert_eq!(words("min_context", "128000"), "Context ≥ 128K");
        assert_eq!(words("max_price", "0"), "Free");
        assert_eq!(words("supports", "structured_outputs"), "Structured outputs");
    }
}
