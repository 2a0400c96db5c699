//! Model.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct ModelPage;

#[lazy_route]
impl LazyRoute for ModelPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Model/> }.into_any()
    }
}

#[component]
fn Model() -> impl IntoView {
    view! {
        <Title text="Model"/>
        <div class="page" data-page="model">
            <h1>"Model"</h1>
        </div>
    }
}
