//! The end of a client, told to each of its parts.

use tokio::sync::watch;

/// Told by a [`Stop`], or when that is dropped.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Until the client stops.
    pub(crate) async fn wait(&mut self) {
        // An error means that nobody is left to say it: the client was dropped.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// Stops what listens; dropped, too.
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(crate) fn new() -> (Self, Stopping) {
        let (stop, stopping) = watch::channel(false);
        (Self(stop), Stopping(stopping))
    }

    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}
