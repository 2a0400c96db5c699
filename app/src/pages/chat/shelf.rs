//! The conversations kept in this browser.

use leptos::prelude::*;

use super::room::Room;
use crate::parts::{Icon, IconName, Size};

/// The id by which a phone's head opens it.
pub const SHELF: &str = "conversations";

#[component]
pub fn Conversations(room: Room) -> impl IntoView {
    let kept = Memo::new(move |_| room.shelf.read().0.iter().map(|kept| (kept.id, kept.title())).collect::<Vec<_>>());
    view! {
        <aside class="conversations" id=SHELF popover="auto" aria-label="Conversations">
            <button class="button" data-width="full" type="button" on:click=move |_| room.begin_anew()>
                <Icon name=IconName::Plus/>
                "New chat"
            </button>
            <nav>
                <ul>
                    <For each=move || kept.get() key=|kept| kept.clone() let((id, title))>
                        <Kept room id title/>
                    </For>
                </ul>
            </nav>
            <footer>
                <Icon name=IconName::Lock size=Size::S/>
                <p>
                    {move || if room.not_kept.get() {
                        "This browser keeps no conversations: they are gone when you leave the page."
                    } else {
                        "Kept in this browser only, the latest thirty."
                    }}
                </p>
            </footer>
        </aside>
    }
    .into_any()
}

#[component]
fn Kept(room: Room, id: u64, title: String) -> impl IntoView {
    let current = move || (room.conversation.get() == id).then_some("true");
    let forget = format!("Delete the conversation {title}");
    view! {
        <li>
            <button type="button" data-part="open" aria-current=current on:click=move |_| room.open(id)>{title}</button>
            <button class="icon-button" data-size="s" type="button" aria-label=forget title="Delete" on:click=move |_| room.forget(id)>
                <Icon name=IconName::Trash/>
            </button>
        </li>
    }
    .into_any()
}
