//! The list of keys.

use api::KeyRow;
use domain::Timestamp;
use leptos::prelude::*;

use super::state::{KeyState, manage_href, percent};
use crate::parts::{Align, Cell, Column, DataTable, RowHead, Size, Status, Tone};

#[component]
pub fn KeyTable(rows: Vec<KeyRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Key"),
        Column::text("Status"),
        Column::text("Limit"),
        Column::number("Spent"),
        Column::text("Created"),
        Column::text("Last used"),
        Column::hidden("Actions"),
    ];
    let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
    view! { <DataTable label="Your keys" columns>{rows}</DataTable> }
}

#[component]
fn Row(row: KeyRow) -> impl IntoView {
    let state = KeyState::of(&row);
    let manage = manage_href(&row.id);
    let manage_label = format!("Manage {}", row.name);
    let spent = row.spent.to_string();
    let (created, last_used) = (row.created_at, row.last_used_at);
    let (name, label, off) = (row.name.clone(), row.label.clone(), row.disabled.then_some("off"));
    view! {
        <tr role="row" data-state=off>
            <RowHead>
                <div class="identity">
                    <div>
                        <strong>{name}</strong>
                        <small><code>{label}</code></small>
                    </div>
                </div>
            </RowHead>
            <Cell label="Status" attr:data-part="status">
                <Status tone=state.tone()>{state.label()}</Status>
            </Cell>
            <Cell label="Limit" wide=true>
                <Limit row state/>
            </Cell>
            <Cell label="Spent" align=Align::End>{spent}</Cell>
            <Cell label="Created"><Day at=created/></Cell>
            <Cell label="Last used">
                {match last_used {
                    Some(at) => view! { <Day at/> <small>{at.utc_time()}" UTC"</small> }.into_any(),
                    None => view! { <span class="none">"Never"</span> }.into_any(),
                }}
            </Cell>
            <Cell label="" align=Align::End attr:data-part="actions">
                <a class="button" data-size=Size::S.attribute() href=manage aria-label=manage_label data-noscroll="true">"Manage"</a>
            </Cell>
        </tr>
    }
    .into_any()
}

#[component]
fn Day(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.to_string()>{at.utc_day()}</time> }
}

#[component]
fn Limit(row: KeyRow, state: KeyState) -> impl IntoView {
    let held = (row.held.0 > 0).then(|| format!("{} held by running requests", row.held));
    let Some(limit) = row.limit else {
        return view! {
            <div class="limit">
                <span>"No limit"</span>
                <small>{held.unwrap_or_else(|| "bounded by your credits".to_owned())}</small>
            </div>
        }
        .into_any();
    };
    let tone = match state {
        KeyState::Active | KeyState::Disabled => Tone::Accent,
        other => other.tone(),
    };
    let share = percent(row.spent, limit);
    view! {
        <div class="limit">
            <span>{row.spent.display_short()} " " <small>{format!("of {}", limit.display_short())}</small></span>
            <span class="meter" data-tone=tone.attribute() style=format!("--at:{share}%;--meter-min:0") role="img" aria-label=format!("{share}% spent")>
                <span></span>
            </span>
            {held.map(|held| view! { <small>{held}</small> })}
        </div>
    }
    .into_any()
}
