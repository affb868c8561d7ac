//! Environments whose flags another server keeps: any that speaks `/api/v4/features`, another Wigwag or a GitLab.
//!
//! What is evaluated and shown here is a copy in memory, which goes through these states:
//!
//! ```text
//! start --- the store has a copy of this server's flags ---> stale
//!       \-- it has none -----------------------------------> unread
//!
//! unread, stale -- good answer --> fresh            a good answer that says something new is swapped in, and kept
//! fresh -- no answer, or nonsense --> stale         what was known stays, with the time of the last good answer
//! fresh, stale -- some flags of an answer are wrong --> fresh: those keep their last good state, and are told
//! ```
//!
//! A change goes the other way round than at home, since the other server is the truth:
//!
//! ```text
//! read anew, unless nobody can gain by it -> rights -> one request -> its answer is the state now
//!   -> copy and audit row in one transaction; a row that the store does not take waits in memory, and until it is
//!      written nothing more is turned on
//! ```

mod asking;
mod known;
mod names;
mod parse;
mod place;
mod server;
mod status;
mod write;

pub(crate) use place::{RemotePlace, Remotes};
pub use status::{EnvironmentView, RemoteStatus, Trouble};

use crate::Engine;
use crate::flags::FlagChange;
use crate::limits::REMOTE_EVERY;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Reads every other server's flags again and again until the engine stops.
pub(crate) fn spawn(engine: &Engine) {
    for place in engine.inner.remotes.all() {
        tokio::spawn(follow(engine.clone(), place.clone()));
    }
}

async fn follow(engine: Engine, place: Arc<RemotePlace>) {
    while !engine.inner.stopping.load(Ordering::Relaxed) {
        // What is wrong is kept with the place, and told when it begins and when it ends.
        let _ = place.look(&engine).await;
        tokio::select! {
            () = tokio::time::sleep(REMOTE_EVERY) => {}
            () = place.due() => {}
        }
    }
}

impl Engine {
    /// Swaps in what the store remembers of them, at start.
    pub(crate) fn show_remotes(&self) {
        self.inner.remotes.all().for_each(|place| place.show(self));
    }

    /// The other server that keeps the environment of one of these changes, if one does.
    pub(super) fn remote_among(&self, changes: &[FlagChange]) -> Option<Arc<RemotePlace>> {
        changes.iter().find_map(|change| self.remote_of(&change.environment).cloned())
    }

    /// The other server that keeps the flags of an environment, if one does.
    pub(crate) fn remote_of(&self, environment: &str) -> Option<&Arc<RemotePlace>> {
        self.inner.remotes.of(self.inner.flags.base_of(environment)?)
    }

    /// Reads the flags of every environment that another server keeps, now. Called again and again by itself.
    pub async fn look_at_remotes(&self) {
        for place in self.inner.remotes.all() {
            let _ = place.look(self).await;
        }
    }
}
