//! `/api/v4`: GitLab's shapes, errors and paging.

mod features;
mod groups;
mod hooks;
mod members;
mod personal_access_tokens;
mod projects;
mod user;
mod users;
mod version;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(version::routes())
        .merge(user::routes())
        .merge(users::routes())
        .merge(personal_access_tokens::routes())
        .merge(groups::routes())
        .merge(projects::routes())
        .merge(hooks::routes())
        .merge(features::routes())
}
