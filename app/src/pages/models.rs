//! The list of models: search, filters and order, all of it in the query string.

mod filters;
mod list;
pub mod query;

use std::time::Duration;

use api::{Facet, ModelPage, ModelQuery, ModelSort};
use leptos::ev::SubmitEvent;
use leptos::html::{Form, Input};
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::format;
use crate::parts::{Chip, Failed, Icon, IconName, hide_popover};
use filters::Filters;
use list::ModelList;

/// How long after the last change of a filter the list follows.
const PAUSE: Duration = Duration::from_millis(250);

/// One page of the catalog, filtered and ordered.
#[server(endpoint = "list_models")]
pub async fn list_models(query: ModelQuery) -> Result<ModelPage, AppError> {
    Ok(crate::port::port::<dyn api::Catalog>()?.models(query).await?)
}

/// An answer with its question, so that the page never shows the one beside another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    query: ModelQuery,
    page: ModelPage,
}

#[derive(Clone, Debug)]
pub struct ModelsPage {
    answer: Resource<Result<Answer, AppError>>,
}

#[lazy_route]
impl LazyRoute for ModelsPage {
    fn data() -> Self {
        let params = use_query_map();
        let query = Memo::new(move |_| query::read(&params.read()));
        let answer = Resource::new(
            move || query.get(),
            |query| async move { list_models(query.clone()).await.map(|page| Answer { query, page }) },
        );
        Self { answer }
    }

    fn view(this: Self) -> AnyView {
        view! { <Models answer=this.answer/> }.into_any()
    }
}

#[component]
fn Models(answer: Resource<Result<Answer, AppError>>) -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| query::read(&params.read()));
    let stale = RwSignal::new(false);
    let form = NodeRef::<Form>::new();
    let navigate = use_navigate();
    let follow = move || {
        if let Some(wanted) = form.get_untracked().as_ref().and_then(read_form)
            && wanted != query.get_untracked()
        {
            navigate(&query::href(&wanted), NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    };
    let mut follow_soon = debounce(PAUSE, {
        let follow = follow.clone();
        move |()| follow()
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        follow();
        hide_popover("filters");
    };
    view! {
        <Title text="Models"/>
        <Meta name="description" content="Models of many providers with their prices, context lengths and capabilities, behind one key."/>
        <form
            class="page"
            data-page="models"
            method="get"
            action="/models"
            role="search"
            node_ref=form
            on:input=move |_| follow_soon(())
            on:submit=submit
        >
            <header class="page-header">
                <div>
                    <h1>"Models"</h1>
                    <p>"The cheapest listed price of each model, in dollars per million tokens."</p>
                </div>
            </header>
            <Toolbar query/>
            // Outside of the transition: what is inside is already given up while it is still shown.
            <div class="answer" data-state=move || stale.get().then_some("stale")>
                <Transition fallback=|| () set_pending=stale>
                    {move || Suspend::new(async move {
                        match answer.await {
                            Ok(Answer { query, page }) => view! { <Results query page/> }.into_any(),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </form>
    }
}

/// Search and order. Outside of the results, so that typing is never interrupted by an answer.
#[component]
fn Toolbar(query: Memo<ModelQuery>) -> impl IntoView {
    let sorts = ModelSort::ALL
        .iter()
        .map(|(sort, name, label)| {
            let selected = move || ModelSort::parse(&query.read().sort) == *sort;
            view! { <option value=*name selected=selected prop:selected=selected>{*label}</option> }
        })
        .collect_view();
    let search = NodeRef::<Input>::new();
    // After a step back in history; never while somebody types.
    Effect::new(move |_| {
        let text = query.read().q.clone();
        if let Some(input) = search.get()
            && document().active_element().as_ref() != Some(input.as_ref())
        {
            input.set_value(&text);
        }
    });
    view! {
        <div class="toolbar">
            <label class="input">
                <span class="visually-hidden">"Search models"</span>
                <Icon name=IconName::Search/>
                <input
                    type="search"
                    name="q"
                    placeholder="Name, maker or slug"
                    autocomplete="off"
                    data-shortcut="/"
                    value=query.get_untracked().q
                    node_ref=search
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <button class="button" type="button" data-part="open-filters" popovertarget="filters">
                <Icon name=IconName::Sliders/>
                "Filters"
            </button>
            <select class="input" name="sort" aria-label="Sort by">{sorts}</select>
            <noscript>
                <button class="button" type="submit">"Apply"</button>
            </noscript>
        </div>
    }
}

#[component]
fn Results(query: ModelQuery, page: ModelPage) -> impl IntoView {
    let chips = query::filters(&query)
        .into_iter()
        .map(|(label, rest)| view! { <Chip label href=query::href(&rest)/> })
        .collect_view();
    let clear = (!chips.is_empty()).then(|| query::href(&query::unfiltered(&query)));
    let hidden_output = (!query.output.is_empty()).then(|| query.output.clone());
    view! {
        <Outputs query=query.clone() outputs=page.outputs.clone()/>
        {hidden_output.map(|output| view! { <input type="hidden" name="output" value=output/> })}
        <div class="catalog">
            <Filters query=query.clone() page=page.clone()/>
            <div class="results">
                <div class="chip-row">
                    <output>{format::plural(page.total as usize, "model")}</output>
                    {chips}
                    {clear.map(|href| view! { <a href=href>"Clear all"</a> })}
                </div>
                <ModelList query page/>
            </div>
        </div>
    }
}

/// Tabs: what comes out of the model.
#[component]
fn Outputs(query: ModelQuery, mut outputs: Vec<Facet>) -> impl IntoView {
    let chosen = if query.output.is_empty() { "text".to_owned() } else { query.output.clone() };
    outputs.sort_by(|a, b| (a.value != "text", b.count, &a.value).cmp(&(b.value != "text", a.count, &b.value)));
    let tabs = outputs
        .into_iter()
        .map(|Facet { value, count }| (query::href_of_output(&query, &value), query::capability(&value), value, Some(count)))
        .chain([(query::href_of_output(&query, "all"), "All".to_owned(), "all".to_owned(), None)])
        .map(|(href, label, value, count)| {
            view! {
                <a href=href aria-current=(value == chosen).then_some("true")>
                    {label}
                    {count.map(|count| view! { " " <data value=count.to_string()>{format::count(count.into())}</data> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="kinds tabs" aria-label="Output">
            <menu>{tabs}</menu>
        </nav>
    }
}

/// What the form's inputs say now.
fn read_form(form: &web_sys::HtmlFormElement) -> Option<ModelQuery> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let values = query::INPUTS.iter().flat_map(|name| {
        data.get_all(name).iter().filter_map(|value| Some(((*name).to_owned(), value.as_string()?))).collect::<Vec<_>>()
    });
    Some(query::from_pairs(values))
}
