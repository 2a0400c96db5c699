//! `/activity`: every generation of the account, with its attempts and its receipt.

mod address;
mod drawer;
mod exclusion;
mod filters;
mod log;

use api::{ActivityQuery, ActivityTotals};
use domain::{Generation, GenerationId};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use crate::parts::{ButtonKind, EmptyState, Failed, LinkButton, Pager, Skeleton, Stat, StatStrip};
use crate::{AppError, format};

use address::Address;
use drawer::{Drawer, Neighbours};
use filters::Filters;
use log::Log;

/// A page of the log, and the keys one can filter by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActivityView {
    pub page: api::ActivityPage,
    /// Id and name of each key that exists, and of those that occur in the rows.
    pub keys: Vec<(String, String)>,
}

#[server(endpoint = "activity")]
pub async fn list_activity(query: ActivityQuery) -> Result<ActivityView, AppError> {
    use crate::port::port;

    let page = port::<dyn api::Activity>()?.page(query).await?;
    let mut keys: Vec<(String, String)> =
        port::<dyn api::Keys>()?.list().await?.into_iter().map(|row| (row.id.to_string(), row.name)).collect();
    let deleted = page.key_names.iter().filter(|(id, _)| !keys.iter().any(|(known, _)| known == *id));
    let deleted: Vec<_> = deleted.map(|(id, name)| (id.clone(), name.clone())).collect();
    keys.extend(deleted);
    Ok(ActivityView { page, keys })
}

/// One generation of the signed-in account.
#[server(endpoint = "generation")]
pub async fn get_generation(id: GenerationId) -> Result<Generation, AppError> {
    Ok(crate::port::port::<dyn api::Activity>()?.generation(id).await?)
}

type Opened = Option<Result<Generation, AppError>>;

#[derive(Clone, Copy, Debug)]
pub struct ActivityPage {
    address: Memo<Address>,
    log: Resource<Result<ActivityView, AppError>>,
    opened: Resource<Opened>,
}

#[lazy_route]
impl LazyRoute for ActivityPage {
    fn data() -> Self {
        let query = use_query_map();
        let address = Memo::new(move |_| Address::read(&query.read()));
        let open = Memo::new(move |_| address.read().open.clone());
        let filters = Memo::new(move |_| address.read().query.clone());
        let log = Resource::new(move || filters.get(), list_activity);
        let opened = Resource::new(
            move || open.get(),
            |id| async move {
                match id {
                    Some(id) => Some(get_generation(id).await),
                    None => None,
                }
            },
        );
        Self { address, log, opened }
    }

    fn view(this: Self) -> AnyView {
        view! { <Activity page=this/> }.into_any()
    }
}

#[component]
fn Activity(page: ActivityPage) -> impl IntoView {
    let ActivityPage { address, log, opened } = page;
    view! {
        <Title text="Activity"/>
        <div class="page" data-page="activity">
            <header class="page-header">
                <div>
                    <h1>"Activity"</h1>
                    <p>"One row per request, newest first, each with its receipt. Times are UTC. Prompts and answers are not stored."</p>
                </div>
            </header>
            <Transition fallback=|| view! { <p aria-busy="true"><Skeleton width="60%"/></p> }>
                {move || Suspend::new(async move {
                    match log.await {
                        Ok(view) => view! { <Body view address/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            <Suspense>
                {move || Suspend::new(async move {
                    let address = address.get_untracked();
                    let rows = || async { log.await.map(|view| (view.page.rows, view.keys)).unwrap_or_default() };
                    match opened.await {
                        None => ().into_any(),
                        // Signed out: the page says so already.
                        Some(Err(error)) if error.is_unauthenticated() => ().into_any(),
                        Some(opened) => {
                            let (rows, keys) = rows().await;
                            let neighbours = Neighbours::of(address.open.as_ref(), &rows, &address);
                            view! { <Drawer opened neighbours keys close_href=address.closed().href()/> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Body(view: ActivityView, address: Memo<Address>) -> impl IntoView {
    let ActivityView { page, keys } = view;
    let here = address.get_untracked().closed();
    if page.totals.requests == 0 && !here.is_filtered() {
        return view! { <NoRequests/> }.into_any();
    }
    let pager = {
        let here = here.clone();
        move |n| here.on_page(n).href()
    };
    let (page_number, pages) = (page.page, page.pages);
    let open = Signal::derive(move || address.read().open.clone());
    let list = if page.rows.is_empty() {
        view! { <NoMatch/> }.into_any()
    } else {
        view! { <Log rows=page.rows keys=keys.clone() here=here.clone() open/> }.into_any()
    };
    view! {
        <Totals totals=page.totals/>
        <section class="section">
            <header>
                <div>
                    <h2>"Requests"</h2>
                </div>
            </header>
            <Filters here keys/>
            {list}
            <Pager page=page_number pages href=pager/>
        </section>
    }
    .into_any()
}

#[component]
fn Totals(totals: ActivityTotals) -> impl IntoView {
    view! {
        <StatStrip min="9rem">
            <Stat label="Spent">{totals.cost.to_string()}</Stat>
            <Stat label="Requests">{format::count(totals.requests)}</Stat>
            <Stat label="Prompt tokens">{format::count(totals.prompt_tokens)}</Stat>
            <Stat label="Completion tokens">{format::count(totals.completion_tokens)}</Stat>
        </StatStrip>
    }
}

#[component]
fn NoRequests() -> impl IntoView {
    view! {
        <div class="card" data-flush="">
            <EmptyState heading="No requests yet">
                <p>"Your first request appears here as soon as it ends, with its receipt."</p>
                <div>
                    <LinkButton href="/chat" kind=ButtonKind::Primary>"Send one from chat"</LinkButton>
                    <LinkButton href="/keys">"Call the API"</LinkButton>
                </div>
            </EmptyState>
        </div>
    }
}

#[component]
fn NoMatch() -> impl IntoView {
    view! {
        <div class="card" data-flush="">
            <EmptyState heading="No request fits these filters">
                <p>"Drop one of them, or all."</p>
                <div>
                    <LinkButton href="/activity">"Clear filters"</LinkButton>
                </div>
            </EmptyState>
        </div>
    }
}
