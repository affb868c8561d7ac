use crate::embed::viewer::viewer;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Query};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::callouts::Viewer;
use wigwag_wire::callouts::Callouts;
use wigwag_wire::embed::EmbedPage;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(dismiss))
}

/// The banners that the token's user sees. Bearer: an embed token.
#[utoipa::path(get, path = "/embed/v1/callouts", tag = "embed", params(EmbedPage),
    responses((status = 200, body = Callouts), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    headers: HeaderMap,
    Query(query): Query<EmbedPage>,
) -> Result<impl IntoResponse, Problem> {
    let shown = match viewer(&engine, &headers, None).await? {
        Some((caller, source)) => {
            engine.callouts(&caller, &Viewer::Oneself, source, query.page.as_deref()).await?
        }
        None => Vec::new(),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(convert::callouts(&shown))))
}

/// Closes a banner for the token's user. Bearer: an embed token.
#[utoipa::path(post, path = "/embed/v1/callouts/{feature_name}/dismiss", tag = "embed",
    params(("feature_name" = String, Path)), responses((status = 204), V1Errors))]
async fn dismiss(
    State(engine): State<Engine>,
    At(feature): At<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    if let Some((caller, source)) = viewer(&engine, &headers, None).await? {
        engine.dismiss_callout(&caller, &Viewer::Oneself, source, &feature).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
