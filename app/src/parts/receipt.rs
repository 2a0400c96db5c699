//! The receipt of a generation: what was asked, who answered, what each token cost. Souk's signature.

use domain::{Generation, ReceiptLine};
use leptos::prelude::*;

use crate::format;
use crate::parts::{SimulatedBadge, Trace};

/// How the receipt lies in the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiptShape {
    /// A sheet of its own, torn off below.
    #[default]
    Torn,
    /// Part of a drawer or card.
    Inline,
}

/// Its lines are exact; with the rounding, which is a line of its own, they add up to what was booked.
#[component]
pub fn Receipt(generation: Generation, #[prop(optional)] shape: ReceiptShape) -> impl IntoView {
    let model =
        generation.served_by.as_ref().map_or_else(|| generation.requested_model.clone(), |by| by.model.to_string());
    let simulated = generation.served_by.as_ref().is_some_and(|by| by.simulated);
    let refused = generation.attempts.iter().filter(|attempt| attempt.failure.is_some()).count();
    // Lines that leave the range of money cannot have been booked: then only the booked total is shown.
    let receipt = domain::receipt(&generation.cost).ok();
    let rounding = receipt.as_ref().and_then(|receipt| receipt.rounding.clone());
    let lines = receipt.into_iter().flat_map(|receipt| receipt.lines).map(|line| view! { <Line line/> }).collect_view();
    let summary = summary(&generation);
    let (total, state) = (generation.cost.total, generation.state.name());
    let (id, at) = (generation.id.to_string(), generation.created_at);
    view! {
        <article
            class="receipt"
            data-torn=(shape == ReceiptShape::Torn).then_some("")
            data-inline=(shape == ReceiptShape::Inline).then_some("")
            aria-label="Receipt of one request"
        >
            <header>
                <p>
                    <span>{model} {simulated.then(|| view! { " " <SimulatedBadge/> })}</span>
                    <span>{state}</span>
                </p>
                <p>
                    <span>{id}</span>
                    <time datetime=at.to_string()>{at.utc_day()} " " {at.utc_time()} " UTC"</time>
                </p>
            </header>
            <section>
                <Trace generation/>
            </section>
            <section>
                <dl>
                    {lines}
                    {rounding.map(|amount| view! {
                        <div><dt>"Rounding to $0.000000001"</dt><dd>{amount}</dd></div>
                    })}
                    {(refused > 0).then(|| view! {
                        <div><dt>{format::plural(refused, "failed attempt")}</dt><dd>"$0"</dd></div>
                    })}
                </dl>
            </section>
            <footer>
                <dl>
                    <div><dt>"Total"</dt><dd>{total.to_string()}</dd></div>
                </dl>
                <p>{summary}</p>
            </footer>
        </article>
    }
}

/// `Prompt tokens 180 × $0.27/M … $0.0000486`.
#[component]
fn Line(line: ReceiptLine) -> impl IntoView {
    let product = format!("{} × {}", format::count(line.quantity), line.price);
    view! {
        <div>
            <dt>{format::capitalised(line.unit.label())} " " <small>{product}</small></dt>
            <dd>{line.amount}</dd>
        </div>
    }
}

/// `3.37 s · first token 0.54 s · 58 tokens/s`.
fn summary(generation: &Generation) -> String {
    let mut facts = vec![format::seconds(generation.duration_ms)];
    if let Some(first) = generation.first_token_ms {
        facts.push(format!("first token {}", format::seconds(first)));
        if let Some(speed) =
            format::tokens_per_second(generation.usage.completion, generation.duration_ms.saturating_sub(first))
        {
            facts.push(speed);
        }
    }
    if generation.usage.estimated {
        let with = generation.usage.tokenizer.map(|used| format!(" with {}", used.name())).unwrap_or_default();
        facts.push(format!("tokens counted by Souk{with}"));
    }
    facts.join(" · ")
}
