//! A price as it stands in lists: exact, per million tokens or per unit.

use domain::{Rate, Unit};
use leptos::prelude::*;

use crate::format;

/// `$0.15` per million tokens, `Free`, or a dash for an unknown price.
#[component]
pub fn Price(#[prop(default = Unit::Prompt)] unit: Unit, rate: Option<Rate>) -> impl IntoView {
    match rate {
        Some(rate) => view! { <span class="price">{format::price(unit, rate)}</span> }.into_any(),
        None => view! { <span class="none" role="img" aria-label="unknown">"–"</span> }.into_any(),
    }
}
