//! Members of a group.

use super::group_source;
use crate::Api;
use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4};
use crate::v4::members;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::{Engine, MemberReach};
use wigwag_wire::members::{Member, MemberInput};
use wigwag_wire::server::PageQuery;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(list_all))
        .routes(routes!(get_all))
        .routes(routes!(get, change, remove))
}

/// Direct members, by user id.
#[utoipa::path(get, path = "/api/v4/groups/{id}/members", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), PageQuery),
    responses((status = 200, body = [Member]), V4Errors))]
async fn list(
    State(engine): State<Engine>,
    At(id): At<String>,
    uri: Uri,
    call: V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::list(&engine, source, MemberReach::Direct, &uri, &call).await
}

/// Members, those of the groups above included.
#[utoipa::path(get, path = "/api/v4/groups/{id}/members/all", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), PageQuery),
    responses((status = 200, body = [Member]), V4Errors))]
async fn list_all(
    State(engine): State<Engine>,
    At(id): At<String>,
    uri: Uri,
    call: V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::list(&engine, source, MemberReach::All, &uri, &call).await
}

/// One direct member.
#[utoipa::path(get, path = "/api/v4/groups/{id}/members/{user_id}", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("user_id" = i64, Path, description = "The user.")),
    responses((status = 200, body = Member), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At((id, user)): At<(String, i64)>,
    call: V4<IgnoredAny>,
) -> Result<Json<Member>, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::get(&engine, source, MemberReach::Direct, user, &call).await.map(Json)
}

/// One member, by a membership in a group above too.
#[utoipa::path(get, path = "/api/v4/groups/{id}/members/all/{user_id}", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("user_id" = i64, Path, description = "The user.")),
    responses((status = 200, body = Member), V4Errors))]
async fn get_all(
    State(engine): State<Engine>,
    At((id, user)): At<(String, i64)>,
    call: V4<IgnoredAny>,
) -> Result<Json<Member>, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::get(&engine, source, MemberReach::All, user, &call).await.map(Json)
}

/// Makes a user a member.
#[utoipa::path(post, path = "/api/v4/groups/{id}/members", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    request_body(content((MemberInput = "application/json"), (MemberInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Member), V4Errors))]
async fn add(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<MemberInput>,
) -> Result<(StatusCode, Json<Member>), V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    let member = members::add(&engine, source, call).await?;
    Ok((StatusCode::CREATED, Json(member)))
}

/// Changes a direct member's level.
#[utoipa::path(put, path = "/api/v4/groups/{id}/members/{user_id}", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("user_id" = i64, Path, description = "The user.")),
    request_body(content((MemberInput = "application/json"), (MemberInput = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = Member), V4Errors))]
async fn change(
    State(engine): State<Engine>,
    At((id, user)): At<(String, i64)>,
    call: V4<MemberInput>,
) -> Result<Json<Member>, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::change(&engine, source, user, call).await.map(Json)
}

/// Ends a direct membership.
#[utoipa::path(delete, path = "/api/v4/groups/{id}/members/{user_id}", tag = "members", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("user_id" = i64, Path, description = "The user.")),
    responses((status = 204), V4Errors))]
async fn remove(
    State(engine): State<Engine>,
    At((id, user)): At<(String, i64)>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let source = group_source(&engine, &call.caller, &id).await?;
    members::remove(&engine, source, user, &call).await?;
    Ok(StatusCode::NO_CONTENT)
}
