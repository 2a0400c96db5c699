//! No such page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::parts::{ButtonKind, EmptyState, LinkButton};

/// Also answers with the status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::port::answer_not_found();
    view! {
        <Title text="Page not found"/>
        <div class="page">
            <EmptyState heading="There is no such page" title_level=1>
                <p>"The address may be mistyped, or the model may have been withdrawn from the catalog."</p>
                <div>
                    <LinkButton href="/models" kind=ButtonKind::Primary>"Browse models"</LinkButton>
                    <LinkButton href="/">"Home"</LinkButton>
                </div>
            </EmptyState>
        </div>
    }
}
