//! Keeps the catalog in step with its folder, and with the calendar: some offers have a last day.

use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::LiveCatalog;

/// Editors and copies change a file in several steps; a change counts once nothing has moved for this long.
const QUIET: Duration = Duration::from_millis(200);
/// Offers end at midnight UTC, and a change may go unnoticed where the folder is on a network.
const AT_LEAST_EVERY: Duration = Duration::from_secs(600);

/// Reloads the catalog on every change of its folder, until told to stop.
pub async fn watch(catalog: Arc<LiveCatalog>, stop: CancellationToken) {
    let (changed, mut changes) = mpsc::channel(1);
    // Watching ends when this is dropped.
    let _watcher = catalog.sources.overlay.as_ref().and_then(|folder| {
        let tell = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // Full: a reload is due anyway.
                let _ = changed.try_send(());
            }
        };
        let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        watching
            .inspect_err(
                |error| tracing::warn!(%error, "changes of the catalog's folder are seen only every ten minutes"),
            )
            .ok()
    });
    loop {
        tokio::select! {
            Some(()) = changes.recv() => settle(&mut changes).await,
            () = tokio::time::sleep(AT_LEAST_EVERY) => {},
            () = stop.cancelled() => return,
        }
        catalog.reload().await;
    }
}

async fn settle(changes: &mut mpsc::Receiver<()>) {
    while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
}
