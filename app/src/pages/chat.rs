//! Chat.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

#[derive(Clone, Debug)]
pub struct ChatPage;

#[lazy_route]
impl LazyRoute for ChatPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Chat/> }.into_any()
    }
}

#[component]
fn Chat() -> impl IntoView {
    view! {
        <Title text="Chat"/>
        <div class="page" data-page="chat">
            <h1>"Chat"</h1>
        </div>
    }
}
