//! The state of the log in its URL: filters, page, and the request that is open.

use api::ActivityQuery;
use domain::GenerationId;
use leptos_router::params::ParamsMap;

use crate::format::query_value;

/// `/activity?model&provider&key&state&page&open`, in this order; defaults are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub query: ActivityQuery,
    pub open: Option<GenerationId>,
}

impl Address {
    /// Values that cannot be read count as not given.
    pub fn read(params: &ParamsMap) -> Self {
        let text = |name| params.get(name).unwrap_or_default().trim().to_owned();
        let page = params.get("page").and_then(|page| page.parse().ok()).filter(|page| *page > 0).unwrap_or(1);
        let query = ActivityQuery {
            model: text("model"),
            provider: text("provider"),
            key: text("key"),
            state: text("state"),
            page,
        };
        Self { query, open: params.get("open").and_then(|id| id.parse().ok()) }
    }

    pub fn href(&self) -> String {
        let page = if self.query.page > 1 { self.query.page.to_string() } else { String::new() };
        let open = self.open.as_ref().map(ToString::to_string).unwrap_or_default();
        let pairs = [
            ("model", &self.query.model),
            ("provider", &self.query.provider),
            ("key", &self.query.key),
            ("state", &self.query.state),
            ("page", &page),
            ("open", &open),
        ];
        let given: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", query_value(value)))
            .collect();
        if given.is_empty() { "/activity".to_owned() } else { format!("/activity?{}", given.join("&")) }
    }

    pub fn is_filtered(&self) -> bool {
        let q = &self.query;
        [&q.model, &q.provider, &q.key, &q.state].into_iter().any(|value| !value.is_empty())
    }

    pub fn on_page(&self, page: u32) -> Self {
        Self { query: ActivityQuery { page, ..self.query.clone() }, open: None }
    }

    pub fn opening(&self, id: &GenerationId) -> Self {
        Self { query: self.query.clone(), open: Some(id.clone()) }
    }

    pub fn closed(&self) -> Self {
        Self { query: self.query.clone(), open: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&'static str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn defaults_are_left_out_of_the_url() {
        assert_eq!(Address::read(&params(&[])).href(), "/activity");
        assert_eq!(Address::read(&params(&[("page", "1"), ("model", " ")])).href(), "/activity");
    }

    #[test]
    fn an_address_survives_its_url() {
        let id = format!("gen-{}", "0a".repeat(16));
        let address =
            Address::read(&params(&[("model", "a/b:free"), ("state", "failed"), ("page", "3"), ("open", &id)]));
        assert_eq!(address.href(), format!("/activity?model=a/b:free&state=failed&page=3&open={id}"));
        assert_eq!(address.closed().on_page(1).href(), "/activity?model=a/b:free&state=failed");
    }

    #[test]
    fn what_cannot_be_read_counts_as_not_given() {
        for (name, value) in
            [("page", "0"), ("page", "-1"), ("page", "x"), ("open", "gen-1"), ("open", "<script>"), ("unknown", "1")]
        {
            assert_eq!(Address::read(&params(&[(name, value)])), Address::default(), "{name}={value}");
        }
    }
}
