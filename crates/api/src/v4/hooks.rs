//! Hooks: what the routes of projects, groups and the system do alike. The system's own routes lie in `system`.

mod system;

pub(super) use system::routes;

use crate::convert;
use crate::errors::V4Error;
use crate::extract::V4;
use crate::listing::listing;
use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde_json::json;
use wigwag_base::HookId;
use wigwag_engine::{Engine, EngineError};
use wigwag_hooks::HookScope;
use wigwag_wire::hooks::{Hook, HookInput};

pub(super) async fn list(
    engine: &Engine,
    scope: HookScope,
    uri: &Uri,
    call: &V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let found = engine.hooks(&call.caller, scope, call.page).await?;
    Ok(listing(engine.settings(), uri, found, convert::hook))
}

pub(super) async fn create(engine: &Engine, scope: HookScope, call: V4<HookInput>) -> Result<Hook, V4Error> {
    if call.input.url.is_none() {
        return Err(V4Error::missing("url"));
    }
    let fields = convert::hook_fields(call.input, engine.settings()).map_err(refused)?;
    let hook = engine.create_hook(&call.caller, scope, fields).await.map_err(refused)?;
    Ok(convert::hook(&hook))
}

pub(super) async fn get(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: &V4<IgnoredAny>,
) -> Result<Hook, V4Error> {
    Ok(convert::hook(&engine.hook(&call.caller, scope, HookId(hook)).await?))
}

pub(super) async fn update(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: V4<HookInput>,
) -> Result<Hook, V4Error> {
    let fields = convert::hook_fields(call.input, engine.settings()).map_err(refused)?;
    let hook = engine.update_hook(&call.caller, scope, HookId(hook), fields).await.map_err(refused)?;
    Ok(convert::hook(&hook))
}

pub(super) async fn delete(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: &V4<IgnoredAny>,
) -> Result<(), V4Error> {
    Ok(engine.delete_hook(&call.caller, scope, HookId(hook)).await?)
}

pub(super) async fn test(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    trigger: &str,
    call: &V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let tested = engine.test_hook(&call.caller, scope, HookId(hook), trigger).await;
    let attempt =
        tested.map_err(|error| V4Error::told(error, |field, rule| V4Error::invalid(field, &rule)))?;
    let (status, result) = convert::test_result(&attempt);
    Ok((status, Json(result)).into_response())
}

/// GitLab refuses a hook's URL with 422 and one text, other fields with 422 by field.
fn refused(error: EngineError) -> V4Error {
    const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        EngineError::Invalid { field: "url", rule } if rule == "is missing" => V4Error::missing("url"),
        EngineError::Invalid { field: "url", rule } => {
            V4Error::error(REFUSED, format!("Invalid url given: {rule}"))
        }
        EngineError::Invalid { field, rule } => V4Error::message(REFUSED, json!({ field: [rule] })),
        EngineError::Conflict(text) => V4Error::message(REFUSED, json!({ "base": [text] })),
        other => other.into(),
    }
}
