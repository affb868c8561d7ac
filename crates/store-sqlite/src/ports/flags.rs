//! Flags and the audit log, written together.

use super::listing::Listing;
use super::outbox::enqueue;
use crate::audit_chain::{START, link};
use crate::codec::flag::{audit_row, flag_before, remote_copy, state_text, stored_flag};
use crate::error::Outcome;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use wigwag_base::{Page, PageOf};
use wigwag_flags::FlagName;
use wigwag_ports::StoreError;
use wigwag_ports::flags::{
    AuditCheck, AuditEntry, AuditFilter, AuditRow, FlagBefore, FlagWrite, Flags, RemoteCopy, StoredFlag,
};
use wigwag_ports::outbox::NewMessage;

#[async_trait]
impl Flags for SqliteStore {
    async fn stored_flags(&self) -> Result<Vec<StoredFlag>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT environment, name, state, version FROM flags WHERE state IS NOT NULL ORDER BY environment, name",
            )?;
            Ok(statement.query_map([], stored_flag)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn flag_before(
        &self,
        environment: String,
        name: FlagName,
    ) -> Result<Option<FlagBefore>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT before, state FROM flags WHERE environment = ?1 AND name = ?2")?;
            Ok(statement.query_row([&environment, name.as_str()], flag_before).optional()?)
        })
        .await
    }

    async fn write_flags(
        &self,
        writes: Vec<FlagWrite>,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError> {
        self.change(move |group| {
            for write in &writes {
                write_flag(group, write)?;
            }
            append_audit(group, &audit)?;
            enqueue(group, &messages)
        })
        .await
    }

    async fn remote_copies(&self) -> Result<Vec<RemoteCopy>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM remote_copies ORDER BY environment")?;
            Ok(statement.query_map([], remote_copy)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn keep_remote(
        &self,
        copy: RemoteCopy,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError> {
        self.change(move |group| {
            let RemoteCopy { environment, url, read_at, content } = &copy;
            group
                .sql(
                    "INSERT OR REPLACE INTO remote_copies (environment, url, read_at, content) \
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![environment, url, read_at.as_millis(), &content[..]])?;
            append_audit(group, &audit)?;
            enqueue(group, &messages)
        })
        .await
    }

    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.change(move |group| append_audit(group, &entries)).await
    }

    async fn audit(&self, filter: AuditFilter, page: Page) -> Result<PageOf<AuditRow>, StoreError> {
        let AuditFilter { since, flag, author } = filter;
        let mut listing = Listing::new("SELECT * FROM audit WHERE true", "id DESC");
        if let Some(since) = since {
            listing.narrow("at >= ?", [since.as_millis().into()]);
        }
        if let Some(flag) = flag {
            listing.narrow("flag = ?", [flag.into()]);
        }
        if let Some(author) = author {
            listing.narrow("author = ?", [author.into()]);
        }
        self.read(move |connection| listing.page(connection, page, |row| Ok(audit_row(row)?))).await
    }

    async fn verify_audit(&self, kept: Option<[u8; 32]>) -> Result<AuditCheck, StoreError> {
        self.read(move |connection| {
            let mut check = AuditCheck { rows: 0, head: START, broken_at: None, kept_at: None };
            let mut statement = connection.prepare_cached("SELECT * FROM audit ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get("id")?;
                // A row that cannot even be read was changed by other hands.
                let read = audit_row(row).ok();
                let next = i64::try_from(check.rows).is_ok_and(|before| before + 1 == id);
                let follows = |row: &AuditRow| next && row.hash == link(&check.head, row.id, &row.entry);
                let Some(row) = read.filter(follows) else {
                    check.broken_at = Some(id);
                    break;
                };
                check.rows += 1;
                check.head = row.hash;
                if kept == Some(row.hash) {
                    check.kept_at = Some(row.id);
                }
            }
            Ok(check)
        })
        .await
    }
}

/// The version rises with every write, a forgetting one too; who sees no stored state names 0.
fn write_flag(group: &Group<'_>, write: &FlagWrite) -> Outcome<()> {
    let FlagWrite { environment, name, seen_version, after } = write;
    let found: Option<(i64, bool)> = group
        .sql("SELECT version, state IS NOT NULL FROM flags WHERE environment = ?1 AND name = ?2")?
        .query_row([environment, name.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (version, stored) = found.unwrap_or((0, false));
    if *seen_version != version && (stored || *seen_version != 0) {
        return Err(StoreError::Stale.into());
    }
    group
        .sql(
            "INSERT INTO flags (environment, name, state, version) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET before = state, state = excluded.state, version = excluded.version",
        )?
        .execute(params![environment, name.as_str(), after.as_ref().map(state_text), version + 1])?;
    Ok(())
}

pub(super) fn append_audit(group: &Group<'_>, entries: &[AuditEntry]) -> Outcome<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let last = group
        .sql("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (mut id, mut hash): (i64, [u8; 32]) = last.unwrap_or((0, START));
    for entry in entries {
        id += 1;
        hash = link(&hash, id, entry);
        let AuditEntry { at, author, sudo_by, via, flag, environment, before, after, reason } = entry;
        group
            .sql(
                "INSERT INTO audit (id, at, author, sudo_by, via, flag, environment, before, after, reason, hash) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                id,
                at.as_millis(),
                author,
                sudo_by,
                via,
                flag,
                environment,
                before,
                after,
                reason,
                &hash[..]
            ])?;
    }
    Ok(())
}
