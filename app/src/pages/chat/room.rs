//! The state of the chat page, and what can be done to it. Components show it; none holds any of its own.

use domain::GenerationId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answer::{Answer, Ending};
use super::browser::{self, Interruption, Piece, Stop};
use super::conversation::{Conversation, Exchange, Shelf, ask};
use super::lane::{Choice, Lane, LaneId, MAX_LANES, Settings};
use super::sse::Reader;
use super::wire::{Ask, Heard, Problem, read_event};
use crate::session::{Session, use_session};

/// One prompt with its answers, each of which grows by itself.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Its place in the conversation, from 0.
    pub number: usize,
    pub prompt: String,
    pub answers: Vec<(LaneId, ArcRwSignal<Answer>)>,
}

impl Turn {
    pub fn answer(&self, lane: LaneId) -> Option<ArcRwSignal<Answer>> {
        self.answers.iter().find(|(id, _)| *id == lane).map(|(_, answer)| answer.clone())
    }

    fn snapshot(&self) -> Exchange {
        let answers = self.answers.iter().map(|(id, answer)| (*id, answer.get_untracked())).collect();
        Exchange { prompt: self.prompt.clone(), answers }
    }

    fn restored(number: usize, exchange: Exchange) -> Self {
        let answers = exchange.answers.into_iter().map(|(id, answer)| (id, ArcRwSignal::new(answer))).collect();
        Self { number, prompt: exchange.prompt, answers }
    }
}

/// A stream that runs.
#[derive(Clone, Debug)]
struct Run {
    lane: LaneId,
    stop: Stop,
}

/// Handles to all of the page's state; made once, by the page.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// When this conversation began; its key on the shelf.
    pub conversation: RwSignal<u64>,
    pub lanes: RwSignal<Vec<Lane>>,
    pub turns: RwSignal<Vec<Turn>>,
    pub shelf: RwSignal<Shelf>,
    /// The lane whose parameters are shown.
    pub tuning: RwSignal<Option<LaneId>>,
    /// The page has come alive: prompts can be sent.
    pub ready: RwSignal<bool>,
    /// The browser refused to keep conversations.
    pub not_kept: RwSignal<bool>,
    /// What readers are told when an answer has ended.
    pub said: RwSignal<String>,
    session: Session,
    runs: RwSignal<Vec<Run>>,
}

impl Room {
    pub fn new(models: Vec<Choice>) -> Self {
        Self {
            conversation: RwSignal::new(0),
            lanes: RwSignal::new(number(models)),
            turns: RwSignal::default(),
            shelf: RwSignal::default(),
            tuning: RwSignal::new(None),
            ready: RwSignal::new(false),
            not_kept: RwSignal::new(false),
            said: RwSignal::default(),
            session: use_session(),
            runs: RwSignal::default(),
        }
    }

    /// In the browser, once: brings back what it kept.
    pub fn wake(self) {
        self.conversation.set(browser::now_ms());
        self.shelf.set(browser::load().map(|text| Shelf::read(&text)).unwrap_or_default());
        self.not_kept.set(!browser::kept());
        self.ready.set(true);
    }

    /// The page goes away: nothing may run on unseen, and what arrived is kept.
    pub fn leave(self) {
        self.save();
        self.stop_all();
    }

    pub fn lane(self, id: LaneId) -> Option<Lane> {
        self.lanes.read().iter().find(|lane| lane.id == id).cloned()
    }

    pub fn change_lane(self, id: LaneId, change: impl FnOnce(&mut Lane)) {
        self.lanes.update(|lanes| {
            if let Some(lane) = lanes.iter_mut().find(|lane| lane.id == id) {
                change(lane);
            }
        });
    }

    pub fn can_add(self) -> bool {
        self.lanes.read().len() < MAX_LANES
    }

    pub fn add_lane(self, model: Choice) {
        self.lanes.update(|lanes| {
            if lanes.len() < MAX_LANES {
                let id = lanes.iter().map(|lane| lane.id + 1).max().unwrap_or_default().max(self.next_unused_lane());
                lanes.push(Lane { id, model, on: true, settings: Settings::default() });
            }
        });
    }

    pub fn remove_lane(self, id: LaneId) {
        self.stop_lane(id);
        self.lanes.update(|lanes| lanes.retain(|lane| lane.id != id));
        if self.tuning.get_untracked() == Some(id) {
            self.tuning.set(None);
        }
    }

    /// Gives every lane the settings of this one.
    pub fn tune_all_like(self, id: LaneId) {
        if let Some(settings) = self.lane(id).map(|lane| lane.settings) {
            self.lanes.update(|lanes| lanes.iter_mut().for_each(|lane| lane.settings = settings.clone()));
        }
    }

    pub fn is_running(self) -> bool {
        !self.runs.read().is_empty()
    }

    /// Why a prompt cannot be sent now, in a sentence.
    pub fn obstacle(self) -> Option<String> {
        let lanes = self.lanes.read();
        if !lanes.iter().any(|lane| lane.on) {
            return Some("Switch at least one model on.".to_owned());
        }
        let wrong = lanes.iter().filter(|lane| lane.on).find_map(|lane| Some((lane, lane.settings.problem()?)));
        wrong.map(|(lane, problem)| format!("{}: {problem}", lane.model.name))
    }

    /// Sends a prompt to every lane that is on.
    pub fn send(self, prompt: &str) {
        let prompt = prompt.trim().to_owned();
        if prompt.is_empty() || untrack(|| self.is_running() || self.obstacle().is_some()) {
            return;
        }
        let past: Vec<Exchange> = self.turns.with_untracked(|turns| turns.iter().map(Turn::snapshot).collect());
        let lanes: Vec<Lane> =
            self.lanes.with_untracked(|lanes| lanes.iter().filter(|lane| lane.on).cloned().collect());
        let asked: Vec<(Lane, Ask, ArcRwSignal<Answer>)> =
            lanes.into_iter().map(|lane| (lane.clone(), ask(&lane, &past, &prompt), ArcRwSignal::default())).collect();
        let answers = asked.iter().map(|(lane, _, answer)| (lane.id, answer.clone())).collect();
        self.turns.update(|turns| turns.push(Turn { number: turns.len(), prompt, answers }));
        for (lane, ask, answer) in asked {
            let run = Run { lane: lane.id, stop: Stop::new() };
            self.runs.update(|runs| runs.push(run.clone()));
            spawn_local(self.run(lane, ask, answer, run.stop));
        }
        self.save();
    }

    pub fn stop_lane(self, id: LaneId) {
        self.runs.with_untracked(|runs| runs.iter().filter(|run| run.lane == id).for_each(|run| run.stop.stop()));
    }

    pub fn stop_all(self) {
        self.runs.with_untracked(|runs| runs.iter().for_each(|run| run.stop.stop()));
    }

    pub fn begin_anew(self) {
        self.stop_all();
        self.save();
        self.turns.set(Vec::new());
        self.conversation.set(browser::now_ms());
    }

    pub fn open(self, id: u64) {
        let kept = self.shelf.with_untracked(|shelf| shelf.0.iter().find(|kept| kept.id == id).cloned());
        if let Some(kept) = kept {
            self.stop_all();
            self.save();
            self.tuning.set(None);
            self.lanes.set(kept.lanes);
            self.turns.set(
                kept.exchanges
                    .into_iter()
                    .enumerate()
                    .map(|(number, exchange)| Turn::restored(number, exchange))
                    .collect(),
            );
            self.conversation.set(id);
        }
    }

    /// Forgets a conversation; the one on screen stays there until left.
    pub fn forget(self, id: u64) {
        self.shelf.update(|shelf| shelf.remove(id));
        if self.conversation.get_untracked() == id {
            self.stop_all();
            self.turns.set(Vec::new());
            self.conversation.set(browser::now_ms());
        }
        self.keep_shelf();
    }

    /// Streams one answer. Signals may be gone when it ends: the visitor may have left the page.
    async fn run(self, lane: Lane, ask: Ask, answer: ArcRwSignal<Answer>, stop: Stop) {
        let began = browser::now_ms();
        let elapsed = || browser::now_ms().saturating_sub(began);
        let mut reader = Reader::default();
        let hear = |heard: Vec<Heard>| {
            let at = elapsed();
            answer.update(|answer| heard.into_iter().for_each(|one| answer.hear(one, at)));
        };
        let ended = match serde_json::to_string(&ask) {
            Err(_) => Err(Interruption::Broken),
            Ok(body) => {
                browser::stream(&body, &stop, |piece| match piece {
                    Piece::Accepted { generation } => hear(vec![from(generation)]),
                    Piece::Bytes(bytes) => {
                        let heard: Vec<Heard> = reader.push(&bytes).iter().flat_map(|data| read_event(data)).collect();
                        if !heard.is_empty() {
                            hear(heard);
                        }
                    }
                })
                .await
            }
        };
        let (generation, ending) = ending(ended);
        hear(vec![from(generation)]);
        answer.update(|answer| answer.end(ending, elapsed()));
        let all_ended = self.runs.try_update(|runs| {
            runs.retain(|run| run.lane != lane.id);
            runs.is_empty()
        });
        if all_ended == Some(true) {
            // Answers cost credits: the bar shows what is left.
            self.session.refetch();
        }
        _ = self.said.try_set(spoken(&lane, &answer.get_untracked()));
        if self.turns.try_get_untracked().is_some() {
            self.save();
        }
    }

    fn next_unused_lane(self) -> LaneId {
        let used =
            self.turns.with_untracked(|turns| turns.iter().flat_map(|turn| &turn.answers).map(|(id, _)| *id).max());
        used.map_or(0, |id| id + 1)
    }

    fn save(self) {
        let exchanges: Vec<Exchange> = self.turns.with_untracked(|turns| turns.iter().map(Turn::snapshot).collect());
        if !exchanges.is_empty() {
            let conversation =
                Conversation { id: self.conversation.get_untracked(), lanes: self.lanes.get_untracked(), exchanges };
            self.shelf.update(|shelf| shelf.put(conversation));
            self.keep_shelf();
        }
    }

    fn keep_shelf(self) {
        let text = self.shelf.with_untracked(Shelf::text);
        self.not_kept.set(!browser::keep(&text));
    }
}

fn number(models: Vec<Choice>) -> Vec<Lane> {
    (0..).zip(models).map(|(id, model)| Lane { id, model, on: true, settings: Settings::default() }).collect()
}

fn from(generation: Option<String>) -> Heard {
    Heard::From { generation: generation.and_then(|id| id.parse::<GenerationId>().ok()), provider: None }
}

fn ending(ended: Result<(), Interruption>) -> (Option<String>, Ending) {
    match ended {
        Ok(()) => (None, Ending::Closed),
        Err(Interruption::Stopped) => (None, Ending::Stopped),
        Err(Interruption::Refused { problem, generation }) => (generation, Ending::Failed(problem)),
        Err(Interruption::Broken) => (None, Ending::Failed(Problem::new("The connection to this server dropped."))),
    }
}

/// What readers are told when an answer has ended.
fn spoken(lane: &Lane, answer: &Answer) -> String {
    use super::answer::Phase;

    let name = &lane.model.name;
    match &answer.phase {
        Phase::Waiting | Phase::Streaming => String::new(),
        Phase::Done => format!("{name} answered: {}", answer.text),
        Phase::Stopped => format!("{name} was stopped."),
        Phase::Failed(problem) => format!("{name} failed: {}", problem.message),
    }
}
