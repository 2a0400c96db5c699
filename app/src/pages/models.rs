//! Models.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct ModelsPage;

#[lazy_route]
impl LazyRoute for ModelsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Models/> }.into_any()
    }
}

#[component]
fn Models() -> impl IntoView {
    view! {
        <Title text="Models"/>
        <div class="page" data-page="models">
            <h1>"Models"</h1>
        </div>
    }
}
