//! How a hook's health came about, and what another policy would have done: what the routes of all kinds of hooks share.

use crate::convert;
use crate::errors::Problem;
use wigwag_access::Principal;
use wigwag_base::HookId;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;
use wigwag_wire::hooks::{HookChange, PolicyDryRun, PolicyDryRunInput};

pub(super) async fn timeline(
    engine: &Engine,
    caller: &Principal,
    scope: HookScope,
    hook: i64,
) -> Result<Vec<HookChange>, Problem> {
    let timeline = engine.timeline(caller, scope, HookId(hook)).await?;
    Ok(timeline.changes.iter().map(convert::hook_change).collect())
}

pub(super) async fn dry_run(
    engine: &Engine,
    caller: &Principal,
    scope: HookScope,
    hook: i64,
    input: PolicyDryRunInput,
) -> Result<PolicyDryRun, Problem> {
    // Whether there is such a hook for the asking user comes before what is wrong with the question.
    engine.hook(caller, scope, HookId(hook)).await?;
    let tried = convert::tried_policy(input, engine.settings())?;
    let trial = engine.try_policy(caller, scope, HookId(hook), tried).await?;
    Ok(convert::policy_dry_run(&trial))
}
