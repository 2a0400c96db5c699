//! Tables of data that become cards where they are too narrow for columns.
//!
//! Roles are explicit, since the cards change `display`, and with it what browsers tell readers.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// For numbers.
    End,
}

impl Align {
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Start => None,
            Self::End => Some("end"),
        }
    }
}

/// The head of a column. A `hidden` title is for readers only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub title: &'static str,
    pub align: Align,
    pub hidden: bool,
}

impl Column {
    pub const fn text(title: &'static str) -> Self {
        Self { title, align: Align::Start, hidden: false }
    }

    pub const fn number(title: &'static str) -> Self {
        Self { title, align: Align::End, hidden: false }
    }

    pub const fn hidden(title: &'static str) -> Self {
        Self { title, align: Align::End, hidden: true }
    }
}

/// `children` are the rows: `<tr role="row">` with a [`RowHead`] and [`Cell`]s.
#[component]
pub fn DataTable(
    #[prop(into)] label: String,
    columns: Vec<Column>,
    /// Pairs side by side in a card.
    #[prop(default = 3)]
    card_columns: u8,
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|Column { title, align, hidden }| {
            view! {
                <th role="columnheader" scope="col" data-align=align.attribute()>
                    {if hidden { view! { <span class="visually-hidden">{title}</span> }.into_any() } else { title.into_any() }}
                </th>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" tabindex="0" aria-label=label>
            <table role="table" class="data-table" data-narrow="cards" style=format!("--card-columns:{card_columns}")>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

/// The cell that names the row; as wide as the card.
#[component]
pub fn RowHead(children: Children) -> impl IntoView {
    view! { <th role="rowheader" scope="row" data-wide="">{children()}</th> }
}

/// A cell; its label shows in cards.
#[component]
pub fn Cell(
    #[prop(into)] label: String,
    #[prop(optional)] align: Align,
    /// As wide as the card.
    #[prop(optional)]
    wide: bool,
    #[prop(optional)] hide_narrow: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <td
            role="cell"
            data-label=label
            data-align=align.attribute()
            data-wide=wide.then_some("")
            data-hide-narrow=hide_narrow.then_some("")
        >
            {children()}
        </td>
    }
}
