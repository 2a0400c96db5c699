//! The rows of the model list, and what stands there when there are none.

use api::{ModelCard, ModelPage, ModelQuery};
use leptos::prelude::*;

use super::query;
use crate::format;
use crate::parts::{
    ButtonKind, EmptyState, LinkButton, Modalities, Pager, Price, SimulatedBadge, Size, Status, Tile, Tone,
};

#[component]
pub fn ModelList(query: ModelQuery, page: ModelPage) -> impl IntoView {
    if page.rows.is_empty() {
        return view! { <NoModels query best_to_drop=page.best_to_drop/> }.into_any();
    }
    let rows = page.rows.into_iter().map(|card| view! { <ModelRow card/> }).collect_view();
    view! {
        <ol class="model-list">{rows}</ol>
        <Pager page=page.page pages=page.pages href=move |page| query::href_of_page(&query, page)/>
    }
    .into_any()
}

#[component]
fn ModelRow(card: ModelCard) -> impl IntoView {
    let context = card.context_length.map(format::tokens);
    view! {
        <li class="model-row">
            <Tile slug=card.author.clone() size=Size::L/>
            <div class="about">
                <h2>
                    <a href=format!("/{}", card.slug)>{card.name}</a>
                    {card.simulated.then(|| view! { <SimulatedBadge/> })}
                </h2>
                <p><code>{card.slug.to_string()}</code></p>
                <footer>
                    <span>{card.author}</span>
                    {card.released.map(|day| view! { <time datetime=day.clone()>{format::day(&day)}</time> })}
                    <span>{format::plural(card.providers as usize, "provider")}</span>
                    {card.callable.then(|| view! { <span><Status tone=Tone::Good>"Callable here"</Status></span> })}
                    <Modalities names=card.input/>
                </footer>
            </div>
            <dl>
                <div><dt>"Input"</dt><dd><Price rate=card.prompt/></dd></div>
                <div><dt>"Output"</dt><dd><Price unit=domain::Unit::Completion rate=card.completion/></dd></div>
                <div><dt>"Context"</dt><dd>{context.unwrap_or_else(|| "–".to_owned())}</dd></div>
            </dl>
        </li>
    }
}

/// Names the filter that helps most when dropped.
#[component]
fn NoModels(query: ModelQuery, best_to_drop: Option<(String, u32)>) -> impl IntoView {
    let all = query::href(&query::unfiltered(&query));
    let advice = best_to_drop.map(|(name, count)| {
        let rest = query::href(&query::without(&query, &name, None));
        let text =
            format!("Without {} there are {}.", query::filter_name(&name), format::plural(count as usize, "model"));
        (text, rest)
    });
    view! {
        <EmptyState heading="No model fits all of these filters">
            {advice.clone().map(|(text, _)| view! { <p>{text}</p> })}
            <div>
                {advice.map(|(_, href)| view! { <LinkButton href kind=ButtonKind::Primary>"Drop that filter"</LinkButton> })}
                <LinkButton href=all>"Clear all"</LinkButton>
            </div>
        </EmptyState>
    }
}
