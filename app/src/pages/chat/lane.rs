//! A lane: one model on the page, with how it is asked.

use api::ModelCard;
use domain::{ModelSlug, Rate, Unit};
use serde::{Deserialize, Serialize};

use crate::format;

/// More lanes than this cannot be read side by side.
pub const MAX_LANES: usize = 4;

/// A model that can be chatted with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub slug: ModelSlug,
    pub name: String,
    /// By the simulator: no model thinks.
    pub simulated: bool,
    pub prompt: Option<Rate>,
    pub completion: Option<Rate>,
}

impl From<ModelCard> for Choice {
    fn from(card: ModelCard) -> Self {
        Self {
            slug: card.slug,
            name: card.name,
            simulated: card.simulated,
            prompt: card.prompt,
            completion: card.completion,
        }
    }
}

impl Choice {
    /// `$0.15 in · $0.60 out`, as far as known.
    pub fn prices(&self) -> String {
        let price =
            |unit, rate: Option<Rate>, way: &str| rate.map(|rate| format!("{} {way}", format::price(unit, rate)));
        let known = [price(Unit::Prompt, self.prompt, "in"), price(Unit::Completion, self.completion, "out")];
        known.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Whether every word of a search is in the name or the slug.
    pub fn fits(&self, search: &str) -> bool {
        let text = format!("{} {}", self.name, self.slug).to_lowercase();
        search.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// Lanes of a conversation are numbered from 0 and never renumbered.
pub type LaneId = u32;

/// A model in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    pub id: LaneId,
    pub model: Choice,
    /// Whether the next prompt goes to it.
    pub on: bool,
    pub settings: Settings,
}

/// How a model is asked, as typed. Empty fields are not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub system: String,
    pub temperature: String,
    pub max_tokens: String,
}

impl Settings {
    /// Errors: what is wrong, in a sentence.
    pub fn temperature(&self) -> Result<Option<serde_json::Number>, &'static str> {
        let wrong = "Temperature is a number from 0 to 2.";
        let typed = self.temperature.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let value: f64 = typed.parse().map_err(|_| wrong)?;
        let in_range = (0.0..=2.0).contains(&value);
        in_range.then_some(value).and_then(serde_json::Number::from_f64).map(Some).ok_or(wrong)
    }

    /// Errors: what is wrong, in a sentence.
    pub fn max_tokens(&self) -> Result<Option<u32>, &'static str> {
        let wrong = "Max tokens is a whole number, 1 or more.";
        let typed = self.max_tokens.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        typed.parse().ok().filter(|n| *n > 0).map(Some).ok_or(wrong)
    }

    /// The first thing that is wrong.
    pub fn problem(&self) -> Option<&'static str> {
        self.temperature().err().or(self.max_tokens().err())
    }
}

/// The lanes of a new conversation: the models asked for that exist, or the first of all; never twice the same.
#[cfg_attr(
    feature = "hydrate",
    expect(dead_code, reason = "for a server function, whose body the browser does not get")
)]
pub fn first_lanes(models: &[Choice], wanted: &[String]) -> Vec<Choice> {
    let mut lanes: Vec<Choice> = Vec::new();
    for slug in wanted {
        if let Some(choice) = models.iter().find(|choice| choice.slug.as_str() == slug)
            && !lanes.contains(choice)
            && lanes.len() < MAX_LANES
        {
            lanes.push(choice.clone());
        }
    }
    if lanes.is_empty() {
        lanes.extend(models.first().cloned());
    }
    lanes
}

/// The models named by `a/b,c/d`.
#[cfg_attr(
    feature = "hydrate",
    expect(dead_code, reason = "for a server function, whose body the browser does not get")
)]
pub fn wanted_models(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|slug| !slug.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(slug: &str) -> Choice {
        let name = slug.to_uppercase();
        Choice {
            slug: slug.parse().unwrap(),
            name,
            simulated: false,
            prompt: "0.00000015".parse().ok(),
            completion: None,
        }
    }

    #[test]
    fn the_url_presets_lanes_once_each_and_at_most_four() {
        let models: Vec<Choice> = ["a/a", "a/b", "a/c", "a/d", "a/e"].map(choice).into();
        let slugs = |wanted: &str| {
            first_lanes(&models, &wanted_models(wanted)).into_iter().map(|c| c.slug.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(slugs("a/b, a/a,a/b"), ["a/b", "a/a"]);
        assert_eq!(slugs("a/a,a/b,a/c,a/d,a/e").len(), MAX_LANES);
        assert_eq!(slugs("no/such,"), ["a/a"]);
        assert!(first_lanes(&[], &[]).is_empty());
    }

    #[test]
    fn a_search_fits_in_any_order_of_words() {
        let sonnet = Choice { name: "Claude Sonnet 4.5".into(), ..choice("anthropic/claude-sonnet-4.5") };
        for search in ["", "son clau", "ANTHROPIC/", "4.5"] {
            assert!(sonnet.fits(search), "{search}");
        }
        assert!(!sonnet.fits("claude opus"));
        assert_eq!(sonnet.prices(), "$0.15 in");
    }

    #[test]
    fn settings_are_sent_only_if_they_are_set_and_right() {
        let set = |temperature: &str, max_tokens: &str| Settings {
            system: String::new(),
            temperature: temperature.into(),
            max_tokens: max_tokens.into(),
        };
        assert_eq!(set("", " ").problem(), None);
        assert_eq!(set("0.7", "100").max_tokens(), Ok(Some(100)));
        assert_eq!(set("0.7", "").temperature().unwrap().unwrap().to_string(), "0.7");
        for (temperature, max_tokens) in
            [("2.1", ""), ("-1", ""), ("NaN", ""), ("warm", ""), ("", "0"), ("", "1.5"), ("", "-4")]
        {
            assert!(set(temperature, max_tokens).problem().is_some(), "{temperature} {max_tokens}");
        }
    }
}
