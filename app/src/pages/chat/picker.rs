//! The palette in which a model is searched and added as a lane.

use leptos::prelude::*;
use leptos::{ev, html};

use super::lane::Choice;
use super::list_chat_models;
use super::room::Room;
use crate::AppError;
use crate::parts::{Failed, Icon, IconName, SimulatedBadge, Tile, close_dialog, show_dialog};

pub const PICKER: &str = "model-picker";
/// Rows shown at once; the search narrows them.
const SHOWN: usize = 50;

/// Opens the picker, if a lane is free.
pub fn open_picker(room: Room) {
    if untrack(|| room.can_add()) {
        show_dialog(PICKER);
    }
}

#[component]
pub fn ModelPicker(room: Room) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let search = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    // Asked for in the browser only, and not before the page is alive: the page itself is lighter without.
    let models = Resource::new(
        move || room.ready.get(),
        |ready| async move { if ready { list_chat_models().await } else { Ok(Vec::new()) } },
    );
    let found = Memo::new(move |_| {
        let all = models.get().and_then(Result::ok).unwrap_or_default();
        search.with(|search| all.into_iter().filter(|model| model.fits(search)).collect::<Vec<_>>())
    });
    let pick = move |choice: Choice| {
        room.add_lane(choice);
        close_dialog(PICKER);
        search.set(String::new());
        active.set(0);
    };
    let choose_active = move || {
        if let Some(choice) = found.with_untracked(|found| found.get(active.get_untracked()).cloned()) {
            pick(choice);
        }
    };
    let step = move |ev: ev::KeyboardEvent| {
        let last = found.with_untracked(|found| found.len().min(SHOWN).saturating_sub(1));
        match ev.key().as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => active.update(|at| *at = at.saturating_sub(1)),
            "Enter" => choose_active(),
            _ => return,
        }
        ev.prevent_default();
    };
    view! {
        <dialog class="palette" id=PICKER aria-label="Add a model" closedby="any">
            <form role="search" on:submit=|ev| ev.prevent_default()>
                <Icon name=IconName::Search/>
                <input
                    node_ref=input
                    type="search"
                    role="combobox"
                    aria-label="Search models"
                    aria-expanded="true"
                    aria-controls="picker-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || format!("pick-{}", active.get())
                    placeholder="Search models that can be called now"
                    autofocus=true
                    autocomplete="off"
                    prop:value=search
                    on:input:target=move |ev| {
                        search.set(ev.target().value());
                        active.set(0);
                    }
                    on:keydown=step
                />
                <kbd>"Esc"</kbd>
            </form>
            <div>
                {move || models.get().and_then(Result::err).map(|error: AppError| view! { <Failed error/> })}
                <ul role="listbox" id="picker-list" aria-label="Models">
                    {move || found.get().into_iter().take(SHOWN).enumerate().map(|(at, choice)| view! {
                        <Row at choice active=Signal::derive(move || active.get() == at) pick/>
                    }).collect_view()}
                </ul>
                <Count found/>
            </div>
        </dialog>
    }
    .into_any()
}

#[component]
fn Row<F>(at: usize, choice: Choice, active: Signal<bool>, pick: F) -> impl IntoView
where
    F: Fn(Choice) + Copy + Send + 'static,
{
    let prices = choice.prices();
    let (author, name, slug, simulated) =
        (choice.slug.author().to_owned(), choice.name.clone(), choice.slug.to_string(), choice.simulated);
    view! {
        <li
            role="option"
            id=format!("pick-{at}")
            title=slug
            aria-selected=move || if active.get() { "true" } else { "false" }
            on:click=move |_| pick(choice.clone())
        >
            <Tile slug=author/>
            <span>{name}</span>
            {simulated.then(|| view! { <SimulatedBadge/> })}
            <small>{prices}</small>
        </li>
    }
}

#[component]
fn Count(found: Memo<Vec<Choice>>) -> impl IntoView {
    let text = move || match found.read().len() {
        0 => "No model fits.".to_owned(),
        n if n > SHOWN => format!("{SHOWN} of {n}: type to narrow them."),
        _ => String::new(),
    };
    view! { <output class="footnote">{text}</output> }
}
