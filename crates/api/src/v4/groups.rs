mod hooks;
mod members;

use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4, group_key};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Group as KnownGroup, Principal, Source};
use wigwag_base::{GroupId, PageOf};
use wigwag_engine::{Engine, EngineError, GroupInput as NewGroup};
use wigwag_hooks::HookScope;
use wigwag_ports::registry::PathKey;
use wigwag_wire::groups::{Group, GroupInput};
use wigwag_wire::server::PageQuery;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .merge(members::routes())
        .merge(hooks::routes())
}

/// Groups that the asking user is a member of, by id; all for an admin.
#[utoipa::path(get, path = "/api/v4/groups", tag = "groups", params(PageQuery),
    responses((status = 200, body = [Group]), V4Errors))]
async fn list(State(engine): State<Engine>, uri: Uri, call: V4<IgnoredAny>) -> Result<Response, V4Error> {
    let found = engine.groups(&call.caller, call.page).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for group in &found.rows {
        let line = engine.find_group(PathKey::Id(group.id)).await?;
        rows.push(convert::group(group, line.as_deref().map_or(&[], Vec::as_slice), engine.settings()));
    }
    let page = PageOf { rows, page: found.page, total: found.total };
    Ok(listing(engine.settings(), &uri, page, Clone::clone))
}

/// Makes a group; the asking user becomes its owner.
#[utoipa::path(post, path = "/api/v4/groups", tag = "groups",
    request_body(content((GroupInput = "application/json"), (GroupInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Group), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    call: V4<GroupInput>,
) -> Result<(StatusCode, Json<Group>), V4Error> {
    let V4 { caller, input, .. } = call;
    let name = input.name.ok_or_else(|| V4Error::missing("name"))?;
    let path = input.path.ok_or_else(|| V4Error::missing("path"))?;
    let new = NewGroup { name, path, parent: input.parent_id.map(GroupId) };
    let made = engine.create_group(&caller, new).await.map_err(|error| V4Error::told(error, told))?;
    let line = engine.find_group(PathKey::Id(made.id)).await?;
    let line = line.as_deref().map_or(&[] as &[KnownGroup], Vec::as_slice);
    Ok((StatusCode::CREATED, Json(convert::group(&made, line, engine.settings()))))
}

/// One group.
#[utoipa::path(get, path = "/api/v4/groups/{id}", tag = "groups",
    params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    responses((status = 200, body = Group), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Group>, V4Error> {
    let line = engine.group(&call.caller, group_key(&id)).await?;
    let group = line.first().ok_or(EngineError::NotFound("group"))?;
    Ok(Json(convert::group(group, &line, engine.settings())))
}

/// GitLab's own words, which its clients read.
fn told(field: &'static str, rule: String) -> V4Error {
    let text = format!("Failed to save group {{:{field}=>[{}]}}", Value::String(rule));
    V4Error::message(StatusCode::BAD_REQUEST, text)
}

async fn group_id(engine: &Engine, caller: &Principal, id: &str) -> Result<GroupId, EngineError> {
    let line = engine.group(caller, group_key(id)).await?;
    line.first().map(|group| group.id).ok_or(EngineError::NotFound("group"))
}

async fn group_source(engine: &Engine, caller: &Principal, id: &str) -> Result<Source, EngineError> {
    Ok(Source::Group(group_id(engine, caller, id).await?))
}

async fn group_scope(engine: &Engine, caller: &Principal, id: &str) -> Result<HookScope, EngineError> {
    Ok(HookScope::Group(group_id(engine, caller, id).await?))
}
