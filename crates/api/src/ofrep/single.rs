use super::failure::{Failure, OfrepErrors};
use super::request;
use crate::Api;
use crate::extract::{At, environment};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::flags::FlagDecision;
use wigwag_wire::ofrep::{Evaluation, EvaluationInput, EvaluationMetadata};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(evaluate)).routes(routes!(evaluate_in))
}

/// Evaluates one flag for `targetingKey` and `actors` together.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{key}", tag = "ofrep", params(("key" = String, Path)),
    security(("bearer" = []), ("api_key" = []), ("private_token" = [])), request_body = EvaluationInput<'static>,
    responses((status = 200, body = Evaluation<'static>), OfrepErrors))]
async fn evaluate(
    State(engine): State<Engine>,
    At(key): At<String>,
    request: Request,
) -> Result<Response, Failure> {
    answer(&engine, None, &key, request).await.map_err(|failure| failure.of(&key))
}

/// Evaluates one flag in an environment.
#[utoipa::path(post, path = "/environments/{environment}/ofrep/v1/evaluate/flags/{key}", tag = "ofrep",
    params(("environment" = String, Path), ("key" = String, Path)),
    security(("bearer" = []), ("api_key" = []), ("private_token" = [])), request_body = EvaluationInput<'static>,
    responses((status = 200, body = Evaluation<'static>), OfrepErrors))]
async fn evaluate_in(
    State(engine): State<Engine>,
    At((environment, key)): At<(String, String)>,
    request: Request,
) -> Result<Response, Failure> {
    answer(&engine, Some(&environment), &key, request).await.map_err(|failure| failure.of(&key))
}

async fn answer(
    engine: &Engine,
    given: Option<&str>,
    key: &str,
    asked: Request,
) -> Result<Response, Failure> {
    let caller = request::caller(engine, asked.headers()).await?;
    let environment = environment(engine, &caller, given)?;
    let body = request::body(asked.into_body()).await?;
    let input = request::read(&body)?;
    let actors = request::actors(&input)?;
    let decision = engine.evaluate_flag(&caller, &environment, key, &actors)?;
    Ok(Json(evaluation(key, decision)).into_response())
}

/// A decision in the protocol's words.
pub(super) fn evaluation(key: &str, decision: FlagDecision) -> Evaluation<'_> {
    Evaluation {
        key,
        value: decision.enabled,
        reason: reason(decision.reason),
        variant: if decision.enabled { "on" } else { "off" },
        metadata: EvaluationMetadata { reason: decision.reason, bucket: decision.bucket },
    }
}

/// The protocol's word for one of ours.
fn reason(ours: &str) -> &'static str {
    match ours {
        "boolean" | "default" => "STATIC",
        "actors" | "groups" => "TARGETING_MATCH",
        "percentage_of_actors" | "percentage_of_time" => "SPLIT",
        "off" | "opt_out" | "dependency" | "override" => "DISABLED",
        _ => "UNKNOWN",
    }
}
