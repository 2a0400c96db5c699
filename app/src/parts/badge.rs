//! Small marks: a word on a ground, a dot with a word, a filter in effect.

use leptos::prelude::*;

use crate::parts::{Icon, IconName};

/// What a mark means. Never colour alone: each comes with a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Warn,
    Bad,
    Accent,
    Line,
    /// Of a status: not in use.
    Off,
    /// Of a status: going on now.
    Live,
}

impl Tone {
    /// The value of `data-tone`.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("good"),
            Self::Warn => Some("warn"),
            Self::Bad => Some("bad"),
            Self::Accent => Some("accent"),
            Self::Line => Some("line"),
            Self::Off => Some("off"),
            Self::Live => Some("live"),
        }
    }
}

#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=tone.attribute()>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </span>
    }
}

/// Marks what no real model stands behind.
#[component]
pub fn SimulatedBadge() -> impl IntoView {
    view! {
        <span class="badge" data-tone="accent" title="Answers come from Souk's simulator: no model thinks.">"Simulated"</span>
    }
}

/// Dot and word; `Tone::Plain` is drawn as good.
#[component]
pub fn Status(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! { <span class="status" data-tone=tone.attribute()>{children()}</span> }
}

/// A filter in effect: a link to the same list without it.
#[component]
pub fn Chip(#[prop(into)] label: String, #[prop(into)] href: String) -> impl IntoView {
    let aria_label = format!("Remove filter {label}");
    view! {
        <a class="chip" data-state="on" href=href aria-label=aria_label data-noscroll="true">
            {label}
            <Icon name=IconName::X/>
        </a>
    }
}
