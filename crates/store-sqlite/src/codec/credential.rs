//! Tokens, sessions, login links, embed keys.

use super::{registry::source, time, time_if_any};
use crate::error::odd;
use rusqlite::{Result, Row};
use std::sync::Arc;
use wigwag_access::{EmbedKey, LoginLink, Scope, Scopes, Session, SessionLimit, Token};
use wigwag_base::{ProjectId, TokenId, UserId};

/// Scopes by their stable names.
pub(crate) fn scopes_text(scopes: Scopes) -> String {
    scopes.iter().map(Scope::name).collect::<Vec<_>>().join(" ")
}

fn scopes(text: &str) -> Result<Scopes> {
    text.split_ascii_whitespace().map(|name| name.parse::<Scope>().map_err(|_| odd("scope"))).collect()
}

/// Names of environments as a JSON list.
pub(crate) fn environments_text(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}

fn environments(text: &str) -> Result<Arc<[String]>> {
    serde_json::from_str::<Vec<String>>(text).map(Into::into).map_err(|_| odd("environments"))
}

/// Reads a row of `tokens`.
pub(crate) fn token(row: &Row<'_>) -> Result<Token> {
    Ok(Token {
        id: TokenId(row.get("id")?),
        user: UserId(row.get("user_id")?),
        name: row.get("name")?,
        hash: row.get("hash")?,
        scopes: scopes(row.get_ref("scopes")?.as_str().map_err(|_| odd("scopes"))?)?,
        project: row.get::<_, Option<i64>>("project_id")?.map(ProjectId),
        environments: row
            .get::<_, Option<String>>("environments")?
            .map(|text| environments(&text))
            .transpose()?,
        created_at: time(row, "created_at")?,
        expires_at: time_if_any(row, "expires_at")?,
        last_used_at: time_if_any(row, "last_used_at")?,
        revoked_at: time_if_any(row, "revoked_at")?,
    })
}

/// Reads a row of `sessions`.
pub(crate) fn session(row: &Row<'_>) -> Result<Session> {
    let limit = match row.get::<_, Option<i64>>("source_kind")? {
        Some(kind) => SessionLimit::HookPages(source(kind, row.get("source_id")?)?),
        None => SessionLimit::Unlimited,
    };
    Ok(Session {
        hash: row.get("hash")?,
        user: UserId(row.get("user_id")?),
        limit,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}

/// Reads a row of `login_links`.
pub(crate) fn login_link(row: &Row<'_>) -> Result<LoginLink> {
    Ok(LoginLink {
        hash: row.get("hash")?,
        user: UserId(row.get("user_id")?),
        expires_at: time(row, "expires_at")?,
    })
}

/// Reads a row of `embed_keys`.
pub(crate) fn embed_key(row: &Row<'_>) -> Result<EmbedKey> {
    Ok(EmbedKey {
        kid: row.get("kid")?,
        public_key: row.get("public_key")?,
        created_at: time(row, "created_at")?,
        revoked_at: time_if_any(row, "revoked_at")?,
    })
}
