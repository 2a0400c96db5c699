//! A short table of models, for pages that show a few.

use api::ModelCard;
use domain::Unit;
use leptos::prelude::*;

use crate::format;
use crate::parts::{Align, Cell, Column, DataTable, Identity, Price, RowHead, SimulatedBadge};

#[component]
pub fn ModelTable(#[prop(into)] label: String, models: Vec<ModelCard>) -> impl IntoView {
    let columns = vec![
        Column::text("Model"),
        Column::number("Context"),
        Column::number("Input, per M"),
        Column::number("Output, per M"),
        Column::number("Providers"),
        Column::number("Released"),
    ];
    let rows = models.into_iter().map(|card| view! { <ModelTableRow card/> }).collect_view();
    view! { <DataTable label columns>{rows}</DataTable> }
}

#[component]
fn ModelTableRow(card: ModelCard) -> impl IntoView {
    let simulated = card.simulated;
    let context = card.context_length.map_or_else(|| "–".to_owned(), format::tokens);
    let released = card.released.as_deref().map_or_else(|| "–".to_owned(), format::day);
    view! {
        <tr role="row">
            <RowHead>
                <Identity slug=card.author.clone() name=card.name href=format!("/{}", card.slug)>
                    {card.author}
                    {simulated.then(|| view! { <SimulatedBadge/> })}
                </Identity>
            </RowHead>
            <Cell label="Context" align=Align::End>{context}</Cell>
            <Cell label="Input, per M" align=Align::End><Price rate=card.prompt/></Cell>
            <Cell label="Output, per M" align=Align::End><Price unit=Unit::Completion rate=card.completion/></Cell>
            <Cell label="Providers" align=Align::End hide_narrow=true>{card.providers}</Cell>
            <Cell label="Released" align=Align::End hide_narrow=true>{released}</Cell>
        </tr>
    }
}
