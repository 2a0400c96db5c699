//! The foot of every page.

use leptos::prelude::*;

use crate::parts::BrandMark;

#[component]
pub fn SiteFooter() -> impl IntoView {
    view! {
        <footer class="site-footer">
            <div class="columns">
                <div>
                    <a class="brand" href="/" aria-label="Souk, home">
                        <BrandMark/>
                        <span>"Souk"</span>
                    </a>
                    <p>"One key to the models of many providers, and a receipt for every request."</p>
                </div>
                <section>
                    <h2>"Market"</h2>
                    <ul>
                        <li><a href="/models">"Models"</a></li>
                        <li><a href="/chat">"Chat"</a></li>
                    </ul>
                </section>
                <section>
                    <h2>"Account"</h2>
                    <ul>
                        <li><a href="/keys">"Keys"</a></li>
                        <li><a href="/activity">"Activity"</a></li>
                        <li><a href="/docs/billing">"Billing"</a></li>
                    </ul>
                </section>
                <section>
                    <h2>"API"</h2>
                    <ul>
                        <li><a href="/api/v1/models" rel="external">"List of models"</a></li>
                        <li><a href="/api/v1/providers" rel="external">"List of providers"</a></li>
                    </ul>
                </section>
            </div>
        </footer>
    }
}
