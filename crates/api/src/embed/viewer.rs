use crate::errors::Problem;
use crate::extract::private_token;
use axum::http::HeaderMap;
use wigwag_access::{Principal, Source, Via};
use wigwag_base::Secret;
use wigwag_engine::{Credential, Engine, EngineError};

/// Who looks, and at what; `None` for a good token that names a user, project or group which does not exist.
pub(super) type Viewer = Option<(Principal, Source)>;

/// The viewer whom `token` names, or else the request's bearer token.
///
/// # Errors
/// 401 for a bad token, 503 for a store that does not answer; nothing else.
pub(super) async fn viewer(
    engine: &Engine,
    headers: &HeaderMap,
    token: Option<String>,
) -> Result<Viewer, Problem> {
    let token = token.filter(|token| !token.is_empty()).map(Secret::new).or_else(|| private_token(headers));
    let token = token.ok_or(EngineError::Unauthorized)?;
    match engine.authenticate(&Credential::EmbedToken(token)).await {
        Ok(principal) => Ok(match principal.via {
            Via::Embed(source) => Some((principal, source)),
            Via::Token { .. } | Via::Session(_) | Via::Chat => None,
        }),
        Err(EngineError::NotFound(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
