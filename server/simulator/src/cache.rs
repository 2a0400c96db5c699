//! Remembers the prompts it has seen, so that a repeated beginning is reported as cached, as providers do.
//!
//! A prompt is a chain of [`Segment`]s (tools, messages or blocks). A prefix of whole segments is kept by its hash if it has at
//! least `min` tokens; the prefixes unused for longest are forgotten first. Nothing expires by the clock, so that runs repeat.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Most prefixes remembered.
const CAPACITY: usize = 16_384;

/// One link of a prompt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'v> {
    /// Who says it: `tools`, `system`, `user` …
    pub role: &'v str,
    pub value: &'v Value,
    pub tokens: u32,
    /// The caller asks to cache the prompt up to here.
    pub mark: Option<Lifetime>,
}

/// How long the caller wants a prefix to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    FiveMinutes,
    Hour,
}

/// Tokens of a prompt by what the cache made of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    /// Neither read nor written.
    pub fresh: u32,
    pub read: u32,
    pub written_5m: u32,
    pub written_1h: u32,
}

impl Split {
    /// All tokens of the prompt.
    pub fn total(self) -> u32 {
        self.fresh + self.read + self.written_5m + self.written_1h
    }
}

/// The memory of one simulator.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Prefix → when it was last used.
    used: HashMap<u64, u64>,
    /// Uses, oldest first; all but the last use of each prefix are stale.
    order: VecDeque<(u64, u64)>,
    tick: u64,
}

impl PromptCache {
    /// Implicit caching: every prefix is kept, the longest known one is read. Nothing is said to be written.
    pub fn implicit(&self, model: &str, segments: &[Segment], min: u32) -> Split {
        let total = total(segments);
        if total < min.max(1) {
            return Split { fresh: total, ..Split::default() };
        }
        let prefixes = prefixes(model, segments);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = prefixes.iter().filter(|prefix| prefix.tokens >= min);
        let read = kept.clone().rev().find(|prefix| memory.knows(prefix.hash)).map_or(0, |prefix| prefix.tokens);
        kept.for_each(|prefix| memory.touch(prefix.hash));
        Split { fresh: total - read, read, ..Split::default() }
    }

    /// Explicit caching: prefixes are kept up to the caller's marks, and read up to the last mark.
    pub fn explicit(&self, model: &str, segments: &[Segment], min: u32) -> Split {
        let total = total(segments);
        let Some(last) = segments.iter().rposition(|segment| segment.mark.is_some()) else {
            return Split { fresh: total, ..Split::default() };
        };
        let prefixes = prefixes(model, &segments[..=last]);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |prefix: &&Prefix| prefix.tokens >= min && memory.knows(prefix.hash);
        let read = prefixes.iter().rev().find(known).map_or(0, |prefix| prefix.tokens);
        let mut split = Split { read, ..Split::default() };
        let mut reached = read;
        for (prefix, segment) in prefixes.iter().zip(segments) {
            let Some(lifetime) = segment.mark.filter(|_| prefix.tokens >= min) else { continue };
            memory.touch(prefix.hash);
            let written = prefix.tokens.saturating_sub(reached);
            match lifetime {
                Lifetime::FiveMinutes => split.written_5m += written,
                Lifetime::Hour => split.written_1h += written,
            }
            reached = reached.max(prefix.tokens);
        }
        split.fresh = total - reached;
        split
    }
}

impl Memory {
    fn knows(&self, prefix: u64) -> bool {
        self.used.contains_key(&prefix)
    }

    fn touch(&mut self, prefix: u64) {
        self.tick += 1;
        self.used.insert(prefix, self.tick);
        self.order.push_back((prefix, self.tick));
        while self.used.len() > CAPACITY || self.order.len() > 4 * CAPACITY {
            let Some((oldest, tick)) = self.order.pop_front() else { return };
            if self.used.get(&oldest) == Some(&tick) {
                self.used.remove(&oldest);
            }
        }
    }
}

struct Prefix {
    hash: u64,
    tokens: u32,
}

fn total(segments: &[Segment]) -> u32 {
    segments.iter().map(|segment| segment.tokens).sum()
}

fn prefixes(model: &str, segments: &[Segment]) -> Vec<Prefix> {
    let mut hasher = DefaultHasher::new();
    model.hash(&mut hasher);
    let mut tokens = 0;
    let link = |segment: &Segment| {
        segment.role.hash(&mut hasher);
        digest(segment.value, &mut hasher);
        tokens += segment.tokens;
        Prefix { hash: hasher.finish(), tokens }
    };
    segments.iter().map(link).collect()
}

/// Hashes what a value says, apart from where the caller wants it cached.
fn digest(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Array(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| digest(item, hasher));
        }
        Value::Object(fields) => {
            for (key, field) in fields.iter().filter(|(key, _)| *key != "cache_control") {
                key.hash(hasher);
                digest(field, hasher);
            }
        }
        plain => plain.hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prompt<'v>(values: &'v [Value], marks: &[usize]) -> Vec<Segment<'v>> {
        let mark = |at| marks.contains(&at).then_some(Lifetime::FiveMinutes);
        let segment = |(at, value)| Segment { role: "user", value, tokens: 100, mark: mark(at) };
        values.iter().enumerate().map(segment).collect()
    }

    #[test]
    fn a_repeated_beginning_is_read() {
        let cache = PromptCache::default();
        let (one, two) = ([json!("a"), json!("b")], [json!("a"), json!("c"), json!("d")]);
        assert_eq!(cache.implicit("m", &prompt(&one, &[]), 100).read, 0);
        assert_eq!(cache.implicit("m", &prompt(&one, &[]), 100), Split { read: 200, ..Split::default() });
        assert_eq!(cache.implicit("m", &prompt(&two, &[]), 100), Split { read: 100, fresh: 200, ..Split::default() });
        assert_eq!(cache.implicit("m", &prompt(&two, &[]), 400).read, 0);
        assert_eq!(cache.implicit("other", &prompt(&one, &[]), 100).read, 0);
    }

    #[test]
    fn marks_write_first_and_read_after() {
        let cache = PromptCache::default();
        let values = [json!({"text": "a", "cache_control": {"type": "ephemeral"}}), json!("b"), json!("c")];
        let written = cache.explicit("m", &prompt(&values, &[1]), 100);
        assert_eq!(written, Split { written_5m: 200, fresh: 100, ..Split::default() });
        let longer = cache.explicit("m", &prompt(&values, &[1, 2]), 100);
        assert_eq!(longer, Split { read: 200, written_5m: 100, ..Split::default() });
        assert_eq!(cache.explicit("m", &prompt(&values, &[]), 100), Split { fresh: 300, ..Split::default() });
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut memory = Memory::default();
        (0..3 * CAPACITY as u64).for_each(|prefix| memory.touch(prefix));
        (0..9 * CAPACITY).for_each(|_| memory.touch(7));
        assert!(memory.used.len() <= CAPACITY && memory.order.len() <= 4 * CAPACITY);
        assert!(memory.knows(7) && !memory.knows(1));
    }
}
