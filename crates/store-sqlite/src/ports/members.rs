//! Memberships.

use crate::codec::registry::{membership, source_columns};
use crate::error::Outcome;
use crate::writer::Group;
use rusqlite::{Connection, OptionalExtension, params};
use wigwag_access::{Membership, Source};
use wigwag_ports::StoreError;
use wigwag_ports::registry::MemberCall;

/// Answers a call that only reads.
pub(super) fn read(connection: &Connection, call: &MemberCall) -> Outcome<Vec<Membership>> {
    let rows = match call {
        MemberCall::List(source) => {
            let (kind, id) = source_columns(*source);
            connection
                .prepare_cached(
                    "SELECT * FROM members WHERE source_kind = ?1 AND source_id = ?2 ORDER BY user_id",
                )?
                .query_map([kind, id], membership)?
                .collect::<Result<_, _>>()
        }
        MemberCall::OfUser(user) => connection
            .prepare_cached("SELECT * FROM members WHERE user_id = ?1 ORDER BY source_kind, source_id")?
            .query_map([user.0], membership)?
            .collect::<Result<_, _>>(),
        MemberCall::Add(_) | MemberCall::Change(_) | MemberCall::Remove(..) => Ok(Vec::new()),
    };
    Ok(rows?)
}

/// Does a call that writes; answers the direct members after it.
pub(super) fn change(group: &mut Group<'_>, call: &MemberCall) -> Outcome<Vec<Membership>> {
    let source = match call {
        MemberCall::Add(membership) => {
            add(group, membership)?;
            membership.source
        }
        MemberCall::Change(Membership { user, source, level }) => {
            let (kind, id) = source_columns(*source);
            let changed = group
                .sql("UPDATE members SET level = ?4 WHERE source_kind = ?1 AND source_id = ?2 AND user_id = ?3")?
                .execute([kind, id, user.0, level.number()])?;
            found(changed)?;
            *source
        }
        MemberCall::Remove(user, source) => {
            let (kind, id) = source_columns(*source);
            let removed = group
                .sql("DELETE FROM members WHERE source_kind = ?1 AND source_id = ?2 AND user_id = ?3")?
                .execute([kind, id, user.0])?;
            found(removed)?;
            *source
        }
        MemberCall::List(_) | MemberCall::OfUser(_) => return read(group.connection, call),
    };
    read(group.connection, &MemberCall::List(source))
}

fn found(rows: usize) -> Outcome<()> {
    if rows == 0 { Err(StoreError::NotFound("member").into()) } else { Ok(()) }
}

fn add(group: &Group<'_>, membership: &Membership) -> Outcome<()> {
    let Membership { user, source, level } = membership;
    let (kind, id) = source_columns(*source);
    let there = match source {
        Source::Project(_) => "SELECT 1 FROM projects WHERE id = ?1",
        Source::Group(_) => "SELECT 1 FROM groups WHERE id = ?1",
    };
    for (sql, id, what) in [("SELECT 1 FROM users WHERE id = ?1", user.0, "user"), (there, id, "source")] {
        let found = group.sql(sql)?.query_row([id], |_| Ok(())).optional()?;
        found.ok_or(StoreError::NotFound(what))?;
    }
    let added = group
        .sql(
            "INSERT OR IGNORE INTO members (source_kind, source_id, user_id, level) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![kind, id, user.0, level.number()])?;
    if added == 0 { Err(StoreError::Taken("member").into()) } else { Ok(()) }
}
