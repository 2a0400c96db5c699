//! What a page says when there is something to say: a notice, nothing to show, a failure.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::AppError;
use crate::parts::{ButtonKind, Icon, IconName, LinkButton, Tone};

/// Stays in the page while it is true. `children`: a `<p>`, then at most one button.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let icon = match tone {
        Tone::Good => IconName::Check,
        Tone::Warn | Tone::Bad => IconName::Alert,
        _ => IconName::Info,
    };
    view! {
        <div class="notice" data-tone=tone.attribute()>
            <Icon name=icon/>
            {children()}
        </div>
    }
}

/// Nothing to show: why, and the one next step. `children`: a `<p>`, then a `<div>` of buttons.
#[component]
pub fn EmptyState(
    #[prop(into)] heading: String,
    /// 1 if the page has no other heading.
    #[prop(default = 2)]
    title_level: u8,
    children: Children,
) -> impl IntoView {
    let heading = if title_level == 1 {
        view! { <h1>{heading}</h1> }.into_any()
    } else {
        view! { <h2>{heading}</h2> }.into_any()
    };
    view! {
        <div class="empty-state">
            <svg viewBox="0 0 40 40" fill="none" stroke="currentColor" aria-hidden="true">
                <path d="M20 6.5 23.95 10.45H29.55V16.05L33.5 20 29.55 23.95V29.55H23.95L20 33.5 16.05 29.55H10.45V23.95L6.5 20 10.45 16.05V10.45H16.05Z"></path>
                <path d="M20 6.5V0M20 33.5V40M6.5 20H0M33.5 20H40M29.55 10.45 40 0M10.45 10.45 0 0M10.45 29.55 0 40M29.55 29.55 40 40"></path>
            </svg>
            {heading}
            {children()}
        </div>
    }
}

/// The answer to a page's question was an error: says it, and offers to sign in if that is what is missing.
#[component]
pub fn Failed(error: AppError) -> impl IntoView {
    if error.is_unauthenticated() {
        let location = use_location();
        let next = location.pathname.get_untracked()
            + &location.search.with_untracked(|s| if s.is_empty() { String::new() } else { format!("?{s}") });
        return view! {
            <EmptyState heading="Sign in to see this page">
                <p>"Keys, credits and activity belong to an account."</p>
                <div>
                    <LinkButton href=sign_in_href(&next) kind=ButtonKind::Primary>"Sign in"</LinkButton>
                </div>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <div class="notice" data-tone="bad" role="alert">
            <Icon name=IconName::Alert/>
            <p>{error.to_string()}</p>
        </div>
    }
    .into_any()
}

/// The page to sign in on, that returns to `next`.
pub fn sign_in_href(next: &str) -> String {
    format!("/sign-in?next={}", crate::format::query_value(next))
}

/// A grey bar where text will be; `width` as in CSS.
#[component]
pub fn Skeleton(#[prop(default = "100%")] width: &'static str) -> impl IntoView {
    view! { <span class="skeleton" style=format!("--w:{width}") aria-hidden="true"></span> }
}
