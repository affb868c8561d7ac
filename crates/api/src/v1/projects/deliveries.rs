use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Paged, ProjectRef, Query};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::{EventId, HookId, PageOf, Timestamp};
use wigwag_engine::{DeliveryQuery as Filter, Engine, ReplayMode, ReplayQuery};
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
    let since = time("since", query.since)?;
    let filter = Filter {
        state: given(query.state),
        hook: query.hook_id.map(HookId),
        event: query.event_id.map(EventId),
        event_type: given(query.event_type),
        since,
        until: time("until", query.until)?,
    };
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
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<Json<Replayed>, Problem> {
    let mode = if input.dry_run == Some(true) { ReplayMode::Count } else { ReplayMode::Replay };
    let query = ReplayQuery {
        states: input.filter.state.unwrap_or_default(),
        hook: input.filter.hook_id.map(HookId),
        event_type: given(input.filter.event_type),
        since: time("since", input.filter.since)?,
        until: time("until", input.filter.until)?,
    };
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    let replayed = engine.replay(&caller, project, query, mode).await?;
    Ok(Json(Replayed { count: replayed.count, more: replayed.more }))
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn time(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let wrong = || Problem::invalid(field, "is no time; write 2026-01-31 or 2026-01-31T12:00:00Z");
    given(text).map(|text| convert::day_or_time(&text).ok_or_else(wrong)).transpose()
}
