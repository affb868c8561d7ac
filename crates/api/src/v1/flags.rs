//! Flags beyond GitLab's API: side by side in all environments, explained, streamed, stored exactly, counted.

mod explain;
mod exposures;
mod list;
mod snapshot;
mod state;
mod stream;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(list::routes())
        .merge(explain::routes())
        .merge(snapshot::routes())
        .merge(stream::routes())
        .merge(state::routes())
        .merge(exposures::routes())
}
