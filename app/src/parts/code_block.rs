//! Code in one or several languages, to be copied.

use leptos::prelude::*;

use crate::parts::Copy;

/// Tabs are radios, so that they switch without script. At most four.
#[component]
pub fn CodeBlock(
    /// Unique in the page: names the group of tabs.
    id: &'static str,
    /// Title and text of each tab.
    samples: Vec<(&'static str, String)>,
) -> impl IntoView {
    let heads = samples
        .iter()
        .enumerate()
        .map(|(i, (title, _))| {
            view! {
                <label>
                    <input type="radio" name=id checked=i == 0/>
                    {*title}
                </label>
            }
        })
        .collect_view();
    let panels = samples
        .into_iter()
        .enumerate()
        .map(|(i, (title, text))| {
            view! {
                <div data-panel=(i + 1).to_string()>
                    <div class="copy-corner">
                        <Copy text=text.clone() shown=format!("Copy {title}")/>
                    </div>
                    <pre tabindex="0"><code>{text}</code></pre>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="code-block">
            <div class="tabs">
                <menu role="radiogroup" aria-label="Language">{heads}</menu>
                {panels}
            </div>
        </div>
    }
}
