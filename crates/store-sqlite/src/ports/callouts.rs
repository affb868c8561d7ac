//! Dismissals and the counters that they remember.

use crate::codec::count;
use crate::codec::registry::{source, source_columns};
use crate::store::SqliteStore;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use wigwag_access::Source;
use wigwag_base::UserId;
use wigwag_ports::StoreError;
use wigwag_ports::callouts::{Callouts, Dismissal};

#[async_trait]
impl Callouts for SqliteStore {
    async fn worse_counts(&self) -> Result<Vec<(Source, u64)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT source_kind, source_id, count FROM worse_counts")?;
            let rows = statement.query_map([], |row| {
                Ok((source(row.get("source_kind")?, row.get("source_id")?)?, count(row, "count")?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn dismissals(&self) -> Result<Vec<Dismissal>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT user_id, source_kind, source_id, feature, worse_count FROM dismissals \
                 LEFT JOIN worse_counts USING (source_kind, source_id) WHERE worse_count = coalesce(count, 0)",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Dismissal {
                    user: UserId(row.get("user_id")?),
                    source: source(row.get("source_kind")?, row.get("source_id")?)?,
                    feature: row.get("feature")?,
                    worse_count: count(row, "worse_count")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn dismiss(&self, dismissal: Dismissal) -> Result<(), StoreError> {
        self.change(move |group| {
            let Dismissal { user, source, feature, worse_count } = &dismissal;
            let (kind, id) = source_columns(*source);
            let (there, what) = match source {
                Source::Project(_) => ("SELECT 1 FROM projects WHERE id = ?1", "project"),
                Source::Group(_) => ("SELECT 1 FROM groups WHERE id = ?1", "group"),
            };
            for (sql, id, what) in [(there, id, what), ("SELECT 1 FROM users WHERE id = ?1", user.0, "user")] {
                let found = group.sql(sql)?.query_row([id], |_| Ok(())).optional()?;
                found.ok_or(StoreError::NotFound(what))?;
            }
            group
                .sql(
                    "INSERT OR REPLACE INTO dismissals (user_id, source_kind, source_id, feature, worse_count) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![user.0, kind, id, feature, crate::codec::int(*worse_count)])?;
            Ok(())
        })
        .await
    }
}
