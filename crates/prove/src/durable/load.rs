use super::ledger::Ledger;
use crate::http::Connection;
use crate::server::ROOT_TOKEN;
use anyhow::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// The posters.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    posters: JoinSet<()>,
}

/// Starts posting: each event carries its number, and is written down only when its 202 has come.
pub(super) fn start(ledger: Arc<Ledger>, address: SocketAddr, projects: Vec<i64>, posters: usize) -> Load {
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(1));
    let mut tasks = JoinSet::new();
    for poster in 0..posters {
        let (ledger, stop, next) = (ledger.clone(), stop.clone(), next.clone());
        let path = format!("/v1/projects/{}/events", projects[poster % projects.len()]);
        tasks.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                // The server is down now and then: that is the point.
                if post_until_it_breaks(&ledger, &stop, &next, address, &path).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
    }
    Load { stop, posters: tasks }
}

async fn post_until_it_breaks(
    ledger: &Ledger,
    stop: &AtomicBool,
    next: &AtomicU64,
    address: SocketAddr,
    path: &str,
) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let filler = "wigwag ".repeat(1 + (number % 60) as usize);
        let body = format!(r#"{{"type":"proof","payload":{{"number":{number},"filler":"{filler}"}}}}"#);
        let (status, _) = connection.post(path, ROOT_TOKEN, body.into()).await?;
        if status == 202 {
            ledger.note_acknowledged(number);
        }
    }
    Ok(())
}

impl Load {
    pub(super) async fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while self.posters.join_next().await.is_some() {}
    }
}
