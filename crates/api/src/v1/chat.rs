//! Chats: who is who, who may what, what waits to be said.

use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Paged, Query};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Action, ChatRole, Principal, Thing};
use wigwag_engine::{Engine, EngineError, allow};
use wigwag_ports::chat_users::ChatUser;
use wigwag_wire::Time;
use wigwag_wire::chat::{LinkCode, Links, LinksQuery, Role, RoleInput, Roles, WaitingMessage};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(make_code))
        .routes(routes!(links))
        .routes(routes!(unlink))
        .routes(routes!(roles))
        .routes(routes!(give_role))
        .routes(routes!(outbox))
}

/// Makes a one-time code by which you prove in a chat who you are. It holds for ten minutes; an older one ends.
#[utoipa::path(post, path = "/v1/chat/link_codes", tag = "chatops",
    responses((status = 201, body = LinkCode), V1Errors))]
async fn make_code(
    State(engine): State<Engine>,
    Caller(caller): Caller,
) -> Result<(StatusCode, Json<LinkCode>), Problem> {
    let made = engine.make_link_code(&caller).await?;
    Ok((StatusCode::CREATED, Json(LinkCode { code: made.code, expires_at: Time(made.expires_at) })))
}

/// Your links, or everybody's for those who may give roles.
#[utoipa::path(get, path = "/v1/chat/links", tag = "chatops", params(LinksQuery),
    responses((status = 200, body = Links), V1Errors))]
async fn links(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<LinksQuery>,
) -> Result<Json<Links>, Problem> {
    may_see_own_links(&caller)?;
    let of = if query.all == Some(true) { None } else { Some(caller.user) };
    let known = engine.chat_links(&caller, of).await?;
    Ok(Json(Links { links: known.iter().map(convert::chat_link).collect() }))
}

/// Ends a link: your own, or anybody's for those who may give roles.
#[utoipa::path(delete, path = "/v1/chat/links/{platform}/{team}/{id}", tag = "chatops",
    params(("platform" = String, Path), ("team" = String, Path), ("id" = String, Path)),
    responses((status = 204), V1Errors))]
async fn unlink(
    State(engine): State<Engine>,
    At((platform, team, id)): At<(String, String, String)>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    allow(&caller, Action::LinkChat, Thing::User(caller.user))?;
    engine.end_chat_link(&caller, ChatUser { platform, team, id }, "api").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Users with another role than viewer.
#[utoipa::path(get, path = "/v1/chat/roles", tag = "chatops", responses((status = 200, body = Roles), V1Errors))]
async fn roles(State(engine): State<Engine>, Caller(caller): Caller) -> Result<Json<Roles>, Problem> {
    let known = engine.chat_roles(&caller).await?;
    Ok(Json(Roles { roles: known.iter().map(convert::chat_role).collect() }))
}

/// Gives a user a role in commands.
#[utoipa::path(put, path = "/v1/chat/roles/{username}", tag = "chatops", params(("username" = String, Path)),
    request_body = RoleInput, responses((status = 200, body = Role), V1Errors))]
async fn give_role(
    State(engine): State<Engine>,
    At(username): At<String>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<RoleInput>,
) -> Result<Json<Role>, Problem> {
    let words = ChatRole::ALL.map(ChatRole::as_str).join(", ");
    let role = ChatRole::from_word(&input.role)
        .ok_or_else(|| Problem::invalid("role", &format!("must be one of {words}")))?;
    let given = engine.set_chat_role(&caller, &username, role, "api").await?;
    Ok(Json(convert::chat_role(&given)))
}

/// What waits to be said in channels, in charts and to hooks, and what was given up; newest first.
#[utoipa::path(get, path = "/v1/chat/outbox", tag = "chatops", params(PageQuery),
    responses((status = 200, body = [WaitingMessage]), V1Errors))]
async fn outbox(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let found = engine.outbox(&caller, page).await?;
    Ok(listing(engine.settings(), &uri, found, convert::waiting_message))
}

/// Whether the token in hand is for it: one that may link, or one that may read who is who.
fn may_see_own_links(caller: &Principal) -> Result<(), EngineError> {
    let may_link = allow(caller, Action::LinkChat, Thing::User(caller.user));
    may_link.or_else(|_| allow(caller, Action::ReadUsers, Thing::Server))
}
