//! The log: one row per generation.

use domain::{Generation, GenerationId, GenerationState};
use leptos::prelude::*;

use super::address::Address;
use crate::format;
use crate::parts::{
    Align, Badge, Cell, Column, DataTable, Icon, IconName, Identity, RowHead, SimulatedBadge, Tile, TileKind, Tone,
};

#[component]
pub fn Log(
    rows: Vec<Generation>,
    keys: Vec<(String, String)>,
    here: Address,
    open: Signal<Option<GenerationId>>,
) -> impl IntoView {
    let columns = vec![
        Column::text("Time (UTC)"),
        Column::text("Model and key"),
        Column::text("Served by"),
        Column::number("Input"),
        Column::number("Output"),
        Column::number("Cost"),
        Column::number("First token"),
        Column::number("Tokens/s"),
        Column::text("Finish"),
        Column::hidden("Details"),
    ];
    let rows = rows
        .into_iter()
        .map(|generation| {
            let key = key_name(&generation, &keys);
            let href = here.opening(&generation.id).href();
            view! { <Row generation key href open/> }
        })
        .collect_view();
    view! {
        <div class="log-table">
            <DataTable label="Requests" columns card_columns=4>{rows}</DataTable>
        </div>
    }
}

/// The name of the key a generation was made with.
pub fn key_name(generation: &Generation, keys: &[(String, String)]) -> String {
    match &generation.key {
        None => "Chat on this site".to_owned(),
        Some(id) => keys
            .iter()
            .find(|(known, _)| known == id.as_str())
            .map_or_else(|| "A deleted key".to_owned(), |(_, name)| name.clone()),
    }
}

#[component]
fn Row(generation: Generation, key: String, href: String, open: Signal<Option<GenerationId>>) -> impl IntoView {
    let g = generation;
    let id = g.id.clone();
    let at = g.created_at;
    let model = g.served_by.as_ref().map_or_else(|| g.requested_model.clone(), |by| by.model.to_string());
    let author = model.split('/').next().unwrap_or_default().to_owned();
    let details = format!("Details of the request at {}", at.utc_time());
    let is_open = move || (open.read().as_ref() == Some(&id)).then_some("true");
    let (prompt, cached, completion) = (g.usage.prompt, g.usage.cache_read, g.usage.completion);
    let (cost, first) = (g.cost.total.to_string(), g.first_token_ms.map(format::seconds));
    let (served, name_href) = (g.clone(), href.clone());
    let speed = g
        .first_token_ms
        .and_then(|first| format::tokens_per_second(g.usage.completion, g.duration_ms.saturating_sub(first)));
    let speed = speed.map(|speed| speed.trim_end_matches(" tokens/s").to_owned());
    view! {
        <tr role="row" aria-current=is_open>
            <Cell label="Time (UTC)" attr:data-part="time">
                <time datetime=at.to_string()>{at.utc_time()}</time>
                <small>{at.utc_day()}</small>
            </Cell>
            <RowHead>
                <Identity slug=author name=model href=name_href>{key}</Identity>
            </RowHead>
            <Cell label="Served by" attr:data-part="served"><Served generation=served/></Cell>
            <Cell label="Input" align=Align::End>
                {format::count(prompt)}
                {(cached > 0).then(|| view! { <small>{format!("{} cached", format::count(cached))}</small> })}
            </Cell>
            <Cell label="Output" align=Align::End>{format::count(completion)}</Cell>
            <Cell label="Cost" align=Align::End attr:data-part="cost">{cost}</Cell>
            <Cell label="First token" align=Align::End>{dash(first)}</Cell>
            <Cell label="Tokens/s" align=Align::End hide_narrow=true>{dash(speed)}</Cell>
            <Cell label="Finish" attr:data-part="finish"><Finish generation=g/></Cell>
            <Cell label="" align=Align::End hide_narrow=true>
                <a class="icon-button" data-size="s" href=href aria-label=details data-noscroll="true">
                    <Icon name=IconName::Right/>
                </a>
            </Cell>
        </tr>
    }
    .into_any()
}

/// A value, or a dash that says "none" to readers.
pub fn dash(value: Option<String>) -> impl IntoView {
    match value {
        Some(value) => value.into_any(),
        None => view! { <span class="none" role="img" aria-label="none">"–"</span> }.into_any(),
    }
}

#[component]
fn Served(generation: Generation) -> impl IntoView {
    let tries = generation.attempts.len();
    let tone = if generation.served_by.is_some() { Tone::Warn } else { Tone::Bad };
    let tries = (tries > 1).then(|| view! { " " <Badge tone icon=IconName::Route>{format!("{tries} tries")}</Badge> });
    match generation.served_by {
        None => view! { <span class="inline"><span class="none">"Nobody"</span> {tries}</span> }.into_any(),
        Some(by) => view! {
            <span class="inline">
                <Tile slug=by.provider.to_string() name=by.provider_name.clone() kind=TileKind::Provider/>
                {by.provider_name}
                {by.simulated.then(|| view! { " " <SimulatedBadge/> })}
                {tries}
            </span>
        }
        .into_any(),
    }
}

/// How it ended: quiet if all is well, a badge if not.
#[component]
pub fn Finish(generation: Generation) -> impl IntoView {
    let reason = generation.finish_reason.unwrap_or_else(|| "–".to_owned());
    match generation.state {
        GenerationState::Failed => view! { <Badge tone=Tone::Bad>"failed"</Badge> }.into_any(),
        GenerationState::Cancelled => view! { <Badge tone=Tone::Warn>"cancelled"</Badge> }.into_any(),
        GenerationState::Completed if reason == "length" => {
            view! { <Badge tone=Tone::Warn>{reason}</Badge> }.into_any()
        }
        GenerationState::Completed => view! { <span class="none">{reason}</span> }.into_any(),
    }
}
