//! The ways a provider can go wrong, each with a name that a test can put into a header, a model id or the control endpoint.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One way to go wrong. Written `name`, `name:number` or `status:code,retry_after_seconds`.
///
/// Faults after `n` tokens happen before the answer's end even if it has fewer tokens. To an answer that is not streamed they
/// happen in the middle of its body, but for `error_after`, which is then a 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `status:503` or `status:429,7`: the provider's own error reply, with a `retry-after` if given.
    Status {
        /// HTTP status, 400 to 599.
        code: u16,
        /// Seconds for the `retry-after` header.
        retry_after: Option<u32>,
    },
    /// `refuse`: the connection is closed before any byte of a reply.
    Refuse,
    /// `hang`: no reply, ever.
    Hang,
    /// `drop`: a good status and headers, then the connection is cut before the first byte of the body.
    Drop,
    /// `drop_after:n`: the connection is cut after `n` tokens.
    DropAfter(u32),
    /// `error_after:n`: the dialect's own error event after `n` tokens, then the end of the stream.
    ErrorAfter(u32),
    /// `stall_after:n`: silence after `n` tokens, with the connection left open.
    StallAfter(u32),
    /// `garbage_after:n`: an event that is not JSON after `n` tokens, then the end of the stream.
    GarbageAfter(u32),
    /// `empty`: a well-formed answer with no content and no completion tokens.
    Empty,
    /// `blank`: a good status and a body of no bytes.
    Blank,
    /// `invalid`: a good status and a body that is not JSON.
    Invalid,
    /// `no_usage`: the answer does not tell its token counts.
    NoUsage,
    /// `slow`: five seconds to the first token, then five tokens a second.
    Slow,
}

/// A fault's text that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a fault; faults are status:<code>[,<retry after>], refuse, hang, drop, drop_after:<n>, error_after:<n>, stall_after:<n>, garbage_after:<n>, empty, blank, invalid, no_usage and slow"
)]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let parsed = match (name, argument) {
            ("status", Some(argument)) => status(argument),
            ("drop_after", Some(n)) => n.parse().ok().map(Self::DropAfter),
            ("error_after", Some(n)) => n.parse().ok().map(Self::ErrorAfter),
            ("stall_after", Some(n)) => n.parse().ok().map(Self::StallAfter),
            ("garbage_after", Some(n)) => n.parse().ok().map(Self::GarbageAfter),
            ("refuse", None) => Some(Self::Refuse),
            ("hang", None) => Some(Self::Hang),
            ("drop", None) => Some(Self::Drop),
            ("empty", None) => Some(Self::Empty),
            ("blank", None) => Some(Self::Blank),
            ("invalid", None) => Some(Self::Invalid),
            ("no_usage", None) => Some(Self::NoUsage),
            ("slow", None) => Some(Self::Slow),
            _ => None,
        };
        parsed.ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

fn status(argument: &str) -> Option<Fault> {
    let (code, retry_after) = match argument.split_once(',') {
        Some((code, seconds)) => (code, Some(seconds.parse().ok()?)),
        None => (argument, None),
    };
    let code = code.parse().ok().filter(|code| (400..600).contains(code))?;
    Some(Fault::Status { code, retry_after })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code, retry_after: None } => write!(f, "status:{code}"),
            Self::Status { code, retry_after: Some(seconds) } => write!(f, "status:{code},{seconds}"),
            Self::Refuse => f.write_str("refuse"),
            Self::Hang => f.write_str("hang"),
            Self::Drop => f.write_str("drop"),
            Self::DropAfter(n) => write!(f, "drop_after:{n}"),
            Self::ErrorAfter(n) => write!(f, "error_after:{n}"),
            Self::StallAfter(n) => write!(f, "stall_after:{n}"),
            Self::GarbageAfter(n) => write!(f, "garbage_after:{n}"),
            Self::Empty => f.write_str("empty"),
            Self::Blank => f.write_str("blank"),
            Self::Invalid => f.write_str("invalid"),
            Self::NoUsage => f.write_str("no_usage"),
            Self::Slow => f.write_str("slow"),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_written_as_it_is_read() {
        let faults = "status:503 status:429,7 refuse hang drop drop_after:5 error_after:0 stall_after:2 garbage_after:1 \
                      empty blank invalid no_usage slow";
        for text in faults.split_whitespace() {
            assert_eq!(text.parse::<Fault>().expect("a fault").to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_list_of_faults() {
        for text in ["", "explode", "drop:3", "drop_after", "drop_after:x", "status:200", "status:503,soon", "status:"]
        {
            let error = text.parse::<Fault>().expect_err(text);
            assert!(error.to_string().contains("drop_after:<n>"), "{error}");
        }
    }
}
