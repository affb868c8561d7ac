use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::Time;
use wigwag_wire::embed::{EmbedKey, NewEmbedKey};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// The keys with which platforms sign embed tokens, revoked ones too.
#[utoipa::path(get, path = "/v1/embed_keys", tag = "embed", responses((status = 200, body = [EmbedKey]), V1Errors))]
async fn list(State(engine): State<Engine>, Caller(caller): Caller) -> Result<Json<Vec<EmbedKey>>, Problem> {
    let keys = engine.embed_keys(&caller).await?;
    let shown = |key: wigwag_access::EmbedKey| EmbedKey {
        kid: key.kid,
        created_at: Time(key.created_at),
        revoked_at: key.revoked_at.map(Time),
    };
    Ok(Json(keys.into_iter().map(shown).collect()))
}

/// Makes a key for a platform. Its private half is told this once.
#[utoipa::path(post, path = "/v1/embed_keys", tag = "embed", responses((status = 201, body = NewEmbedKey), V1Errors))]
async fn create(
    State(engine): State<Engine>,
    Caller(caller): Caller,
) -> Result<(StatusCode, Json<NewEmbedKey>), Problem> {
    let made = engine.create_embed_key(&caller).await?;
    let key = NewEmbedKey { kid: made.key.kid, private_key: made.private_pem.expose().clone() };
    Ok((StatusCode::CREATED, Json(key)))
}

/// Revokes a key: tokens that it signed are refused from now on.
#[utoipa::path(delete, path = "/v1/embed_keys/{kid}", tag = "embed", params(("kid" = String, Path)),
    responses((status = 204), V1Errors))]
async fn revoke(
    State(engine): State<Engine>,
    At(kid): At<String>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    engine.revoke_embed_key(&caller, &kid).await?;
    Ok(StatusCode::NO_CONTENT)
}
