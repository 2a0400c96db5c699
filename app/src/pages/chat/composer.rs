//! Where the prompt is written.

use leptos::prelude::*;
use leptos::{ev, html};

use super::room::Room;
use crate::format;
use crate::parts::{Icon, IconName};

#[component]
pub fn Composer(room: Room) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    // Read from the element, so that what was typed before the page came alive is not lost.
    let send = move || {
        if let Some(field) = field.get_untracked()
            && untrack(|| room.ready.get() && !room.is_running() && room.obstacle().is_none())
        {
            room.send(&field.value());
            field.set_value("");
        }
    };
    let keys = move |ev: ev::KeyboardEvent| match ev.key().as_str() {
        // `isComposing`: Enter then ends a word of an input method.
        "Enter" if !ev.shift_key() && !ev.is_composing() => {
            ev.prevent_default();
            send();
        }
        "Escape" => {
            if untrack(|| room.is_running()) {
                room.stop_all();
            } else if let Some(field) = field.get_untracked() {
                // Fails only for an element that is not in the page.
                _ = field.blur();
            }
        }
        _ => {}
    };
    let submit = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        send();
    };
    let cannot = move || !room.ready.get() || room.obstacle().is_some();
    view! {
        <form class="composer" on:submit=submit>
            <textarea node_ref=field rows="2" aria-label="Message" placeholder=move || placeholder(room) enterkeyhint="send" on:keydown=keys></textarea>
            <footer>
                <output>{move || room.obstacle().unwrap_or_else(|| asked(room))}</output>
                {move || if room.is_running() {
                    view! {
                        <button class="button" data-shape="square" type="button" title="Stop all" aria-label="Stop all answers" on:click=move |_| room.stop_all()>
                            <Icon name=IconName::Stop/>
                        </button>
                    }
                    .into_any()
                } else {
                    view! {
                        <button class="button" data-shape="square" type="submit" data-kind="accent" title="Send" aria-label="Send" disabled=cannot>
                            <Icon name=IconName::Send/>
                        </button>
                    }
                    .into_any()
                }}
            </footer>
        </form>
    }
    .into_any()
}

fn enabled(room: Room) -> usize {
    room.lanes.read().iter().filter(|lane| lane.on).count()
}

fn asked(room: Room) -> String {
    format!("{} · Enter sends, Shift Enter begins a line", format::plural(enabled(room), "model"))
}

fn placeholder(room: Room) -> &'static str {
    match enabled(room) {
        2 => "Ask both …",
        3 => "Ask all three …",
        4 => "Ask all four …",
        _ => "Ask …",
    }
}
