//! Home.

use leptos::prelude::*;

#[component]
pub fn Home() -> impl IntoView {
    view! { <h1>"Home"</h1> }
}
