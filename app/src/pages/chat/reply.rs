//! One answer: its reasoning, its text as it comes, what went wrong, and the line of facts that opens its receipt.

use domain::GenerationId;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::answer::{Answer, Phase};
use super::lane::Lane;
use super::room::Room;
use super::thread::{LaneControls, lane_anchor};
use super::wire::{Problem, Tally};
use crate::AppError;
use crate::format;
use crate::pages::activity::get_generation;
use crate::parts::{Copy, Failed, Icon, IconName, Receipt, ReceiptShape, Size, Skeleton, Status, Tile, Tone};

#[component]
pub fn Reply(room: Room, lane: Lane, answer: ArcRwSignal<Answer>, last: Signal<bool>) -> impl IntoView {
    let answer = RwSignal::from(answer);
    let phase = Memo::new(move |_| answer.read().phase.clone());
    let running = Memo::new(move |_| phase.read().is_running());
    let thought = Memo::new(move |_| !answer.read().reasoning.is_empty());
    let spoke = Memo::new(move |_| answer.read().has_text());
    let problem = Memo::new(move |_| match phase.get() {
        Phase::Failed(problem) => Some(problem),
        _ => None,
    });
    let anchor = lane_anchor(lane.id);
    let id = lane.id;
    view! {
        <article class="answer" id=move || last.get().then(|| anchor.clone()) data-state=move || running.get().then_some("streaming")>
            <header>
                <Tile slug=lane.model.slug.author()/>
                <span>{lane.model.name.clone()}</span>
                <LaneControls room id name=lane.model.name.clone()/>
            </header>
            {move || thought.get().then(|| view! { <Reasoning answer/> })}
            {move || (spoke.get() || running.get()).then(|| view! {
                <p class="answer-text" data-caret=move || running.get().then_some("")>{move || answer.read().text.clone()}</p>
            })}
            {move || problem.get().map(|problem| view! { <Fault problem spoke=spoke.get_untracked()/> })}
            {move || (phase.get() == Phase::Stopped).then(|| view! { <p class="none">{stopped(&answer.read_untracked())}</p> })}
            {move || if running.get() {
                view! { <RunningLine room id answer/> }.into_any()
            } else {
                view! { <Facts answer=answer.get_untracked()/> }.into_any()
            }}
        </article>
    }
    .into_any()
}

/// What a stop means for money, as far as the page can know.
fn stopped(answer: &Answer) -> &'static str {
    match (answer.first_token_ms, &answer.generation) {
        (None, _) => "Stopped before anything arrived.",
        (Some(_), Some(_)) => "Stopped. What arrived until then is charged; the receipt says how much.",
        (Some(_), None) => "Stopped. What arrived until then is charged; the activity page says how much.",
    }
}

#[component]
fn Reasoning(answer: RwSignal<Answer>) -> impl IntoView {
    let tokens = Memo::new(move |_| answer.read().tally.map(|tally| tally.reasoning).filter(|tokens| *tokens > 0));
    view! {
        <details class="reasoning">
            <summary>
                <Icon name=IconName::Brain size=Size::S/>
                "Reasoning"
                <small>{move || tokens.get().map(|tokens| format!("{} tokens", format::count(tokens)))}</small>
                <Icon name=IconName::Right size=Size::S/>
            </summary>
            <p>{move || answer.read().reasoning.clone()}</p>
        </details>
    }
}

#[component]
fn Fault(problem: Problem, spoke: bool) -> impl IntoView {
    let codes = [problem.code, problem.error_type].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <div class="notice" data-tone="bad">
            <Icon name=IconName::Alert/>
            <p>
                <strong>{problem.message}</strong>
                {spoke.then_some(" What arrived stays above.")}
                {(!codes.is_empty()).then(|| view! { " " <code>{codes}</code> })}
            </p>
        </div>
    }
}

/// While it streams: who answers, since when, and the way to stop.
#[component]
fn RunningLine(room: Room, id: u32, answer: RwSignal<Answer>) -> impl IntoView {
    let provider = Memo::new(move |_| answer.read().provider.clone());
    let first = Memo::new(move |_| answer.read().first_token_ms);
    let word = move || if first.get().is_some() { "Streaming" } else { "Waiting for the first token" };
    view! {
        <p class="message-line">
            {move || provider.get().map(|name| view! { <span data-part="provider">{name}</span> })}
            <Status tone=Tone::Live>{word}</Status>
            {move || first.get().map(|ms| view! { <span>{format!("first token {}", seconds(ms))}</span> })}
            <button class="button" data-size="s" type="button" on:click=move |_| room.stop_lane(id)>
                <Icon name=IconName::Stop size=Size::S/>
                "Stop"
            </button>
        </p>
    }
}

/// After it ended: one line of facts; it unfolds to the receipt if the server knows the request.
#[component]
fn Facts(answer: Answer) -> impl IntoView {
    let generation = answer.generation.clone();
    let text = answer.text.clone();
    let facts = facts(&answer).into_iter().map(|fact| view! { <span>{fact}</span> }).collect_view();
    let cost = answer.tally.and_then(|tally| tally.cost).map(|cost| view! { <strong>{cost.to_string()}</strong> });
    let provider = answer.provider.map(|name| view! { <span data-part="provider">{name}</span> });
    let copy = (!text.is_empty()).then(|| view! { <menu><Copy text shown="Copy answer"/></menu> });
    match generation {
        Some(id) => view! {
            <ReceiptFold id>
                {provider}
                {facts}
                {cost}
            </ReceiptFold>
            {copy}
        }
        .into_any(),
        None => view! {
            <p class="message-line">{provider} {facts} {cost}</p>
            {copy}
        }
        .into_any(),
    }
}

/// `1,204 in`, `486 out`, `64 tokens/s`, `first token 1.48 s`, `8.90 s`: as far as known.
fn facts(answer: &Answer) -> Vec<String> {
    let tokens = |tally: Tally| {
        [format!("{} in", format::count(tally.prompt)), format!("{} out", format::count(tally.completion))]
    };
    let speed = answer.tokens_per_second().map(|speed| format!("{} tokens/s", format::count(speed)));
    let first = answer.first_token_ms.map(|ms| format!("first token {}", seconds(ms)));
    let finish = answer.finish.clone().filter(|reason| reason != "stop" && reason != "error");
    let known = [speed, first, answer.total_ms.map(seconds), finish];
    answer.tally.into_iter().flat_map(tokens).chain(known.into_iter().flatten()).collect()
}

fn seconds(ms: u64) -> String {
    format::seconds(u32::try_from(ms).unwrap_or(u32::MAX))
}

/// A fold that asks the server for the receipt when it is opened.
#[component]
fn ReceiptFold(id: GenerationId, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let fetch = Action::new(|id: &GenerationId| get_generation(id.clone()));
    let opened = move |_: ev::Event| {
        let known = matches!(fetch.value().get_untracked(), Some(Ok(_)));
        if !known && node.get_untracked().is_some_and(|details| details.open()) {
            fetch.dispatch(id.clone());
        }
    };
    view! {
        <details class="message-line" node_ref=node on:toggle=opened>
            <summary>
                {children()}
                <Icon name=IconName::Right size=Size::S label="Receipt"/>
            </summary>
            {move || match fetch.value().get() {
                None => view! { <p aria-busy="true"><Skeleton width="60%"/></p> }.into_any(),
                Some(Ok(generation)) => view! { <Receipt generation shape=ReceiptShape::Inline/> }.into_any(),
                Some(Err(error)) => view! { <NoReceipt error/> }.into_any(),
            }}
        </details>
    }
    .into_any()
}

#[component]
fn NoReceipt(error: AppError) -> impl IntoView {
    if error.is_not_found() {
        view! { <p>"No receipt: no provider was asked. If one was, it is being written; open this again in a moment."</p> }.into_any()
    } else {
        view! { <Failed error/> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_facts_tells_what_is_known_and_no_more() {
        assert!(facts(&Answer::default()).is_empty());
        let answer = Answer {
            tally: Some(Tally { prompt: 1204, completion: 486, ..Tally::default() }),
            first_token_ms: Some(1480),
            total_ms: Some(9_073),
            finish: Some("length".into()),
            ..Answer::default()
        };
        assert_eq!(facts(&answer), ["1,204 in", "486 out", "64 tokens/s", "first token 1.48 s", "9.07 s", "length"]);
    }
}
