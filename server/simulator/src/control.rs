//! The control endpoint: orders faults from outside a request, and shows what was served.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Simulator;
use crate::fault::Fault;
use crate::log::Entry;

/// A fault that waits for requests: `{"match": {"dialect": "openai", "model": "sim-echo"}, "fault": "status:503", "count": 2}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default, rename = "match")]
    pub matches: Match,
    pub fault: Fault,
    /// Requests it is still good for; `null` or absent is all of them.
    #[serde(default)]
    pub count: Option<u32>,
}

/// Which requests; what is absent matches any. The model is the bare id, without knobs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    #[serde(default)]
    pub dialect: Option<String>,
    #[serde(default)]
    pub model: Option<String>,
}

impl Match {
    fn holds(&self, dialect: &str, model: &str) -> bool {
        self.dialect.as_deref().is_none_or(|wanted| wanted == dialect)
            && self.model.as_deref().is_none_or(|wanted| wanted == model)
    }
}

/// The rules in force; the oldest that matches is used.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    list: Mutex<Vec<Rule>>,
}

impl Rules {
    /// The fault ordered for a request, if any; uses up one of its count.
    pub fn take(&self, dialect: &str, model: &str) -> Option<Fault> {
        let mut list = self.list();
        let at = list.iter().position(|rule| rule.matches.holds(dialect, model))?;
        let rule = &mut list[at];
        let fault = rule.fault;
        if let Some(left) = &mut rule.count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                list.remove(at);
            }
        }
        Some(fault)
    }

    fn list(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `/faults` and `/log`.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/log", get(read_log).delete(clear_log))
}

async fn list_faults(State(simulator): State<Arc<Simulator>>) -> Json<Vec<Rule>> {
    Json(simulator.rules.list().clone())
}

async fn add_fault(State(simulator): State<Arc<Simulator>>, rule: Result<Json<Rule>, JsonRejection>) -> Response {
    match rule {
        Err(rejection) => (rejection.status(), Json(json!({ "error": rejection.body_text() }))).into_response(),
        Ok(Json(rule)) if rule.count == Some(0) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "error": "count: must be at least 1, or null" }))).into_response()
        }
        Ok(Json(rule)) => {
            simulator.rules.list().push(rule.clone());
            (StatusCode::CREATED, Json(rule)).into_response()
        }
    }
}

async fn clear_faults(State(simulator): State<Arc<Simulator>>) -> StatusCode {
    simulator.rules.list().clear();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
struct Page {
    /// How many entries, the latest ones; absent: all.
    last: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Served {
    requests: Vec<Entry>,
}

async fn read_log(State(simulator): State<Arc<Simulator>>, Query(page): Query<Page>) -> Json<Served> {
    Json(Served { requests: simulator.log.last(page.last.unwrap_or(usize::MAX)) })
}

async fn clear_log(State(simulator): State<Arc<Simulator>>) -> StatusCode {
    simulator.log.clear();
    StatusCode::NO_CONTENT
}
