//! Where the model found something: annotations in OpenAI's shape as Anthropic's citations.

use serde::Serialize;
use serde_json::Value;

/// A `web_search_result_location`.
#[derive(Clone, Debug, Serialize)]
pub struct Citation {
    r#type: &'static str,
    url: String,
    title: Option<String>,
    cited_text: String,
    /// Opens the found page to Anthropic's own servers; nobody else's pages have one.
    encrypted_index: &'static str,
}

/// A `url_citation`; other annotations have no such shape.
pub fn of(annotation: &Value) -> Option<Citation> {
    let citation = &annotation["url_citation"];
    let text = |field: &str| citation[field].as_str().map(str::to_owned);
    Some(Citation {
        r#type: "web_search_result_location",
        url: text("url")?,
        title: text("title"),
        cited_text: text("content").unwrap_or_default(),
        encrypted_index: "",
    })
}
