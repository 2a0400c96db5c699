//! Which models a query lets through, how many each value of a filter would, and which filter to drop when none is left.

use std::collections::BTreeMap;

use api::{Facet, ModelQuery};
use rust_decimal::Decimal;

use super::{Row, count};

/// A filter of the query by its parameter, and whether a row passes it.
type Test<'a> = (&'static str, Box<dyn Fn(&Row) -> bool + 'a>);

/// The filters of a query; those that are not set are not in it. A value that cannot be read is no filter.
pub struct Filter<'a>(Vec<Test<'a>>);

/// What is left, and the counts beside the filters.
pub struct Found<'a> {
    pub rows: Vec<&'a Row>,
    pub inputs: Vec<Facet>,
    pub outputs: Vec<Facet>,
    pub authors: Vec<Facet>,
    pub providers: Vec<Facet>,
    pub supports: Vec<Facet>,
    pub best_to_drop: Option<(String, u32)>,
}

impl<'a> Filter<'a> {
    pub fn new(query: &'a ModelQuery) -> Self {
        let mut tests: Vec<Test<'a>> = Vec::new();
        let words: Vec<String> = query.q.split_whitespace().map(str::to_lowercase).collect();
        if !words.is_empty() {
            tests.push(("q", Box::new(move |row| words.iter().all(|word| row.text.contains(word.as_str())))));
        }
        if let Some(wanted) = list(&query.input) {
            tests
                .push(("input", Box::new(move |row| wanted.iter().all(|w| row.card.input.iter().any(|has| has == w)))));
        }
        let output = if query.output.trim().is_empty() { "text" } else { query.output.trim() };
        if output != "all" {
            tests.push(("output", Box::new(move |row| row.card.output.iter().any(|has| has == output))));
        }
        if let Ok(least) = query.min_context.trim().parse::<u64>() {
            tests.push(("min_context", Box::new(move |row| row.card.context_length.is_some_and(|has| has >= least))));
        }
        if let Ok(most) = query.max_price.trim().parse::<Decimal>() {
            tests.push((
                "max_price",
                Box::new(move |row| row.card.prompt.is_some_and(|price| price.per_million() <= most)),
            ));
        }
        if let Some(wanted) = list(&query.author) {
            tests.push(("author", Box::new(move |row| wanted.contains(&row.card.author.as_str()))));
        }
        if let Some(wanted) = list(&query.provider) {
            tests.push((
                "provider",
                Box::new(move |row| row.providers.iter().any(|has| wanted.contains(&has.as_str()))),
            ));
        }
        if let Some(wanted) = list(&query.supports) {
            tests.push((
                "supports",
                Box::new(move |row| wanted.iter().all(|w| row.card.supports.iter().any(|has| has == w))),
            ));
        }
        if query.callable == "1" {
            tests.push(("callable", Box::new(|row| row.card.callable)));
        }
        Self(tests)
    }

    /// Tests each row once: a row that fails one filter alone counts for the values of that filter.
    pub fn apply<'r>(&self, rows: &'r [Row]) -> Found<'r> {
        let tested: Vec<(&Row, Vec<&'static str>)> = rows.iter().map(|row| (row, self.failed(row))).collect();
        let without = |own: &str| -> Vec<&'r Row> {
            tested.iter().filter(|(_, failed)| failed.iter().all(|name| *name == own)).map(|(row, _)| *row).collect()
        };
        let left = without("");
        let best_to_drop = if left.is_empty() { self.best_to_drop(without) } else { None };
        Found {
            inputs: facets(&without("input"), |row| &row.card.input),
            outputs: facets(&without("output"), |row| &row.card.output),
            authors: facets(&without("author"), |row| std::slice::from_ref(&row.card.author)),
            providers: facets(&without("provider"), |row| &row.providers),
            supports: facets(&without("supports"), |row| &row.card.supports),
            rows: left,
            best_to_drop,
        }
    }

    fn failed(&self, row: &Row) -> Vec<&'static str> {
        self.0.iter().filter(|(_, passes)| !passes(row)).map(|(name, _)| *name).collect()
    }

    /// The output is a choice of list rather than a filter: it is not dropped.
    fn best_to_drop<'r>(&self, without: impl Fn(&str) -> Vec<&'r Row>) -> Option<(String, u32)> {
        let filters = self.0.iter().map(|(name, _)| *name).filter(|name| *name != "output");
        let gains = filters.map(|name| (name.to_owned(), count(without(name).len()))).filter(|(_, gain)| *gain > 0);
        gains.max_by_key(|(_, gain)| *gain)
    }
}

/// The values of a comma-separated list; `None`: there are none.
fn list(text: &str) -> Option<Vec<&str>> {
    let values: Vec<&str> = text.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
    (!values.is_empty()).then_some(values)
}

/// Every value and how many rows have it, most first.
fn facets<'r>(rows: &[&'r Row], values: impl Fn(&'r Row) -> &'r [String]) -> Vec<Facet> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for value in rows.iter().flat_map(|row| values(row)) {
        *counts.entry(value).or_default() += 1;
    }
    let mut facets: Vec<Facet> =
        counts.into_iter().map(|(value, count)| Facet { value: value.to_owned(), count }).collect();
    facets.sort_by_key(|facet| std::cmp::Reverse(facet.count)); // stable: equals stay in the order of their values
    facets
}
