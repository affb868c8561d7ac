//! What banners did by the day, and what became of the hooks that they told of.

use crate::codec::{codes, count, int, time};
use crate::error::Outcome;
use crate::limits::OUTCOMES_FORGOTTEN_AT_ONCE;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;
use wigwag_base::{HookId, Timestamp};
use wigwag_ports::StoreError;
use wigwag_ports::callout_outcomes::{
    CalloutOutcomes, Ended, Ending, Episode, OutcomeBatch, OutcomeFigures, OutcomeQuery,
};

codes!(ending_code, ending, Ending {
    Ending::Mended = 0,
    Ending::Deleted = 1,
    Ending::SwitchedOff = 2,
    Ending::Released = 3,
});

/// Days since 1970, in UTC.
const fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(86_400_000)
}

#[async_trait]
impl CalloutOutcomes for SqliteStore {
    async fn keep_callout_outcomes(&self, batch: OutcomeBatch) -> Result<(), StoreError> {
        self.change(move |group| keep(group, &batch)).await
    }

    async fn open_episodes(&self) -> Result<Vec<Episode>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT hook_id, shown_at FROM callout_episodes WHERE ended_at IS NULL")?;
            let rows = statement.query_map([], |row| {
                Ok(Episode { hook: HookId(row.get("hook_id")?), shown_at: time(row, "shown_at")? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn callout_outcomes(&self, query: OutcomeQuery) -> Result<OutcomeFigures, StoreError> {
        self.read(move |connection| figures(connection, query)).await
    }
}

fn keep(group: &mut Group<'_>, batch: &OutcomeBatch) -> Outcome<()> {
    let OutcomeBatch { at, shown, followed, dismissed, opened, ended, keep_from } = batch;
    if [shown, followed, dismissed].into_iter().any(|count| *count > 0) {
        group
            .sql(
                "INSERT INTO callout_days (day, shown, followed, dismissed) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (day) DO UPDATE SET shown = shown + excluded.shown, \
                 followed = followed + excluded.followed, dismissed = dismissed + excluded.dismissed",
            )?
            .execute(params![day(*at), int(*shown), int(*followed), int(*dismissed)])?;
    }
    for Episode { hook, shown_at } in opened {
        group
            .sql("INSERT OR IGNORE INTO callout_episodes (hook_id, shown_at) VALUES (?1, ?2)")?
            .execute(params![hook.0, shown_at.as_millis()])?;
    }
    for Ended { episode, at, ending } in ended {
        group
            .sql(
                "UPDATE callout_episodes SET ended_at = max(?3, shown_at), ending = ?4 \
                 WHERE hook_id = ?1 AND shown_at = ?2 AND ended_at IS NULL",
            )?
            .execute(params![
                episode.hook.0,
                episode.shown_at.as_millis(),
                at.as_millis(),
                ending_code(*ending)
            ])?;
    }
    group.sql("DELETE FROM callout_days WHERE day < ?1")?.execute([day(*keep_from)])?;
    group
        .sql(
            "DELETE FROM callout_episodes WHERE (hook_id, shown_at) IN (SELECT hook_id, shown_at \
             FROM callout_episodes INDEXED BY callout_episodes_ended \
             WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT ?2)",
        )?
        .execute(params![keep_from.as_millis(), OUTCOMES_FORGOTTEN_AT_ONCE])?;
    Ok(())
}

fn figures(connection: &Connection, query: OutcomeQuery) -> Outcome<OutcomeFigures> {
    let OutcomeQuery { since, until, ignored_after } = query;
    let from = day(since) * 86_400_000;
    let until = until.as_millis();
    let wait = i64::try_from(ignored_after.as_millis()).unwrap_or(i64::MAX);
    let mut figures = connection
        .prepare_cached(
            "SELECT coalesce(sum(shown), 0) AS shown, coalesce(sum(followed), 0) AS followed, \
             coalesce(sum(dismissed), 0) AS dismissed FROM callout_days WHERE day >= ?1",
        )?
        .query_row([day(since)], |row| {
            Ok(OutcomeFigures {
                shown: count(row, "shown")?,
                followed: count(row, "followed")?,
                dismissed: count(row, "dismissed")?,
                ..OutcomeFigures::default()
            })
        })?;
    let mut endings = connection.prepare_cached(
        "SELECT ending, count(*) AS count FROM callout_episodes INDEXED BY callout_episodes_ended \
         WHERE ended_at IS NOT NULL AND ended_at >= ?1 GROUP BY ending",
    )?;
    let mut rows = endings.query([from])?;
    while let Some(row) = rows.next()? {
        let count = count(row, "count")?;
        match ending(row.get("ending")?)? {
            Ending::Mended => figures.mended = count,
            Ending::Deleted => figures.deleted = count,
            Ending::SwitchedOff => figures.switched_off = count,
            Ending::Released => {}
        }
    }
    figures.open = connection
        .prepare_cached("SELECT count(*) AS count FROM callout_episodes WHERE ended_at IS NULL")?
        .query_row([], |row| count(row, "count"))?;
    figures.ignored = connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM callout_episodes WHERE ended_at IS NULL \
         AND shown_at >= ?1 - ?3 AND shown_at <= ?2 - ?3) + \
         (SELECT count(*) FROM callout_episodes INDEXED BY callout_episodes_ended WHERE ended_at IS NOT NULL \
         AND ended_at >= ?1 AND ended_at - shown_at >= ?3 AND shown_at >= ?1 - ?3) AS count",
        )?
        .query_row([from, until, wait], |row| count(row, "count"))?;
    figures.mend_median = mend_time(connection, from, figures.mended, 50)?;
    figures.mend_p90 = mend_time(connection, from, figures.mended, 90)?;
    Ok(figures)
}

/// The time that so many of a hundred took at most, by nearest rank.
fn mend_time(connection: &Connection, from: i64, mended: u64, percent: u64) -> Outcome<Option<Duration>> {
    let rank = (mended * percent).div_ceil(100).saturating_sub(1);
    let found: Option<i64> = connection
        .prepare_cached(
            "SELECT ended_at - shown_at FROM callout_episodes INDEXED BY callout_episodes_ended \
             WHERE ended_at IS NOT NULL AND ended_at >= ?1 AND ending = ?2 ORDER BY 1 LIMIT 1 OFFSET ?3",
        )?
        .query_row(params![from, ending_code(Ending::Mended), int(rank)], |row| row.get(0))
        .optional()?;
    Ok(found.map(|ms| Duration::from_millis(ms.unsigned_abs())))
}
