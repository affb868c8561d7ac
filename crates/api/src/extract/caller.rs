use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::{Map, Value};
use wigwag_access::Principal;
use wigwag_base::Secret;
use wigwag_engine::{Credential, Engine, EngineError};

/// The token that a request shows: `PRIVATE-TOKEN`, else `Authorization: Bearer`.
pub(crate) fn private_token(headers: &HeaderMap) -> Option<Secret<String>> {
    let text = match headers.get("private-token") {
        Some(value) => value.to_str().ok()?,
        None => {
            let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)?
        }
    };
    Some(Secret::new(text.trim().to_owned()))
}

/// As whom the parameter `sudo` asks to act. What is neither a name nor an id names nobody: whoever asks to act as
/// another never acts as oneself.
pub(crate) fn sudo_among(fields: &Map<String, Value>) -> Option<String> {
    match fields.get("sudo")? {
        Value::Null => None,
        Value::String(who) => Some(who.clone()),
        Value::Number(id) => Some(id.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Some(String::new()),
    }
}

/// Who asks by an API token, and as whom: `sudo` is the parameter of that name, if there is one.
pub(crate) async fn caller(
    engine: &Engine,
    headers: &HeaderMap,
    sudo: Option<&str>,
) -> Result<Principal, EngineError> {
    let token = private_token(headers).ok_or(EngineError::Unauthorized)?;
    let principal = engine.authenticate(&Credential::PrivateToken(token)).await?;
    acting(engine, principal, headers, sudo).await
}

async fn acting(
    engine: &Engine,
    principal: Principal,
    headers: &HeaderMap,
    sudo: Option<&str>,
) -> Result<Principal, EngineError> {
    let header = headers.get("sudo").map(|value| value.to_str().unwrap_or_default());
    match header.or(sudo) {
        Some(who) => engine.sudo(&principal, who.trim()).await,
        None => Ok(principal),
    }
}

/// Who asks by an API token or, where a banner asks, by an embed token.
pub(crate) async fn embed_or_caller(
    engine: &Engine,
    headers: &HeaderMap,
    sudo: Option<&str>,
) -> Result<Principal, EngineError> {
    match caller(engine, headers, sudo).await {
        Err(EngineError::Unauthorized) => {
            let token = private_token(headers).filter(looks_like_jwt).ok_or(EngineError::Unauthorized)?;
            let principal = engine.authenticate(&Credential::EmbedToken(token)).await?;
            acting(engine, principal, headers, sudo).await
        }
        other => other,
    }
}

fn looks_like_jwt(token: &Secret<String>) -> bool {
    token.expose().split('.').count() == 3
}
