//! The attempts of a generation on one clock: who refused, who answered, where the time went.

use domain::{Attempt, Generation};
use leptos::prelude::*;

use crate::format;
use crate::parts::{Tile, TileKind};

#[component]
pub fn Trace(generation: Generation) -> impl IntoView {
    let total = generation.attempts.iter().map(|attempt| attempt.ended_ms).fold(generation.duration_ms, u32::max);
    let rows = generation.attempts.into_iter().map(|attempt| view! { <AttemptRow attempt total/> }).collect_view();
    let excluded = generation.excluded.len();
    view! {
        <ol class="trace">
            {rows}
            {(excluded > 0).then(|| view! {
                <li data-outcome="left-out"><span class="name">{format::plural(excluded, "endpoint")}" not considered"</span></li>
            })}
        </ol>
    }
}

#[component]
fn AttemptRow(attempt: Attempt, total: u32) -> impl IntoView {
    let served = attempt.failure.is_none();
    let outcome = outcome(&attempt);
    let first = attempt.first_token_ms.unwrap_or(attempt.ended_ms);
    let wait = span(attempt.started_ms, first, total);
    let rest = span(first, attempt.ended_ms, total);
    let message = attempt.failure.map(|failure| failure.message);
    view! {
        <li data-outcome=if served { "served" } else { "failed" }>
            <Tile slug=attempt.provider.to_string() name=attempt.provider_name.clone() kind=TileKind::Provider/>
            <span class="name">{attempt.provider_name} " " <small>{attempt.tag.to_string()}</small></span>
            <span class="outcome" title=message>{outcome}</span>
            <span class="span">
                <i data-part=served.then_some("wait") style=wait></i>
                {served.then(|| view! { <i style=rest></i> })}
            </span>
        </li>
    }
}

/// `200, first token 0.54 s`, or `429 at 0.08 s`.
fn outcome(attempt: &Attempt) -> String {
    let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    match (&attempt.failure, attempt.first_token_ms) {
        (None, Some(first)) => format!("{status}, first token {}", format::seconds(first)),
        (None, None) => format!("{status} at {}", format::seconds(attempt.ended_ms)),
        (Some(failure), _) => {
            format!("{status} {} at {}", failure.error_type.replace('_', " "), format::seconds(attempt.ended_ms))
        }
    }
}

/// A span of time as shares of the whole, for the style sheet.
fn span(from: u32, to: u32, total: u32) -> String {
    let share = |ms: u32| f64::from(ms) * 100.0 / f64::from(total.max(1));
    format!("--from:{:.1}%;--for:{:.1}%", share(from), share(to.saturating_sub(from)))
}
