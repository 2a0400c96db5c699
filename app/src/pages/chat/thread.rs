//! The conversation on screen: heads of the lanes, prompts, and the answers to each side by side.

use leptos::html;
use leptos::prelude::*;

use super::lane::{Lane, LaneId, Settings};
use super::reply::Reply;
use super::room::{Room, Turn};
use crate::parts::{Icon, IconName, SimulatedBadge, Size, Tile};

#[component]
pub fn Thread(room: Room) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let turns = room.turns.read().len();
        if let Some(thread) = node.get().filter(|_| turns > 0) {
            // After the new turn is drawn.
            request_animation_frame(move || thread.set_scroll_top(thread.scroll_height()));
        }
    });
    let empty = move || room.turns.read().is_empty();
    view! {
        <div class="thread" node_ref=node tabindex="0" role="region" aria-label="Answers side by side" style=move || format!("--lanes:{}", room.lanes.read().len().max(1))>
            <div class="lane-heads">
                <For each=move || room.lanes.get() key=|lane| lane.id let:lane>
                    <LaneHead room lane/>
                </For>
            </div>
            <For each=move || room.turns.get() key=move |turn| (room.conversation.get_untracked(), turn.number) let:turn>
                <TurnView room turn/>
            </For>
            {move || empty().then(|| view! {
                <div class="opening">
                    <p>"One prompt goes to every model that is switched on. Each answer tells its tokens, its time and what it cost, and opens its receipt."</p>
                </div>
            })}
        </div>
        <output class="visually-hidden" aria-live="polite">{move || room.said.get()}</output>
    }
    .into_any()
}

#[component]
fn LaneHead(room: Room, lane: Lane) -> impl IntoView {
    let id = lane.id;
    let name = lane.model.name.clone();
    let prices = lane.model.prices();
    view! {
        <section>
            <Tile slug=lane.model.slug.author() size=Size::M/>
            <div>
                <h2>{name.clone()}</h2>
                <small>{if lane.model.simulated { view! { <SimulatedBadge/> }.into_any() } else { prices.into_any() }}</small>
            </div>
            <LaneControls room id name/>
        </section>
    }
    .into_any()
}

/// Whether it answers, how it is asked, and away with it. In the head of a lane; on a phone in the head of an answer.
#[component]
pub fn LaneControls(room: Room, id: LaneId, name: String) -> impl IntoView {
    let on = move || room.lane(id).is_some_and(|lane| lane.on);
    let tuned = move || room.lane(id).is_some_and(|lane| lane.settings != Settings::default());
    let tuning = move || room.tuning.get() == Some(id);
    let toggle = move |_| room.tuning.set(if tuning() { None } else { Some(id) });
    let label = format!("Parameters of {name}");
    view! {
        <label class="check" title="Answers the next prompt">
            <input
                type="checkbox"
                aria-label=format!("{name} answers")
                prop:checked=on
                checked=untrack(on)
                on:change:target=move |ev| room.change_lane(id, |lane| lane.on = ev.target().checked())
            />
        </label>
        <button
            class="icon-button"
            type="button"
            title=label.clone()
            aria-label=label
            aria-expanded=move || if tuning() { "true" } else { "false" }
            data-state=move || tuned().then_some("changed")
            on:click=toggle
        >
            <Icon name=IconName::Sliders/>
        </button>
        <button class="icon-button" type="button" title="Remove" aria-label=format!("Remove {name}") on:click=move |_| room.remove_lane(id)>
            <Icon name=IconName::X/>
        </button>
    }
}

#[component]
fn TurnView(room: Room, turn: Turn) -> impl IntoView {
    let prompt = turn.prompt.clone();
    let last = move || room.turns.read().len() == turn.number + 1;
    let last = Signal::derive(last);
    let turn = StoredValue::new(turn);
    view! {
        <div class="turn">
            <div>
                <p>{prompt}</p>
            </div>
        </div>
        <div class="answers">
            <For each=move || room.lanes.get() key=|lane| lane.id let:lane>
                {
                    let answer = turn.with_value(|turn| turn.answer(lane.id));
                    match answer {
                        Some(answer) => view! { <Reply room lane answer last/> }.into_any(),
                        None => view! { <NotAsked room lane last/> }.into_any(),
                    }
                }
            </For>
        </div>
    }
    .into_any()
}

/// The id by which the chips of the head jump to a lane's latest answer.
pub fn lane_anchor(id: LaneId) -> String {
    format!("lane-{id}")
}

#[component]
fn NotAsked(room: Room, lane: Lane, last: Signal<bool>) -> impl IntoView {
    let anchor = lane_anchor(lane.id);
    view! {
        <article class="answer" id=move || last.get().then(|| anchor.clone())>
            <header>
                <Tile slug=lane.model.slug.author()/>
                <span>{lane.model.name.clone()}</span>
                <LaneControls room id=lane.id name=lane.model.name/>
            </header>
            <p class="none">"Was not asked."</p>
        </article>
    }
}
