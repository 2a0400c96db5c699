//! The client's side of a running call: takes replies while somebody listens, and knows when nobody does.

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::deliver::Reply;

/// Who a call runs for.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'a> {
    pub out: &'a Sender<Reply>,
    /// Ends what runs for nobody: the server must stop.
    pub hurry: &'a CancellationToken,
}

impl Listener<'_> {
    /// Whether somebody still took it.
    pub async fn tell(&self, reply: Reply) -> bool {
        self.out.send(reply).await.is_ok()
    }

    pub fn has_left(&self) -> bool {
        self.out.is_closed()
    }

    /// Waits until nobody listens any more.
    pub async fn leaves(&self) {
        self.out.closed().await;
    }

    /// Work that goes on although nobody listens; `None` if the server must stop before it is done.
    pub async fn without<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.hurry.cancelled() => None,
        }
    }
}
