//! Activity.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct ActivityPage;

#[lazy_route]
impl LazyRoute for ActivityPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Activity/> }.into_any()
    }
}

#[component]
fn Activity() -> impl IntoView {
    view! {
        <Title text="Activity"/>
        <div class="page" data-page="activity">
            <h1>"Activity"</h1>
        </div>
    }
}
