use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::{PageOf, TokenId, UserId};
use wigwag_engine::Engine;
use wigwag_wire::server::PageQuery;
use wigwag_wire::tokens::{Token, TokenQuery};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, revoke))
}

/// The asking user's tokens, by id; another's by an admin.
#[utoipa::path(get, path = "/api/v4/personal_access_tokens", tag = "tokens", params(TokenQuery, PageQuery),
    responses((status = 200, body = [Token]), V4Errors))]
async fn list(State(engine): State<Engine>, uri: Uri, call: V4<TokenQuery>) -> Result<Response, V4Error> {
    let V4 { caller, input, page } = call;
    let user = input.user_id.map_or(caller.user, UserId);
    let all = engine.tokens_of(&caller, user).await?;
    let total = all.len() as u64;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let rows = all.into_iter().skip(offset).take(page.per_page as usize).collect();
    let now = engine.now();
    Ok(listing(engine.settings(), &uri, PageOf { rows, page, total }, |token| {
        convert::token(token, now, None)
    }))
}

/// One token, or `self`: the one in hand.
#[utoipa::path(get, path = "/api/v4/personal_access_tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "Id, or `self` for the token in hand.")),
    responses((status = 200, body = Token), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Token>, V4Error> {
    let token = match named(&id)? {
        Named::InHand => engine.token_in_hand(&call.caller).await?,
        Named::Id(id) => engine.token(&call.caller, id).await?,
    };
    Ok(Json(convert::token(&token, engine.now(), None)))
}

/// Revokes one token, or `self`: the one in hand.
#[utoipa::path(delete, path = "/api/v4/personal_access_tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "Id, or `self` for the token in hand.")),
    responses((status = 204), V4Errors))]
async fn revoke(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    match named(&id)? {
        Named::InHand => engine.revoke_token_in_hand(&call.caller).await?,
        Named::Id(id) => engine.revoke_token(&call.caller, id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

enum Named {
    InHand,
    Id(TokenId),
}

fn named(text: &str) -> Result<Named, V4Error> {
    match text {
        "self" => Ok(Named::InHand),
        number => number.parse().map(Named::Id).map_err(|_| V4Error::invalid("id", "is invalid")),
    }
}
