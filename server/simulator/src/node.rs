//! Reads a request body as strictly as a provider does, knowing at every step the path to show in the error.
//!
//! A [`Node`] is a JSON value and the way to it, kept on the stack: a good request pays nothing for the paths. A [`Problem`] is
//! dialect-free; each dialect words it as its provider would.

use std::ops::RangeInclusive;

use serde_json::Value;

/// One step of a path: `messages`, `3`, or the name of the variant chosen (Anthropic shows these, OpenAI does not).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
    Variant(&'static str),
}

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    /// A text, or a list of content parts.
    Content,
}

/// What is wrong at a place of the request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wrong {
    Missing,
    Unknown,
    Kind {
        expected: Kind,
        got: &'static str,
    },
    /// Not one of the words allowed here.
    Word {
        got: String,
        allowed: &'static [&'static str],
    },
    Below {
        got: String,
        least: String,
        integer: bool,
    },
    Above {
        got: String,
        most: String,
        integer: bool,
    },
    TooLong {
        got: usize,
        most: usize,
    },
    Empty,
    /// Anything else, in the provider's own words, with its error code.
    Said {
        message: String,
        code: Option<&'static str>,
    },
}

/// Why a request is refused, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub path: Vec<Step>,
    pub wrong: Wrong,
}

#[derive(Debug, Clone, Copy)]
enum Way<'p> {
    Key(&'p str),
    Index(usize),
    Variant(&'static str),
}

/// A value of the request (`'v`) and the way to it (`'p`, on the stack of its reader).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'p, 'v> {
    value: &'v Value,
    way: Option<(&'p Node<'p, 'v>, Way<'p>)>,
}

impl<'p, 'v> Node<'p, 'v> {
    /// The request itself.
    pub fn root(value: &'v Value) -> Self {
        Self { value, way: None }
    }

    /// The value, unread.
    pub fn value(&self) -> &'v Value {
        self.value
    }

    /// The field `key` of an object. An absent field, a null and a value that is no object are `None`.
    pub fn get<'s>(&'s self, key: &'s str) -> Option<Node<'s, 'v>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, way: Some((self, Way::Key(key))) })
    }

    /// The field `key`, which must be there.
    pub fn need<'s>(&'s self, key: &'s str) -> Result<Node<'s, 'v>, Problem> {
        self.get(key).ok_or_else(|| Node { value: &Value::Null, way: Some((self, Way::Key(key))) }.fail(Wrong::Missing))
    }

    /// The field `key`, if it is there, read by `read`.
    pub fn maybe<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Node<'_, 'v>) -> Result<T, Problem>,
    ) -> Result<Option<T>, Problem> {
        self.get(key).map(|field| read(&field)).transpose()
    }

    /// The same value, with the chosen variant's name in its path.
    pub fn variant<'s>(&'s self, name: &'static str) -> Node<'s, 'v> {
        Node { value: self.value, way: Some((self, Way::Variant(name))) }
    }

    /// Refuses a value that is no object, or has fields other than `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let Value::Object(fields) = self.value else { return Err(self.unexpected(Kind::Object)) };
        match fields.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Node { value: &Value::Null, way: Some((self, Way::Key(key))) }.fail(Wrong::Unknown)),
            None => Ok(()),
        }
    }

    /// Refuses a value that is no object.
    pub fn object(&self) -> Result<(), Problem> {
        if self.value.is_object() { Ok(()) } else { Err(self.unexpected(Kind::Object)) }
    }

    /// The items of an array.
    pub fn items<'s>(&'s self) -> Result<impl ExactSizeIterator<Item = Node<'s, 'v>>, Problem> {
        let Value::Array(items) = self.value else { return Err(self.unexpected(Kind::Array)) };
        Ok(items.iter().enumerate().map(|(at, value)| Node { value, way: Some((self, Way::Index(at))) }))
    }

    /// The items of an array of `least` to `most` items.
    pub fn items_within<'s>(
        &'s self,
        bounds: RangeInclusive<usize>,
    ) -> Result<impl ExactSizeIterator<Item = Node<'s, 'v>>, Problem> {
        let items = self.items()?;
        match items.len() {
            got if got > *bounds.end() => Err(self.fail(Wrong::TooLong { got, most: *bounds.end() })),
            got if got < *bounds.start() => Err(self.fail(Wrong::Empty)),
            _ => Ok(items),
        }
    }

    pub fn text(&self) -> Result<&'v str, Problem> {
        self.value.as_str().ok_or_else(|| self.unexpected(Kind::String))
    }

    pub fn flag(&self) -> Result<bool, Problem> {
        self.value.as_bool().ok_or_else(|| self.unexpected(Kind::Boolean))
    }

    /// One of the words `allowed`.
    pub fn word(&self, allowed: &'static [&'static str]) -> Result<&'static str, Problem> {
        let got = self.text()?;
        let found = allowed.iter().copied().find(|word| *word == got);
        found.ok_or_else(|| self.fail(Wrong::Word { got: got.to_owned(), allowed }))
    }

    /// A whole number in `range`.
    pub fn integer(&self, range: RangeInclusive<i64>) -> Result<i64, Problem> {
        let Some(got) = self.value.as_i64().or_else(|| self.value.as_u64().map(|_| i64::MAX)) else {
            return Err(self.unexpected(Kind::Integer));
        };
        let (least, most) = (range.start(), range.end());
        if got < *least {
            return Err(self.fail(Wrong::Below {
                got: self.value.to_string(),
                least: least.to_string(),
                integer: true,
            }));
        }
        if got > *most {
            return Err(self.fail(Wrong::Above { got: self.value.to_string(), most: most.to_string(), integer: true }));
        }
        Ok(got)
    }

    /// A whole number of tokens, choices or the like: from `least` to what 32 bits hold.
    pub fn amount(&self, least: u32) -> Result<u32, Problem> {
        let got = self.integer(i64::from(least)..=i64::from(u32::MAX))?;
        Ok(u32::try_from(got).unwrap_or(u32::MAX))
    }

    /// Refuses what is no number in `range`.
    pub fn number(&self, range: RangeInclusive<f64>) -> Result<(), Problem> {
        let Some(got) = self.value.as_f64() else { return Err(self.unexpected(Kind::Number)) };
        let (least, most) = (range.start(), range.end());
        if got < *least {
            return Err(self.fail(Wrong::Below {
                got: self.value.to_string(),
                least: least.to_string(),
                integer: false,
            }));
        }
        if got > *most {
            return Err(self.fail(Wrong::Above {
                got: self.value.to_string(),
                most: most.to_string(),
                integer: false,
            }));
        }
        Ok(())
    }

    /// The problem that this value is not what it should be.
    pub fn unexpected(&self, expected: Kind) -> Problem {
        self.fail(Wrong::Kind { expected, got: describe(self.value) })
    }

    /// A problem at this place, in the provider's own words.
    pub fn said(&self, message: impl Into<String>, code: Option<&'static str>) -> Problem {
        self.fail(Wrong::Said { message: message.into(), code })
    }

    /// A problem at this place.
    pub fn fail(&self, wrong: Wrong) -> Problem {
        let mut path = Vec::new();
        let mut here = self;
        while let Some((parent, way)) = here.way {
            path.push(match way {
                Way::Key(key) => Step::Key(key.to_owned()),
                Way::Index(at) => Step::Index(at),
                Way::Variant(name) => Step::Variant(name),
            });
            here = parent;
        }
        path.reverse();
        Problem { path, wrong }
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_knows_its_path() {
        let body = json!({"messages": [{"role": "user"}, {"role": 5}]});
        let root = Node::root(&body);
        let messages = root.need("messages").expect("messages");
        let second = messages.items().expect("an array").nth(1).expect("two items");
        let problem = second.need("role").expect("role").text().expect_err("a number");
        assert_eq!(problem.path, [Step::Key("messages".into()), Step::Index(1), Step::Key("role".into())]);
        assert_eq!(problem.wrong, Wrong::Kind { expected: Kind::String, got: "an integer" });
    }

    #[test]
    fn numbers_keep_to_their_range() {
        let body = json!({"t": 2.5, "n": 0, "huge": u64::MAX});
        let root = Node::root(&body);
        assert!(root.need("t").unwrap().number(0.0..=2.0).is_err());
        assert!(root.need("n").unwrap().amount(1).is_err());
        assert!(root.need("huge").unwrap().amount(1).is_err());
        assert!(root.need("t").unwrap().amount(1).is_err());
    }
}
