//! The texts of a prompt, copied into one buffer so that another thread can count them.

use canon::Task;

use super::prompt::{Reader, read_prompt};

/// Texts that are counted each for itself: between any two of them a provider puts a marker.
#[derive(Debug, Default)]
pub struct Texts {
    all: String,
    ends: Vec<usize>,
    /// Tokens that came as such.
    pub tokens: u64,
}

impl Texts {
    pub fn of(task: &Task) -> Self {
        let mut texts = Self::default();
        read_prompt(task, &mut texts);
        texts
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.all.get(start..*end))
    }
}

impl Reader for Texts {
    fn text(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    fn again(&mut self, _: &str) {}

    fn opaque(&mut self, _: &str) {}

    fn json(&mut self, value: &serde_json::Value) {
        self.text(&value.to_string());
    }

    fn tokens(&mut self, count: u64) {
        self.tokens += count;
    }

    fn at_most(&mut self, _: u64) {}
}
