//! What a key's numbers mean, in words and shares.

use api::{ApiError, KeyRow};
use domain::{KeyId, ModelSlug, NanoUsd};

use crate::parts::Tone;

/// From this share of its limit on, a key is near it.
const NEAR_PERCENT: u8 = 90;

/// Whether a key works, in one or two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Active,
    NearLimit,
    LimitReached,
    Disabled,
}

impl KeyState {
    pub fn of(row: &KeyRow) -> Self {
        let used = row.limit.map(|limit| percent(row.spent, limit));
        match used {
            _ if row.disabled => Self::Disabled,
            Some(100..) => Self::LimitReached,
            Some(NEAR_PERCENT..) => Self::NearLimit,
            _ => Self::Active,
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::NearLimit => "Near its limit",
            Self::LimitReached => "Limit reached",
            Self::Disabled => "Disabled",
        }
    }

    pub const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Good,
            Self::NearLimit => Tone::Warn,
            Self::LimitReached => Tone::Bad,
            Self::Disabled => Tone::Off,
        }
    }
}

/// An enabled key whose limit is used up.
pub fn is_spent_up(row: &KeyRow) -> bool {
    KeyState::of(row) == KeyState::LimitReached
}

/// How much of a limit is spent: whole percents, rounded down, at most 100. A limit of zero is always spent.
pub fn percent(spent: NanoUsd, limit: NanoUsd) -> u8 {
    if spent >= limit {
        return 100;
    }
    let share = i128::from(spent.0.max(0)) * 100 / i128::from(limit.0.max(1));
    u8::try_from(share).unwrap_or(100)
}

/// A limit as typed: empty is none. Errors: `Invalid{limit_usd}`.
#[cfg_attr(
    feature = "hydrate",
    expect(dead_code, reason = "for a server function, whose body the browser does not get")
)]
pub fn parse_limit(typed: &str) -> Result<Option<NanoUsd>, ApiError> {
    let typed = typed.trim().trim_start_matches('$');
    if typed.is_empty() {
        return Ok(None);
    }
    let limit: NanoUsd = typed
        .parse()
        .map_err(|error: domain::MoneyError| ApiError::invalid("limit_usd", capitalised(&error.to_string())))?;
    if limit < NanoUsd::ZERO {
        return Err(ApiError::invalid("limit_usd", "A limit is zero or more. Leave it empty for none."));
    }
    Ok(Some(limit))
}

fn capitalised(sentence: &str) -> String {
    format!("{}.", crate::format::capitalised(sentence))
}

/// The page with this key's dialog open.
pub fn manage_href(id: &KeyId) -> String {
    format!("/keys?key={id}")
}

/// The shell lines of a first request. Without a callable model its place is marked.
pub fn first_request(api_base: &str, model: Option<&ModelSlug>) -> String {
    let model = model.map_or("author/model", ModelSlug::as_str);
    format!(
        "export SOUK_KEY=sk-souk-v1-…\n\
         curl {api_base}/chat/completions \\\n  \
         -H \"Authorization: Bearer $SOUK_KEY\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"model\": \"{model}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(spent: i64, limit: Option<i64>, disabled: bool) -> KeyRow {
        KeyRow {
            id: "a".repeat(64).parse().unwrap(),
            name: "Web".into(),
            label: "sk-souk-v1-aaa…aaaa".into(),
            limit: limit.map(NanoUsd),
            spent: NanoUsd(spent),
            held: NanoUsd::ZERO,
            disabled,
            created_at: domain::Timestamp::default(),
            last_used_at: None,
            expires_at: None,
        }
    }

    #[test]
    fn a_key_is_what_its_spending_makes_it() {
        for (spent, limit, disabled, expected) in [
            (0, None, false, KeyState::Active),
            (9_000, None, true, KeyState::Disabled),
            (89, Some(100), false, KeyState::Active),
            (90, Some(100), false, KeyState::NearLimit),
            (100, Some(100), false, KeyState::LimitReached),
            (101, Some(100), false, KeyState::LimitReached),
            (0, Some(0), false, KeyState::LimitReached),
            (100, Some(100), true, KeyState::Disabled),
        ] {
            assert_eq!(KeyState::of(&row(spent, limit, disabled)), expected, "{spent} of {limit:?}");
        }
    }

    #[test]
    fn the_share_never_overflows_and_never_claims_more_than_is_spent() {
        assert_eq!(percent(NanoUsd(i64::MAX - 1), NanoUsd(i64::MAX)), 99);
        assert_eq!(percent(NanoUsd(-5), NanoUsd(10)), 0);
        assert_eq!(percent(NanoUsd(2), NanoUsd(3)), 66);
    }

    #[test]
    fn limits_are_dollars_zero_or_more_or_none() {
        assert_eq!(parse_limit("").unwrap(), None);
        assert_eq!(parse_limit(" $2.50 ").unwrap(), Some(NanoUsd(2_500_000_000)));
        assert_eq!(parse_limit("0").unwrap(), Some(NanoUsd::ZERO));
        for wrong in ["-5", "ten", "1.0000000001", "1e3", "99999999999"] {
            assert!(
                matches!(parse_limit(wrong), Err(ApiError::Invalid { field, .. }) if field == "limit_usd"),
                "{wrong}"
            );
        }
    }
}
