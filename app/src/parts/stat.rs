//! A value under its label, alone or in a row.

use leptos::prelude::*;

/// `children` are the value.
#[component]
pub fn Stat(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// A row of stats with hairlines between; it wraps by itself.
#[component]
pub fn StatStrip(
    /// The least width of a stat, as in CSS.
    #[prop(default = "8rem")]
    min: &'static str,
    children: Children,
) -> impl IntoView {
    view! { <dl class="stat-strip" style=format!("--stat-min:{min}")>{children()}</dl> }
}
