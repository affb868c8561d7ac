//! Who is told when hooks fail, as far as one chooses it oneself.

use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody};
use crate::limits::SILENT_PLACES_MAX;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Source;
use wigwag_base::{GroupId, ProjectId};
use wigwag_engine::{Engine, NoticeWish};
use wigwag_hooks::Switch;
use wigwag_wire::notices::{NoticePreferences, NoticePreferencesInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read, choose))
}

/// What you are told of by mail.
#[utoipa::path(get, path = "/v1/notices/preferences", tag = "hooks",
    responses((status = 200, body = NoticePreferences), V1Errors))]
async fn read(
    State(engine): State<Engine>,
    Caller(caller): Caller,
) -> Result<Json<NoticePreferences>, Problem> {
    Ok(Json(shown(&engine.notice_preferences(&caller).await?)))
}

/// Chooses what you are told of by mail. What is left out stays as it is; a list replaces the one before.
#[utoipa::path(put, path = "/v1/notices/preferences", tag = "hooks", request_body = NoticePreferencesInput,
    responses((status = 200, body = NoticePreferences), V1Errors))]
async fn choose(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<NoticePreferencesInput>,
) -> Result<Json<NoticePreferences>, Problem> {
    let bounded = |field: &'static str, ids: &Option<Vec<i64>>| match ids {
        Some(ids) if ids.len() > SILENT_PLACES_MAX => Err(Problem::invalid(
            field,
            &format!("may hold {SILENT_PLACES_MAX} ids; there are {}", ids.len()),
        )),
        _ => Ok(()),
    };
    bounded("silent_projects", &input.silent_projects)?;
    bounded("silent_groups", &input.silent_groups)?;
    let project = |id| Source::Project(ProjectId(id));
    let group = |id| Source::Group(GroupId(id));
    let wish = NoticeWish {
        mail: input.mail.map(Switch::from_bool),
        silent_projects: input.silent_projects.map(|ids| ids.into_iter().map(project).collect()),
        silent_groups: input.silent_groups.map(|ids| ids.into_iter().map(group).collect()),
    };
    Ok(Json(shown(&engine.choose_notices(&caller, wish).await?)))
}

fn shown(preferences: &wigwag_engine::NoticePreferences) -> NoticePreferences {
    let mut shown = NoticePreferences {
        mail: preferences.mail.is_on(),
        silent_projects: Vec::new(),
        silent_groups: Vec::new(),
    };
    for source in &preferences.silent {
        match source {
            Source::Project(id) => shown.silent_projects.push(id.0),
            Source::Group(id) => shown.silent_groups.push(id.0),
        }
    }
    shown
}
