//! Who: a monogram, a name and one quiet line.

use leptos::prelude::*;

use crate::monogram;
use crate::parts::Size;

/// Solid: who made the model. Soft with a line: who serves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TileKind {
    #[default]
    Author,
    Provider,
}

/// A monogram, computed from a slug (`anthropic`), with letters of `name` if given. Never a third party's logo.
#[component]
pub fn Tile(
    #[prop(into)] slug: String,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional)] kind: TileKind,
    /// `None`: as high as a line.
    #[prop(optional)]
    size: Option<Size>,
) -> impl IntoView {
    let letters = monogram::letters(name.as_deref().unwrap_or(&slug));
    let kind = match kind {
        TileKind::Author => "author",
        TileKind::Provider => "provider",
    };
    let size = size.map(|size| size.attribute().unwrap_or("m"));
    view! {
        <span class="tile" data-kind=kind data-size=size style=format!("--hue:{}", monogram::hue(&slug)) aria-hidden="true">
            {letters}
        </span>
    }
}

/// The first cell of a table. `children` are the quiet line.
#[component]
pub fn Identity(
    #[prop(into)] slug: String,
    #[prop(into)] name: String,
    #[prop(optional)] kind: TileKind,
    #[prop(optional, into)] href: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    // A maker's monogram is that of its slug: the name is the model's.
    let letters_of = if kind == TileKind::Provider { name.clone() } else { slug.clone() };
    let heading = match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <strong>{name}</strong> }.into_any(),
    };
    view! {
        <div class="identity">
            <Tile slug name=letters_of kind size=Size::M/>
            <div>{heading} {children.map(|children| view! { <small>{children()}</small> })}</div>
        </div>
    }
}
