//! The receipt of a generation: what was asked, who answered, what each token cost. Souk's signature.

use domain::{CostLine, Generation};
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

/// Its lines are exact and add up to the total before rounding; the total is what was booked.
#[component]
pub fn Receipt(generation: Generation, #[prop(optional)] shape: ReceiptShape) -> impl IntoView {
    let model =
        generation.served_by.as_ref().map_or_else(|| generation.requested_model.clone(), |by| by.model.to_string());
    let simulated = generation.served_by.as_ref().is_some_and(|by| by.simulated);
    let refused = generation.attempts.iter().filter(|attempt| attempt.failure.is_some()).count();
    let lines = generation.cost.lines.iter().map(|line| view! { <Line line=line.clone()/> }).collect_view();
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
fn Line(line: CostLine) -> impl IntoView {
    let price = format::price(line.unit, line.rate);
    let unit = if line.unit.is_token() && !line.rate.is_free() { "/M" } else { "" };
    // An amount too large for a decimal cannot have been booked; a dash is honest.
    let amount = line.amount().map_or_else(|_| "–".to_owned(), |amount| format!("${}", amount.normalize()));
    view! {
        <div>
            <dt>{format::capitalised(line.unit.label())} " " <small>{format!("{} × {price}{unit}", format::count(line.quantity))}</small></dt>
            <dd>{amount}</dd>
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
        facts.push("tokens counted by Souk".to_owned());
    }
    facts.join(" · ")
}
