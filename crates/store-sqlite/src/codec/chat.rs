//! Links of chat users, and messages that wait.

use super::{time, time_if_any};
use crate::error::odd;
use bytes::Bytes;
use rusqlite::{Result, Row};
use wigwag_base::UserId;
use wigwag_ports::chat_users::{ChatLink, ChatUser};
use wigwag_ports::outbox::Message;

/// Reads a row of `chat_links`.
pub(crate) fn chat_link(row: &Row<'_>) -> Result<ChatLink> {
    let who = ChatUser { platform: row.get("platform")?, team: row.get("team")?, id: row.get("chat_user")? };
    Ok(ChatLink {
        who,
        name: row.get("name")?,
        user: UserId(row.get("user_id")?),
        linked_at: time(row, "linked_at")?,
    })
}

/// Reads a row of `outbox`.
pub(crate) fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        destination: row.get("destination")?,
        content: Bytes::from(row.get::<_, Vec<u8>>("content")?),
        at: time(row, "at")?,
        due_at: time_if_any(row, "due_at")?,
        attempts: u32::try_from(row.get::<_, i64>("attempts")?).map_err(|_| odd("attempts"))?,
        last_error: row.get("last_error")?,
    })
}
