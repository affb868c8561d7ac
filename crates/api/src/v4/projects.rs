mod deployments;
mod hooks;
mod members;

use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, ProjectRef, V4, project_key};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Namespace, Principal, Source};
use wigwag_base::GroupId;
use wigwag_engine::{Engine, EngineError, PlacedProject, ProjectInput as NewProject};
use wigwag_hooks::HookScope;
use wigwag_ports::registry::{PathKey, UserKey};
use wigwag_wire::projects::{Project, ProjectInput};
use wigwag_wire::server::PageQuery;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .merge(members::routes())
        .merge(hooks::routes())
        .merge(deployments::routes())
}

/// Projects that the asking user is a member of, by id; all for an admin.
#[utoipa::path(get, path = "/api/v4/projects", tag = "projects", params(PageQuery),
    responses((status = 200, body = [Project]), V4Errors))]
async fn list(State(engine): State<Engine>, uri: Uri, call: V4<IgnoredAny>) -> Result<Response, V4Error> {
    let found = engine.projects(&call.caller, call.page).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for project in &found.rows {
        let placed = engine.find_project(PathKey::Id(project.id)).await?;
        let placed = placed.ok_or(EngineError::NotFound("project"))?;
        rows.push(shown(&engine, &placed).await?);
    }
    let page = wigwag_base::PageOf { rows, page: found.page, total: found.total };
    Ok(listing(engine.settings(), &uri, page, Clone::clone))
}

/// Makes a project.
#[utoipa::path(post, path = "/api/v4/projects", tag = "projects",
    request_body(content((ProjectInput = "application/json"), (ProjectInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Project), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    call: V4<ProjectInput>,
) -> Result<(StatusCode, Json<Project>), V4Error> {
    let V4 { caller, input, .. } = call;
    let (name, path) = match (input.name, input.path) {
        (Some(name), path) => (name, path.filter(|path| !path.is_empty())),
        (None, Some(path)) => (path.clone(), Some(path)),
        (None, None) => {
            let text = "name, path are missing, at least one parameter must be provided";
            return Err(V4Error::error(StatusCode::BAD_REQUEST, text));
        }
    };
    let namespace = input.namespace_id.map(GroupId);
    let made = engine.create_project(&caller, NewProject { name, path, namespace }).await?;
    let placed = engine.project(&caller, PathKey::Id(made.id)).await?;
    Ok((StatusCode::CREATED, Json(shown(&engine, &placed).await?)))
}

/// One project.
#[utoipa::path(get, path = "/api/v4/projects/{id}", tag = "projects",
    params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    responses((status = 200, body = Project), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Project>, V4Error> {
    let placed = engine.project(&call.caller, project_key(&id)).await?;
    Ok(Json(shown(&engine, &placed).await?))
}

async fn shown(engine: &Engine, placed: &PlacedProject) -> Result<Project, V4Error> {
    let owner = match placed.project.namespace {
        Namespace::User(id) => engine.find_user(UserKey::Id(id)).await?,
        Namespace::Group(_) => None,
    };
    Ok(convert::project(placed, owner.as_deref(), engine.settings()))
}

async fn project_source(engine: &Engine, caller: &Principal, id: &str) -> Result<Source, EngineError> {
    Ok(Source::Project(ProjectRef::visible(engine, caller, id).await?))
}

async fn project_scope(engine: &Engine, caller: &Principal, id: &str) -> Result<HookScope, EngineError> {
    Ok(HookScope::Project(ProjectRef::visible(engine, caller, id).await?))
}
