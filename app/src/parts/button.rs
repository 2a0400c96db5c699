//! Buttons, and links that look like them.
//!
//! Further attributes and handlers are spread onto the element: `<Button attr:name="x" on:click=…>`.

use leptos::prelude::*;

use crate::parts::{Icon, IconName};

/// How much weight a button has; at most one `Primary` per view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Default,
    Primary,
    /// Sends a message.
    Accent,
    Ghost,
    /// Destroys something.
    Danger,
}

impl ButtonKind {
    /// The value of `data-kind`.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Default => None,
            Self::Primary => Some("primary"),
            Self::Accent => Some("accent"),
            Self::Ghost => Some("ghost"),
            Self::Danger => Some("danger"),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    S,
    #[default]
    M,
    L,
    Xl,
}

impl Size {
    /// The value of `data-size`; the middle size is the unmarked one.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::S => Some("s"),
            Self::M => None,
            Self::L => Some("l"),
            Self::Xl => Some("xl"),
        }
    }
}

#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: Size,
    /// Sends the form it is in.
    #[prop(optional)]
    submit: bool,
    /// As wide as its container.
    #[prop(optional)]
    full: bool,
    /// Waiting for an answer: keeps its width, takes no clicks.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button"
            type=if submit { "submit" } else { "button" }
            data-kind=kind.attribute()
            data-size=size.attribute()
            data-width=full.then_some("full")
            data-state=move || busy.get().then_some("busy")
            disabled=move || disabled.get()
        >
            {children()}
        </button>
    }
}

#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: Size,
    #[prop(optional)] full: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="button" href=href data-kind=kind.attribute() data-size=size.attribute() data-width=full.then_some("full")>
            {children()}
        </a>
    }
}

/// A button that is only an icon; `label` is its name for readers.
#[component]
pub fn IconButton(icon: IconName, #[prop(into)] label: String, #[prop(optional)] size: Size) -> impl IntoView {
    view! {
        <button class="icon-button" type="button" data-size=size.attribute() aria-label=label.clone() title=label>
            <Icon name=icon/>
        </button>
    }
}
