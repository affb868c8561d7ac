use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, Paged, ProjectRef, Query};
use crate::listing::listing;
use crate::{Api, convert};
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::HookId;
use wigwag_engine::{DeliveryQuery as Filter, Engine};
use wigwag_wire::deliveries::{Delivery, DeliveryQuery};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Deliveries of a project, newest event first.
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
    let since = match query.since.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let wrong = || Problem::invalid("since", "is no time; write 2026-01-31 or 2026-01-31T12:00:00Z");
            Some(convert::day_or_time(text).ok_or_else(wrong)?)
        }
    };
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = Filter {
        state: given(query.state),
        hook: query.hook_id.map(HookId),
        event_type: given(query.event_type),
        since,
    };
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    let found = engine.deliveries(&caller, project, filter, page).await?;
    Ok(listing(engine.settings(), &uri, found, convert::delivery))
}
