//! Account.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct AccountPage;

#[lazy_route]
impl LazyRoute for AccountPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Account/> }.into_any()
    }
}

#[component]
fn Account() -> impl IntoView {
    view! {
        <Title text="Account"/>
        <div class="page" data-page="account">
            <h1>"Account"</h1>
        </div>
    }
}
