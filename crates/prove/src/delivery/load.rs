use super::ledger::Ledger;
use crate::api::publish;
use crate::http::Connection;
use anyhow::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two events.
const EVERY: Duration = Duration::from_millis(15);

/// Publishes until it is stopped.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// Each event carries its number, and is written down only when its 202 has come.
pub(super) fn start(ledger: Arc<Ledger>, address: SocketAddr, project: i64) -> Load {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        let mut number = 0;
        while !stopped.load(Ordering::Relaxed) {
            // The server is down now and then: that is the point.
            let _ = until_it_breaks(&ledger, &stopped, &mut number, address, project).await;
            tokio::time::sleep(EVERY).await;
        }
    });
    Load { stop, task }
}

async fn until_it_breaks(
    ledger: &Ledger,
    stop: &AtomicBool,
    number: &mut u64,
    address: SocketAddr,
    project: i64,
) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    while !stop.load(Ordering::Relaxed) {
        *number += 1;
        let payload = format!(r#"{{"number":{number},"filler":"{}"}}"#, "ø".repeat((*number % 40) as usize));
        if let Some(id) = publish(&mut connection, project, &payload).await? {
            ledger.note_acknowledged(*number, id);
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(())
}

impl Load {
    pub(super) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.task.await;
    }
}
