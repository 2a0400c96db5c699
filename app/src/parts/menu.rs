//! What opens below a button of the bar: a popover, so that it opens and closes without script.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A button opens it by `popovertarget=id`. A link inside closes it, since the router may leave the page where it is.
#[component]
pub fn Menu(
    id: &'static str,
    #[prop(into)] label: String,
    /// As wide as a phone.
    #[prop(optional)]
    sheet: bool,
    children: Children,
) -> impl IntoView {
    let close = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|element| matches!(element.closest("a"), Ok(Some(_)))) {
            hide_popover(id);
        }
    };
    view! {
        <nav class="menu" id=id popover="auto" data-size=sheet.then_some("sheet") aria-label=label on:click=close>
            {children()}
        </nav>
    }
}

/// Closes the popover with this id, if it is open.
pub fn hide_popover(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails for one that is not open: nothing is left to do then.
        _ = element.hide_popover();
    }
}
