//! Which hooks fail, across projects.

use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, Paged, Query, group_key};
use crate::listing::paged;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::hooks_health::{HealthClass, HealthScope};
use wigwag_wire::hooks::{HooksHealth, HooksHealthQuery};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_health))
}

/// Which hooks fail, since when and why: yours, those of a group with everything below it, or all. The counts come first;
/// the hooks are one page, with the headers of every listing.
#[utoipa::path(get, path = "/v1/hooks/health", tag = "hooks", params(HooksHealthQuery, PageQuery),
    responses((status = 200, body = HooksHealth), V1Errors))]
async fn list_health(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<HooksHealthQuery>,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let (scope, class) = (scope(query.scope.as_deref())?, class(query.state.as_deref())?);
    let found = engine.hooks_health(&caller, scope, class, page).await?;
    let answer = Json(HooksHealth {
        summary: found.sentence(),
        failing: found.failing,
        waiting: found.waiting,
        hooks: found.hooks.rows.iter().map(|row| convert::hook_health(&engine, row)).collect(),
    });
    Ok(paged(engine.settings(), &uri, page, found.hooks.total, answer.into_response()))
}

fn scope(text: Option<&str>) -> Result<HealthScope, Problem> {
    match text.unwrap_or_default() {
        "" | "mine" => Ok(HealthScope::Mine),
        "instance" => Ok(HealthScope::Instance),
        other => match other.strip_prefix("group:").filter(|group| !group.is_empty()) {
            Some(group) => Ok(HealthScope::Group(group_key(group))),
            None => Err(Problem::invalid("scope", "must be mine, group:ID or instance")),
        },
    }
}

fn class(text: Option<&str>) -> Result<HealthClass, Problem> {
    match text.unwrap_or_default() {
        "" | "failing" => Ok(HealthClass::Failing),
        "unhealthy" => Ok(HealthClass::Unhealthy),
        "all" => Ok(HealthClass::Any),
        _ => Err(Problem::invalid("state", "must be failing, unhealthy or all")),
    }
}
