//! Keys that work on every page, outside of inputs (UI.md §8).

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Listens for keys in the browser. Must be called inside the router.
pub fn listen() {
    let navigate = use_navigate();
    let after_g = StoredValue::new(false);
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let handle = window_event_listener(ev::keydown, move |event| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing(&event) {
                return;
            }
            let key = event.key();
            let page = after_g.get_value().then(|| page_of(&key)).flatten();
            after_g.set_value(key == "g");
            if let Some(path) = page {
                event.prevent_default();
                navigate(path, NavigateOptions::default());
            } else if key == "/" && focus_search() {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// The page that `g` and this key lead to.
fn page_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "m" => "/models",
        "c" => "/chat",
        "a" => "/activity",
        "k" => "/keys",
        _ => return None,
    })
}

/// Whether the key goes into a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| matches!(element.closest("input, textarea, select, [contenteditable]"), Ok(Some(_))))
}

/// Whether the page has a field that asked for the key, which then has the focus.
fn focus_search() -> bool {
    let field = document().query_selector("[data-shortcut='/']").ok().flatten();
    field.and_then(|field| field.dyn_into::<HtmlElement>().ok()).is_some_and(|field| field.focus().is_ok())
}
