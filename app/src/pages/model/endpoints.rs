//! The table of a model's endpoints: each provider's offer, with all that is known of it behind a fold.

use api::EndpointRow;
use domain::{Prices, Unit};
use leptos::prelude::*;

use super::policy_words;
use crate::format;
use crate::pages::models::query::capability;
use crate::parts::{
    Align, Badge, Cell, Column, Copy, DataTable, EmptyState, Identity, Price, RowHead, SimulatedBadge, Status,
    TileKind, Tone,
};

#[component]
pub fn Endpoints(endpoints: Vec<EndpointRow>) -> impl IntoView {
    if endpoints.is_empty() {
        return view! {
            <section class="section" id="providers">
                <EmptyState heading="No provider serves this model">
                    <p>"It is in the catalog, but nobody offers it at a known address and price."</p>
                </EmptyState>
            </section>
        }
        .into_any();
    }
    let callable = endpoints.iter().filter(|endpoint| endpoint.not_callable.is_none()).count();
    let lead = format!(
        "{}, cheapest first; {callable} can be called on this server now. Prices are per million tokens unless marked.",
        format::plural(endpoints.len(), "endpoint")
    );
    let columns = vec![
        Column::text("Provider"),
        Column::number("Context"),
        Column::number("Input"),
        Column::number("Output"),
        Column::number("Cache read"),
        Column::text("Quantization"),
        Column::text("Policy"),
        Column::text("On this server"),
    ];
    let rows = endpoints.into_iter().map(|endpoint| view! { <Endpoint endpoint/> }).collect_view();
    view! {
        <section class="section" id="providers">
            <header>
                <div>
                    <h2>"Providers"</h2>
                    <p>{lead}</p>
                </div>
            </header>
            <div class="providers-table">
                <DataTable label="Endpoints" columns card_columns=4>{rows}</DataTable>
            </div>
        </section>
    }
    .into_any()
}

/// Two rows: what is compared, and the rest folded.
#[component]
fn Endpoint(endpoint: EndpointRow) -> impl IntoView {
    let place: Vec<String> = [endpoint.region.clone(), Some(endpoint.tag.to_string())].into_iter().flatten().collect();
    let context = endpoint.context_length.map_or_else(|| "–".to_owned(), format::tokens);
    let longest = endpoint.max_output.map(|tokens| format!("{} out", format::tokens(tokens)));
    let quantization = endpoint.quantization.clone().unwrap_or_else(|| "–".to_owned());
    let listed = |unit| endpoint.prices.listed(unit);
    let (input, output, cached) = (listed(Unit::Prompt), listed(Unit::Completion), listed(Unit::CacheRead));
    let (tone, policy) = policy_words(&endpoint.policy);
    let (slug, name) = (endpoint.provider.to_string(), endpoint.provider_name.clone());
    let row = endpoint.clone();
    view! {
        <tr role="row">
            <RowHead>
                <Identity slug name kind=TileKind::Provider>
                    {place.join(" · ")}
                </Identity>
            </RowHead>
            <Cell label="Context" align=Align::End>
                <span>{context}</span>
                {longest.map(|longest| view! { <small>{longest}</small> })}
            </Cell>
            <Cell label="Input" align=Align::End><Price rate=input/></Cell>
            <Cell label="Output" align=Align::End><Price unit=Unit::Completion rate=output/></Cell>
            <Cell label="Cache read" align=Align::End><Price unit=Unit::CacheRead rate=cached/></Cell>
            <Cell label="Quantization">{quantization}</Cell>
            <Cell label="Policy"><Badge tone=tone>{policy}</Badge></Cell>
            <Cell label="On this server" wide=true><Availability endpoint=row/></Cell>
        </tr>
        <tr role="row" class="provider-detail">
            <td role="cell" colspan="8" data-wide="">
                <Details endpoint/>
            </td>
        </tr>
    }
}

/// Whether it can be called, why not, and what its status is.
#[component]
fn Availability(endpoint: EndpointRow) -> impl IntoView {
    let status = match endpoint.status.as_str() {
        "current" => None,
        "deprecated" => Some(match &endpoint.deprecation_date {
            Some(day) => format!("Deprecated, ends {}", format::day(day)),
            None => "Deprecated".to_owned(),
        }),
        other => Some(format::capitalised(other)),
    };
    let callable = match endpoint.not_callable {
        None => view! { <Status tone=Tone::Good>"Callable"</Status> }.into_any(),
        Some(why) => view! { <Status tone=Tone::Off>"Not callable"</Status> <small>{why}</small> }.into_any(),
    };
    view! {
        {callable}
        {endpoint.simulated.then(|| view! { " " <SimulatedBadge/> })}
        {status.map(|status| view! { " " <Badge tone=Tone::Warn>{status}</Badge> })}
    }
}

#[component]
fn Details(endpoint: EndpointRow) -> impl IntoView {
    let parameters = endpoint.supports.iter().map(|name| view! { <code>{capability(name)}</code> " " }).collect_view();
    let (_, policy) = policy_words(&endpoint.policy);
    let notes =
        endpoint.price_notes.into_iter().map(|note| view! { <li>{format::capitalised(&note)}</li> }).collect_view();
    let name = endpoint.provider_name.clone();
    let headquarters = endpoint.headquarters.as_deref().unwrap_or("unknown");
    view! {
        <details>
            <summary>"Details"<span class="visually-hidden">" of " {name}</span></summary>
            <div>
                <section>
                    <h3>"Address in requests"</h3>
                    <Copy text=endpoint.tag.to_string()/>
                    <p>"The provider calls it " <code>{endpoint.upstream_id}</code> "."</p>
                </section>
                <section>
                    <h3>"All prices"</h3>
                    <AllPrices prices=endpoint.prices/>
                    <ul>{notes}</ul>
                </section>
                <section>
                    <h3>"Supports"</h3>
                    <p class="params">{parameters}</p>
                </section>
                <section>
                    <h3>"Policy"</h3>
                    <p>{format!("{policy}.")}</p>
                    <p>{format!("Headquarters: {headquarters}.")}</p>
                    {endpoint.policy.source.map(|source| view! { <p>{format!("As stated by {source}.")}</p> })}
                    <p>{format!("Facts of {} from {}.", format::day(&endpoint.as_of), endpoint.source)}</p>
                </section>
            </div>
        </details>
    }
}

#[component]
fn AllPrices(prices: Prices) -> impl IntoView {
    if prices.0.is_empty() {
        return view! { <p>"Unknown."</p> }.into_any();
    }
    let lines = prices
        .0
        .into_iter()
        .map(|(unit, rate)| {
            let per = if unit.is_token() { "per million" } else { "each" };
            view! {
                <div>
                    <dt>{format::capitalised(unit.label())}</dt>
                    <dd><Price unit rate=Some(rate)/> {(!rate.is_free()).then(|| view! { " " <small>{per}</small> })}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="pairs">{lines}</dl> }.into_any()
}
