//! A piece of text that is meant to be copied.

use std::time::Duration;

use leptos::prelude::*;

use crate::parts::{Icon, IconName};

/// How long the button says that it copied.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Monospaced text with an icon; a click copies it and says so for two seconds.
#[component]
pub fn Copy(
    #[prop(into)] text: String,
    /// What is shown, such as `Copy Python`, if it is not the text itself.
    #[prop(optional, into)]
    shown: Option<String>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label = shown.clone().unwrap_or_else(|| format!("Copy {text}"));
    let shown = shown.unwrap_or_else(|| text.clone());
    let copy = move |_| {
        if write_to_clipboard(&text) {
            copied.set(true);
            set_timeout(move || copied.set(false), SAID_FOR);
        }
    };
    view! {
        <button class="copy" type="button" aria-label=label data-state=move || copied.get().then_some("copied") on:click=copy>
            <span>{shown}</span>
            {move || view! { <Icon name=if copied.get() { IconName::Check } else { IconName::Copy }/> }}
            <span class="visually-hidden" role="status">{move || copied.get().then_some("Copied")}</span>
        </button>
    }
}

/// Whether the browser took the text; it refuses outside of HTTPS and localhost.
fn write_to_clipboard(text: &str) -> bool {
    let window = window();
    let secure = window.is_secure_context();
    if secure {
        // The promise is not waited for: it only fails when the page has lost the focus.
        drop(window.navigator().clipboard().write_text(text));
    }
    secure
}
