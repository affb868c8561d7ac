//! Keeps the mirror fresh in the background: now and then, ever more rarely while it fails, and when somebody asks.

use crate::export::Exporter;
use crate::limits::{REFRESH_MIN, REFRESH_WAIT, RETRY_MAX};
use crate::mirror::Mirror;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use wigwag_ports::repository::RepositoryError;

/// The loop's handle. Dropped, the loop ends, and so does a git that it runs.
pub(crate) struct Keeper {
    mirror: Arc<Mirror>,
    shared: Arc<Shared>,
    ended: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

struct Shared {
    /// Somebody asks for another try.
    asked: Notify,
    /// Tries that were begun.
    begun: AtomicU64,
}

impl Keeper {
    /// Begins. Used inside a tokio runtime.
    pub(crate) fn start(mirror: Arc<Mirror>) -> Self {
        let shared = Arc::new(Shared { asked: Notify::new(), begun: AtomicU64::new(0) });
        let (sender, ended) = watch::channel(0);
        let task = tokio::spawn(keep(mirror.clone(), shared.clone(), sender));
        Self { mirror, shared, ended, task }
    }

    /// Tries that have ended, well or not.
    pub(crate) fn tries(&self) -> watch::Receiver<u64> {
        self.ended.clone()
    }

    /// Has the mirror brought up to date, unless that was tried a moment ago, and waits for it, but not forever.
    pub(crate) async fn refresh(&self) -> Result<(), RepositoryError> {
        if let Some(ended) = self.mirror.tried_lately() {
            return ended;
        }
        // A try that is under way may have asked the source before.
        let wanted = self.shared.begun.load(Ordering::SeqCst) + 1;
        self.shared.asked.notify_one();
        let mut ended = self.ended.clone();
        let waited = tokio::time::timeout(REFRESH_WAIT, ended.wait_for(|ended| *ended >= wanted)).await;
        match waited {
            Ok(Ok(_)) => self.mirror.last_try(),
            Ok(Err(_)) => {
                Err(RepositoryError::Unavailable("the repository is not kept fresh any more".into()))
            }
            Err(_) => Err(RepositoryError::TimedOut(REFRESH_WAIT.as_secs())),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(mirror: Arc<Mirror>, shared: Arc<Shared>, ended: watch::Sender<u64>) {
    let mut exporter = Exporter::new(&mirror.config);
    loop {
        let number = shared.begun.fetch_add(1, Ordering::SeqCst) + 1;
        mirror.bring_up_to_date().await;
        if let Some(exporter) = &mut exporter {
            exporter.renew(&mirror).await;
        }
        ended.send_replace(number);
        let pause = pause(mirror.config.refresh_every, mirror.failures());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.asked.notified() => {}
        }
    }
}

/// How long to wait for the next try after so many failures.
fn pause(every: Duration, failures: u32) -> Duration {
    let every = every.max(REFRESH_MIN);
    every.saturating_mul(2_u32.saturating_pow(failures)).min(RETRY_MAX.max(every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_double_the_pause_up_to_ten_minutes() {
        let check = |every, failures, seconds| {
            let found = pause(Duration::from_secs(every), failures);
            assert_eq!(found, Duration::from_secs(seconds), "{every} s after {failures} failures");
        };
        check(60, 0, 60);
        check(60, 1, 120);
        check(60, 3, 480);
        check(60, 4, 600);
        check(60, u32::MAX, 600);
        check(3_600, 5, 3_600);
        check(0, 0, 1);
        check(0, 1, 2);
    }
}
