//! Callouts of projects and groups: what both kinds of routes do.

mod outcomes;

use crate::errors::Problem;
use crate::extract::user_key;
use crate::{Api, convert};
use utoipa_axum::router::OpenApiRouter;
use wigwag_access::{Principal, Source, UserRole};
use wigwag_base::{GroupId, ProjectId};
use wigwag_engine::callouts::Viewer;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::callouts::{CalloutQuery, Callouts, DismissInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    outcomes::routes()
}

/// What stands for a project that does not exist: ids begin at 1. It is judged like any other, so that no answer tells
/// the two apart.
pub(super) const NO_PROJECT: Source = Source::Project(ProjectId(0));

/// What stands for a group that does not exist.
pub(super) const NO_GROUP: Source = Source::Group(GroupId(0));

/// What shows; nothing where nothing is known of the place, for the host's page must never see an error.
pub(super) async fn ask(
    engine: &Engine,
    caller: &Principal,
    source: Source,
    query: CalloutQuery,
) -> Result<Callouts, Problem> {
    match engine.callouts(caller, &viewer(query.user), source, query.page.as_deref()).await {
        Ok(shown) => Ok(convert::callouts(&shown)),
        Err(EngineError::NotFound(_)) => Ok(convert::callouts(&[])),
        Err(other) => Err(other.into()),
    }
}

/// Closes a banner. Only to admins, who may see every place, a place that does not exist is an error.
pub(super) async fn dismiss(
    engine: &Engine,
    caller: &Principal,
    source: Source,
    feature: &str,
    input: DismissInput,
) -> Result<(), Problem> {
    engine.dismiss_callout(caller, &viewer(input.user), source, feature).await?;
    if matches!(source, NO_PROJECT | NO_GROUP) && caller.role == UserRole::Admin {
        return Err(EngineError::NotFound("project or group").into());
    }
    Ok(())
}

fn viewer(user: Option<String>) -> Viewer {
    match user.filter(|user| !user.is_empty()) {
        Some(user) => Viewer::Another(user_key(&user)),
        None => Viewer::Oneself,
    }
}
