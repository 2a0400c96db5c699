//! Keys.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct KeysPage;

#[lazy_route]
impl LazyRoute for KeysPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Keys/> }.into_any()
    }
}

#[component]
fn Keys() -> impl IntoView {
    view! {
        <Title text="Keys"/>
        <div class="page" data-page="keys">
            <h1>"Keys"</h1>
        </div>
    }
}
