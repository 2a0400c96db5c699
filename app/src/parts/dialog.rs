//! A decision that must be taken before going on.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use crate::parts::{IconButton, IconName};

/// A modal `<dialog>`; it traps the focus and gives it back.
///
/// A button opens it by `command="show-modal" commandfor=id` or by [`show_dialog`]. `open` shows it at once, not modal:
/// for pages that are asked for with the dialog in their URL, which works without script.
#[component]
pub fn Dialog(
    id: &'static str,
    #[prop(into)] heading: String,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    let heading_id = format!("{id}-heading");
    view! {
        <dialog class="dialog" id=id aria-labelledby=heading_id open=open>
            <div>
                <header>
                    <div>
                        <h2 id=format!("{id}-heading")>{heading}</h2>
                        {lead.map(|lead| view! { <p>{lead}</p> })}
                    </div>
                    <IconButton icon=IconName::X label="Close" on:click=move |_| close_dialog(id)/>
                </header>
                {children()}
            </div>
        </dialog>
    }
}

/// Opens the dialog with this id as a modal one.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = dialog(id)
        && !dialog.open()
    {
        // Fails only for an element that is not in the document, and we just found it there.
        _ = dialog.show_modal();
    }
}

pub fn close_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
