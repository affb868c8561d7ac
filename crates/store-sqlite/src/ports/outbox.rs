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

/// What is due; an index holds what waits and nothing else, so that an empty outbox costs one look.
pub(super) const DUE: &str =
    "SELECT * FROM outbox WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at, id LIMIT ?2";

/// When the next is due, by the same index.
pub(super) const NEXT_DUE: &str = "SELECT min(due_at) FROM outbox WHERE due_at IS NOT NULL";

#[async_trait]
impl Outbox for SqliteStore {
    async fn enqueue(&self, messages: Vec<NewMessage>) -> Result<(), StoreError> {
        self.change(move |group| enqueue(group, &messages)).await
    }

    async fn due_messages(&self, now: Timestamp, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(DUE)?;
            let rows = statement.query_map(params![now.as_millis(), limit], message)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn next_message_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| {
            let next: Option<i64> = connection.prepare_cached(NEXT_DUE)?.query_row([], |row| row.get(0))?;
            Ok(next.map(Timestamp::from_millis))
        })
        .await
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
fn note(group: &Group<'_>, id: i64, due_at: Option<Timestamp>, error: &str) -> Outcome<()> {
    group
        .sql(
            "UPDATE outbox SET due_at = ?2, last_error = ?3, attempts = attempts + 1 \
             WHERE id = ?1 AND due_at IS NOT NULL",
        )?
        .execute(params![id, due_at.map(Timestamp::as_millis), error])?;
    Ok(())
}
