//! What the component asks for.

mod callouts;
mod events;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().merge(callouts::routes()).merge(events::routes())
}
