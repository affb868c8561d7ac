//! Accepting events.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_base::EventId;
use wigwag_hooks::NewEvent;

/// Takes events so that they cannot be lost any more.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Appends `events`, all or none, and returns when they are durable (committed and fsynced). The answer has one
    /// entry per event, in order.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was appended then.
    async fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, AppendError>;
}

/// What became of one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Appended {
    /// It is new and must be fanned out.
    New(EventId),
    /// Its idempotency key was used for the same event within the last 24 hours (or earlier in the same batch):
    /// that event's id; nothing is to be sent.
    Repeated(EventId),
}

/// Why nothing was appended.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// The idempotency key of the event at `index` was used for another type or payload.
    #[error("this idempotency key was used for another event")]
    KeyReused {
        /// Which of the events, from 0.
        index: usize,
    },
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}
