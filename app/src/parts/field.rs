//! A labelled input of a form, with its help or its error.

use leptos::prelude::*;

use crate::parts::{Icon, IconName, Size};

/// Label above, help below; an error replaces the help and is announced.
///
/// The `id` is the name unless given: give one where two forms of a page have fields of the same name.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    name: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    /// The input's `type`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] min_length: Option<u16>,
    #[prop(optional)] max_length: Option<u16>,
    /// The keyboard of a phone: `decimal`, `email`.
    #[prop(optional)]
    input_mode: Option<&'static str>,
    /// Takes the focus when its page or dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let note_id = format!("{id}-note");
    let has_help = help.is_some();
    let note = {
        let note_id = note_id.clone();
        move || match error.get() {
            Some(message) => view! {
                <p id=note_id.clone() role="alert">
                    <Icon name=IconName::Alert size=Size::S/>
                    {message}
                </p>
            }
            .into_any(),
            None => help.clone().map(|help| view! { <p id=note_id.clone()>{help}</p> }).into_any(),
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                class="input"
                id=id
                type=kind
                name=name
                value=value
                placeholder=placeholder
                autocomplete=autocomplete
                required=required
                minlength=min_length
                maxlength=max_length
                inputmode=input_mode
                autofocus=autofocus
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=move || (has_help || error.read().is_some()).then(|| note_id.clone())
            />
            {note}
        </div>
    }
}

/// What is wrong with a form as a whole.
#[component]
pub fn FormAlert(#[prop(into)] message: Signal<Option<String>>) -> impl IntoView {
    move || {
        message.get().map(|message| {
            view! {
                <div class="notice" data-tone="bad" role="alert">
                    <Icon name=IconName::Alert/>
                    <p>{message}</p>
                </div>
            }
        })
    }
}
