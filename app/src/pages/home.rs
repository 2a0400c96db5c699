//! The first page: what Souk is, the first request, and a few models to start with. Everything counted is real.

use api::HomeFacts;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use crate::AppError;
use crate::format;
use crate::parts::{ButtonKind, Copy, Icon, IconName, LinkButton, ModelTable, Notice, QuickStart, Size, Tone};

#[server(endpoint = "home")]
pub async fn load_home() -> Result<HomeFacts, AppError> {
    Ok(crate::port::port::<dyn api::Catalog>()?.home().await?)
}

#[component]
pub fn Home() -> impl IntoView {
    let facts = Resource::new(|| (), |()| load_home());
    view! {
        <Title text="Every model, one API"/>
        <Meta
            name="description"
            content="Souk sends each call to a live provider by price and policy, moves on when one fails, and shows what happened and what it cost."
        />
        <div class="page" data-page="home">
            <Suspense>
                {move || Suspend::new(async move {
                    // Without facts the page still says what Souk is.
                    view! { <Blocks facts=facts.await.unwrap_or_default()/> }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Blocks(facts: HomeFacts) -> impl IntoView {
    let HomeFacts { models, endpoints, providers, callable_models, as_of, newest, callable, api_base } = facts;
    let example = callable.first().or(newest.first()).map(|card| card.slug.to_string());
    view! {
        <section class="hero">
            <Headline/>
            {example.filter(|_| !api_base.is_empty()).map(|model| view! { <FirstRequest api_base model/> })}
        </section>
        {(models > 0).then(|| view! { <Counters models endpoints providers callable_models/> })}
        {(models > 0 && callable_models == 0).then(|| view! { <NothingCallable/> })}
        {(!callable.is_empty()).then(|| view! {
            <section class="section">
                <header>
                    <div>
                        <h2>"Ready to be called"</h2>
                        <p>"Models that this server has a way to reach now."</p>
                    </div>
                    <div class="actions">
                        <a class="button" data-size="s" href="/models?callable=1">"All of them " <Icon name=IconName::Arrow size=Size::S/></a>
                    </div>
                </header>
                <ModelTable label="Models that can be called" models=callable/>
            </section>
        })}
        {(!newest.is_empty()).then(|| view! {
            <section class="section">
                <header>
                    <div>
                        <h2>"New in the catalog"</h2>
                        <p>{format!("Cheapest listed prices, as of {}.", format::day(&as_of))}</p>
                    </div>
                    <div class="actions">
                        <a class="button" data-size="s" href="/models">"All models " <Icon name=IconName::Arrow size=Size::S/></a>
                    </div>
                </header>
                <ModelTable label="Newest models" models=newest/>
            </section>
        })}
        <Reasons/>
    }
}

#[component]
fn Headline() -> impl IntoView {
    view! {
        <div>
            <h1>"Every model. One API." <br/> "A receipt for every request."</h1>
            <p>
                "Souk sends each call to the provider you allow at the best price, moves on when one fails, and shows you exactly \
                 what happened and what it cost."
            </p>
            <div class="actions">
                <LinkButton href="/keys" kind=ButtonKind::Primary size=Size::L>"Create key"</LinkButton>
                <LinkButton href="/models" size=Size::L>"Browse models"</LinkButton>
            </div>
            <p class="own">
                <Icon name=IconName::Server/>
                "Or run the whole market yourself: "
                <Copy text="make run"/>
            </p>
        </div>
    }
}

#[component]
fn FirstRequest(api_base: String, model: String) -> impl IntoView {
    view! {
        <div class="first-request">
            <ol class="steps">
                <li><strong>"Make a key. "</strong> "It is shown once."</li>
                <li><strong>"Point your client here. "</strong> <Copy text=api_base.clone()/></li>
                <li><strong>"Send a request. "</strong> "Its receipt is under Activity."</li>
            </ol>
            <QuickStart id="first-request" api_base model/>
        </div>
    }
}

#[component]
fn Counters(models: u32, endpoints: u32, providers: u32, callable_models: u32) -> impl IntoView {
    let counters = [
        ("Models", models),
        ("Endpoints", endpoints),
        ("Providers", providers),
        ("Callable here now", callable_models),
    ];
    let counters = counters
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{format::count(value.into())}</dd></div> })
        .collect_view();
    view! { <dl class="counters">{counters}</dl> }
}

#[component]
fn NothingCallable() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn>
            <p>
                <strong>"No model can be called yet. "</strong>
                "This server has no provider key. Its operator sets one in the environment, such as the key of any provider in the \
                 catalog; each model's page names the variable."
            </p>
        </Notice>
    }
}

#[component]
fn Reasons() -> impl IntoView {
    view! {
        <section class="section">
            <header>
                <div>
                    <h2>"Why put a market in front of a model"</h2>
                    <p>"The same weights are sold by many providers. They differ in price, precision, region and what they do with prompts."</p>
                </div>
            </header>
            <div class="reasons">
                <Reason icon=IconName::Route title="It stays up">
                    "A provider that refuses, times out or breaks off before the first token is passed over for the next one."
                </Reason>
                <Reason icon=IconName::Wallet title="It adds up">
                    "Every token kind at its listed price, summed exactly, rounded once, booked once, to the billionth of a dollar."
                </Reason>
                <Reason icon=IconName::Shield title="It keeps your rules">
                    "Name the providers that may see a request, in the order you want. Others are never tried."
                </Reason>
            </div>
        </section>
    }
}

#[component]
fn Reason(icon: IconName, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <article class="card">
            <Icon name=icon size=Size::L/>
            <h3>{title}</h3>
            <p>{children()}</p>
        </article>
    }
}
