use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, environment};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::flags::{ExplainQuery, Explanation};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(explain))
}

/// What a flag decides for some actors together, and why.
#[utoipa::path(get, path = "/v1/flags/{name}/explain", tag = "features",
    params(("name" = String, Path), ExplainQuery),
    responses((status = 200, body = Explanation), V1Errors))]
async fn explain(
    State(engine): State<Engine>,
    At(name): At<String>,
    Caller(caller): Caller,
    uri: Uri,
) -> Result<Json<Explanation>, Problem> {
    let (mut actors, mut named) = (Vec::new(), None);
    for (parameter, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*parameter {
            "actor" | "actor[]" => actors.push(value.into_owned()),
            "environment" => named = Some(value.into_owned()),
            _ => {}
        }
    }
    let environment = environment(&engine, &caller, named.as_deref())?;
    let actors: Vec<&str> = actors.iter().map(String::as_str).collect();
    let told = engine.explain_flag(&caller, &environment, &name, &actors)?;
    Ok(Json(Explanation {
        enabled: told.enabled,
        reason: told.reason,
        gate: told.gate,
        bucket: told.bucket,
        text: told.text,
    }))
}
