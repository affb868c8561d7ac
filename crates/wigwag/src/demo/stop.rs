//! A sleep from which the demo's threads can be woken to end.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Shared by all threads; thrown once.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Sleeps; breaks at once when it is time to end.
    pub(crate) fn sleep(&self, time: Duration) -> ControlFlow<()> {
        let (thrown, woken) = &*self.0;
        let thrown = thrown.lock().unwrap_or_else(PoisonError::into_inner);
        let (thrown, _) =
            woken.wait_timeout_while(thrown, time, |thrown| !*thrown).unwrap_or_else(PoisonError::into_inner);
        if *thrown { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Wakes everybody for the last time.
    pub(crate) fn throw(&self) {
        let (thrown, woken) = &*self.0;
        *thrown.lock().unwrap_or_else(PoisonError::into_inner) = true;
        woken.notify_all();
    }
}
