//! What a model takes or gives: text, images, files, sound, film.

use leptos::prelude::*;

use crate::parts::{Icon, IconName};

/// An icon per modality; one without an icon is written out.
#[component]
pub fn Modalities(names: Vec<String>) -> impl IntoView {
    let marks = names
        .into_iter()
        .map(|name| match icon(&name) {
            Some(icon) => view! { <Icon name=icon label=name/> }.into_any(),
            None => name.into_any(),
        })
        .collect_view();
    view! { <span class="modalities">{marks}</span> }
}

fn icon(name: &str) -> Option<IconName> {
    Some(match name {
        "text" => IconName::Text,
        "image" => IconName::Image,
        "file" => IconName::File,
        "audio" => IconName::Audio,
        "video" => IconName::Video,
        _ => return None,
    })
}
