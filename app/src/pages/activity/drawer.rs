//! One generation in full: what was tried, what was left out and why, what it cost.

use domain::{Attempt, Exclusion, Failure, Generation, Usage};
use leptos::prelude::*;
use leptos::{ev, html};
use leptos_router::hooks::use_navigate;

use super::address::Address;
use super::exclusion::sentence;
use super::log::{dash, key_name};
use crate::parts::{
    Badge, CloseLink, Copy, Failed, Icon, IconName, Overlay, Receipt, ReceiptShape, SimulatedBadge, Size, Stat, Tile,
    TileKind, Tone, UrlDialog,
};
use crate::{AppError, format};

/// Where the arrows of the drawer lead: the rows above and below in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Neighbours {
    pub fn of(open: Option<&domain::GenerationId>, rows: &[Generation], here: &Address) -> Self {
        let Some(at) = rows.iter().position(|row| Some(&row.id) == open) else { return Self::default() };
        let href = |index: usize| rows.get(index).map(|row| here.opening(&row.id).href());
        Self { previous: at.checked_sub(1).and_then(href), next: href(at + 1) }
    }
}

#[component]
pub fn Drawer(
    opened: Result<Generation, AppError>,
    neighbours: Neighbours,
    keys: Vec<(String, String)>,
    close_href: String,
) -> impl IntoView {
    let close = close_href.clone();
    view! {
        <UrlDialog overlay=Overlay::Drawer heading_id="generation-heading" close_href>
            {match opened {
                Ok(generation) => view! { <Details generation neighbours keys close/> }.into_any(),
                Err(error) => view! { <Missing error close/> }.into_any(),
            }}
        </UrlDialog>
    }
}

#[component]
fn Missing(error: AppError, close: String) -> impl IntoView {
    let body = if error.is_not_found() {
        view! { <p>"This account has no such request. It may not have ended yet."</p> }.into_any()
    } else {
        view! { <Failed error/> }.into_any()
    };
    view! {
        <header>
            <div><h2 id="generation-heading">"No such request"</h2></div>
            <CloseLink href=close/>
        </header>
        <section>{body}</section>
    }
}

#[component]
fn Details(
    generation: Generation,
    neighbours: Neighbours,
    keys: Vec<(String, String)>,
    close: String,
) -> impl IntoView {
    let g = generation;
    let total_ms = g.attempts.iter().map(|attempt| attempt.ended_ms).fold(g.duration_ms, u32::max);
    let tokens = g.usage.completion;
    let attempts: Vec<_> =
        g.attempts.iter().cloned().map(|attempt| view! { <AttemptItem attempt total_ms tokens/> }).collect();
    let none_tried = attempts.is_empty();
    let excluded = g.excluded.clone();
    let (cost, duration) = (g.cost.total.to_string(), format::seconds(g.duration_ms));
    let finish = g.finish_reason.clone().unwrap_or_else(|| g.state.name().to_owned());
    let (first, error) = (g.first_token_ms.map(format::seconds), g.error.clone());
    view! {
        <Head generation=g.clone() neighbours close/>
        <section>
            <dl class="drawer-stats">
                <Stat label="Cost">{cost}</Stat>
                <Stat label="First token">{dash(first)}</Stat>
                <Stat label="Total">{duration}</Stat>
                <Stat label="Finish">{finish}</Stat>
            </dl>
        </section>
        {error.map(|error| view! { <Fault error/> })}
        <section>
            <h3>"Attempts"</h3>
            {none_tried.then(|| view! { <p>"No endpoint was asked."</p> })}
            <ol class="attempts">{attempts}</ol>
            {(!none_tried).then(|| view! { <ClockScale total_ms/> })}
        </section>
        {(!excluded.is_empty()).then(|| view! { <Excluded excluded/> })}
        <section>
            <h3>"Receipt"</h3>
            <Receipt generation=g.clone() shape=ReceiptShape::Inline/>
        </section>
        <Request generation=g keys/>
    }
    .into_any()
}

#[component]
fn Head(generation: Generation, neighbours: Neighbours, close: String) -> impl IntoView {
    let model =
        generation.served_by.as_ref().map_or_else(|| generation.requested_model.clone(), |by| by.model.to_string());
    let author = model.split('/').next().unwrap_or_default().to_owned();
    let simulated = generation.served_by.as_ref().is_some_and(|by| by.simulated);
    let at = generation.created_at;
    let Neighbours { previous, next } = neighbours;
    let arrow = |href: String, label: &'static str, icon: IconName| {
        view! {
            <a class="icon-button" href=href aria-label=label title=label data-noscroll="true"><Icon name=icon/></a>
        }
    };
    let keys = step_keys(previous.clone(), next.clone());
    view! {
        <header node_ref=keys>
            <Tile slug=author size=Size::M/>
            <div>
                <h2 id="generation-heading">{model}</h2>
                <small>
                    <time datetime=at.to_string()>{at.utc_day()} ", " {at.utc_time()} " UTC"</time>
                    {simulated.then(|| view! { " " <SimulatedBadge/> })}
                </small>
            </div>
            {previous.map(|href| arrow(href, "Newer request", IconName::Up))}
            {next.map(|href| arrow(href, "Older request", IconName::Down))}
            <CloseLink href=close/>
        </header>
    }
    .into_any()
}

/// J and K go to the next and previous request while the drawer is open.
fn step_keys(previous: Option<String>, next: Option<String>) -> NodeRef<html::Header> {
    let node = NodeRef::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let (previous, next, navigate) = (previous.clone(), next.clone(), navigate.clone());
        let handle = window_event_listener(ev::keydown, move |ev| {
            let plain = !(ev.ctrl_key() || ev.meta_key() || ev.alt_key());
            let href = match ev.key().as_str() {
                "j" | "J" if plain => next.as_ref(),
                "k" | "K" if plain => previous.as_ref(),
                _ => None,
            };
            if let Some(href) = href {
                navigate(href, leptos_router::NavigateOptions { scroll: false, ..Default::default() });
            }
        });
        on_cleanup(move || handle.remove());
    });
    node
}

#[component]
fn Fault(error: Failure) -> impl IntoView {
    view! {
        <section>
            <div class="notice" data-tone="bad">
                <Icon name=IconName::Alert/>
                <p>
                    <strong>{error.message}</strong>
                    " "
                    <code>{error.error_type}</code>
                    {error.code.map(|code| view! { " · " <code>{code}</code> })}
                </p>
            </div>
        </section>
    }
}

#[component]
fn AttemptItem(attempt: Attempt, total_ms: u32, tokens: u64) -> impl IntoView {
    let served = attempt.failure.is_none();
    let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let first = attempt.first_token_ms.unwrap_or(attempt.ended_ms);
    let words = attempt_words(&attempt, tokens);
    let code = attempt.failure.as_ref().and_then(|failure| failure.code.clone());
    let badge = if served {
        view! { <Badge tone=Tone::Good icon=IconName::Check>{status}</Badge> }.into_any()
    } else {
        view! { <Badge tone=Tone::Bad icon=IconName::X>{status}</Badge> }.into_any()
    };
    view! {
        <li data-outcome=if served { "served" } else { "failed" }>
            <header>
                <Tile slug=attempt.provider.to_string() name=attempt.provider_name.clone() kind=TileKind::Provider size=Size::M/>
                <div>
                    <strong>{attempt.provider_name}</strong>
                    <small>{format!("{} · {}", attempt.tag, attempt.model)}</small>
                </div>
                {badge}
            </header>
            <span class="clock" aria-hidden="true">
                <i data-part=served.then_some("wait") style=span_style(attempt.started_ms, first, total_ms)></i>
                {served.then(|| view! { <i style=span_style(first, attempt.ended_ms, total_ms)></i> })}
            </span>
            <p>{words}</p>
            {code.map(|code| view! { <p>"The provider’s code: " <code>{code}</code></p> })}
        </li>
    }
}

/// `First token at 0.54 s, then 164 tokens at 58 tokens/s.`, or why it failed and when.
fn attempt_words(attempt: &Attempt, tokens: u64) -> String {
    let ended = format::seconds(attempt.ended_ms);
    match (&attempt.failure, attempt.first_token_ms) {
        (Some(failure), first) => {
            let message = failure.message.trim_end_matches('.');
            let when = if first.is_some() { "The answer broke off at" } else { "Given up at" };
            format!("{message} ({}). {when} {ended}.", failure.error_type)
        }
        (None, None) => format!("Answered at {ended}, without content."),
        (None, Some(first)) => {
            let speed = format::tokens_per_second(tokens, attempt.ended_ms.saturating_sub(first));
            let speed = speed.map(|speed| format!(" at {speed}")).unwrap_or_default();
            format!("First token at {}, then {} tokens{speed}.", format::seconds(first), format::count(tokens))
        }
    }
}

/// A span of time as shares of the whole, in tenths of a percent, for the style sheet.
fn span_style(from: u32, to: u32, total: u32) -> String {
    let share = |ms: u32| u64::from(ms).saturating_mul(1000) / u64::from(total.max(1));
    let percent = |permille: u64| format!("{}.{}%", permille / 10, permille % 10);
    format!("--from:{};--for:{}", percent(share(from)), percent(share(to.saturating_sub(from))))
}

#[component]
fn ClockScale(total_ms: u32) -> impl IntoView {
    let marks = [0, total_ms / 3, (total_ms / 3).saturating_mul(2), total_ms];
    let written = |ms: u32| if total_ms < 1_000 { format!("{ms} ms") } else { format::seconds(ms) };
    view! { <p class="clock-scale" aria-hidden="true">{marks.map(|ms| view! { <span>{written(ms)}</span> }).collect_view()}</p> }
}

#[component]
fn Excluded(excluded: Vec<Exclusion>) -> impl IntoView {
    let count = excluded.len();
    let rows = excluded
        .into_iter()
        .map(|Exclusion { tag, reason }| view! { <div><dt>{tag.to_string()}</dt><dd>{sentence(&reason)}</dd></div> })
        .collect_view();
    view! {
        <section>
            <h3>"Not considered"</h3>
            <details class="disclosure" open=count <= 5>
                <summary>{format::plural(count, "endpoint")} <Icon name=IconName::Right size=Size::S/></summary>
                <dl class="pairs">{rows}</dl>
            </details>
        </section>
    }
}

#[component]
fn Request(generation: Generation, keys: Vec<(String, String)>) -> impl IntoView {
    let g = generation;
    let key = key_name(&g, &keys);
    let streamed = if g.streamed { ", streamed" } else { "" };
    let pair = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let counted = counted_by(&g.usage);
    let saved = g.cache_discount.map(|saved| saved.to_string());
    let reasoning = (g.usage.reasoning > 0).then(|| format::count(g.usage.reasoning));
    view! {
        <section>
            <h3>"Request"</h3>
            <dl class="pairs">
                <div>
                    <dt>"Generation"</dt>
                    <dd><Copy text=g.id.to_string()/></dd>
                </div>
                {pair("Key", Some(key))}
                {pair("Asked for", Some(g.requested_model.clone()))}
                {pair("Format", Some(format!("{}{streamed}", g.surface.replace('.', " "))))}
                {pair("Held before the call", Some(g.held.to_string()))}
                <div><dt>"Tokens counted"</dt><dd>{counted} <a href="/docs/billing#counting">"How"</a></dd></div>
                {pair("Saved by caching", saved)}
                {pair("Service tier", g.service_tier.clone())}
                {pair("Reasoning tokens", reasoning)}
                {pair("Finish, as the provider said it", g.native_finish_reason.clone())}
                {pair("Provider’s id", g.upstream_id.clone())}
                {pair("App", g.app.clone())}
                {pair("End user", g.user.clone())}
            </dl>
        </section>
    }
}

/// `By the provider`, or by us and with what.
fn counted_by(usage: &Usage) -> String {
    match usage.tokenizer {
        _ if !usage.estimated => "By the provider".to_owned(),
        None => "By Souk: the provider reported none".to_owned(),
        Some(used) => {
            format!("By Souk with {} of {}: the provider reported none", used.name(), used.library())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(first_token_ms: Option<u32>, failure: Option<&str>) -> Attempt {
        Attempt {
            model: "a/b".parse().unwrap(),
            provider: "novita".parse().unwrap(),
            provider_name: "Novita".into(),
            tag: "novita/fp8".parse().unwrap(),
            started_ms: 80,
            first_token_ms,
            ended_ms: 3370,
            status: None,
            failure: failure.map(|m| Failure { error_type: "timeout".into(), message: m.into(), code: None }),
        }
    }

    #[test]
    fn an_attempt_is_told_in_words() {
        assert_eq!(
            attempt_words(&attempt(Some(540), None), 164),
            "First token at 0.54 s, then 164 tokens at 57 tokens/s."
        );
        assert_eq!(attempt_words(&attempt(None, Some("No answer.")), 0), "No answer (timeout). Given up at 3.37 s.");
        assert_eq!(
            attempt_words(&attempt(Some(1), Some("Reset")), 9),
            "Reset (timeout). The answer broke off at 3.37 s."
        );
    }

    #[test]
    fn who_counted_the_tokens_is_named_with_what_they_counted_with() {
        let ours = Usage { estimated: true, tokenizer: Some(domain::Tokenizer::O200kBase), ..Usage::default() };
        assert_eq!(counted_by(&Usage::default()), "By the provider");
        assert_eq!(counted_by(&ours), "By Souk with o200k_base of bpe-openai: the provider reported none");
        assert!(counted_by(&Usage { tokenizer: None, ..ours }).starts_with("By Souk:"));
    }

    #[test]
    fn spans_are_shares_of_one_clock() {
        assert_eq!(span_style(80, 540, 3370), "--from:2.3%;--for:13.6%");
        assert_eq!(span_style(0, 0, 0), "--from:0.0%;--for:0.0%");
    }
}
