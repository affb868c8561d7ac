//! Callouts of projects and groups: what both kinds of routes do.

use crate::convert;
use crate::errors::Problem;
use crate::extract::user_key;
use wigwag_access::{Principal, Source};
use wigwag_engine::callouts::Viewer;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::callouts::{CalloutQuery, Callouts, DismissInput};

/// What shows; nothing where nothing is known of the place, for the host's page must never see an error.
pub(super) async fn ask(
    engine: &Engine,
    caller: &Principal,
    source: Option<Source>,
    query: CalloutQuery,
) -> Result<Callouts, Problem> {
    let Some(source) = source else { return Ok(convert::callouts(&[])) };
    let shown = engine.callouts(caller, &viewer(query.user), source, query.page.as_deref()).await?;
    Ok(convert::callouts(&shown))
}

/// Closes a banner.
pub(super) async fn dismiss(
    engine: &Engine,
    caller: &Principal,
    source: Option<Source>,
    feature: &str,
    input: DismissInput,
) -> Result<(), Problem> {
    let source = source.ok_or(EngineError::NotFound("project or group"))?;
    Ok(engine.dismiss_callout(caller, &viewer(input.user), source, feature).await?)
}

fn viewer(user: Option<String>) -> Viewer {
    match user.filter(|user| !user.is_empty()) {
        Some(user) => Viewer::Another(user_key(&user)),
        None => Viewer::Oneself,
    }
}
