//! The server itself: liveness, readiness, metrics.

use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::Caller;
use crate::metrics::Metrics;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::server::Readiness;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "server", security(()),
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server can do its work.
#[utoipa::path(get, path = "/readyz", tag = "server", security(()),
    responses((status = 200, body = Readiness), V1Errors))]
async fn readyz(State(engine): State<Engine>) -> Result<Json<Readiness>, Problem> {
    let status = engine.ready().await?;
    Ok(Json(Readiness { status: "ok", disk_free_bytes: status.disk_free_bytes }))
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"), V1Errors))]
async fn metrics(
    State(engine): State<Engine>,
    State(metrics): State<Arc<Metrics>>,
    Caller(caller): Caller,
) -> Result<impl IntoResponse, Problem> {
    engine.may_read_metrics(&caller)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], metrics.text(engine.callout_counts(), &engine)))
}
