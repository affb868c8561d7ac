use super::viewer::viewer;
use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::FormBody;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::callouts::Viewer;
use wigwag_wire::embed::EmbedDismissInput;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(dismiss))
}

/// Closes a banner from the included fragment's form: the browser stays where it is.
#[utoipa::path(post, path = "/embed/dismiss", tag = "embed", security(()),
    request_body(content_type = "application/x-www-form-urlencoded", content = EmbedDismissInput),
    responses((status = 204), V1Errors))]
async fn dismiss(
    State(engine): State<Engine>,
    headers: HeaderMap,
    FormBody(input): FormBody<EmbedDismissInput>,
) -> Result<StatusCode, Problem> {
    let feature = input.feature_name.unwrap_or_default();
    if let Some((caller, source)) = viewer(&engine, &headers, input.token).await? {
        engine.dismiss_callout(&caller, &Viewer::Oneself, source, &feature).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
