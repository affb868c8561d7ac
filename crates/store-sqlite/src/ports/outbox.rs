//! Messages that are to go out.

use super::listing::Listing;
use crate::codec::chat::message;
use crate::error::Outcome;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::params;
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_ports::StoreError;
use wigwag_ports::outbox::{Message, MessageCame, NewMessage, Outbox};

/// The oldest that waits for each destination. An index holds what waits and nothing else, and is jumped through from one
/// destination to the next: neither an empty outbox nor a long line costs more than a look.
pub(super) const HEADS: &str = "WITH RECURSIVE places(destination) AS ( \
         SELECT min(destination) FROM outbox WHERE due_at IS NOT NULL \
         UNION ALL \
         SELECT (SELECT min(destination) FROM outbox WHERE due_at IS NOT NULL AND destination > places.destination) \
         FROM places WHERE places.destination IS NOT NULL) \
     SELECT destination, (SELECT due_at FROM outbox WHERE due_at IS NOT NULL AND destination = places.destination \
         ORDER BY id LIMIT 1) FROM places WHERE destination IS NOT NULL";

/// What waits for one destination, by the same index.
pub(super) const LINE: &str =
    "SELECT * FROM outbox WHERE due_at IS NOT NULL AND destination = ?1 ORDER BY id LIMIT ?2";

/// All of it but the newest ?2.
pub(super) const BEYOND: &str = "DELETE FROM outbox WHERE due_at IS NOT NULL AND destination = ?1 AND id <= \
     (SELECT id FROM outbox WHERE due_at IS NOT NULL AND destination = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";

#[async_trait]
impl Outbox for SqliteStore {
    async fn enqueue(&self, messages: Vec<NewMessage>) -> Result<(), StoreError> {
        self.change(move |group| enqueue(group, &messages)).await
    }

    async fn waiting_destinations(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(HEADS)?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, Timestamp::from_millis(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn waiting_messages(&self, destination: String, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(LINE)?;
            let rows = statement.query_map(params![destination, limit], message)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn drop_waiting(&self, destination: String, keep: u32) -> Result<u64, StoreError> {
        self.change(move |group| Ok(group.sql(BEYOND)?.execute(params![destination, keep])? as u64)).await
    }

    async fn note_message(&self, id: i64, came: MessageCame) -> Result<(), StoreError> {
        self.change(move |group| {
            match &came {
                MessageCame::Sent => {
                    group.sql("DELETE FROM outbox WHERE id = ?1")?.execute([id])?;
                }
                MessageCame::Retry { due_at, error } => note(group, id, Some(*due_at), error)?,
                MessageCame::GivenUp { error } => note(group, id, None, error)?,
            }
            Ok(())
        })
        .await
    }

    async fn messages(&self, page: Page) -> Result<PageOf<Message>, StoreError> {
        let listing = Listing::new("SELECT * FROM outbox WHERE true", "id DESC");
        self.read(move |connection| listing.page(connection, page, |row| Ok(message(row)?))).await
    }
}

/// Keeps messages within a transaction.
pub(super) fn enqueue(group: &Group<'_>, messages: &[NewMessage]) -> Outcome<()> {
    for NewMessage { destination, content, at } in messages {
        group
            .sql(
                "INSERT INTO outbox (destination, content, at, due_at, attempts) VALUES (?1, ?2, ?3, ?3, 0)",
            )?
            .execute(params![destination, &content[..], at.as_millis()])?;
    }
    Ok(())
}

/// Counts a try; what was given up stays so.
pub(super) fn note(group: &Group<'_>, id: i64, due_at: Option<Timestamp>, error: &str) -> Outcome<()> {
    group
        .sql(
            "UPDATE outbox SET due_at = ?2, last_error = ?3, attempts = attempts + 1 \
             WHERE id = ?1 AND due_at IS NOT NULL",
        )?
        .execute(params![id, due_at.map(Timestamp::as_millis), error])?;
    Ok(())
}
