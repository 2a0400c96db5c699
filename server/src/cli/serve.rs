//! `souk serve`.

use std::sync::Arc;

use super::Failure;
use crate::config::{Config, environment};
use crate::drain::{Drain, Signals};
use crate::serve;
use crate::state::State;

/// Until Ctrl-C; a second one ends it there and then.
pub async fn serve() -> Result<(), Failure> {
    let config = Config::read(&environment)?;
    let state = State::find()?;
    let (signals, drain) = (Signals::listen()?, Drain::default());
    let serving = Box::pin(serve::serve(config, state, Arc::new(environment), drain.clone()));
    tokio::select! {
        served = serving => Ok(served?),
        () = signals.twice(drain) => Err(Failure::said("stopped at once, with requests running")),
    }
}
