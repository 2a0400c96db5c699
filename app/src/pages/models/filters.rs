//! The column of filters, each with the number of models it would leave.

use api::{Facet, ModelPage, ModelQuery};
use leptos::prelude::*;

use super::query::capability;
use crate::format;
use crate::parts::{Button, ButtonKind, Icon, IconButton, IconName, Size};

/// Tokens.
const CONTEXTS: [&str; 6] = ["8000", "32000", "64000", "128000", "200000", "1000000"];
/// Dollars per million prompt tokens.
const PRICES: [&str; 7] = ["0", "0.1", "0.25", "0.5", "1", "3", "10"];

/// One set of inputs: a column beside the list, a sheet on phones.
#[component]
pub fn Filters(query: ModelQuery, page: ModelPage) -> impl IntoView {
    let ModelQuery { input, min_context, max_price, author, provider, supports, callable, .. } = query;
    let contexts = choices(&CONTEXTS, &min_context, |value| match value.parse() {
        Ok(tokens) => format!("At least {}", format::tokens(tokens)),
        Err(_) => value.to_owned(),
    });
    let prices =
        choices(
            &PRICES,
            &max_price,
            |value| if value == "0" { "Free".to_owned() } else { format!("Up to ${value} per M") },
        );
    view! {
        <aside class="filters" id="filters" popover="manual" aria-label="Filters">
            <header>
                <h2>"Filters"</h2>
                <IconButton icon=IconName::X label="Close" attr:popovertarget="filters" attr:popovertargetaction="hide"/>
            </header>
            <div>
                <FilterGroup title="On this server">
                    <Check name="callable" value="1" label="Callable now" checked=callable == "1"/>
                </FilterGroup>
                <FilterGroup title="Input">
                    <Checks name="input" facets=page.inputs chosen=input/>
                </FilterGroup>
                <FilterGroup title="Supports">
                    <Checks name="supports" facets=page.supports chosen=supports/>
                </FilterGroup>
                <FilterGroup title="Context length">
                    <Select name="min_context" label="Smallest context length" options=contexts chosen=min_context/>
                </FilterGroup>
                <FilterGroup title="Input price">
                    <Select name="max_price" label="Highest input price" options=prices chosen=max_price/>
                </FilterGroup>
                <FilterGroup title="Made by">
                    <Select name="author" label="Made by" options=counted(page.authors, &author) chosen=author/>
                </FilterGroup>
                <FilterGroup title="Served by">
                    <Select name="provider" label="Served by" options=counted(page.providers, &provider) chosen=provider/>
                </FilterGroup>
            </div>
            <footer>
                <Button submit=true kind=ButtonKind::Primary>
                    "Show " {format::plural(page.total as usize, "model")}
                </Button>
            </footer>
        </aside>
    }
}

#[component]
fn FilterGroup(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <details class="filter-group" open>
            <summary>{title} <Icon name=IconName::Down size=Size::S/></summary>
            <div>{children()}</div>
        </details>
    }
}

/// A box per value; the order is that of the alphabet, so that boxes keep their place while counts change.
#[component]
fn Checks(name: &'static str, mut facets: Vec<Facet>, chosen: String) -> impl IntoView {
    let chosen: Vec<String> = chosen.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    for value in &chosen {
        if !facets.iter().any(|facet| facet.value == *value) {
            facets.push(Facet { value: value.clone(), count: 0 });
        }
    }
    facets.sort_by(|a, b| a.value.cmp(&b.value));
    facets
        .into_iter()
        .map(|Facet { value, count }| {
            let checked = chosen.contains(&value);
            view! { <Check name label=capability(&value) value checked count/> }
        })
        .collect_view()
}

/// Both the attribute, for the server's page, and the property, for one that is patched after a click.
#[component]
fn Check(
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    checked: bool,
    #[prop(optional)] count: Option<u32>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked prop:checked=checked/>
            <span>{label}</span>
            {count.map(|count| view! { <data value=count.to_string()>{format::count(count.into())}</data> })}
        </label>
    }
}

/// `options` are values with their labels; the empty value means any.
#[component]
fn Select(name: &'static str, label: &'static str, options: Vec<(String, String)>, chosen: String) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected prop:selected=selected>{label}</option> }
        })
        .collect_view();
    let any = chosen.is_empty();
    view! {
        <select class="input" data-size="s" name=name aria-label=label>
            <option value="" selected=any prop:selected=any>"Any"</option>
            {options}
        </select>
    }
}

/// Fixed choices, and the chosen value if it is none of them.
fn choices(values: &[&str], chosen: &str, label: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let other = (!chosen.is_empty() && !values.contains(&chosen)).then_some(chosen);
    values.iter().copied().chain(other).map(|value| (value.to_owned(), label(value))).collect()
}

/// Facets as choices, with their counts.
fn counted(facets: Vec<Facet>, chosen: &str) -> Vec<(String, String)> {
    let missing = (!chosen.is_empty() && !facets.iter().any(|facet| facet.value == chosen))
        .then(|| Facet { value: chosen.to_owned(), count: 0 });
    let label = |Facet { value, count }: Facet| (value.clone(), format!("{value} ({})", format::count(count.into())));
    facets.into_iter().chain(missing).map(label).collect()
}
