use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::FormBody;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Source;
use wigwag_base::HookId;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::embed::EmbedSessionInput;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(open))
}

/// The banner's button: exchanges the embed token, once, for a session of its user that is limited to the hook pages
/// of its project or group, and goes there.
#[utoipa::path(post, path = "/embed/session", tag = "embed", security(()),
    request_body(content_type = "application/x-www-form-urlencoded", content = EmbedSessionInput),
    responses((status = 303, description = "Goes to the hook's page."), V1Errors))]
async fn open(
    State(engine): State<Engine>,
    FormBody(input): FormBody<EmbedSessionInput>,
) -> Result<Response, Problem> {
    let token = input.token.unwrap_or_default();
    let claims = engine.check_embed_token(&token).await.map_err(told)?;
    let to = match (input.hook_id, claims.source) {
        (Some(hook), source) => engine.hook_page_url(source, HookId(hook)),
        (None, Source::Project(id)) => format!("{}/projects/{id}", engine.settings().external_url),
        (None, Source::Group(id)) => format!("{}/groups/{id}", engine.settings().external_url),
    };
    let cookie = match engine.exchange_embed_token(&token).await {
        Ok(session) => {
            engine.watch().followed();
            Some(engine.session_cookie(&session))
        }
        // Pressed twice: the browser has its session already, and whoever has none is asked to sign in there.
        Err(EngineError::Conflict(_)) => None,
        Err(other) => return Err(told(other)),
    };
    let fixed: [(HeaderName, String); 2] = [(LOCATION, to), (CACHE_CONTROL, "no-store".into())];
    let cookie = AppendHeaders(cookie.map(|cookie| (SET_COOKIE, cookie)));
    Ok((StatusCode::SEE_OTHER, fixed, cookie).into_response())
}

/// A person reads this, not a program.
fn told(error: EngineError) -> Problem {
    match error {
        EngineError::Unauthorized => {
            let detail = "This button is too old, or not valid. Reload the page that showed the banner, and press it again.";
            Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
        }
        other => other.into(),
    }
}
