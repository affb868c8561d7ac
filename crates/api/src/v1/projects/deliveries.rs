use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Paged, ProjectRef, Query};
use crate::listing::listing;
use crate::v1::deliveries::{filter, no_query, replay_query, replayed};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::PageOf;
use wigwag_engine::Engine;
use wigwag_wire::deliveries::{Delivery, DeliveryQuery, ReplayInput, Replayed};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(replay))
}

/// Deliveries of a project, newest event first, each with why it stands where it stands.
#[utoipa::path(get, path = "/v1/projects/{id}/deliveries", tag = "deliveries",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), DeliveryQuery, PageQuery),
    responses((status = 200, body = [Delivery]), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    At(id): At<String>,
    Caller(caller): Caller,
    Query(query): Query<DeliveryQuery>,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let filter = filter(query)?;
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    let PageOf { rows, page, total } = engine.deliveries(&caller, project, filter, page).await?;
    let found = PageOf { rows: engine.explained(&caller, rows).await?, page, total };
    Ok(listing(engine.settings(), &uri, found, convert::delivery))
}

/// Lets deliveries wait once more that ended, oldest first; or counts them. They go out as their hooks' health and rate
/// allow, each under the id and with the bytes that it had.
#[utoipa::path(post, path = "/v1/projects/{id}/deliveries/replay", tag = "deliveries", request_body = ReplayInput,
    params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    responses((status = 200, body = Replayed), V1Errors))]
async fn replay(
    State(engine): State<Engine>,
    At(id): At<String>,
    Caller(caller): Caller,
    uri: Uri,
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<Json<Replayed>, Problem> {
    no_query(&uri)?;
    let (query, mode) = replay_query(input)?;
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    Ok(Json(replayed(engine.replay(&caller, project, query, mode).await?)))
}
