//! `/keys`: the account's keys, and what one can do to them.

mod forms;
mod state;
mod table;

use api::{KeyRow, NewKey};
use domain::{KeyId, ModelSlug, NanoUsd};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::parts::{ButtonKind, CodeBlock, EmptyState, Failed, Icon, IconName, LinkButton, Notice, Skeleton, Tone};

use forms::{CreateDialog, ManageDialog, NewKeyDialog};
use table::KeyTable;

/// Holds a new key's secret for the one redirect after a form without script: it cannot answer with a value.
#[cfg_attr(
    feature = "hydrate",
    expect(dead_code, reason = "for a server function, whose body the browser does not get")
)]
const NEW_KEY_COOKIE: &str = "souk-new-key";

/// All that the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeysView {
    pub rows: Vec<KeyRow>,
    /// The secret of a key that was made a moment ago without script. Shown once.
    pub made: Option<String>,
    /// Where this server's API is.
    pub api_base: String,
    /// A model that can be called now, for the example.
    pub example: Option<ModelSlug>,
}

#[server(endpoint = "keys")]
pub async fn list_keys() -> Result<KeysView, AppError> {
    use crate::port::{port, request_cookie, set_cookie};

    let rows = port::<dyn api::Keys>()?.list().await?;
    let home = port::<dyn api::Catalog>()?.home().await?;
    let made = request_cookie(NEW_KEY_COOKIE);
    if made.is_some() {
        set_cookie(&format!("{NEW_KEY_COOKIE}=; Path=/keys; Max-Age=0; HttpOnly; SameSite=Strict"));
    }
    let example = home.callable.into_iter().next().map(|card| card.slug);
    Ok(KeysView { rows, made, api_base: home.api_base, example })
}

#[server(endpoint = "create_key")]
pub async fn create_key(name: String, limit_usd: String) -> Result<NewKey, AppError> {
    use crate::port::{go, is_plain_form, port, set_cookie};

    let new = port::<dyn api::Keys>()?.create(api::NewKeyForm { name, limit_usd }).await?;
    if is_plain_form() {
        set_cookie(&format!("{NEW_KEY_COOKIE}={}; Path=/keys; Max-Age=60; HttpOnly; SameSite=Strict", new.secret));
        go("/keys");
    }
    Ok(new)
}

#[server(endpoint = "set_key_disabled")]
pub async fn set_key_disabled(id: KeyId, disabled: bool) -> Result<(), AppError> {
    crate::port::port::<dyn api::Keys>()?.set_disabled(id, disabled).await?;
    crate::port::go("/keys");
    Ok(())
}

/// An empty limit removes it.
#[server(endpoint = "set_key_limit")]
pub async fn set_key_limit(id: KeyId, limit_usd: String) -> Result<(), AppError> {
    let limit = state::parse_limit(&limit_usd)?;
    crate::port::port::<dyn api::Keys>()?.set_limit(id, limit).await?;
    crate::port::go("/keys");
    Ok(())
}

#[server(endpoint = "delete_key")]
pub async fn delete_key(id: KeyId) -> Result<(), AppError> {
    crate::port::port::<dyn api::Keys>()?.delete(id).await?;
    crate::port::go("/keys");
    Ok(())
}

/// What a visitor can do here; each is a form that works without script.
#[derive(Clone, Copy)]
struct KeyActions {
    create: ServerAction<CreateKey>,
    set_disabled: ServerAction<SetKeyDisabled>,
    set_limit: ServerAction<SetKeyLimit>,
    delete: ServerAction<DeleteKey>,
}

impl KeyActions {
    fn new() -> Self {
        Self {
            create: ServerAction::new(),
            set_disabled: ServerAction::new(),
            set_limit: ServerAction::new(),
            delete: ServerAction::new(),
        }
    }

    /// Changes with every change made, so that the list is asked for again. A refused change leaves it, and the form, alone.
    fn changes(self) -> Memo<[usize; 4]> {
        Memo::new(move |before: Option<&[usize; 4]>| {
            let before = before.copied().unwrap_or_default();
            let done = |version: usize, refused: bool, before: usize| if refused { before } else { version };
            [
                done(self.create.version().get(), is_refused(self.create.value().get()), before[0]),
                done(self.set_disabled.version().get(), is_refused(self.set_disabled.value().get()), before[1]),
                done(self.set_limit.version().get(), is_refused(self.set_limit.value().get()), before[2]),
                done(self.delete.version().get(), is_refused(self.delete.value().get()), before[3]),
            ]
        })
    }
}

fn is_refused<T>(answer: Option<Result<T, AppError>>) -> bool {
    matches!(answer, Some(Err(_)))
}

#[derive(Clone)]
pub struct KeysPage {
    actions: KeyActions,
    keys: Resource<Result<KeysView, AppError>>,
}

impl std::fmt::Debug for KeysPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeysPage").finish_non_exhaustive()
    }
}

#[lazy_route]
impl LazyRoute for KeysPage {
    fn data() -> Self {
        let actions = KeyActions::new();
        let changes = actions.changes();
        Self { actions, keys: Resource::new(move || changes.get(), |_| list_keys()) }
    }

    fn view(this: Self) -> AnyView {
        view! { <Keys actions=this.actions keys=this.keys/> }.into_any()
    }
}

#[component]
fn Keys(actions: KeyActions, keys: Resource<Result<KeysView, AppError>>) -> impl IntoView {
    let query = use_query_map();
    let creating = Memo::new(move |_| query.read().get("new").is_some());
    let managed = Memo::new(move |_| query.read().get("key").and_then(|id| id.parse::<KeyId>().ok()));
    view! {
        <Title text="Keys"/>
        <div class="page" data-page="keys">
            <header class="page-header">
                <div>
                    <h1>"Keys"</h1>
                    <p>"Programs call the API with a key. Give each program its own, with a limit: what leaks can then cost no more."</p>
                </div>
                <div class="actions">
                    <LinkButton href="/keys?new=1" kind=ButtonKind::Primary><Icon name=IconName::Plus/>"Create key"</LinkButton>
                </div>
            </header>
            <Transition fallback=|| view! { <p aria-busy="true"><Skeleton width="60%"/></p> }>
                {move || Suspend::new(async move {
                    match keys.await {
                        Ok(view) => view! { <KeysBody view managed actions/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            {move || creating.get().then(|| view! { <CreateDialog action=actions.create/> })}
        </div>
    }
}

#[component]
fn KeysBody(view: KeysView, managed: Memo<Option<KeyId>>, actions: KeyActions) -> impl IntoView {
    let KeysView { rows, made, api_base, example } = view;
    let spent_up = rows.iter().find(|row| state::is_spent_up(row)).cloned();
    let sample = state::first_request(&api_base, example.as_ref());
    let list = if rows.is_empty() {
        view! { <NoKeys/> }.into_any()
    } else {
        view! { <KeyTable rows=rows.clone()/> }.into_any()
    };
    let dialog = move || {
        let id = managed.get()?;
        let row = rows.iter().find(|row| row.id == id)?.clone();
        Some(
            view! { <ManageDialog row set_disabled=actions.set_disabled set_limit=actions.set_limit delete=actions.delete/> },
        )
    };
    view! {
        {spent_up.map(|row| view! { <SpentUp row/> })}
        {list}
        <section class="section">
            <header>
                <div>
                    <h2>"Try it"</h2>
                    <p>"Put the key into your environment, then call any model."</p>
                </div>
            </header>
            <CodeBlock id="first-request" samples=vec![("Terminal", sample)]/>
        </section>
        {made.map(|secret| view! { <NewKeyDialog secret/> })}
        {dialog}
    }
}

#[component]
fn NoKeys() -> impl IntoView {
    view! {
        <div class="card" data-flush="">
            <EmptyState heading="No keys yet">
                <p>"A key lets your code call any model. Give it a limit; you can change it later."</p>
                <div>
                    <LinkButton href="/keys?new=1" kind=ButtonKind::Primary>"Create your first key"</LinkButton>
                </div>
            </EmptyState>
        </div>
    }
}

#[component]
fn SpentUp(row: KeyRow) -> impl IntoView {
    let limit = row.limit.unwrap_or(NanoUsd::ZERO).display_short();
    view! {
        <Notice tone=Tone::Bad>
            <p><strong>{format!("{} has reached its limit of {limit}. ", row.name)}</strong>"Its requests answer 402 until you raise it."</p>
            <LinkButton href=state::manage_href(&row.id) size=crate::parts::Size::S>"Raise limit"</LinkButton>
        </Notice>
    }
}
