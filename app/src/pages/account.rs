//! `/account`: who is signed in, the password, and the way out.

use api::{Me, Password};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::AppError;
use crate::parts::{Button, ButtonKind, Failed, Field, FormAlert, LinkButton, Notice, Skeleton, Stat, StatStrip, Tone};
use crate::session::{SignOut, use_session};

/// The field names are those of the form and of the errors.
#[server(endpoint = "change_password")]
pub async fn change_password(current: Password, new: Password) -> Result<(), AppError> {
    crate::port::port::<dyn api::Account>()?.change_password(current, new).await?;
    crate::port::go("/account?changed=1");
    Ok(())
}

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
    let session = use_session();
    view! {
        <Title text="Account"/>
        <div class="page" data-page="account" data-width="narrow">
            <header class="page-header">
                <div>
                    <h1>"Account"</h1>
                </div>
            </header>
            <Transition fallback=|| view! { <p aria-busy="true"><Skeleton width="60%"/></p> }>
                {move || Suspend::new(async move {
                    match session.me.await {
                        Ok(Some(me)) => view! { <SignedIn me/> }.into_any(),
                        Ok(None) => view! { <Failed error=AppError::Api(api::ApiError::Unauthenticated)/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn SignedIn(me: Me) -> impl IntoView {
    let held = me.held;
    view! {
        <StatStrip min="11rem">
            <Stat label="E-mail">{me.email}</Stat>
            <Stat label="Credits to spend">{me.available.to_string()}</Stat>
            <Stat label="Held by running requests">{held.to_string()}</Stat>
        </StatStrip>
        {me.is_admin.then(|| view! { <p class="footnote">"You are an operator of this server."</p> })}
        <PasswordSection/>
        <SignOutSection/>
    }
}

#[component]
fn PasswordSection() -> impl IntoView {
    let query = use_query_map();
    let action = ServerAction::<ChangePassword>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of_field =
        move |name: &'static str| Signal::derive(move || error.read().as_ref().and_then(|e| e.of_field(name)));
    let of_form = Signal::derive(move || error.read().as_ref().and_then(|e| e.of_form(&["current", "new"])));
    // Changed: neither password stays in the fields.
    let form = NodeRef::<leptos::html::Form>::new();
    Effect::new(move |_| {
        if let (Some(Ok(())), Some(form)) = (action.value().get(), form.get_untracked()) {
            form.reset();
        }
    });
    let changed = move || error.read().is_none() && query.read().get("changed").is_some();
    view! {
        <section class="section">
            <header>
                <div>
                    <h2>"Password"</h2>
                    <p>"Changing it ends every other session of this account. Keys keep working."</p>
                </div>
            </header>
            {move || changed().then(|| view! {
                <div role="status" data-part="changed">
                    <Notice tone=Tone::Good><p><strong>"Your password is changed."</strong>" All other sessions were ended."</p></Notice>
                </div>
            })}
            <ActionForm action node_ref=form attr:class="form card">
                <FormAlert message=of_form/>
                <Field label="Current password" name="current" kind="password" required=true autocomplete="current-password" error=of_field("current")/>
                <Field label="New password" name="new" kind="password" required=true autocomplete="new-password" error=of_field("new")/>
                <footer>
                    <Button kind=ButtonKind::Primary submit=true busy=action.pending()>"Change password"</Button>
                </footer>
            </ActionForm>
        </section>
    }
}

#[component]
fn SignOutSection() -> impl IntoView {
    let session = use_session();
    let action = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            session.refetch();
        }
    });
    view! {
        <section class="section">
            <header>
                <div>
                    <h2>"This session"</h2>
                    <p>"Signing out leaves your keys and running requests alone."</p>
                </div>
            </header>
            <ActionForm action attr:class="actions-row">
                <Button submit=true busy=action.pending()>"Sign out"</Button>
                <LinkButton href="/activity">"See your activity"</LinkButton>
            </ActionForm>
        </section>
    }
}
