//! What was said and done about a flag's rollout.

use super::flags::append_audit;
use super::listing::Listing;
use super::outbox::enqueue;
use crate::codec::rollout::{kind_code, rollout_entry};
use crate::store::SqliteStore;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use wigwag_base::{Page, PageOf};
use wigwag_flags::FlagName;
use wigwag_ports::StoreError;
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::outbox::NewMessage;
use wigwag_ports::rollout_log::{NewRolloutEntry, RolloutEntry, RolloutEntryKind, RolloutLog};

#[async_trait]
impl RolloutLog for SqliteStore {
    async fn append_rollout_entry(
        &self,
        entry: NewRolloutEntry,
        audit: AuditEntry,
        messages: Vec<NewMessage>,
    ) -> Result<i64, StoreError> {
        self.change(move |group| {
            let NewRolloutEntry { flag, kind, author, text, at } = &entry;
            let id = group
                .sql(
                    "INSERT INTO rollout_log (flag, kind, author, text, at) VALUES (?1, ?2, ?3, ?4, ?5) \
                     RETURNING id",
                )?
                .query_row(params![flag.as_str(), kind_code(*kind), author, text, at.as_millis()], |row| {
                    row.get(0)
                })?;
            append_audit(group, std::slice::from_ref(&audit))?;
            enqueue(group, &messages)?;
            Ok(id)
        })
        .await
    }

    async fn rollout_entries(&self, flag: FlagName, page: Page) -> Result<PageOf<RolloutEntry>, StoreError> {
        let mut listing = Listing::new("SELECT * FROM rollout_log WHERE true", "id DESC");
        listing.narrow("flag = ?", [flag.as_str().to_owned().into()]);
        self.read(move |connection| listing.page(connection, page, |row| Ok(rollout_entry(row)?))).await
    }

    async fn open_rollback(&self, flag: FlagName) -> Result<Option<RolloutEntry>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM rollout_log WHERE flag = ?1 AND kind IN (?2, ?3) ORDER BY id DESC LIMIT 1",
            )?;
            let rollback = kind_code(RolloutEntryKind::Rollback);
            let acknowledged = kind_code(RolloutEntryKind::Acknowledgement);
            let last = statement
                .query_row(params![flag.as_str(), rollback, acknowledged], rollout_entry)
                .optional()?;
            Ok(last.filter(|last| last.entry.kind == RolloutEntryKind::Rollback))
        })
        .await
    }
}
