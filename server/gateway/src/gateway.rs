//! The whole flow of a request, from who calls to what is booked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::GenerationId;
use providers::transport::Limits;
use providers::upstream::Upstream;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::attempt::{Trail, Tried, Tries, first_answer};
use crate::call::Admitted;
use crate::deliver::{Ended, Reply, deliver};
use crate::error::GatewayError;
use crate::hold::{Held, hold};
use crate::listener::Listener;
use crate::plan::plan;
use crate::ports::{Keys, Ledger, Records, Snapshots};
use crate::settle::{Answer, Outcome, book, settlement};
use crate::tally::tally;

/// Pieces of an answer that may wait for a slow client before its provider is read no further.
const PIECES_IN_FLIGHT: usize = 64;

/// What the gateway stands on.
#[derive(Clone)]
pub struct Deps {
    pub upstream: Upstream,
    pub limits: Limits,
    pub keys: Arc<dyn Keys>,
    pub ledger: Arc<dyn Ledger>,
    pub records: Arc<dyn Records>,
    pub snapshots: Arc<dyn Snapshots>,
    /// Requests run in it, so that a shutdown can wait until all are booked.
    pub tasks: TaskTracker,
    /// Ends those that run on for nobody, while there is time to book them.
    pub hurry: CancellationToken,
}

/// Serves calls.
pub struct Gateway {
    pub(crate) deps: Deps,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").finish_non_exhaustive()
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

impl Gateway {
    pub fn new(deps: Deps) -> Arc<Self> {
        Arc::new(Self { deps })
    }

    /// Starts a call in a task of its own: a client that leaves ends the answer, never the booking.
    pub fn start(self: &Arc<Self>, admitted: Admitted) -> (GenerationId, Receiver<Reply>) {
        let id = new_generation_id();
        let (out, replies) = mpsc::channel(PIECES_IN_FLIGHT);
        let (gateway, own_id) = (self.clone(), id.clone());
        self.deps.tasks.spawn(async move {
            let last = gateway.run(own_id, admitted, &out).await.unwrap_or_else(Reply::Failed);
            // Nobody may be listening any more: it is booked all the same.
            drop(out.send(last).await);
        });
        (id, replies)
    }

    /// Plan, hold, attempt, deliver, settle: what is left to say to the client when all is booked.
    async fn run(&self, id: GenerationId, admitted: Admitted, out: &Sender<Reply>) -> Result<Reply, GatewayError> {
        let snapshot = self.deps.snapshots.current();
        let planned = plan(&admitted.call, &snapshot, admitted.stopwatch.arrived_at)?;
        let Held { plan, hold } = hold(&*self.deps.ledger, &admitted, &id, planned).await?;
        let mut trail = Trail::new(admitted.stopwatch);
        let listener = Listener { out, hurry: &self.deps.hurry };
        let Deps { upstream, limits, .. } = &self.deps;
        let tries = Tries { upstream, limits: *limits, snapshot: &snapshot, call: &admitted.call, listener };
        let (answer, error) = match first_answer(tries, &plan, &mut trail).await {
            Tried::Opened(opened) => {
                let (candidate, first_token_ms) = (opened.candidate.clone(), opened.first_token_ms);
                let delivered = deliver(&id, admitted.stopwatch.arrived_at, *opened, listener).await;
                trail.end(delivered.error.as_ref());
                let usage = tally(&delivered, &admitted.call.task).await;
                (Some(Answer { candidate, first_token_ms, delivered, usage }), None)
            }
            Tried::Failed(error) => (None, Some(error)),
            Tried::Abandoned => (None, None),
        };
        let (finishes, failed) = match &answer {
            Some(answer) => (answer.delivered.finishes.clone(), answer.delivered.error.clone()),
            None => (BTreeMap::new(), error.clone()),
        };
        let held = Held { plan, hold };
        let settlement = settlement(Outcome { id, admitted, held, trail, answer, error });
        let charged = book(&*self.deps.ledger, &settlement).await?;
        let generation = settlement.generation;
        match failed {
            Some(error) => Err(GatewayError::Upstream { error, attempts: generation.attempts }),
            // The client left before the end: nobody is told.
            None if finishes.is_empty() => Err(GatewayError::Internal),
            None => Ok(Reply::Ended(Ended { finishes, usage: generation.usage, cost: generation.cost, charged })),
        }
    }
}

fn new_generation_id() -> GenerationId {
    GenerationId::from_uuid_bytes(*Uuid::now_v7().as_bytes())
}
