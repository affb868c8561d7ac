//! Everything that runs beside the program: a thread with a runtime of its own for stream, reports and snapshot file,
//! and a thread for the override file. Neither the program's runtime, if it has one, nor the way it is kept busy matters
//! to them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::disk::keep_saved;
use crate::feed::keep_up;
use crate::health::Connection;
use crate::http::{Http, Server};
use crate::limits::SHUTDOWN_TIME_MAX;
use crate::report::keep_reporting;
use crate::shared::Shared;
use crate::stop::Stopping;

/// What the worker is to do.
pub(crate) struct Work {
    pub(crate) shared: Arc<Shared>,
    pub(crate) server: Server,
    pub(crate) snapshot_file: Option<PathBuf>,
    pub(crate) exposures_every: Option<Duration>,
    pub(crate) stopping: Stopping,
    /// Dropped when all is done.
    pub(crate) done: watch::Sender<()>,
}

impl Work {
    /// Starts the thread.
    ///
    /// # Errors
    /// The machine gives no thread or no runtime.
    pub(crate) fn start(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("wigwag-client")
            .build()?;
        let run = move || {
            let _fallen = Fallen(self.shared.clone());
            runtime.block_on(self.run());
            // A look-up of a name may hang; nobody waits for it.
            runtime.shutdown_background();
        };
        thread::Builder::new().name("wigwag-client".to_owned()).spawn(run).map(drop)
    }

    /// Does everything until the client stops.
    pub(crate) async fn run(self) {
        let Self { shared, server, snapshot_file, exposures_every, stopping, done } = self;
        let environment = server.environment.clone();
        let http = match Http::new(&server) {
            Ok(http) => http,
            Err(why) => {
                tracing::error!("flags come from no server: {why}");
                return shared.lose(Connection::Stopped { why });
            }
        };
        let report = async {
            if let Some(every) = exposures_every {
                keep_reporting(&shared, &http, environment.clone(), every, stopping.clone()).await;
            }
        };
        let save = async {
            if let Some(path) = snapshot_file {
                keep_saved(&shared, path, environment.clone(), stopping.clone()).await;
            }
        };
        let follow = async {
            keep_up(&shared, &http, stopping.clone()).await;
            shared.lose(Connection::Stopped { why: "the client was shut down".to_owned() });
        };
        let mut stopped = stopping.clone();
        let too_late = async {
            stopped.wait().await;
            sleep(SHUTDOWN_TIME_MAX).await;
        };
        // All end by themselves; a disk that hangs is not waited for.
        tokio::select! {
            _ = async { tokio::join!(follow, report, save) } => {}
            () = too_late => {}
        }
        drop(done);
    }
}

/// Tells of a fault in the worker itself, should there ever be one: without it the flags would pass for fresh.
struct Fallen(Arc<Shared>);

impl Drop for Fallen {
    fn drop(&mut self) {
        if thread::panicking() {
            let why = "a fault in the client itself; please report it with the log".to_owned();
            tracing::error!("flags come from no server any more: {why}");
            self.0.lose(Connection::Stopped { why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Source;
    use crate::feed::Known;

    #[test]
    fn flags_of_a_worker_that_fell_do_not_pass_for_fresh() {
        let shared = Arc::new(Shared::new());
        let json = br#"{"environment": "production", "version": "1", "flags": []}"#;
        shared.learn(Known::read(json, None).unwrap());
        let theirs = shared.clone();
        let fall = move || {
            let _fallen = Fallen(theirs);
            panic!("as a test");
        };
        thread::spawn(fall).join().unwrap_err();
        let health = shared.health.borrow().clone();
        assert_eq!(health.source, Source::Memory);
        assert!(matches!(health.connection, Connection::Stopped { .. }), "{health:?}");
    }
}
