//! SignIn.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignIn/> }.into_any()
    }
}

#[component]
fn SignIn() -> impl IntoView {
    view! {
        <Title text="SignIn"/>
        <div class="page" data-page="sign_in">
            <h1>"SignIn"</h1>
        </div>
    }
}
