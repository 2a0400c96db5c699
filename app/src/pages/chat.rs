//! `/chat`: ask several models at once and see each answer come, with its time, its cost and its receipt.

mod answer;
mod browser;
mod composer;
mod conversation;
mod lane;
mod parameters;
mod picker;
mod reply;
mod room;
mod shelf;
mod sse;
mod thread;
mod wire;

use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::AppError;
use crate::parts::{ButtonKind, EmptyState, Failed, Icon, IconName, LinkButton, Notice, Size, Skeleton, Tone};

use composer::Composer;
use lane::Choice;
use parameters::Parameters;
use picker::{ModelPicker, open_picker};
use room::Room;
use shelf::{Conversations, SHELF};
use thread::{Thread, lane_anchor};

/// The models of the first lanes: those of `wanted` (comma-separated slugs) that can be called. Errors: `Unauthenticated`.
#[server(endpoint = "chat_start")]
pub async fn start_chat(wanted: String) -> Result<Vec<Choice>, AppError> {
    use crate::port::port;

    if port::<dyn api::Account>()?.me().await?.is_none() {
        return Err(api::ApiError::Unauthenticated.into());
    }
    let models: Vec<Choice> = port::<dyn api::Catalog>()?.callable().await?.into_iter().map(Choice::from).collect();
    Ok(lane::first_lanes(&models, &lane::wanted_models(&wanted)))
}

/// Every model that can be chatted with now.
#[server(endpoint = "chat_models")]
pub async fn list_chat_models() -> Result<Vec<Choice>, AppError> {
    Ok(crate::port::port::<dyn api::Catalog>()?.callable().await?.into_iter().map(Choice::from).collect())
}

#[derive(Clone, Debug)]
pub struct ChatPage {
    start: Resource<Result<Vec<Choice>, AppError>>,
}

#[lazy_route]
impl LazyRoute for ChatPage {
    fn data() -> Self {
        let query = use_query_map();
        // Untracked: a preset begins a chat, it does not end the one on screen.
        let wanted = move || query.read_untracked().get_all("model").unwrap_or_default().join(",");
        Self { start: Resource::new(wanted, start_chat) }
    }

    fn view(this: Self) -> AnyView {
        view! { <Chat start=this.start/> }.into_any()
    }
}

#[component]
fn Chat(start: Resource<Result<Vec<Choice>, AppError>>) -> impl IntoView {
    view! {
        <Title text="Chat"/>
        <div data-page="chat">
            <noscript>
                <Notice tone=Tone::Warn>
                    <p><strong>"The chat needs JavaScript. "</strong>"Every other page works without; so does the API."</p>
                    <LinkButton href="/keys" size=Size::S>"Call the API"</LinkButton>
                </Notice>
            </noscript>
            <Suspense fallback=|| view! { <p aria-busy="true"><Skeleton width="60%"/></p> }>
                {move || Suspend::new(async move {
                    match start.await {
                        Ok(lanes) if lanes.is_empty() => view! { <NoModels/> }.into_any(),
                        Ok(lanes) => view! { <ChatRoom lanes/> }.into_any(),
                        Err(error) if error.is_unauthenticated() => view! { <SignedOut/> }.into_any(),
                        Err(error) => view! { <div class="page"><Failed error/></div> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn SignedOut() -> impl IntoView {
    let query = use_query_map();
    let next = format!("/chat{}", query.read_untracked().to_query_string());
    view! {
        <EmptyState heading="Chat with several models side by side" title_level=1>
            <p>"Answers are paid from an account's credits, each with its receipt. Sign in to begin."</p>
            <div>
                <LinkButton href=crate::parts::sign_in_href(&next) kind=ButtonKind::Primary>"Sign in"</LinkButton>
                <LinkButton href="/models">"Browse models"</LinkButton>
            </div>
        </EmptyState>
    }
}

#[component]
fn NoModels() -> impl IntoView {
    view! {
        <EmptyState heading="No model can be called here yet" title_level=1>
            <p>"The operator of this server has to set a provider's key, or start the simulator. Each model's page names the missing key."</p>
            <div>
                <LinkButton href="/models">"See models and what they need"</LinkButton>
            </div>
        </EmptyState>
    }
}

#[component]
fn ChatRoom(lanes: Vec<Choice>) -> impl IntoView {
    let room = Room::new(lanes);
    Effect::new(move |_| {
        room.wake();
        let handle = window_event_listener(ev::keydown, move |ev| {
            if (ev.ctrl_key() || ev.meta_key()) && ev.key().eq_ignore_ascii_case("j") {
                ev.prevent_default();
                open_picker(room);
            }
        });
        on_cleanup(move || handle.remove());
    });
    on_cleanup(move || room.leave());
    view! {
        <div class="chat">
            <Conversations room/>
            <section class="room" aria-label="Conversation">
                <RoomHead room/>
                <Thread room/>
                <Composer room/>
            </section>
            <Parameters room/>
        </div>
        <ModelPicker room/>
    }
    .into_any()
}

#[component]
fn RoomHead(room: Room) -> impl IntoView {
    let title = Memo::new(move |_| {
        let turns = room.turns.read();
        turns
            .first()
            .map_or_else(|| "New chat".to_owned(), |turn| turn.prompt.lines().next().unwrap_or_default().to_owned())
    });
    let full = move || !room.ready.get() || !room.can_add();
    view! {
        <header class="room-head">
            <button class="icon-button" data-only="narrow" type="button" popovertarget=SHELF aria-label="Conversations">
                <Icon name=IconName::Menu/>
            </button>
            <h1>{title}</h1>
            <nav class="lanes" aria-label="Models">
                <For each=move || room.lanes.get() key=|lane| lane.id let:lane>
                    <a class="chip" href=format!("#{}", lane_anchor(lane.id)) rel="external">{lane.model.name}</a>
                </For>
            </nav>
            <button
                class="button"
                data-size="s"
                type="button"
                aria-label="Add a model"
                title="Add a model (Ctrl J)"
                disabled=full
                on:click=move |_| open_picker(room)
            >
                <Icon name=IconName::Plus size=Size::S/>
                "Add model"
            </button>
        </header>
    }
    .into_any()
}
