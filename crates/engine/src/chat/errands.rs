//! What goes on after an answer: commands that take long, answers, messages on their way. A stop waits for them.

use crate::limits::ERRANDS_WAIT;
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// What is under way.
#[derive(Default)]
pub(crate) struct Errands(Arc<RwLock<()>>);

/// Something under way, as long as it is kept; nothing, once a stop waits for the others.
pub(crate) struct Errand {
    _held: Option<OwnedRwLockReadGuard<()>>,
}

impl Errands {
    /// Something begins.
    pub(crate) fn begin(&self) -> Errand {
        Errand { _held: self.0.clone().try_read_owned().ok() }
    }

    /// Returns when everything that began has ended, or after [`ERRANDS_WAIT`].
    pub(crate) async fn ended(&self) {
        if tokio::time::timeout(ERRANDS_WAIT, self.0.write()).await.is_err() {
            tracing::warn!("the stop does not wait any longer for what chats asked");
        }
    }
}
