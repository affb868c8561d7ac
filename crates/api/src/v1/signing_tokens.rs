//! Signing tokens of a hook, one by one: what the routes of projects, groups and the system do alike.

use crate::errors::Problem;
use std::time::Duration;
use wigwag_access::Principal;
use wigwag_base::{HookId, Secret};
use wigwag_engine::hook_admin::AddedToken;
use wigwag_engine::{Engine, EngineError};
use wigwag_hooks::{HookScope, SigningScheme};
use wigwag_wire::Time;
use wigwag_wire::hooks::{NewSigningToken, SigningToken, SigningTokenInput};

/// For how long the older tokens sign where nobody says it.
const OVERLAP_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest overlap: a token that never runs out is not being replaced.
const OVERLAP_MAX_S: u64 = 30 * 24 * 60 * 60;

pub(super) async fn list(
    engine: &Engine,
    caller: &Principal,
    scope: HookScope,
    hook: i64,
) -> Result<Vec<SigningToken>, Problem> {
    let tokens = engine.signing_tokens(caller, scope, HookId(hook)).await?;
    let shown = |token: wigwag_engine::hook_admin::SigningTokenView| SigningToken {
        id: token.id,
        scheme: token.scheme.name(),
        public_key: token.public_key,
        expires_at: token.expires_at.map(Time),
    };
    Ok(tokens.into_iter().map(shown).collect())
}

pub(super) async fn add(
    engine: &Engine,
    caller: &Principal,
    scope: HookScope,
    hook: i64,
    input: SigningTokenInput,
) -> Result<NewSigningToken, Problem> {
    let overlap = match input.overlap_s {
        None => OVERLAP_DEFAULT,
        Some(s) => match u64::try_from(s) {
            Ok(s) if s <= OVERLAP_MAX_S => Duration::from_secs(s),
            _ => {
                let rule = format!("must be between 0 and {OVERLAP_MAX_S} seconds");
                return Err(EngineError::Invalid { field: "overlap_s", rule }.into());
            }
        },
    };
    let token = match (input.token.filter(|token| !token.is_empty()), input.scheme.as_deref()) {
        (Some(token), _) => AddedToken::Given(Secret::new(token)),
        (None, None | Some("")) => AddedToken::Fresh(SigningScheme::Hmac),
        (None, Some(word)) => {
            let known = SigningScheme::ALL.into_iter().find(|scheme| scheme.name() == word);
            let rule = "must be hmac or ed25519".into();
            AddedToken::Fresh(known.ok_or(EngineError::Invalid { field: "scheme", rule })?)
        }
    };
    let new = engine.add_signing_token(caller, scope, HookId(hook), token, overlap).await?;
    Ok(NewSigningToken { id: new.id, token: new.token.expose().clone(), public_key: new.public_key })
}
