use super::set::Asked;
use crate::flags::{FlagBoard, FlagWritten, share};
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureSet, Target, Value};
use wigwag_flags::{FlagName, Snapshot};

/// A dependency that is not on as far as the change needs it, and the commands that mend that.
pub(super) struct Unmet {
    /// Why not.
    pub(super) reason: String,
    /// What turns on both, in order.
    pub(super) commands: Vec<String>,
}

/// Every flag hashes its own buckets: 50 % under 50 % is 25 %. Before a percentage or everyone, a dependency must
/// therefore be fully on; before targets it must be on for each of them.
pub(super) fn unmet(board: &FlagBoard, written: &FlagWritten, asked: &Asked<'_>) -> Option<Unmet> {
    let snapshot = board.of(&written.environment)?;
    let needs = &written.definition.as_deref()?.depends_on;
    needs.iter().find_map(|needed| match asked.targets.as_slice() {
        [] => not_for_everyone(&snapshot, needed).then(|| mend(written, asked, needed, &[])),
        targets => {
            let off = |actor: &str| !snapshot.is_enabled(needed.as_str(), &[actor], || 1.0).enabled;
            let without: Vec<Target> =
                targets.iter().filter(|one| off(one.actor.as_str())).map(|one| one.target.clone()).collect();
            (!without.is_empty()).then(|| mend(written, asked, needed, &without))
        }
    })
}

/// The flags that depend on this one and are on for someone: they go dark with it.
pub(super) fn darkened(board: &FlagBoard, written: &FlagWritten) -> Vec<FlagName> {
    let Some(snapshot) = board.of(&written.environment) else { return Vec::new() };
    let depends = |definition: &&std::sync::Arc<wigwag_flags::Definition>| {
        definition.depends_on.contains(&written.flag) && {
            let flag = snapshot.flag(definition.name.as_str());
            let state = flag.and_then(|flag| flag.state.as_deref());
            super::words::state(Some(definition.as_ref()), state) != "off"
        }
    };
    board.definitions().iter().filter(depends).map(|definition| definition.name.clone()).collect()
}

fn not_for_everyone(snapshot: &Snapshot, needed: &FlagName) -> bool {
    let Some(flag) = snapshot.flag(needed.as_str()) else { return true };
    let opted_out = flag.state.as_deref().is_some_and(|state| !state.opt_outs.is_empty());
    opted_out || share(flag.definition.as_deref(), flag.state.as_deref()) != Percentage::HUNDRED
}

fn mend(written: &FlagWritten, asked: &Asked<'_>, needed: &FlagName, targets: &[Target]) -> Unmet {
    let whom = if targets.is_empty() { "for everyone" } else { "for every target" };
    let enable = FeatureSet {
        name: needed.to_string(),
        value: Value::On,
        targets: targets.to_vec(),
        ignored: Vec::new(),
        keep_targets: false,
        dry_run: false,
        reason: None,
        environments: vec![written.environment.clone()],
    };
    let again = FeatureSet { environments: vec![written.environment.clone()], ..asked.set.clone() };
    Unmet {
        reason: format!(
            "{} depends on {needed}, which is not on {whom} there. This turns on both:",
            written.flag
        ),
        commands: [enable, again].map(|set| Command::FeatureSet(set).to_string()).to_vec(),
    }
}
