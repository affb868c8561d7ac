//! `/v1`: what GitLab's API has no route for. Errors are RFC 9457 problem documents.

mod audit;
mod callouts;
mod chat;
mod chatops;
mod deliveries;
mod deployments;
mod embed_keys;
mod embed_tokens;
mod environments;
mod flags;
mod groups;
mod hook_history;
mod hooks;
mod login_links;
mod notices;
mod overrides;
mod projects;
mod signing_tokens;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(projects::routes())
        .merge(groups::routes())
        .merge(hooks::routes())
        .merge(callouts::routes())
        .merge(flags::routes())
        .merge(environments::routes())
        .merge(chat::routes())
        .merge(chatops::routes())
        .merge(deployments::routes())
        .merge(embed_keys::routes())
        .merge(embed_tokens::routes())
        .merge(login_links::routes())
        .merge(notices::routes())
        .merge(audit::routes())
        .merge(overrides::routes())
}
