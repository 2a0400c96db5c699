//! The bar on top of every page: where one can go, and who is signed in.

use api::Me;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::monogram;
use crate::parts::{BrandMark, Icon, IconButton, IconName, Menu, Size};
use crate::session::{SignOut, use_session};
use crate::theme::ThemeMenu;

const PAGES: [(&str, &str); 4] =
    [("/models", "Models"), ("/chat", "Chat"), ("/keys", "Keys"), ("/activity", "Activity")];

#[component]
pub fn TopBar() -> impl IntoView {
    let session = use_session();
    let links = || PAGES.map(|(href, title)| view! { <A href=href>{title}</A> }).collect_view();
    view! {
        <header class="top-bar">
            <a class="brand" href="/" aria-label="Souk, home">
                <BrandMark/>
                <span>"Souk"</span>
            </a>
            <nav aria-label="Main">{links()}</nav>
            <span class="spacer"></span>
            <IconButton icon=IconName::Sun label="Theme" attr:popovertarget="theme-menu"/>
            <Transition>
                {move || Suspend::new(async move {
                    match session.me.await {
                        Ok(Some(me)) => view! { <SignedIn me/> }.into_any(),
                        _ => view! { <a class="button" data-kind="primary" data-size="s" href="/sign-in">"Sign in"</a> }.into_any(),
                    }
                })}
            </Transition>
            <IconButton icon=IconName::Menu label="Menu" attr:popovertarget="main-menu" attr:data-only="narrow"/>
        </header>
        <ThemeMenu id="theme-menu"/>
        <Menu id="main-menu" label="Menu" sheet=true>{links()}</Menu>
    }
}

/// Credits and the account's menu.
#[component]
fn SignedIn(me: Me) -> impl IntoView {
    let session = use_session();
    let sign_out = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if matches!(sign_out.value().get(), Some(Ok(()))) {
            session.refetch();
        }
    });
    let credits = me.available.display_short();
    let label = format!("Credits: {credits}");
    let hue = monogram::hue(&me.email);
    let letters = monogram::letters(&me.email);
    view! {
        <a class="credits-pill" href="/activity" aria-label=label>
            <Icon name=IconName::Wallet size=Size::S/>
            {credits}
        </a>
        <button type="button" popovertarget="account-menu" aria-label=format!("Account: {}", me.email)>
            <span class="avatar" style=format!("--hue:{hue}") aria-hidden="true">{letters}</span>
        </button>
        <Menu id="account-menu" label="Account">
            <header>
                <p>
                    <strong>{me.email}</strong>
                    <small>{me.is_admin.then_some("Operator of this server")}</small>
                </p>
            </header>
            <hr/>
            <a href="/activity"><Icon name=IconName::Pulse/>"Activity"</a>
            <a href="/keys"><Icon name=IconName::Key/>"Keys"</a>
            <a href="/account"><Icon name=IconName::Lock/>"Password"</a>
            <hr/>
            <ActionForm action=sign_out>
                <button type="submit"><Icon name=IconName::Logout/>"Sign out"</button>
            </ActionForm>
        </Menu>
    }
}
