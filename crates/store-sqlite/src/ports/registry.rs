//! Users, groups, projects.

use super::listing::Listing;
use super::members;
use crate::codec::registry::{group, project, role_code, user, user_state_code};
use crate::error::Outcome;
use crate::store::SqliteStore;
use crate::writer::Group as Tx;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use wigwag_access::limits::GROUP_DEPTH_MAX;
use wigwag_access::{AccessLevel, Group, Membership, Namespace, Project, User, UserState};
use wigwag_base::{GroupId, Page, PageOf, ProjectId, Secret, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::registry::{Kind, MemberCall, NewGroup, NewProject, NewUser, PathKey, Registry, UserKey};

/// Kinds in `routes`.
const ROUTE_USER: i64 = 0;
const ROUTE_GROUP: i64 = 1;
const ROUTE_PROJECT: i64 = 2;

#[async_trait]
impl Registry for SqliteStore {
    async fn create_user(&self, user: NewUser) -> Result<User, StoreError> {
        self.change(move |tx| create_user(tx, &user)).await
    }

    async fn user(&self, key: UserKey) -> Result<Option<User>, StoreError> {
        self.read(move |connection| {
            let found = match key {
                UserKey::Id(id) => {
                    connection.prepare_cached("SELECT * FROM users WHERE id = ?1")?.query_row([id.0], user)
                }
                UserKey::Username(name) => connection
                    .prepare_cached("SELECT * FROM users WHERE username = ?1")?
                    .query_row([name], user),
                UserKey::Email(email) => connection
                    .prepare_cached("SELECT * FROM users WHERE email = ?1")?
                    .query_row([email], user),
            };
            Ok(found.optional()?)
        })
        .await
    }

    async fn users(&self, search: Option<String>, page: Page) -> Result<PageOf<User>, StoreError> {
        let mut listing = Listing::new("SELECT * FROM users WHERE true", "id");
        if let Some(search) = search {
            // NUL cannot lie in any of them, so nothing is found across two.
            let holds = "instr(lower(username || char(0) || name || char(0) || email), lower(?)) > 0";
            listing.narrow(holds, [search.into()]);
        }
        self.read(move |connection| listing.page(connection, page, |row| Ok(user(row)?))).await
    }

    async fn create_group(&self, group: NewGroup) -> Result<Group, StoreError> {
        self.change(move |tx| create_group(tx, &group)).await
    }

    async fn group(&self, key: PathKey<GroupId>) -> Result<Option<Vec<Group>>, StoreError> {
        self.read(move |connection| {
            let id = match key {
                PathKey::Id(id) => Some(id.0),
                PathKey::FullPath(path) => route(connection, ROUTE_GROUP, &path)?,
            };
            let line = id.map(|id| lineage(connection, id)).transpose()?;
            Ok(line.filter(|line| !line.is_empty()))
        })
        .await
    }

    async fn groups(&self, user: Option<UserId>, page: Page) -> Result<PageOf<Group>, StoreError> {
        let mut listing = Listing::new("SELECT * FROM groups WHERE true", "id");
        if let Some(user) = user {
            listing.narrow(GROUPS_OF_USER, [user.0.into(), user.0.into()]);
        }
        self.read(move |connection| listing.page(connection, page, |row| Ok(group(row)?))).await
    }

    async fn create_project(&self, project: NewProject) -> Result<Project, StoreError> {
        self.change(move |tx| create_project(tx, &project)).await
    }

    async fn project(&self, key: PathKey<ProjectId>) -> Result<Option<(Project, Vec<Group>)>, StoreError> {
        self.read(move |connection| {
            let id = match key {
                PathKey::Id(id) => Some(id.0),
                PathKey::FullPath(path) => route(connection, ROUTE_PROJECT, &path)?,
            };
            let found = id.map(|id| one_project(connection, ProjectId(id))).transpose()?.flatten();
            let Some(project) = found else {
                return Ok(None);
            };
            let ancestors = match project.namespace {
                Namespace::Group(id) => lineage(connection, id.0)?,
                Namespace::User(_) => Vec::new(),
            };
            Ok(Some((project, ancestors)))
        })
        .await
    }

    async fn projects(&self, user: Option<UserId>, page: Page) -> Result<PageOf<Project>, StoreError> {
        let mut listing = Listing::new("SELECT * FROM projects WHERE true", "id");
        if let Some(user) = user {
            listing.narrow(PROJECTS_OF_USER, [user.0.into(), user.0.into(), user.0.into()]);
        }
        self.read(move |connection| listing.page(connection, page, |row| Ok(project(row)?))).await
    }

    async fn count(&self, kind: Kind) -> Result<u64, StoreError> {
        let sql = match kind {
            Kind::User => "SELECT count(*) FROM users",
            Kind::Group => "SELECT count(*) FROM groups",
            Kind::Project => "SELECT count(*) FROM projects",
        };
        self.read(move |connection| {
            let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
        .await
    }

    async fn ids(&self, kind: Kind, after: i64, limit: u32) -> Result<Vec<i64>, StoreError> {
        let sql = match kind {
            Kind::User => "SELECT id FROM users WHERE id > ?1 ORDER BY id LIMIT ?2",
            Kind::Group => "SELECT id FROM groups WHERE id > ?1 ORDER BY id LIMIT ?2",
            Kind::Project => "SELECT id FROM projects WHERE id > ?1 ORDER BY id LIMIT ?2",
        };
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let ids = statement.query_map([after, i64::from(limit)], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn members(&self, call: MemberCall) -> Result<Vec<Membership>, StoreError> {
        match call {
            MemberCall::List(_) | MemberCall::OfUser(_) => {
                self.read(move |connection| members::read(connection, &call)).await
            }
            call => self.change(move |tx| members::change(tx, &call)).await,
        }
    }
}

/// Groups with a membership of the user in them or below, and what lies below the groups that the user is a member of.
const GROUPS_OF_USER: &str = "id IN (\
    WITH RECURSIVE \
    up (id) AS (SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 \
        UNION SELECT p.group_id FROM members m JOIN projects p ON p.id = m.source_id \
            WHERE m.user_id = ? AND m.source_kind = 0 AND p.group_id IS NOT NULL \
        UNION SELECT g.parent_id FROM groups g JOIN up ON g.id = up.id WHERE g.parent_id IS NOT NULL) \
    SELECT id FROM up)";

/// Projects with a membership of the user, projects below the user's groups, and those in the user's own namespace.
const PROJECTS_OF_USER: &str = "(user_id = ? \
    OR id IN (SELECT source_id FROM members WHERE user_id = ? AND source_kind = 0) \
    OR group_id IN (\
        WITH RECURSIVE down (id) AS (SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 \
            UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) \
        SELECT id FROM down))";

fn route(connection: &Connection, kind: i64, path: &str) -> Outcome<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM routes WHERE path = ?1 AND kind = ?2")?;
    Ok(statement.query_row(params![path, kind], |row| row.get(0)).optional()?)
}

/// Claims a path; all kinds share one set of names.
fn claim(tx: &Tx<'_>, path: &str, kind: i64, id: i64, field: &'static str) -> Outcome<()> {
    let claimed = tx
        .sql("INSERT OR IGNORE INTO routes (path, kind, id) VALUES (?1, ?2, ?3)")?
        .execute(params![path, kind, id])?;
    if claimed == 0 { Err(StoreError::Taken(field).into()) } else { Ok(()) }
}

/// A group with its ancestors, itself first.
fn lineage(connection: &Connection, id: i64) -> Outcome<Vec<Group>> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE up (id, depth) AS (SELECT ?1, 0 \
         UNION ALL SELECT g.parent_id, depth + 1 FROM groups g JOIN up USING (id) WHERE g.parent_id IS NOT NULL) \
         SELECT groups.* FROM up JOIN groups USING (id) ORDER BY depth",
    )?;
    Ok(statement.query_map([id], group)?.collect::<Result<_, _>>()?)
}

fn one_project(connection: &Connection, id: ProjectId) -> Outcome<Option<Project>> {
    let mut statement = connection.prepare_cached("SELECT * FROM projects WHERE id = ?1")?;
    Ok(statement.query_row([id.0], project).optional()?)
}

fn create_user(tx: &mut Tx<'_>, new: &NewUser) -> Outcome<User> {
    let NewUser { username, name, email, role, password_hash, created_at } = new;
    let taken = tx.sql("SELECT 1 FROM users WHERE email = ?1")?.query_row([email], |_| Ok(())).optional()?;
    if route_taken(tx, username)? {
        return Err(StoreError::Taken("username").into());
    }
    if taken.is_some() {
        return Err(StoreError::Taken("email").into());
    }
    let id = tx
        .sql(
            "INSERT INTO users (username, name, email, role, state, password_hash, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .insert(params![
            username,
            name,
            email,
            role_code(*role),
            user_state_code(UserState::Active),
            password_hash.as_ref().map(Secret::expose),
            created_at.as_millis(),
        ])?;
    claim(tx, username, ROUTE_USER, id, "username")?;
    Ok(tx.sql("SELECT * FROM users WHERE id = ?1")?.query_row([id], user)?)
}

fn route_taken(tx: &Tx<'_>, path: &str) -> Outcome<bool> {
    Ok(tx.sql("SELECT 1 FROM routes WHERE path = ?1")?.query_row([path], |_| Ok(())).optional()?.is_some())
}

fn create_group(tx: &mut Tx<'_>, new: &NewGroup) -> Outcome<Group> {
    let NewGroup { name, path, parent, creator, created_at } = new;
    let full_path = match parent {
        None => path.clone(),
        Some(parent) => {
            let line = lineage(tx.connection, parent.0)?;
            if line.len() >= GROUP_DEPTH_MAX {
                let limit = format!("groups may lie at most {GROUP_DEPTH_MAX} deep");
                return Err(StoreError::LimitReached(limit).into());
            }
            let parent = line.first().ok_or(StoreError::NotFound("group"))?;
            format!("{}/{path}", parent.full_path)
        }
    };
    let found = tx.sql("SELECT 1 FROM users WHERE id = ?1")?.query_row([creator.0], |_| Ok(())).optional()?;
    found.ok_or(StoreError::NotFound("user"))?;
    let id = tx
        .sql("INSERT INTO groups (parent_id, name, path, full_path, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .insert(params![parent.map(|id| id.0), name, path, full_path, created_at.as_millis()])?;
    claim(tx, &full_path, ROUTE_GROUP, id, "path")?;
    tx.sql("INSERT INTO members (source_kind, source_id, user_id, level) VALUES (1, ?1, ?2, ?3)")?
        .execute([id, creator.0, AccessLevel::Owner.number()])?;
    Ok(tx.sql("SELECT * FROM groups WHERE id = ?1")?.query_row([id], group)?)
}

fn create_project(tx: &mut Tx<'_>, new: &NewProject) -> Outcome<Project> {
    let NewProject { name, path, namespace, created_at } = new;
    let (sql, id) = match namespace {
        Namespace::Group(id) => ("SELECT full_path FROM groups WHERE id = ?1", id.0),
        Namespace::User(id) => ("SELECT username FROM users WHERE id = ?1", id.0),
    };
    let above: Option<String> = tx.sql(sql)?.query_row([id], |row| row.get(0)).optional()?;
    let full_path = format!("{}/{path}", above.ok_or(StoreError::NotFound("namespace"))?);
    let (group_id, user_id) = match namespace {
        Namespace::Group(id) => (Some(id.0), None),
        Namespace::User(id) => (None, Some(id.0)),
    };
    let id = tx
        .sql(
            "INSERT INTO projects (group_id, user_id, name, path, full_path, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .insert(params![group_id, user_id, name, path, full_path, created_at.as_millis()])?;
    claim(tx, &full_path, ROUTE_PROJECT, id, "path")?;
    one_project(tx.connection, ProjectId(id))?.ok_or_else(|| StoreError::NotFound("project").into())
}
