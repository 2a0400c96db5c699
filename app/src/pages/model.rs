//! One model: what it is, who serves it at which price and under which policy, and how to call it.

mod endpoints;

use api::{ModelDetail, PolicyFacts};
use domain::Unit;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::AppError;
use crate::format;
use crate::pages::models::query::capability;
use crate::pages::not_found::NotFound;
use crate::parts::{
    Badge, ButtonKind, Copy, Failed, Icon, IconName, LinkButton, Modalities, Notice, Price, QuickStart, SimulatedBadge,
    Size, Stat, StatStrip, Tile, Tone,
};
use endpoints::Endpoints;

/// A model by its address, `author/slug` with an optional `:variant`. A text that is no slug is simply not found.
#[server(endpoint = "model")]
pub async fn get_model(slug: String) -> Result<ModelDetail, AppError> {
    let slug: domain::ModelSlug = slug.parse().map_err(|_| api::ApiError::NotFound)?;
    Ok(crate::port::port::<dyn api::Catalog>()?.model(slug).await?)
}

#[derive(Clone, Debug)]
pub struct ModelPage {
    model: Resource<Result<ModelDetail, AppError>>,
}

#[lazy_route]
impl LazyRoute for ModelPage {
    fn data() -> Self {
        let params = use_params_map();
        let slug = move || {
            let params = params.read();
            format!("{}/{}", params.get_str("author").unwrap_or_default(), params.get_str("slug").unwrap_or_default())
        };
        Self { model: Resource::new_blocking(slug, get_model) }
    }

    fn view(this: Self) -> AnyView {
        view! { <ModelRoute model=this.model/> }.into_any()
    }
}

#[component]
fn ModelRoute(model: Resource<Result<ModelDetail, AppError>>) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match model.await {
                    Ok(model) => view! { <Model model/> }.into_any(),
                    Err(error) if error.is_not_found() => view! { <NotFound/> }.into_any(),
                    Err(error) => view! { <div class="page"><Failed error/></div> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Model(model: ModelDetail) -> impl IntoView {
    let card = &model.card;
    let summary = format!(
        "{} by {}: {} with prices per million tokens, context, region and data policy.",
        card.name,
        card.author,
        format::plural(model.endpoints.len(), "endpoint")
    );
    let speaks = card.output.iter().any(|output| output == "text");
    let quick_start = speaks.then(|| (model.api_base.clone(), card.slug.to_string()));
    let source = format!("Facts of {} from {}.", format::day(&model.as_of), model.source);
    view! {
        <Title text=card.name.clone()/>
        <Meta name="description" content=summary/>
        <div class="page" data-page="model">
            <Head model=model.clone()/>
            <Warnings model=model.clone()/>
            <Facts model=model.clone()/>
            <Endpoints endpoints=model.endpoints/>
            {quick_start.map(|(api_base, slug)| view! {
                <section class="section" id="use-it">
                    <header>
                        <div>
                            <h2>"Use it"</h2>
                            <p>"Any OpenAI client works: change the base URL and the key."</p>
                        </div>
                        <div class="actions">
                            <LinkButton href="/keys" size=Size::S>"Create key"</LinkButton>
                        </div>
                    </header>
                    <QuickStart id="language" api_base model=slug/>
                </section>
            })}
            <p class="footnote">{source}</p>
        </div>
    }
}

/// Name, slug, marks, what can be done, and the description.
#[component]
fn Head(model: ModelDetail) -> impl IntoView {
    let ModelDetail { card, description, open_weights, .. } = model;
    let author = card.author.clone();
    let by_author = format!("/models?author={}", format::query_value(&author));
    let capabilities =
        card.supports.into_iter().map(|name| view! { <Badge>{capability(&name)}</Badge> }).collect_view();
    let chat = format!("/chat?model={}", format::query_value(card.slug.as_str()));
    view! {
        <header class="model-head">
            <Tile slug=author.clone() size=Size::Xl/>
            <div>
                <p class="crumbs">
                    <a href="/models">"Models"</a>
                    " / "
                    <a href=by_author>{author.clone()}</a>
                </p>
                <h1>{card.name}</h1>
                <div class="chip-row">
                    <Copy text=card.slug.to_string()/>
                    {card.simulated.then(|| view! { <SimulatedBadge/> })}
                    {(open_weights == Some(true)).then(|| view! { <Badge icon=IconName::Box>"Open weights"</Badge> })}
                    {capabilities}
                    <span class="modalities"><Modalities names=card.input/> <Icon name=IconName::Arrow label="to"/> <Modalities names=card.output/></span>
                </div>
            </div>
            <div class="actions">
                <a class="button" href="#use-it"><Icon name=IconName::Terminal/>"Use in code"</a>
                {card.callable.then(|| view! { <LinkButton href=chat kind=ButtonKind::Primary><Icon name=IconName::Chat/>"Chat"</LinkButton> })}
            </div>
            {description.map(|text| view! { <p class="lead">{text}</p> })}
        </header>
    }
}

/// What one must know before relying on the model.
#[component]
fn Warnings(model: ModelDetail) -> impl IntoView {
    let uncallable = (!model.card.callable).then(|| {
        let mut reasons: Vec<String> =
            model.endpoints.iter().filter_map(|endpoint| endpoint.not_callable.clone()).collect();
        reasons.sort();
        reasons.dedup();
        reasons.truncate(4);
        reasons.join("; or ")
    });
    view! {
        {model.card.simulated.then(|| view! {
            <Notice tone=Tone::Accent>
                <p><strong>"Simulated. "</strong> "Answers come from Souk's simulator: no model thinks, and prices are for trying out."</p>
            </Notice>
        })}
        {model.expires.map(|day| view! {
            <Notice tone=Tone::Warn>
                <p><strong>{format!("Ends on {}. ", format::day(&day))}</strong> "After that day no provider is asked for it."</p>
            </Notice>
        })}
        {uncallable.map(|reasons| view! {
            <Notice tone=Tone::Warn>
                <p><strong>"It cannot be called on this server now. "</strong> {format::capitalised(&reasons)}</p>
            </Notice>
        })}
    }
}

#[component]
fn Facts(model: ModelDetail) -> impl IntoView {
    let ModelDetail { card, max_output, knowledge_cutoff, hugging_face_id, reasoning_efforts, .. } = model;
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let efforts = (!reasoning_efforts.is_empty()).then(|| reasoning_efforts.join(", "));
    view! {
        <StatStrip min="8.5rem">
            <Stat label="Input, from"><Price rate=card.prompt/> <PerMillion rate=card.prompt/></Stat>
            <Stat label="Output, from"><Price unit=Unit::Completion rate=card.completion/> <PerMillion rate=card.completion/></Stat>
            <Stat label="Context">{known(card.context_length.map(format::tokens))}</Stat>
            <Stat label="Longest answer">{known(max_output.map(format::tokens))}</Stat>
            <Stat label="Providers">{card.providers}</Stat>
            <Stat label="Released">{known(card.released.as_deref().map(format::day))}</Stat>
            <Stat label="Knowledge to">{known(knowledge_cutoff.as_deref().map(format::day))}</Stat>
        </StatStrip>
        {efforts.map(|efforts| view! { <p class="footnote">"Reasoning efforts: " {efforts}</p> })}
        {hugging_face_id.map(|id| view! { <p class="footnote">"Weights: " <code>{id}</code></p> })}
    }
}

/// The unit behind a price, unless it is unknown or free.
#[component]
fn PerMillion(rate: Option<domain::Rate>) -> impl IntoView {
    rate.filter(|rate| !rate.is_free()).map(|_| view! { <small>"/M"</small> })
}

/// What a provider does with prompts, in a few words; the tone is that of the strictest reader.
fn policy_words(policy: &PolicyFacts) -> (Tone, String) {
    let training = match policy.training {
        Some(true) => return (Tone::Bad, "May train on prompts".to_owned()),
        Some(false) => "No training",
        None => "Training unknown",
    };
    let (tone, retention) = match (policy.retains_prompts, policy.retention_days) {
        (Some(false), _) => (Tone::Good, "keeps nothing".to_owned()),
        (Some(true), Some(days)) => (Tone::Warn, format!("keeps {}", format::plural(days as usize, "day"))),
        (Some(true), None) => (Tone::Warn, "keeps prompts".to_owned()),
        (None, _) => (Tone::Plain, "retention unknown".to_owned()),
    };
    let tone = if policy.training.is_none() { Tone::Plain } else { tone };
    if policy.training.is_none() && policy.retains_prompts.is_none() {
        return (Tone::Plain, "Unknown".to_owned());
    }
    (tone, format!("{training}, {retention}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_good_only_when_all_of_it_is_known() {
        let policy =
            |training, retains_prompts| policy_words(&PolicyFacts { training, retains_prompts, ..Default::default() });
        assert_eq!(policy(None, None), (Tone::Plain, "Unknown".to_owned()));
        assert_eq!(policy(Some(false), Some(false)), (Tone::Good, "No training, keeps nothing".to_owned()));
        assert_eq!(policy(None, Some(false)).0, Tone::Plain);
        assert_eq!(policy(Some(false), None).0, Tone::Plain);
        assert_eq!(policy(Some(true), Some(false)).0, Tone::Bad);
    }
}
