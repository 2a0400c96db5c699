//! The filters of the log: a GET form, so that they work without script.

use api::ActivityQuery;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use super::address::Address;
use crate::parts::{Button, Chip, Size};

const STATES: [(&str, &str); 3] = [("completed", "Completed"), ("cancelled", "Cancelled"), ("failed", "Failed")];
/// The value of the key filter for the chat on the site, which uses no key.
pub const SITE: &str = "site";

#[component]
pub fn Filters(here: Address, keys: Vec<(String, String)>) -> impl IntoView {
    let query = here.query.clone();
    let chips = chips(&here, &keys);
    let key_options = std::iter::once((SITE.to_owned(), "Chat on this site".to_owned())).chain(keys);
    let key_options = options(key_options, &query.key);
    let state_options = options(STATES.map(|(value, label)| (value.to_owned(), label.to_owned())), &query.state);
    let navigate = use_navigate();
    let submit = move |ev: SubmitEvent| {
        if let Some(wanted) = ev.target().and_then(|target| target.dyn_into().ok()).and_then(|form| read(&form)) {
            ev.prevent_default();
            navigate(&wanted.href(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    view! {
        <form method="get" action="/activity" class="log-tools" role="search" on:submit=submit>
            <label class="input" data-size="s">
                <span>"Model"</span>
                <input type="search" name="model" value=query.model placeholder="author/model" autocapitalize="none" spellcheck="false"/>
            </label>
            <label class="input" data-size="s">
                <span>"Provider"</span>
                <input type="search" name="provider" value=query.provider placeholder="any" autocapitalize="none" spellcheck="false"/>
            </label>
            <select class="input" data-size="s" name="key" aria-label="Key">
                <option value="">"Any key"</option>
                {key_options}
            </select>
            <select class="input" data-size="s" name="state" aria-label="State">
                <option value="">"Any state"</option>
                {state_options}
            </select>
            <Button size=Size::S submit=true>"Filter"</Button>
        </form>
        {(!chips.is_empty()).then(|| view! {
            <div class="chip-row" data-part="filters">
                {chips.into_iter().map(|(label, href)| view! { <Chip label href/> }).collect_view()}
                <a href="/activity">"Clear all"</a>
            </div>
        })}
    }
}

/// The address that a filled form asks for: defaults left out, from the first page.
fn read(form: &HtmlFormElement) -> Option<Address> {
    let data = FormData::new_with_form(form).ok()?;
    let text = |name: &str| data.get(name).as_string().unwrap_or_default().trim().to_owned();
    let query = ActivityQuery {
        model: text("model"),
        provider: text("provider"),
        key: text("key"),
        state: text("state"),
        page: 1,
    };
    Some(Address { query, open: None })
}

fn options(options: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<AnyView> {
    let options = options.into_iter().map(|(value, label)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{label}</option> }.into_any()
    });
    options.collect()
}

/// Each filter in effect, with the URL of the list without it.
fn chips(here: &Address, keys: &[(String, String)]) -> Vec<(String, String)> {
    let query = &here.query;
    let without = |clear: fn(&mut api::ActivityQuery)| {
        let mut rest = here.on_page(1);
        clear(&mut rest.query);
        rest.href()
    };
    let key_name = keys.iter().find(|(id, _)| *id == query.key).map_or("Key", |(_, name)| name.as_str());
    let key_name = if query.key == SITE { "Chat on this site" } else { key_name };
    let state_name =
        STATES.iter().find(|(value, _)| *value == query.state).map_or(query.state.as_str(), |(_, label)| label);
    let all = [
        (!query.model.is_empty(), format!("Model: {}", query.model), without(|q| q.model.clear())),
        (!query.provider.is_empty(), format!("Provider: {}", query.provider), without(|q| q.provider.clear())),
        (!query.key.is_empty(), key_name.to_owned(), without(|q| q.key.clear())),
        (!query.state.is_empty(), state_name.to_owned(), without(|q| q.state.clear())),
    ];
    all.into_iter().filter_map(|(on, label, href)| on.then_some((label, href))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_leads_to_the_list_without_its_filter() {
        let mut here = Address::default();
        here.query.model = "a/b".into();
        here.query.state = "failed".into();
        here.query.page = 4;
        let expected = [
            ("Model: a/b".to_owned(), "/activity?state=failed".to_owned()),
            ("Failed".to_owned(), "/activity?model=a/b".to_owned()),
        ];
        assert_eq!(chips(&here, &[]), expected);
    }
}
