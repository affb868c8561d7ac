//! Who of a chat is who of the registry.

use super::flags::append_audit;
use crate::codec::chat::chat_link;
use crate::codec::registry::{chat_role, chat_role_code};
use crate::error::Outcome;
use crate::limits::CHAT_LINKS_MAX;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use wigwag_access::ChatRole;
use wigwag_base::UserId;
use wigwag_ports::StoreError;
use wigwag_ports::chat_users::{ChatLink, ChatUser, ChatUsers, LinkCode};
use wigwag_ports::flags::AuditEntry;

/// The links of one user.
pub(super) const LINKS_OF_USER: &str = "SELECT * FROM chat_links WHERE user_id = ?2 \
     ORDER BY linked_at, platform, team, chat_user LIMIT ?1";

#[async_trait]
impl ChatUsers for SqliteStore {
    async fn keep_link_code(&self, code: LinkCode) -> Result<(), StoreError> {
        self.change(move |group| {
            check_user(group, code.user)?;
            group
                .sql(
                    "INSERT OR REPLACE INTO chat_link_codes (hash, user_id, expires_at) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![&code.hash[..], code.user.0, code.expires_at.as_millis()])?;
            Ok(())
        })
        .await
    }

    async fn take_link_code(
        &self,
        hash: [u8; 32],
        link: ChatLink,
        audit: AuditEntry,
    ) -> Result<Option<UserId>, StoreError> {
        self.change(move |group| {
            let taken = group
                .sql("DELETE FROM chat_link_codes WHERE hash = ?1 RETURNING user_id, expires_at")?
                .query_row([&hash[..]], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                .optional()?;
            let Some((user, _)) = taken.filter(|(_, until)| *until > link.linked_at.as_millis()) else {
                return Ok(None);
            };
            let link = ChatLink { user: UserId(user), ..link.clone() };
            keep(group, &link)?;
            let author: String =
                group.sql("SELECT username FROM users WHERE id = ?1")?.query_row([user], |row| row.get(0))?;
            append_audit(group, &[AuditEntry { author, ..audit.clone() }])?;
            Ok(Some(link.user))
        })
        .await
    }

    async fn keep_chat_link(&self, link: ChatLink, audit: AuditEntry) -> Result<(), StoreError> {
        self.change(move |group| {
            check_user(group, link.user)?;
            keep(group, &link)?;
            append_audit(group, std::slice::from_ref(&audit))
        })
        .await
    }

    async fn chat_link(&self, who: ChatUser) -> Result<Option<ChatLink>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM chat_links WHERE platform = ?1 AND team = ?2 AND chat_user = ?3",
            )?;
            Ok(statement.query_row([&who.platform, &who.team, &who.id], chat_link).optional()?)
        })
        .await
    }

    async fn chat_links(&self, user: Option<UserId>) -> Result<Vec<ChatLink>, StoreError> {
        self.read(move |connection| {
            let found: Result<Vec<_>, _> = match user {
                Some(user) => connection
                    .prepare_cached(LINKS_OF_USER)?
                    .query_map(params![CHAT_LINKS_MAX, user.0], chat_link)?
                    .collect(),
                None => connection
                    .prepare_cached(
                        "SELECT * FROM chat_links ORDER BY linked_at, platform, team, chat_user LIMIT ?1",
                    )?
                    .query_map([CHAT_LINKS_MAX], chat_link)?
                    .collect(),
            };
            Ok(found?)
        })
        .await
    }

    async fn end_chat_link(&self, who: ChatUser, audit: AuditEntry) -> Result<(), StoreError> {
        self.change(move |group| {
            let gone = group
                .sql("DELETE FROM chat_links WHERE platform = ?1 AND team = ?2 AND chat_user = ?3")?
                .execute([&who.platform, &who.team, &who.id])?;
            if gone == 0 {
                return Err(StoreError::NotFound("link").into());
            }
            append_audit(group, std::slice::from_ref(&audit))
        })
        .await
    }

    async fn set_chat_role(&self, user: UserId, role: ChatRole, audit: AuditEntry) -> Result<(), StoreError> {
        self.change(move |group| {
            let changed = group
                .sql("UPDATE users SET chat_role = ?2 WHERE id = ?1")?
                .execute([user.0, chat_role_code(role)])?;
            if changed == 0 {
                return Err(StoreError::NotFound("user").into());
            }
            append_audit(group, std::slice::from_ref(&audit))
        })
        .await
    }

    async fn chat_roles(&self) -> Result<Vec<(UserId, ChatRole)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT id, chat_role FROM users WHERE chat_role <> 0 ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((UserId(row.get(0)?), chat_role(row.get(1)?)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Links, in place of an older link of the same chat user.
fn keep(group: &Group<'_>, link: &ChatLink) -> Outcome<()> {
    let ChatLink { who: ChatUser { platform, team, id }, name, user, linked_at } = link;
    group
        .sql(
            "INSERT OR REPLACE INTO chat_links (platform, team, chat_user, name, user_id, linked_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![platform, team, id, name, user.0, linked_at.as_millis()])?;
    Ok(())
}

fn check_user(group: &Group<'_>, user: UserId) -> Outcome<()> {
    let found = group.sql("SELECT 1 FROM users WHERE id = ?1")?.query_row([user.0], |_| Ok(())).optional()?;
    found.ok_or_else(|| StoreError::NotFound("user").into())
}
