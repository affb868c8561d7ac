//! Messages that are to go out: kept with the change that they tell of, sent afterwards, retried, never in its way.
//!
//! ```text
//! (kept) waiting -- sent --> gone
//!        waiting -- failed, tries left --> waiting, due later
//!        waiting -- failed for good, or too old --> given up (kept for people to see, until retention)
//! ```

use crate::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use wigwag_base::{Page, PageOf, Timestamp};

/// Keeps what is to be sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Keeps messages that belong to no change of flags.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn enqueue(&self, messages: Vec<NewMessage>) -> Result<(), StoreError>;

    /// When the oldest waiting message of each destination is due: what waits behind it waits with it, so that whoever
    /// listens hears everything in the order in which it happened.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting_destinations(&self) -> Result<Vec<(String, Timestamp)>, StoreError>;

    /// What waits for one destination, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting_messages(&self, destination: String, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// Gives up whatever waits for a destination but the newest `keep`, and forgets it; how many that were.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn drop_waiting(&self, destination: String, keep: u32) -> Result<u64, StoreError>;

    /// Notes what came of trying; a message that is gone stays gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn note_message(&self, id: i64, came: MessageCame) -> Result<(), StoreError>;

    /// What waits and what was given up, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn messages(&self, page: Page) -> Result<PageOf<Message>, StoreError>;
}

/// A message to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// Where to, in the engine's own form: `channel:#production`, `annotation`.
    pub destination: String,
    /// What, in the engine's own form.
    pub content: Bytes,
    /// When it was made; it is due at once.
    pub at: Timestamp,
}

/// A message as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Rising.
    pub id: i64,
    /// See [`NewMessage::destination`].
    pub destination: String,
    /// See [`NewMessage::content`].
    pub content: Bytes,
    /// When it was made.
    pub at: Timestamp,
    /// When it is tried next; `None` if it was given up.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it did not go out the last time.
    pub last_error: Option<String>,
}

/// What came of trying to send a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MessageCame {
    /// It went out: it is forgotten.
    Sent,
    /// It did not; it is tried again.
    Retry {
        /// When.
        due_at: Timestamp,
        /// Why.
        error: String,
    },
    /// It did not and is not tried again.
    GivenUp {
        /// Why.
        error: String,
    },
}
