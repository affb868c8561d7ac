//! The rival: the engine below the SDKs of Unleash, asked in its quickest way, with a context that is made beforehand.
//! Like ours in a program that follows changes, it loads its flags from an `ArcSwap` at each call.

use super::Case;
use super::world::{self, BOOLEAN, PERCENTAGE};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;
use unleash_yggdrasil::state::EnrichedContext;
use unleash_yggdrasil::{ClientFeatures, EngineState};

/// Its version.
pub const VERSION: &str = unleash_yggdrasil::CORE_VERSION;
/// On for everyone.
pub const SWITCH: &str = "yggdrasil: boolean, by name";
/// A quarter of users by the hash of their id.
pub const GRADUAL: &str = "yggdrasil: gradual roll-out, by name";

/// All of them.
///
/// # Errors
/// It does not take the flags.
pub fn cases() -> Result<Vec<Case>> {
    let mut features: Vec<Value> = world::shuffled().iter().map(|name| feature(name.as_str(), &[])).collect();
    let parameters = json!({ "rollout": "25", "stickiness": "userId", "groupId": PERCENTAGE });
    let gradual = json!({ "name": "flexibleRollout", "parameters": parameters });
    features.extend([feature(BOOLEAN, &[]), feature(PERCENTAGE, &[gradual])]);
    let features: ClientFeatures = serde_json::from_value(json!({ "version": 2, "features": features }))?;
    let engine = Arc::new(EngineState::default());
    let warnings = engine.apply_client_features(features);
    ensure!(warnings.is_none(), "the rival does not take its flags: {warnings:?}");
    let by_name = |case, flag| {
        let (engine, context) = (engine.clone(), context(flag));
        Case::new(case, move || engine.check_enabled(black_box(&context)))
    };
    let (in_turn, names, mut next) = (engine.clone(), world::shuffled(), 0);
    Ok(vec![
        by_name(SWITCH, BOOLEAN),
        Case::new("yggdrasil: boolean, by name, 1,000 flags in turn", move || {
            next = (next + 1) % names.len();
            let context = context("").with_toggle_name(names[next].as_str());
            in_turn.check_enabled(black_box(&context))
        }),
        by_name(GRADUAL, PERCENTAGE),
    ])
}

fn feature(name: &str, strategies: &[Value]) -> Value {
    json!({ "name": name, "enabled": true, "strategies": strategies })
}

fn context(flag: &'static str) -> EnrichedContext<'static> {
    EnrichedContext {
        user_id: Some("278964"),
        session_id: None,
        environment: None,
        app_name: None,
        current_time: None,
        remote_address: None,
        properties: None,
        external_results: None,
        toggle_name: flag,
        runtime_hostname: None,
    }
}
