//! `souk simulate`.

use clap::Args as ClapArgs;

use super::{Failure, answer};
use crate::drain::{Drain, Signals};
use crate::serve::bind;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Where it listens: address and port.
    #[arg(long, default_value = "127.0.0.1:3001")]
    addr: String,
}

pub async fn simulate(args: Args) -> Result<(), Failure> {
    let listener = bind(&args.addr).await?;
    let (signals, drain) = (Signals::listen()?, Drain::default());
    answer(format!("The simulator is ready at http://{}. Ctrl-C stops it.", listener.local_addr()?))?;
    let serving = simulator::serve(listener, simulator::Config::default(), drain.stop.clone().cancelled_owned());
    tokio::select! {
        served = serving => Ok(served?),
        () = signals.twice(drain) => Ok(()),
    }
}
