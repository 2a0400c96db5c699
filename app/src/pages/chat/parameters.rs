//! How one lane's model is asked: folded away until wanted.

use leptos::prelude::*;

use super::lane::{Lane, LaneId, Settings};
use super::room::Room;
use crate::parts::{Icon, IconName, Size};

#[component]
pub fn Parameters(room: Room) -> impl IntoView {
    // By id: typing must not draw the form anew.
    let shown = Memo::new(move |_| room.tuning.get().filter(|id| room.lane(*id).is_some()));
    move || {
        let lane = untrack(|| room.lane(shown.get()?));
        shown.track();
        lane.map(|lane| view! { <Panel room lane/> })
    }
}

#[component]
fn Panel(room: Room, lane: Lane) -> impl IntoView {
    let id = lane.id;
    let settings = move || room.lane(id).map(|lane| lane.settings).unwrap_or_default();
    let close = move |_| room.tuning.set(None);
    view! {
        <aside class="parameters" aria-label="Parameters">
            <header>
                <div>
                    <h2>"Parameters"</h2>
                    <p>{lane.model.name}</p>
                </div>
                <button class="icon-button" type="button" aria-label="Close" title="Close" on:click=close><Icon name=IconName::X/></button>
            </header>
            <div>
                <label class="field">
                    <span class="label">"System prompt"</span>
                    <textarea
                        class="input"
                        rows="4"
                        prop:value=move || settings().system
                        on:input:target=move |ev| room.change_lane(id, |lane| lane.settings.system = ev.target().value())
                    ></textarea>
                </label>
                <Number room id label="temperature" hint="0 to 2; empty: the provider’s own" read=|s| s.temperature.clone() write=|s, v| s.temperature = v check=|s| s.temperature().err()/>
                <Number room id label="max_tokens" hint="1 or more; empty: the provider’s own" read=|s| s.max_tokens.clone() write=|s, v| s.max_tokens = v check=|s| s.max_tokens().err()/>
            </div>
            <footer>
                <button class="button" data-size="s" data-kind="ghost" type="button" on:click=move |_| room.change_lane(id, |lane| lane.settings = Settings::default())>
                    "Reset"
                </button>
                <button class="button" data-size="s" type="button" on:click=move |_| room.tune_all_like(id)>"Use for all models"</button>
            </footer>
        </aside>
    }
    .into_any()
}

/// A number of the settings, kept as typed, with what is wrong with it.
#[component]
fn Number(
    room: Room,
    id: LaneId,
    label: &'static str,
    hint: &'static str,
    read: fn(&Settings) -> String,
    write: fn(&mut Settings, String),
    check: fn(&Settings) -> Option<&'static str>,
) -> impl IntoView {
    let settings = move || room.lane(id).map(|lane| lane.settings).unwrap_or_default();
    let wrong = Memo::new(move |_| check(&settings()));
    let (field, note) = (format!("lane-{label}"), format!("lane-{label}-note"));
    let note_id = note.clone();
    view! {
        <div class="field">
            <label for=field.clone()><code>{label}</code></label>
            <input
                class="input"
                id=field
                inputmode="decimal"
                autocomplete="off"
                prop:value=move || read(&settings())
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=note
                on:input:target=move |ev| room.change_lane(id, |lane| write(&mut lane.settings, ev.target().value()))
            />
            {move || match wrong.get() {
                Some(problem) => view! { <p id=note_id.clone() role="alert"><Icon name=IconName::Alert size=Size::S/>{problem}</p> }.into_any(),
                None => view! { <p id=note_id.clone()>{hint}</p> }.into_any(),
            }}
        </div>
    }
}
