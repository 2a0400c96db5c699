//! What was served and how it ended: a bounded list that tests read at `GET /control/log`.
//!
//! A [`Ticket`] travels with each request, in its handler and then in its body. Dropped unfinished, it says that the client has
//! gone: that is how a cancelled call is noticed, as soon as the connection closes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// Most requests kept; older ones are forgotten.
const CAPACITY: usize = 100_000;

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being served.
    Running,
    /// Answered to the end.
    Completed,
    /// The client left before the end.
    ClientGone,
    /// Refused, or ended by a fault.
    Failed,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Id of the answer, as in its body.
    pub id: String,
    /// What the request was said in: `openai`, `anthropic`, `gemini` …
    pub dialect: &'static str,
    /// Model as asked for, with its knobs; empty if the request named none.
    pub model: String,
    /// How it stands.
    pub state: State,
    /// HTTP status of the reply; 0 if there was none.
    pub status: u16,
    /// Completion tokens handed to the connection.
    pub tokens_sent: u32,
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: u32,
    /// Prompt tokens read from the cache.
    pub cached_tokens: u32,
    /// Tokens of the whole answer, sent or not.
    pub completion_tokens: u32,
    /// Milliseconds since 1970 at which the request came.
    pub started_ms: u64,
    /// Milliseconds since 1970 at which it ended: for `client_gone`, when that was noticed.
    pub ended_ms: Option<u64>,
}

/// The list, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// Number of the first entry kept.
    first: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// Enters a request that has just come.
    pub fn open(self: &Arc<Self>, id: String, dialect: &'static str, model: &str) -> Ticket {
        let entry = Entry {
            id,
            dialect,
            model: model.to_owned(),
            state: State::Running,
            status: 0,
            tokens_sent: 0,
            prompt_tokens: 0,
            cached_tokens: 0,
            completion_tokens: 0,
            started_ms: now_ms(),
            ended_ms: None,
        };
        let mut book = self.book();
        if book.entries.len() >= CAPACITY {
            book.entries.pop_front();
            book.first += 1;
        }
        let number = book.first + book.entries.len() as u64;
        book.entries.push_back(entry);
        drop(book);
        Ticket { log: Arc::clone(self), number, sent: 0, status: 0, open: true }
    }

    /// The last `count` entries, oldest first.
    pub fn last(&self, count: usize) -> Vec<Entry> {
        let book = self.book();
        book.entries.iter().skip(book.entries.len().saturating_sub(count)).cloned().collect()
    }

    /// Forgets all entries, also those of requests being served.
    pub fn clear(&self) {
        let mut book = self.book();
        book.first += book.entries.len() as u64;
        book.entries.clear();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.book();
        let at = number.checked_sub(book.first).and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| book.entries.get_mut(at)) {
            change(entry);
        }
    }
}

/// The right and duty to say how one request ends.
#[derive(Debug)]
pub(crate) struct Ticket {
    log: Arc<Log>,
    number: u64,
    sent: u32,
    status: u16,
    open: bool,
}

impl Ticket {
    /// Enters the token counts, once known.
    pub fn count(&self, prompt: u32, cached: u32, completion: u32) {
        self.log.change(self.number, |entry| {
            entry.prompt_tokens = prompt;
            entry.cached_tokens = cached;
            entry.completion_tokens = completion;
        });
    }

    /// The reply has begun with this status.
    pub fn reply(&mut self, status: u16) {
        self.status = status;
    }

    /// So many more tokens were handed to the connection.
    pub fn sent(&mut self, tokens: u32) {
        self.sent += tokens;
    }

    /// The request has ended; what is said later does not count.
    pub fn close(&mut self, state: State) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let (sent, status) = (self.sent, self.status);
        self.log.change(self.number, |entry| {
            entry.state = state;
            entry.status = status;
            entry.tokens_sent = sent;
            entry.ended_ms = Some(now_ms());
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.close(State::ClientGone);
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_dropped_open_says_that_the_client_has_gone() {
        let log = Arc::new(Log::default());
        let mut ticket = log.open("a".into(), "openai", "m");
        assert_eq!(log.last(9)[0].state, State::Running);
        ticket.sent(3);
        drop(ticket);
        assert_eq!((log.last(9)[0].state, log.last(9)[0].tokens_sent), (State::ClientGone, 3));
    }

    #[test]
    fn the_first_ending_counts() {
        let log = Arc::new(Log::default());
        let mut ticket = log.open("a".into(), "openai", "m");
        ticket.close(State::Completed);
        ticket.close(State::Failed);
        drop(ticket);
        assert_eq!(log.last(9)[0].state, State::Completed);
    }

    #[test]
    fn a_full_list_forgets_the_oldest_and_a_late_ending_hits_no_other() {
        let log = Arc::new(Log::default());
        let late = log.open("late".into(), "openai", "m");
        for _ in 0..CAPACITY {
            log.open("x".into(), "openai", "m").close(State::Completed);
        }
        drop(late);
        let entries = log.last(usize::MAX);
        assert_eq!(entries.len(), CAPACITY);
        assert!(entries.iter().all(|entry| entry.state == State::Completed));
        log.clear();
        assert!(log.last(1).is_empty());
    }
}
