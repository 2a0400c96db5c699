//! The HTML document around the application; rendered on the server only.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::theme::Theme;

/// The whole document. The body is all the application: nothing else may be in it, or hydration fails.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    crate::port::answer_with_content_policy();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=Theme::current().attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <crate::App/>
            </body>
        </html>
    }
}
