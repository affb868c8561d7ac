//! Who is told of changes of health.

use super::outbox::note;
use crate::codec::notice::{
    NOBODY, channel, line, line_columns, opt_out, opt_out_columns, state, state_code,
};
use crate::codec::{health, time};
use crate::error::Outcome;
use crate::meta;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};
use wigwag_base::{HookId, ProjectId, Timestamp, TransitionId, UserId};
use wigwag_hooks::health::TransitionKind;
use wigwag_hooks::{EventType, Switch};
use wigwag_ports::StoreError;
use wigwag_ports::notices::{
    BacklogCall, Cause, Changed, Line, LineNote, News, NoticeState, Notices, OptOut, Owed, Ring, Telling,
    Told, ToldOf, Untold, WaitingNotice,
};
use wigwag_ports::outbox::MessageCame;

/// What is behind the cursor.
pub(super) const BEHIND: &str = "SELECT t.*, a.event_type AS cause_type, a.project_id AS cause_project \
     FROM transitions t LEFT JOIN attempts a ON a.id = t.attempt_id WHERE t.id > ?1 ORDER BY t.id LIMIT ?2";

/// What waits in a line, by the index of what waits.
pub(super) const WAITING: &str = "SELECT t.*, n.project_id FROM notices n JOIN transitions t ON t.id = n.transition_id \
     WHERE n.state = 0 AND n.channel = ?1 AND n.user_id = ?2 ORDER BY n.transition_id LIMIT ?3";

/// Whether anything does.
pub(super) const ANY: &str =
    "SELECT EXISTS (SELECT 1 FROM notices WHERE state = 0 AND channel = ?1 AND user_id = ?2)";

/// Who was told of a hook's changes, of one change.
pub(super) const OF_HOOK: &str =
    "SELECT * FROM notices WHERE hook_id = ?1 ORDER BY transition_id DESC LIMIT ?2";
pub(super) const OF_TRANSITION: &str = "SELECT * FROM notices WHERE transition_id = ?1 LIMIT ?2";

/// Stands for the change in `notices_owed` once a notice went out: until then, the row goes if that of its newest change does
/// not.
const HEARD: i64 = 0;

#[async_trait]
impl Notices for SqliteStore {
    async fn untold(&self, limit: u32) -> Result<Untold, StoreError> {
        self.read(move |connection| {
            let cursor = meta::get(connection, meta::NOTICES_AFTER)?.unwrap_or(0_i64);
            let mut statement = connection.prepare_cached(BEHIND)?;
            let changes = statement.query_map(params![cursor, limit], changed)?;
            Ok(Untold { cursor: TransitionId(cursor), changes: changes.collect::<Result<_, _>>()? })
        })
        .await
    }

    async fn owed(&self, hook: HookId) -> Result<Vec<Owed>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM notices_owed WHERE hook_id = ?1")?;
            let rows = statement.query_map([hook.0], |row| {
                Ok(Owed { line: line(row.get("channel")?, row.get("user_id")?)?, project: project(row)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn tell(&self, telling: Telling) -> Result<(), StoreError> {
        self.change(move |group| tell(group, &telling)).await
    }

    async fn waiting_notices(&self, line: Line, limit: u32) -> Result<Vec<WaitingNotice>, StoreError> {
        self.read(move |connection| {
            let (channel, user) = line_columns(line);
            let mut statement = connection.prepare_cached(WAITING)?;
            let rows = statement.query_map(params![channel, user, limit], |row| {
                Ok(WaitingNotice {
                    id: TransitionId(row.get("id")?),
                    hook: HookId(row.get("hook_id")?),
                    project: project(row)?,
                    transition: health::transition(row)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn note_line(&self, note: LineNote) -> Result<(), StoreError> {
        self.change(move |group| note_line(group, &note)).await
    }

    async fn told(&self, of: ToldOf, limit: u32) -> Result<Vec<Told>, StoreError> {
        self.read(move |connection| {
            let (sql, mut ids): (_, Vec<i64>) = match &of {
                ToldOf::Hooks(ids) => (OF_HOOK, ids.iter().map(|id| id.0).collect()),
                ToldOf::Transitions(ids) => (OF_TRANSITION, ids.iter().map(|id| id.0).collect()),
            };
            ids.sort_unstable();
            ids.dedup();
            let mut statement = connection.prepare_cached(sql)?;
            let mut all = Vec::new();
            for id in ids {
                let rows = statement.query_map(params![id, limit], told)?;
                all.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            all.sort_unstable_by_key(|one| (std::cmp::Reverse(one.transition), one.channel, one.user));
            all.truncate(limit as usize);
            Ok(all)
        })
        .await
    }

    async fn backlog(&self, hook: HookId, call: BacklogCall) -> Result<Option<Timestamp>, StoreError> {
        self.change(move |group| {
            match call {
                BacklogCall::Grew(at) => group
                    .sql(
                        "INSERT OR IGNORE INTO notice_backlogs (hook_id, at, told) \
                         SELECT id, ?2, 0 FROM hooks WHERE id = ?1",
                    )?
                    .execute([hook.0, at.as_millis()])?,
                BacklogCall::Told => {
                    group.sql("UPDATE notice_backlogs SET told = 1 WHERE hook_id = ?1")?.execute([hook.0])?
                }
                BacklogCall::Shrank => {
                    group.sql("DELETE FROM notice_backlogs WHERE hook_id = ?1")?.execute([hook.0])?
                }
            };
            let untold = group
                .sql("SELECT at FROM notice_backlogs WHERE hook_id = ?1 AND told = 0")?
                .query_row([hook.0], |row| row.get(0))
                .optional()?;
            Ok(untold.map(Timestamp::from_millis))
        })
        .await
    }

    async fn backlogs(&self) -> Result<Vec<HookId>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT hook_id FROM notice_backlogs ORDER BY hook_id")?;
            let rows = statement.query_map([], |row| Ok(HookId(row.get(0)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn opt_outs(&self, user: UserId) -> Result<Vec<OptOut>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT source_kind, source_id FROM notice_opt_outs WHERE user_id = ?1")?;
            let rows = statement.query_map([user.0], |row| opt_out(row.get(0)?, row.get(1)?))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn set_opt_out(&self, user: UserId, what: OptOut, to: Switch) -> Result<(), StoreError> {
        self.change(move |group| {
            let found =
                group.sql("SELECT 1 FROM users WHERE id = ?1")?.query_row([user.0], |_| Ok(())).optional()?;
            found.ok_or(StoreError::NotFound("user"))?;
            let (kind, id) = opt_out_columns(what);
            let sql = match to {
                Switch::On => {
                    "INSERT OR IGNORE INTO notice_opt_outs (user_id, source_kind, source_id) VALUES (?1, ?2, ?3)"
                }
                Switch::Off => {
                    "DELETE FROM notice_opt_outs WHERE user_id = ?1 AND source_kind = ?2 AND source_id = ?3"
                }
            };
            group.sql(sql)?.execute([user.0, kind, id])?;
            Ok(())
        })
        .await
    }

    async fn admins(&self, limit: u32) -> Result<Vec<UserId>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT id FROM users WHERE role = 1 AND state = 0 ORDER BY id LIMIT ?1")?;
            let rows = statement.query_map([limit], |row| Ok(UserId(row.get(0)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn changed(row: &Row<'_>) -> rusqlite::Result<Changed> {
    let event_type: Option<String> = row.get("cause_type")?;
    let cause = match event_type.and_then(|text| EventType::new(&text)) {
        Some(event_type) => {
            Some(Cause { event_type, project: row.get::<_, Option<i64>>("cause_project")?.map(ProjectId) })
        }
        None => None,
    };
    Ok(Changed {
        id: TransitionId(row.get("id")?),
        hook: HookId(row.get("hook_id")?),
        transition: health::transition(row)?,
        cause,
    })
}

fn told(row: &Row<'_>) -> rusqlite::Result<Told> {
    let user: i64 = row.get("user_id")?;
    Ok(Told {
        transition: TransitionId(row.get("transition_id")?),
        hook: HookId(row.get("hook_id")?),
        channel: channel(row.get("channel")?)?,
        user: (user != NOBODY).then_some(UserId(user)),
        state: state(row.get("state")?)?,
        at: time(row, "at")?,
    })
}

fn project(row: &Row<'_>) -> rusqlite::Result<Option<ProjectId>> {
    Ok(row.get::<_, Option<i64>>("project_id")?.map(ProjectId))
}

fn tell(group: &Group<'_>, telling: &Telling) -> Outcome<()> {
    let cursor = meta::get(group.connection, meta::NOTICES_AFTER)?.unwrap_or(0_i64);
    if cursor != telling.seen.0 {
        return Err(StoreError::Stale.into());
    }
    meta::set(group.connection, meta::NOTICES_AFTER, telling.upto.0)?;
    for hook in &telling.recovered {
        group.sql("DELETE FROM notices_owed WHERE hook_id = ?1")?.execute([hook.0])?;
    }
    for notice in &telling.notices {
        let (channel, user) = line_columns(notice.line);
        let project = notice.project.map(|id| id.0);
        group
            .sql(
                "INSERT OR IGNORE INTO notices (transition_id, channel, user_id, hook_id, project_id, state, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
            )?
            .execute(params![
                notice.transition.0,
                channel,
                user,
                notice.hook.0,
                project,
                telling.at.as_millis()
            ])?;
        if notice.news == News::Worse {
            // A hook that was deleted meanwhile owes nobody anything.
            group
                .sql(
                    "INSERT INTO notices_owed (hook_id, channel, user_id, transition_id, project_id) \
                     SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM hooks WHERE id = ?1) \
                     ON CONFLICT (hook_id, channel, user_id) DO UPDATE SET project_id = excluded.project_id, \
                     transition_id = CASE transition_id WHEN ?6 THEN ?6 ELSE excluded.transition_id END",
                )?
                .execute(params![notice.hook.0, channel, user, notice.transition.0, project, HEARD])?;
        }
    }
    telling.rings.iter().try_for_each(|one| ring(group, one, telling.at))
}

/// Makes sure that a line has a message, if anything waits in it.
fn ring(group: &Group<'_>, ring: &Ring, at: Timestamp) -> Outcome<()> {
    let Ring { line, destination, not_before, every } = ring;
    let (channel, user) = line_columns(*line);
    let waits: bool = group.sql(ANY)?.query_row([channel, user], |row| row.get(0))?;
    if !waits {
        return Ok(());
    }
    let last: Option<i64> = group
        .sql("SELECT sent_at FROM notice_lines WHERE channel = ?1 AND user_id = ?2")?
        .query_row([channel, user], |row| row.get(0))
        .optional()?;
    let after_last = last.map(|last| Timestamp::from_millis(last) + *every);
    let due_at = after_last.map_or(*not_before, |after| after.max(*not_before));
    group
        .sql(
            "INSERT INTO outbox (destination, content, at, due_at, attempts) SELECT ?1, x'', ?2, ?3, 0 \
             WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE due_at IS NOT NULL AND destination = ?1)",
        )?
        .execute(params![destination, at.as_millis(), due_at.as_millis()])?;
    Ok(())
}

fn note_line(group: &Group<'_>, line_note: &LineNote) -> Outcome<()> {
    let LineNote { message, came, sent, failed, withheld, ring: next, at } = line_note;
    let (channel, user) = line_columns(next.line);
    let states =
        [(NoticeState::Sent, sent), (NoticeState::Failed, failed), (NoticeState::Withheld, withheld)];
    for (state, transitions) in states {
        for transition in transitions {
            group
                .sql(
                    "UPDATE notices SET state = ?4, at = ?5 \
                     WHERE transition_id = ?1 AND channel = ?2 AND user_id = ?3 AND state = 0",
                )?
                .execute(params![transition.0, channel, user, state_code(state), at.as_millis()])?;
        }
    }
    // Who heard it once is owed the end, whatever comes of the news between. What tells of a failure before the last
    // recovery says nothing of this one.
    for transition in sent {
        group
            .sql(
                "UPDATE notices_owed SET transition_id = ?4 WHERE channel = ?2 AND user_id = ?3 \
                 AND hook_id = (SELECT hook_id FROM notices WHERE transition_id = ?1 AND channel = ?2 AND user_id = ?3) \
                 AND NOT EXISTS (SELECT 1 FROM transitions t WHERE t.hook_id = notices_owed.hook_id AND t.kind = ?5 \
                 AND t.id BETWEEN ?1 AND notices_owed.transition_id)",
            )?
            .execute(params![transition.0, channel, user, HEARD, health::kind_code(TransitionKind::Recovered)])?;
    }
    // Who did not hear that it is worse needs not hear that it is well.
    for transition in failed.iter().chain(withheld) {
        group
            .sql(
                "DELETE FROM notices_owed WHERE channel = ?2 AND user_id = ?3 AND transition_id = ?1 \
                 AND hook_id = (SELECT hook_id FROM notices WHERE transition_id = ?1 AND channel = ?2 AND user_id = ?3)",
            )?
            .execute(params![transition.0, channel, user])?;
    }
    if !sent.is_empty() {
        group
            .sql("INSERT OR REPLACE INTO notice_lines (channel, user_id, sent_at) VALUES (?1, ?2, ?3)")?
            .execute(params![channel, user, at.as_millis()])?;
    }
    match came {
        MessageCame::Sent => {
            group.sql("DELETE FROM outbox WHERE id = ?1")?.execute([message])?;
        }
        MessageCame::Retry { due_at, error } => note(group, *message, Some(*due_at), error)?,
        MessageCame::GivenUp { error } => note(group, *message, None, error)?,
    }
    ring(group, next, *at)
}
