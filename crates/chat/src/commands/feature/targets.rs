use crate::command::{Target, TargetKind};
use crate::error::Fault;
use crate::limits::TARGETS_MAX;
use crate::names::check_name;
use crate::parsed::{Given, Parsed};

/// Every target once, by kind, then in the order written.
pub(super) fn targets(parsed: &Parsed) -> Result<Vec<Target>, Fault> {
    let mut targets = Vec::new();
    let mut behind_the_last = None;
    for given in &parsed.options {
        let Some(kind) = kind_of(given) else { continue };
        for (item, at) in given.items() {
            let at_sign: &[char] = if kind == TargetKind::User { &['@'] } else { &[] };
            let name = item.trim_start_matches(at_sign);
            check_name(name, at + item.len() - name.len())?;
            let target = Target { kind, name: name.to_owned() };
            if !targets.contains(&target) {
                targets.push(target);
            }
            if targets.len() > TARGETS_MAX {
                behind_the_last.get_or_insert(at);
            }
        }
    }
    if let Some(at) = behind_the_last {
        let message = format!(
            "At most {TARGETS_MAX} targets in one command, and these are {}: use several commands, or a feature group \
             that holds them (--feature-group=NAME).",
            targets.len()
        );
        return Err(Fault::new(at, message));
    }
    targets.sort_by_key(|target: &Target| target.kind);
    Ok(targets)
}

/// The kind of targets that an option names; `None` if it names none.
pub(super) fn kind_of(given: &Given) -> Option<TargetKind> {
    TargetKind::ALL.into_iter().find(|kind| kind.as_str() == given.name)
}
