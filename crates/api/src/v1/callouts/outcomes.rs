//! What banners did, and what they led to.

use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, Query};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::callouts::{CalloutOutcomes, CalloutOutcomesQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(outcomes))
}

/// What banners did and led to: shown, followed, dismissed; hooks mended, deleted, switched off, ignored; time to mend.
/// Admins only.
#[utoipa::path(get, path = "/v1/callouts/outcomes", tag = "callouts", params(CalloutOutcomesQuery),
    responses((status = 200, body = CalloutOutcomes), V1Errors))]
async fn outcomes(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<CalloutOutcomesQuery>,
) -> Result<Json<CalloutOutcomes>, Problem> {
    let since = match query.since.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let wrong = || Problem::invalid("since", "is no time; write 2026-01-31 or 2026-01-31T12:00:00Z");
            Some(convert::day_or_time(&text).ok_or_else(wrong)?)
        }
    };
    let found = engine.callout_outcomes(&caller, since).await?;
    Ok(Json(convert::callout_outcomes(&found)))
}
