//! A dialog or drawer that is open because the URL says so: it can be linked to, and works without script.

use leptos::prelude::*;
use leptos::{ev, html};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use crate::parts::{Icon, IconName};

/// What is laid over the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    /// For a decision.
    #[default]
    Dialog,
    /// For the details of a row.
    Drawer,
}

impl Overlay {
    const fn class(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Drawer => "drawer",
        }
    }
}

/// Rendered open; script makes it modal. Esc, the × and a click beside it lead to `close_href`.
///
/// `heading_id` is the id of the heading among its children, which should hold a [`CloseLink`].
#[component]
pub fn UrlDialog(
    #[prop(optional)] overlay: Overlay,
    heading_id: &'static str,
    #[prop(into)] close_href: String,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Open without being modal, as the server painted it; neither call can fail on an element in the page.
            _ = dialog.remove_attribute("open");
            _ = dialog.show_modal();
        }
    });
    let leave = move |_: ev::Event| {
        let stay = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        navigate(&close_href, stay);
    };
    let close_if_beside = move |ev: ev::MouseEvent| {
        let target = ev.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let (Some(target), Some(dialog)) = (target, node.get())
            && target == dialog
        {
            dialog.close();
        }
    };
    view! {
        <dialog class=overlay.class() node_ref=node open=true aria-labelledby=heading_id on:close=leave on:click=close_if_beside>
            {children()}
        </dialog>
    }
}

/// The × of a [`UrlDialog`]: with script it closes the dialog, which gives the focus back before the URL changes.
#[component]
pub fn CloseLink(#[prop(into)] href: String) -> impl IntoView {
    let close = |ev: ev::MouseEvent| {
        let link = ev.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let dialog = link
            .and_then(|link| link.closest("dialog").ok().flatten())
            .and_then(|e| e.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let Some(dialog) = dialog {
            ev.prevent_default();
            dialog.close();
        }
    };
    view! {
        <a class="icon-button" href=href aria-label="Close" title="Close" on:click=close>
            <Icon name=IconName::X/>
        </a>
    }
}
