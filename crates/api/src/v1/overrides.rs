//! Flags that are switched off on this node, with or without a database.

use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Query, environment};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::flag_feed::{EnvironmentQuery, Override, OverrideInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(switch_off, lift))
}

/// The flags that are switched off on this node, whatever is stored.
#[utoipa::path(get, path = "/v1/flags/overrides", tag = "features",
    responses((status = 200, body = [Override]), V1Errors))]
async fn list(State(engine): State<Engine>, Caller(caller): Caller) -> Result<Json<Vec<Override>>, Problem> {
    Ok(Json(engine.overrides(&caller)?.iter().map(convert::flag_override).collect()))
}

/// Switches a flag off on this node, at once: no store is asked. The store and its audit log are told as soon as they
/// answer (`recorded`). It takes the scope `flags:off`, and can be done twice.
#[utoipa::path(put, path = "/v1/flags/{name}/override", tag = "features", params(("name" = String, Path)),
    request_body = OverrideInput, responses((status = 200, body = Override), V1Errors))]
async fn switch_off(
    State(engine): State<Engine>,
    At(name): At<String>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<OverrideInput>,
) -> Result<Json<Override>, Problem> {
    let environment = environment(&engine, &caller, input.environment.as_deref())?;
    let done = engine.override_flag(&caller, &environment, &name, input.reason).await?;
    Ok(Json(Override { not_kept: done.not_kept, ..convert::flag_override(&done.row) }))
}

/// Ends an override: what is stored decides again. Once the store knows of it that is off.
#[utoipa::path(delete, path = "/v1/flags/{name}/override", tag = "features",
    params(("name" = String, Path), EnvironmentQuery), responses((status = 204), V1Errors))]
async fn lift(
    State(engine): State<Engine>,
    At(name): At<String>,
    Caller(caller): Caller,
    Query(query): Query<EnvironmentQuery>,
) -> Result<StatusCode, Problem> {
    let environment = environment(&engine, &caller, query.environment.as_deref())?;
    engine.lift_override(&caller, &environment, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
