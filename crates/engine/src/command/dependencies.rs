use super::targets::FoundTarget;
use crate::flags::{FlagBoard, FlagWritten, share};
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureSet, Target, Value};
use wigwag_flags::{Flag, FlagName, Snapshot};

/// A dependency that is not on as far as the change needs it, and the commands that mend that.
pub(super) struct Unmet {
    /// Why not.
    pub(super) reason: String,
    /// What turns on both, in order.
    pub(super) commands: Vec<String>,
}

/// Every flag hashes its own buckets: 50 % under 50 % is 25 %. Before a percentage or everyone, a dependency must
/// therefore be fully on; before targets it must be on for each of them.
pub(super) fn unmet(
    board: &FlagBoard,
    written: &FlagWritten,
    set: &FeatureSet,
    targets: &[FoundTarget],
) -> Option<Unmet> {
    let snapshot = board.of(&written.environment)?;
    let needs = &written.definition.as_deref()?.depends_on;
    needs.iter().find_map(|needed| match targets {
        [] => not_for_everyone(&snapshot, needed).then(|| mend(written, set, needed, &[])),
        targets => {
            // Whom another server knows by another id may be among those that are listed there.
            let lists = snapshot.flag(needed.as_str()).and_then(|flag| flag.state.as_deref());
            let lists_some = lists.is_some_and(|state| !state.actors.is_empty());
            let off = |one: &&FoundTarget| {
                let decision = snapshot.is_enabled(needed.as_str(), &[one.actor.as_str()], || 1.0);
                !(decision.enabled || one.is_stand_in() && lists_some)
            };
            let without: Vec<Target> = targets.iter().filter(off).map(|one| one.target.clone()).collect();
            (!without.is_empty()).then(|| mend(written, set, needed, &without))
        }
    })
}

/// The flags that depend on this one and are on for someone: they go dark with it.
pub(super) fn darkened(board: &FlagBoard, written: &FlagWritten) -> Vec<FlagName> {
    let Some(snapshot) = board.of(&written.environment) else { return Vec::new() };
    let depends = |flag: &Flag| {
        flag.definition.as_deref().is_some_and(|definition| {
            definition.depends_on.contains(&written.flag)
                && super::words::state(Some(definition), flag.state.as_deref()) != "off"
        })
    };
    let flags = snapshot.flags().into_iter();
    flags.filter(|(_, flag)| depends(flag)).map(|(name, _)| name.clone()).collect()
}

fn not_for_everyone(snapshot: &Snapshot, needed: &FlagName) -> bool {
    let Some(flag) = snapshot.flag(needed.as_str()) else { return true };
    let opted_out = flag.state.as_deref().is_some_and(|state| !state.opt_outs.is_empty());
    opted_out || share(flag.definition.as_deref(), flag.state.as_deref()) != Percentage::HUNDRED
}

fn mend(written: &FlagWritten, set: &FeatureSet, needed: &FlagName, targets: &[Target]) -> Unmet {
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
    let again = FeatureSet { environments: vec![written.environment.clone()], ..set.clone() };
    Unmet {
        reason: format!(
            "{} depends on {needed}, which is not on {whom} there. This turns on both:",
            written.flag
        ),
        commands: [enable, again].map(|set| Command::FeatureSet(set).to_string()).to_vec(),
    }
}
