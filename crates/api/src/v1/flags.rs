//! Flags beyond GitLab's API: explained, streamed, stored exactly, counted.

mod explain;
mod exposures;
mod snapshot;
mod state;
mod stream;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(explain::routes())
        .merge(snapshot::routes())
        .merge(stream::routes())
        .merge(state::routes())
        .merge(exposures::routes())
}
