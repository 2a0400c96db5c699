//! `/docs/billing`: the published rule of what a request costs, in every way it can end.

use api::Cancelling;
use domain::{Tokenizer, Unit};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::{LazyRoute, lazy_route};

use crate::AppError;
use crate::format;
use crate::parts::{Cell, Column, DataTable, RowHead};

/// Which providers' bills end with the connection.
#[server(endpoint = "cancelling_providers")]
pub async fn cancelling_providers() -> Result<Cancelling, AppError> {
    Ok(crate::port::port::<dyn api::Catalog>()?.cancelling().await?)
}

#[derive(Clone, Debug)]
pub struct DocsBillingPage {
    providers: Resource<Result<Cancelling, AppError>>,
}

#[lazy_route]
impl LazyRoute for DocsBillingPage {
    fn data() -> Self {
        Self { providers: Resource::new(|| (), |()| cancelling_providers()) }
    }

    fn view(this: Self) -> AnyView {
        view! { <DocsBilling providers=this.providers/> }.into_any()
    }
}

/// One way a request can end.
struct Ending {
    what: &'static str,
    /// Who counts, and what.
    counted: &'static str,
    pays: &'static str,
}

const ENDINGS: [Ending; 9] = [
    Ending {
        what: "The answer came to its end",
        counted: "The provider reports its tokens",
        pays: "Prompt and completion, by the provider’s count",
    },
    Ending {
        what: "The answer came to its end, uncounted",
        counted: "The provider reports none: Souk counts",
        pays: "The prompt’s text and the delivered text, by Souk’s count",
    },
    Ending {
        what: "You left midway, and the provider’s bill ends there",
        counted: "The connection is dropped at once: Souk counts",
        pays: "The prompt and what was delivered, by Souk’s count",
    },
    Ending {
        what: "You left midway, and the provider bills on",
        counted: "Souk reads the answer to its end, for the provider’s count",
        pays: "Prompt and whole completion, by the provider’s count",
    },
    Ending {
        what: "You left before the first token, and the provider’s bill ends there",
        counted: "The connection is dropped at once",
        pays: "Nothing",
    },
    Ending {
        what: "You left before the first token, and the provider bills on",
        counted: "Souk reads the answer to its end; no other endpoint is tried",
        pays: "Prompt and whole completion, by the provider’s count; nothing if the try fails",
    },
    Ending {
        what: "The answer broke off: the provider died midway",
        counted: "What the provider had told of the prompt stands, Souk counts the rest",
        pays: "The prompt and what was delivered",
    },
    Ending {
        what: "Refused: no credits, no endpoint, a bad request",
        counted: "No provider was called",
        pays: "Nothing",
    },
    Ending {
        what: "Failed: errors, time-outs, an answer without content and without a proper end",
        counted: "Nothing was delivered, at any endpoint that was tried",
        pays: "Nothing",
    },
];

#[component]
fn DocsBilling(providers: Resource<Result<Cancelling, AppError>>) -> impl IntoView {
    view! {
        <Title text="Billing"/>
        <Meta name="description" content="What a request costs when it is answered, cancelled, refused or breaks off, and who counts its tokens."/>
        <div class="page" data-page="docs">
            <header class="page-header">
                <div>
                    <h1>"What a request costs"</h1>
                    <p>"A request costs what its provider bills for it: each kind of token at its listed price, summed exactly and rounded once, to a billionth of a dollar. This page says what that means however the request ends."</p>
                </div>
            </header>
            <Endings/>
            <Counting/>
            <Transition>
                {move || Suspend::new(async move { providers.await.ok().map(|found| view! { <Providers found/> }) })}
            </Transition>
            <Prices/>
            <Holds/>
        </div>
    }
}

#[component]
fn Endings() -> impl IntoView {
    let rows = ENDINGS
        .iter()
        .map(|Ending { what, counted, pays }| {
            view! {
                <tr role="row">
                    <RowHead>{*what}</RowHead>
                    <Cell label="Who counts">{*counted}</Cell>
                    <Cell label="You pay"><strong>{*pays}</strong></Cell>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("What happened"), Column::text("Who counts"), Column::text("You pay")];
    view! {
        <section class="prose" aria-labelledby="endings">
            <h2 id="endings">"However it ends"</h2>
            <p>"The same holds for answers that stream and for those that come in one piece, in every API."</p>
            <DataTable label="What is paid, by how a request ended" columns card_columns=1>{rows}</DataTable>
            <p>"Endpoints that failed before another one answered cost nothing. Each request that reached a provider has its receipt on the "<a href="/activity">"activity page"</a>"."</p>
        </section>
    }
}

#[component]
fn Counting() -> impl IntoView {
    view! {
        <section class="prose" aria-labelledby="counting">
            <h2 id="counting">"Who counts the tokens"</h2>
            <p>"The provider, in its model’s own tokens, whenever it reports a count. Souk counts only where no count came, and says so: on the receipt, and as "<code>"usage_is_estimated"</code>" with the "<code>"tokenizer"</code>" in "<code>"GET /generation"</code>"."</p>
            <p>"Souk counts with the vocabulary "<code>{Tokenizer::CURRENT.name()}</code>", by the open library "<code>{Tokenizer::CURRENT.library()}</code>". It counts the text of the messages, tools and schema that were sent, and the text, reasoning and tool calls that were delivered to you. It never counts what did not reach you, nor what only a provider can know: pictures, sound, hidden reasoning, the markers between messages. Whatever is in doubt is in your favour."</p>
        </section>
    }
}

#[component]
fn Providers(found: Cancelling) -> impl IntoView {
    let Cancelling { ends, goes_on } = found;
    view! {
        <section class="prose" aria-labelledby="providers">
            <h2 id="providers">"Whose bill ends when you leave"</h2>
            <p>"To cancel a request, close its connection. For these providers that ends the bill: "{ends.join(", ")}"."</p>
            <p>"These are known to bill the whole answer all the same: "{goes_on.join(", ")}". Of all others it is not known, so they are treated the same."</p>
        </section>
    }
}

/// The kinds of tokens, and the price of each where the list names none.
#[component]
fn Prices() -> impl IntoView {
    let rows = Unit::ALL
        .iter()
        .filter(|unit| unit.is_token())
        .map(|unit| {
            let otherwise = unit.fallback().map_or("not charged", Unit::label);
            let otherwise = if matches!(unit, Unit::Prompt | Unit::Completion) { "always listed" } else { otherwise };
            view! {
                <tr role="row">
                    <RowHead>{format::capitalised(unit.label())}</RowHead>
                    <Cell label="In price lists"><code>{unit.name()}</code></Cell>
                    <Cell label="Without a price of its own">{otherwise}</Cell>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::text("Tokens"), Column::text("In price lists"), Column::text("Without a price of its own")];
    view! {
        <section class="prose" aria-labelledby="prices">
            <h2 id="prices">"At which price"</h2>
            <p>"Every token has one kind and is billed once. A kind without a price of its own costs what the kind beside it costs."</p>
            <DataTable label="Kinds of tokens" columns card_columns=2>{rows}</DataTable>
            <p>"Where a provider lists other prices for long prompts, hours of the day or days to come, those of the request’s prompt and of the moment it came apply. A service tier is billed at its price if the provider says that it gave it; a tier without a known price is not asked for."</p>
        </section>
    }
}

#[component]
fn Holds() -> impl IntoView {
    view! {
        <section class="prose" aria-labelledby="holds">
            <h2 id="holds">"Before the call"</h2>
            <p>"The most that a request can cost is set aside before a provider is called, and what it did not cost is free again when it ends. If the server itself dies before a request is booked, nothing is charged for it."</p>
        </section>
    }
}
