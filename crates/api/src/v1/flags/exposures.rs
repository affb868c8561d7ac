use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Query, environment};
use crate::limits::EXPOSURES_PER_REPORT_MAX;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::flags::ReportedExposure;
use wigwag_wire::Time;
use wigwag_wire::flag_feed::{EnvironmentQuery, Exposures};
use wigwag_wire::flags::{ExposureStep, ExposureTotal, FlagExposures};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(counted))
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

/// How often a flag was asked: by programs that ask this node, and by those that report to it.
#[utoipa::path(get, path = "/v1/flags/{name}/exposures", tag = "features",
    params(("name" = String, Path), EnvironmentQuery),
    responses((status = 200, body = FlagExposures), V1Errors))]
async fn counted(
    State(engine): State<Engine>,
    At(name): At<String>,
    Caller(caller): Caller,
    Query(query): Query<EnvironmentQuery>,
) -> Result<Json<FlagExposures>, Problem> {
    let environment = environment(&engine, &caller, query.environment.as_deref())?;
    let view = engine.exposures(&caller, &environment, &name)?;
    let total = |one: &wigwag_engine::flags::Exposed| ExposureTotal {
        enabled: one.enabled,
        reason: one.reason,
        count: one.count,
    };
    let step = |one: &wigwag_engine::flags::ExposureStep| ExposureStep {
        at: Time(one.at),
        on: one.on,
        off: one.off,
    };
    Ok(Json(FlagExposures {
        flag: name,
        environment,
        since: Time(view.since),
        totals: view.totals.iter().map(total).collect(),
        step_s: view.step.as_secs(),
        series: view.series.iter().map(step).collect(),
    }))
}
