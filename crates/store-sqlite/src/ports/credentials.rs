//! Tokens, passwords, sessions, login links, embed keys.

use crate::codec::credential::{embed_key, environments_text, login_link, scopes_text, session, token};
use crate::codec::registry::source_columns;
use crate::error::Outcome;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use wigwag_access::{EmbedKey, LoginLink, Scope, Scopes, Session, SessionLimit, Token};
use wigwag_base::{Secret, Timestamp, TokenId, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::credentials::{Credentials, EmbedKeyCall, LinkCall, SessionCall, TokenKey, TokenMark};

#[async_trait]
impl Credentials for SqliteStore {
    async fn create_token(&self, token: Token) -> Result<Token, StoreError> {
        self.change(move |group| create_token(group, &token)).await
    }

    async fn tokens(&self, key: TokenKey) -> Result<Vec<Token>, StoreError> {
        self.read(move |connection| tokens(connection, key)).await
    }

    async fn mark_token(&self, id: TokenId, mark: TokenMark, at: Timestamp) -> Result<(), StoreError> {
        self.change(move |group| {
            let sql = match mark {
                TokenMark::Revoked => "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
                TokenMark::Used => {
                    "UPDATE tokens SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1"
                }
            };
            match group.sql(sql)?.execute([id.0, at.as_millis()])? {
                0 => Err(StoreError::NotFound("token").into()),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn password_hash(&self, user: UserId) -> Result<Option<Secret<String>>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT password_hash FROM users WHERE id = ?1")?;
            let found: Option<Option<String>> = statement.query_row([user.0], |row| row.get(0)).optional()?;
            Ok(found.flatten().map(Secret::new))
        })
        .await
    }

    async fn set_password_hash(&self, user: UserId, hash: Option<Secret<String>>) -> Result<(), StoreError> {
        self.change(move |group| {
            let text = hash.as_ref().map(Secret::expose);
            if group
                .sql("UPDATE users SET password_hash = ?2 WHERE id = ?1")?
                .execute(params![user.0, text])?
                == 0
            {
                return Err(StoreError::NotFound("user").into());
            }
            group.sql("DELETE FROM sessions WHERE user_id = ?1")?.execute([user.0])?;
            Ok(())
        })
        .await
    }

    async fn create_session(&self, session: Session) -> Result<(), StoreError> {
        self.change(move |group| create_session(group, &session)).await
    }

    async fn session(&self, hash: [u8; 32], call: SessionCall) -> Result<Option<Session>, StoreError> {
        match call {
            SessionCall::Read => {
                self.read(move |connection| {
                    let mut statement =
                        connection.prepare_cached("SELECT * FROM sessions WHERE hash = ?1")?;
                    Ok(statement.query_row([&hash[..]], session).optional()?)
                })
                .await
            }
            SessionCall::End => {
                self.change(move |group| {
                    let mut statement = group.sql("DELETE FROM sessions WHERE hash = ?1 RETURNING *")?;
                    Ok(statement.query_row([&hash[..]], session).optional()?)
                })
                .await
            }
        }
    }

    async fn login_link(&self, call: LinkCall) -> Result<Option<LoginLink>, StoreError> {
        self.change(move |group| match &call {
            LinkCall::Keep(link) => keep_link(group, link).map(|()| Some(link.clone())),
            LinkCall::Take(hash) => {
                let mut statement = group.sql("DELETE FROM login_links WHERE hash = ?1 RETURNING *")?;
                Ok(statement.query_row([&hash[..]], login_link).optional()?)
            }
        })
        .await
    }

    async fn use_once(&self, id: [u8; 32], now: Timestamp, expires_at: Timestamp) -> Result<(), StoreError> {
        self.change(move |group| {
            let (now, expires_at) = (now.as_millis(), expires_at.as_millis());
            let fresh = group
                .sql(
                    "INSERT INTO used_once (id, expires_at) VALUES (?1, ?2) \
                     ON CONFLICT DO UPDATE SET expires_at = ?2 WHERE expires_at <= ?3",
                )?
                .execute(params![&id[..], expires_at, now])?;
            if fresh == 0 { Err(StoreError::Taken("token").into()) } else { Ok(()) }
        })
        .await
    }

    async fn embed_keys(&self, call: EmbedKeyCall) -> Result<Vec<EmbedKey>, StoreError> {
        match call {
            EmbedKeyCall::List => self.read(list_embed_keys).await,
            call => {
                self.change(move |group| {
                    change_embed_key(group, &call)?;
                    list_embed_keys(group.connection)
                })
                .await
            }
        }
    }
}

/// Refuses what names a user or project that is not there.
fn exists(group: &Group<'_>, table: &'static str, id: i64) -> Outcome<()> {
    let (sql, what) = match table {
        "users" => ("SELECT 1 FROM users WHERE id = ?1", "user"),
        _ => ("SELECT 1 FROM projects WHERE id = ?1", "project"),
    };
    let found = group.sql(sql)?.query_row([id], |_| Ok(())).optional()?;
    Ok(found.ok_or(StoreError::NotFound(what))?)
}

fn create_token(group: &mut Group<'_>, new: &Token) -> Outcome<Token> {
    exists(group, "users", new.user.0)?;
    if let Some(project) = new.project {
        exists(group, "projects", project.0)?;
    }
    let Token { id: _, user, name, hash, scopes, project, environments, .. } = new;
    let Token { created_at, expires_at, last_used_at, revoked_at, .. } = new;
    let ms = |at: Timestamp| at.as_millis();
    let mut statement = group.sql(
        "INSERT INTO tokens (hash, user_id, name, scopes, project_id, environments, created_at, expires_at, \
         last_used_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id, name = excluded.name, \
         scopes = excluded.scopes, project_id = excluded.project_id, environments = excluded.environments, \
         created_at = excluded.created_at, expires_at = excluded.expires_at, last_used_at = excluded.last_used_at, \
         revoked_at = excluded.revoked_at RETURNING *",
    )?;
    let columns = params![
        &hash[..],
        user.0,
        name,
        scopes_text(*scopes),
        project.map(|id| id.0),
        environments.as_deref().map(environments_text),
        ms(*created_at),
        expires_at.map(ms),
        last_used_at.map(ms),
        revoked_at.map(ms),
    ];
    Ok(statement.query_row(columns, token)?)
}

fn tokens(connection: &Connection, key: TokenKey) -> Outcome<Vec<Token>> {
    let rows = match key {
        TokenKey::Hash(hash) => connection
            .prepare_cached("SELECT * FROM tokens WHERE hash = ?1")?
            .query_map([&hash[..]], token)?
            .collect::<Result<_, _>>(),
        TokenKey::Id(id) => connection
            .prepare_cached("SELECT * FROM tokens WHERE id = ?1")?
            .query_map([id.0], token)?
            .collect::<Result<_, _>>(),
        TokenKey::User(user) => connection
            .prepare_cached("SELECT * FROM tokens WHERE user_id = ?1 ORDER BY id")?
            .query_map([user.0], token)?
            .collect::<Result<_, _>>(),
        TokenKey::SwitchingOff(at_most) => connection
            .prepare_cached(
                "SELECT * FROM tokens WHERE revoked_at IS NULL \
                 AND (scopes LIKE '%flags:%' OR scopes LIKE '%api%' OR scopes LIKE '%admin%') ORDER BY id DESC",
            )?
            .query_map([], token)?
            .filter(|read| read.as_ref().map_or(true, |token| may_switch_off(token.scopes)))
            .take(at_most as usize)
            .collect::<Result<_, _>>(),
    };
    Ok(rows?)
}

fn may_switch_off(scopes: Scopes) -> bool {
    [Scope::FlagsOff, Scope::FlagsWrite, Scope::Api, Scope::Admin]
        .into_iter()
        .any(|scope| scopes.holds(scope))
}

fn create_session(group: &mut Group<'_>, session: &Session) -> Outcome<()> {
    exists(group, "users", session.user.0)?;
    let (kind, id) = match session.limit {
        SessionLimit::Unlimited => (None, None),
        SessionLimit::HookPages(source) => {
            let (kind, id) = source_columns(source);
            (Some(kind), Some(id))
        }
    };
    let created_at = session.created_at.as_millis();
    group.sql("DELETE FROM sessions WHERE expires_at <= ?1")?.execute([created_at])?;
    group
        .sql(
            "INSERT OR REPLACE INTO sessions (hash, user_id, source_kind, source_id, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            &session.hash[..],
            session.user.0,
            kind,
            id,
            created_at,
            session.expires_at.as_millis()
        ])?;
    Ok(())
}

fn keep_link(group: &mut Group<'_>, link: &LoginLink) -> Outcome<()> {
    exists(group, "users", link.user.0)?;
    group
        .sql("INSERT OR REPLACE INTO login_links (hash, user_id, expires_at) VALUES (?1, ?2, ?3)")?
        .execute(params![&link.hash[..], link.user.0, link.expires_at.as_millis()])?;
    Ok(())
}

fn change_embed_key(group: &mut Group<'_>, call: &EmbedKeyCall) -> Outcome<()> {
    match call {
        EmbedKeyCall::Keep(key) => {
            let EmbedKey { kid, public_key, created_at, revoked_at } = key;
            let revoked_at = revoked_at.map(Timestamp::as_millis);
            let kept = group
                .sql("INSERT OR IGNORE INTO embed_keys (kid, public_key, created_at, revoked_at) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![kid, &public_key[..], created_at.as_millis(), revoked_at])?;
            if kept == 0 { Err(StoreError::Taken("kid").into()) } else { Ok(()) }
        }
        EmbedKeyCall::Revoke(kid, at) => {
            let revoked = group
                .sql("UPDATE embed_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE kid = ?1")?
                .execute(params![kid, at.as_millis()])?;
            if revoked == 0 { Err(StoreError::NotFound("embed key").into()) } else { Ok(()) }
        }
        EmbedKeyCall::List => Ok(()),
    }
}

fn list_embed_keys(connection: &Connection) -> Outcome<Vec<EmbedKey>> {
    let mut statement = connection.prepare_cached("SELECT * FROM embed_keys ORDER BY created_at, kid")?;
    Ok(statement.query_map([], embed_key)?.collect::<Result<_, _>>()?)
}
