//! Links to the pages of a list.

use leptos::prelude::*;

use crate::parts::{Icon, IconName, Size};

/// Where in the list one is, with links to the pages beside it. Nothing for a list of one page.
#[component]
pub fn Pager<F>(page: u32, pages: u32, href: F) -> impl IntoView
where
    F: Fn(u32) -> String,
{
    (pages > 1).then(|| {
        let previous = (page > 1).then(|| href(page - 1));
        let next = (page < pages).then(|| href(page + 1));
        view! {
            <nav class="pager" aria-label="Pages">
                <span>{format!("Page {page} of {pages}")}</span>
                {previous.map(|href| view! {
                    <a class="button" data-size="s" rel="prev" href=href><Icon name=IconName::Left size=Size::S/>"Previous"</a>
                })}
                {next.map(|href| view! {
                    <a class="button" data-size="s" rel="next" href=href>"Next"<Icon name=IconName::Right size=Size::S/></a>
                })}
            </nav>
        }
    })
}
