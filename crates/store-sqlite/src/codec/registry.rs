//! Users, groups, projects, memberships, and what a membership, a hook or a callout belongs to.

use super::{codes, time};
use crate::error::odd;
use rusqlite::{Result, Row};
use wigwag_access::{
    AccessLevel, ChatRole, Group, Membership, Namespace, Project, Source, User, UserRole, UserState,
};
use wigwag_base::{GroupId, ProjectId, UserId};

codes!(role_code, role, UserRole { UserRole::Regular = 0, UserRole::Admin = 1 });
codes!(chat_role_code, chat_role, ChatRole {
    ChatRole::Viewer = 0, ChatRole::Developer = 1, ChatRole::Release = 2, ChatRole::Admin = 3
});
codes!(user_state_code, user_state, UserState { UserState::Active = 0, UserState::Blocked = 1 });

/// The stored kind and id of a source.
pub(crate) const fn source_columns(source: Source) -> (i64, i64) {
    match source {
        Source::Project(id) => (0, id.0),
        Source::Group(id) => (1, id.0),
    }
}

/// The source under a kind and id.
pub(crate) fn source(kind: i64, id: i64) -> Result<Source> {
    match kind {
        0 => Ok(Source::Project(ProjectId(id))),
        1 => Ok(Source::Group(GroupId(id))),
        _ => Err(odd("source")),
    }
}

/// Reads a row of `users`.
pub(crate) fn user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: UserId(row.get("id")?),
        username: row.get("username")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: role(row.get("role")?)?,
        chat_role: chat_role(row.get("chat_role")?)?,
        state: user_state(row.get("state")?)?,
        created_at: time(row, "created_at")?,
    })
}

/// Reads a row of `groups`.
pub(crate) fn group(row: &Row<'_>) -> Result<Group> {
    Ok(Group {
        id: GroupId(row.get("id")?),
        parent: row.get::<_, Option<i64>>("parent_id")?.map(GroupId),
        name: row.get("name")?,
        path: row.get("path")?,
        full_path: row.get("full_path")?,
        created_at: time(row, "created_at")?,
    })
}

/// Reads a row of `projects`.
pub(crate) fn project(row: &Row<'_>) -> Result<Project> {
    let namespace = match (row.get::<_, Option<i64>>("group_id")?, row.get::<_, Option<i64>>("user_id")?) {
        (Some(id), None) => Namespace::Group(GroupId(id)),
        (None, Some(id)) => Namespace::User(UserId(id)),
        _ => return Err(odd("namespace")),
    };
    Ok(Project {
        id: ProjectId(row.get("id")?),
        namespace,
        name: row.get("name")?,
        path: row.get("path")?,
        full_path: row.get("full_path")?,
        created_at: time(row, "created_at")?,
    })
}

/// Reads a row of `members`.
pub(crate) fn membership(row: &Row<'_>) -> Result<Membership> {
    Ok(Membership {
        user: UserId(row.get("user_id")?),
        source: source(row.get("source_kind")?, row.get("source_id")?)?,
        level: AccessLevel::from_number(row.get("level")?).ok_or_else(|| odd("level"))?,
    })
}
