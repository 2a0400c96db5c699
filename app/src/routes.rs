//! The application: what frames every page, and which page each URL shows.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

use crate::pages::{
    account::AccountPage, activity::ActivityPage, chat::ChatPage, docs_billing::DocsBillingPage, home::Home,
    keys::KeysPage, model::ModelPage, models::ModelsPage, not_found::NotFound, sign_in::SignInPage,
};
use crate::parts::{SiteFooter, TopBar};
use crate::session::provide_session;

/// Its type is erased here: the server and the tests need not know what the site is made of.
#[component]
pub fn App() -> AnyView {
    provide_meta_context();
    provide_session();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Souk".to_owned() } else { format!("{title} · Souk") }/>
        <Router>
            // External: the browser's own jump also moves the focus.
            <a class="skip-link" href="#content" rel="external">"Skip to content"</a>
            <TopBar/>
            <main id="content" tabindex="-1">
                <Pages/>
            </main>
            <SiteFooter/>
        </Router>
    }
    .into_any()
}

/// Pages wait for their data (`Async`) instead of streaming it, so that they are complete without script and a missing
/// page can still answer 404. Home is in the first load; every other page is a chunk of its own.
#[component]
fn Pages() -> impl IntoView {
    crate::keyboard::listen();
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=Home ssr=SsrMode::Async/>
            <Route path=path!("/models") view={Lazy::<ModelsPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/chat") view={Lazy::<ChatPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/keys") view={Lazy::<KeysPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/activity") view={Lazy::<ActivityPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account") view={Lazy::<AccountPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/docs/billing") view={Lazy::<DocsBillingPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view={Lazy::<SignInPage>::new()} ssr=SsrMode::Async/>
            // Last: any two segments. A slug may end in `:variant`.
            <Route path=path!("/:author/:slug") view={Lazy::<ModelPage>::new()} ssr=SsrMode::Async/>
        </Routes>
    }
}
