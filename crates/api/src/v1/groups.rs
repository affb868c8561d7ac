mod callouts;
mod hook_deliveries;
mod hook_history;
mod hooks;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(callouts::routes())
        .merge(hooks::routes())
        .merge(hook_deliveries::routes())
        .merge(hook_history::routes())
}
