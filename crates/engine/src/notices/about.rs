//! Which hook an event of ours is about, and which hooks do not hear it.
//!
//! Such an event begins a chain whose id proves that we made it: a hash, under a key of ours, of the transition and the
//! hook. What a receiver publishes because of it carries the same chain, and is held back like any other recursion.

use super::events::is_of_ours;
use super::make::source_of;
use crate::authenticate::derived_key;
use crate::{Engine, EngineError};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use wigwag_access::Source;
use wigwag_base::{GroupId, HookId, ProjectId, Secret, TransitionId};
use wigwag_hooks::{Event, Hook, HookScope};

/// The hook that an event of ours is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct About {
    /// Which.
    pub(crate) hook: HookId,
    /// Where it lies.
    pub(crate) scope: HookScope,
}

/// The chain that such an event begins.
pub(super) fn chain_of(root_key: &Secret<[u8; 32]>, transition: TransitionId, hook: HookId) -> [u8; 16] {
    let hash = hash(root_key, b"chain", transition, hook);
    hash.first_chunk().copied().unwrap_or_default()
}

/// Its idempotency key, which nobody can take before us.
pub(super) fn key_of(root_key: &Secret<[u8; 32]>, transition: TransitionId, hook: HookId) -> String {
    let hash = hash(root_key, b"key", transition, hook);
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("wigwag-notice-{transition}-{hex}")
}

fn hash(root_key: &Secret<[u8; 32]>, what: &[u8], transition: TransitionId, hook: HookId) -> [u8; 32] {
    let key = derived_key(root_key, "hook notice");
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(what);
    mac.update(&transition.0.to_be_bytes());
    mac.update(&hook.0.to_be_bytes());
    mac.finalize().into_bytes().into()
}

/// The hook that an event is about, if it is one of ours.
pub(crate) fn about(root_key: &Secret<[u8; 32]>, event: &Event) -> Option<About> {
    let chain = event.chain.filter(|_| is_of_ours(event.event_type.as_str()))?;
    let payload: Value = serde_json::from_slice(&event.payload).ok()?;
    let number = |value: &Value| value.as_i64();
    let hook = HookId(number(&payload["hook"]["id"])?);
    let transition = TransitionId(number(&payload["transition_id"])?);
    if chain_of(root_key, transition, hook) != chain {
        return None;
    }
    let scope = match payload["hook"]["scope"].as_str()? {
        "project" => HookScope::Project(ProjectId(number(&payload["project"]["id"])?)),
        "group" => HookScope::Group(GroupId(number(&payload["group"]["id"])?)),
        _ => HookScope::System,
    };
    Some(About { hook, scope })
}

/// Which of the hooks that hear a project do not hear of a hook: those of a narrower scope. What fails in a group is for
/// hooks of that group, of those above it and of the system; what fails in the system is for hooks of the system.
pub(crate) async fn spared(
    engine: &Engine,
    about: About,
    hooks: &[Hook],
) -> Result<Vec<HookId>, EngineError> {
    let groups = match source_of(about.scope) {
        // Every hook that hears the project may hear of the project's own.
        Some(Source::Project(_)) => return Ok(Vec::new()),
        Some(Source::Group(id)) => {
            let above = engine.lineage(Source::Group(id)).await?.map(|lineage| lineage.ancestors);
            above.unwrap_or_default().into_iter().chain([id]).collect()
        }
        None => Vec::new(),
    };
    let hears = |hook: &&Hook| match hook.scope {
        HookScope::System => true,
        HookScope::Group(id) => groups.contains(&id),
        HookScope::Project(_) => false,
    };
    Ok(hooks.iter().filter(|hook| !hears(hook)).map(|hook| hook.id).collect())
}
