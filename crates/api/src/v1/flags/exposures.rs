use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody, environment};
use crate::limits::EXPOSURES_PER_REPORT_MAX;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::flags::ReportedExposure;
use wigwag_wire::flag_feed::Exposures;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(report))
}

/// Takes in how often a program, which evaluates by itself, was given which answer. Counts of flags that do not exist
/// are left out.
#[utoipa::path(post, path = "/v1/flags/exposures", tag = "features", request_body = Exposures,
    responses((status = 204), V1Errors))]
async fn report(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<Exposures>,
) -> Result<StatusCode, Problem> {
    let environment = environment(&engine, &caller, input.environment.as_deref())?;
    if input.exposures.len() > EXPOSURES_PER_REPORT_MAX {
        let rule = format!("has more than {EXPOSURES_PER_REPORT_MAX} rows; send them in several reports");
        return Err(Problem::invalid("exposures", &rule));
    }
    let reported = input.exposures.iter().map(|one| ReportedExposure {
        flag: &one.flag,
        enabled: one.enabled,
        reason: &one.reason,
        count: one.count,
    });
    engine.add_exposures(&caller, &environment, reported)?;
    Ok(StatusCode::NO_CONTENT)
}
