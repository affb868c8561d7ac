use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Paged, Query};
use crate::v1::deliveries;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;
use wigwag_wire::deliveries::{Delivery, DeliveryQuery, ReplayInput, Replayed};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(replay))
}

/// Deliveries for a hook of the system, of all projects, newest event first, each with why it stands where it stands.
#[utoipa::path(get, path = "/v1/hooks/{hook_id}/deliveries", tag = "deliveries",
    params(("hook_id" = i64, Path), DeliveryQuery, PageQuery),
    responses((status = 200, body = [Delivery]), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    Caller(caller): Caller,
    Query(query): Query<DeliveryQuery>,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let scope = HookScope::System;
    deliveries::list(&engine, &caller, (scope, hook), query, page, &uri).await
}

/// Lets deliveries for a hook of the system, of all projects wait once more that ended, oldest first; or counts them. They go out as the hook's health and
/// rate allow, each under the id and with the bytes that it had.
#[utoipa::path(post, path = "/v1/hooks/{hook_id}/replay", tag = "deliveries", request_body = ReplayInput,
    params(("hook_id" = i64, Path)),
    responses((status = 200, body = Replayed), V1Errors))]
async fn replay(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    Caller(caller): Caller,
    uri: Uri,
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<Json<Replayed>, Problem> {
    deliveries::no_query(&uri)?;
    let scope = HookScope::System;
    deliveries::replay(&engine, &caller, (scope, hook), input).await.map(Json)
}
