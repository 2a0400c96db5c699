//! Signing in, and signing up: two forms on one page, both of which work without script.

use api::Password;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::AppError;
use crate::parts::{Button, ButtonKind, Field, FormAlert, LinkButton, Notice, Size, Tone};
use crate::session::{safe_path, use_session};

/// `next`: where to go then; only a path of this site.
#[server(endpoint = "sign_in")]
pub async fn sign_in(email: String, password: Password, next: String) -> Result<(), AppError> {
    crate::port::port::<dyn api::Account>()?.sign_in(email, password).await?;
    crate::port::go(safe_path(&next));
    Ok(())
}

/// The new account is signed in at once.
#[server(endpoint = "sign_up")]
pub async fn sign_up(email: String, password: Password, next: String) -> Result<(), AppError> {
    crate::port::port::<dyn api::Account>()?.sign_up(email, password).await?;
    crate::port::go(safe_path(&next));
    Ok(())
}

#[derive(Clone, Debug)]
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignInForms/> }.into_any()
    }
}

type Outcome = Option<Result<(), AppError>>;

#[component]
fn SignInForms() -> impl IntoView {
    let session = use_session();
    let (known, new) = (ServerAction::<SignIn>::new(), ServerAction::<SignUp>::new());
    let params = use_query_map();
    let next = move || safe_path(&params.read().get("next").unwrap_or_default()).to_owned();
    // Sent without script, the form comes back with its error and not with its tab.
    let sign_up_first = params.with_untracked(|params| params.get("mode").as_deref() == Some("sign-up"))
        || new.value().with_untracked(Option::is_some);
    Effect::new(move |_| {
        let done = |outcome: Outcome| matches!(outcome, Some(Ok(())));
        if done(known.value().get()) || done(new.value().get()) {
            session.refetch();
        }
    });
    view! {
        <Title text="Sign in"/>
        <div class="sign-in" data-page="sign-in">
            <section class="sign-in-form">
                <div>
                    <h1>"Sign in to Souk"</h1>
                    <Already/>
                    <div class="tabs">
                        <menu role="radiogroup" aria-label="New or known">
                            <label><input type="radio" name="mode" checked=!sign_up_first/>"I have an account"</label>
                            <label><input type="radio" name="mode" checked=sign_up_first/>"I am new here"</label>
                        </menu>
                        <div data-panel="1">
                            <ActionForm action=known>
                                <Credentials id="known" outcome=known.value() next=Signal::derive(next)/>
                                <Button submit=true kind=ButtonKind::Primary size=Size::L full=true busy=known.pending()>"Sign in"</Button>
                            </ActionForm>
                        </div>
                        <div data-panel="2">
                            <ActionForm action=new>
                                <Credentials id="new" outcome=new.value() next=Signal::derive(next)/>
                                <Button submit=true kind=ButtonKind::Primary size=Size::L full=true busy=new.pending()>"Create account"</Button>
                            </ActionForm>
                        </div>
                    </div>
                </div>
            </section>
            <Side/>
        </div>
    }
}

/// The two fields, with what is wrong with them.
#[component]
fn Credentials(id: &'static str, #[prop(into)] outcome: Signal<Outcome>, next: Signal<String>) -> impl IntoView {
    let error = move |name: &'static str| {
        Signal::derive(move || outcome.with(|outcome| outcome.as_ref()?.as_ref().err()?.of_field(name)))
    };
    let whole = Signal::derive(move || {
        outcome.with(|outcome| outcome.as_ref()?.as_ref().err()?.of_form(&["email", "password"]))
    });
    let is_new = id == "new";
    let (email_id, password_id) =
        if is_new { ("new-email", "new-password") } else { ("known-email", "known-password") };
    view! {
        <FormAlert message=whole/>
        <input type="hidden" name="next" value=next/>
        <Field label="E-mail" name="email" id=email_id kind="email" autocomplete="username" required=true error=error("email")/>
        <Field
            label="Password"
            name="password"
            id=password_id
            kind="password"
            autocomplete=if is_new { "new-password" } else { "current-password" }
            help=if is_new { "Long beats complicated: a few words are fine." } else { "" }
            required=true
            error=error("password")
        />
    }
}

/// For who is signed in and came here all the same.
#[component]
fn Already() -> impl IntoView {
    let session = use_session();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                session.me.await.ok().flatten().map(|me| view! {
                    <Notice tone=Tone::Good>
                        <p>"You are signed in as " <strong>{me.email}</strong> "."</p>
                        <LinkButton href="/keys" size=Size::S>"Keys"</LinkButton>
                    </Notice>
                })
            })}
        </Suspense>
    }
}

/// Decoration and one sentence.
#[component]
fn Side() -> impl IntoView {
    view! {
        <aside class="sign-in-side" aria-hidden="true">
            <svg class="zellige">
                <defs>
                    <pattern id="zellige" width="40" height="40" patternUnits="userSpaceOnUse">
                        <path
                            d="M20 6.5 23.95 10.45H29.55V16.05L33.5 20 29.55 23.95V29.55H23.95L20 33.5 16.05 29.55H10.45V23.95L6.5 20 10.45 16.05V10.45H16.05ZM20 6.5V0M20 33.5V40M6.5 20H0M33.5 20H40M29.55 10.45 40 0M10.45 10.45 0 0M10.45 29.55 0 40M29.55 29.55 40 40"
                            fill="none"
                            stroke="currentColor"
                        ></path>
                        <circle cx="20" cy="20" r="3" fill="currentColor"></circle>
                    </pattern>
                </defs>
                <rect width="100%" height="100%" fill="url(#zellige)"></rect>
            </svg>
            <blockquote>"Every request comes with a receipt: who was asked, who answered, what it cost."</blockquote>
        </aside>
    }
}
