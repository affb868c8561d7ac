//! Who gets a flag by a change: what staging and dependencies are asked of.

use super::targets::FoundTarget;
use super::writing::Writing;
use crate::Engine;
use crate::flags::{FlagWritten, share};
use std::borrow::Cow;
use wigwag_base::Percentage;
use wigwag_chat::{ShareOf, Target, TargetKind, Value};
use wigwag_flags::FlagState;

/// Who gets a flag.
pub(super) enum Gainers<'w> {
    /// Everybody.
    Everyone,
    /// So many, whoever that is.
    Share(Percentage, ShareOf),
    /// Those who are named.
    Named { actors: Cow<'w, [FoundTarget]>, groups: Vec<String> },
}

impl Gainers<'_> {
    /// Those of them who are named; nobody where it is for everyone or a share.
    pub(super) fn actors(&self) -> &[FoundTarget] {
        match self {
            Self::Named { actors, .. } => actors,
            Self::Everyone | Self::Share(..) => &[],
        }
    }

    /// The feature groups among them.
    pub(super) fn groups(&self) -> &[String] {
        match self {
            Self::Named { groups, .. } => groups,
            Self::Everyone | Self::Share(..) => &[],
        }
    }

    /// Whether only those who are named get it.
    pub(super) fn are_named(&self) -> bool {
        matches!(self, Self::Named { .. })
    }

    /// As options of a command.
    pub(super) fn targets(&self) -> Vec<Target> {
        let actors = self.actors().iter().map(|one| one.target.clone());
        let group = |name: &String| Target { kind: TargetKind::FeatureGroup, name: name.clone() };
        let mut targets: Vec<Target> = actors.chain(self.groups().iter().map(group)).collect();
        targets.dedup();
        targets
    }
}

impl Engine {
    /// Who gets a flag by what was tried. What a command names counts for whatever comes along with it, too: there a share
    /// of the named flag needs the whole of the other, since each flag draws by itself.
    pub(super) fn gainers<'w>(&self, writing: &'w Writing<'_>, written: &FlagWritten) -> Gainers<'w> {
        let Some(asked) = &writing.asked else { return by_state(written) };
        match asked.set.value {
            Value::Share(share, of) if written.flag == writing.flag => Gainers::Share(share, of),
            Value::Share(..) => Gainers::Everyone,
            _ if asked.set.targets.is_empty() => Gainers::Everyone,
            _ => Gainers::Named {
                actors: Cow::Borrowed(asked.targets(self.kept(&written.environment))),
                groups: asked.names().feature_groups,
            },
        }
    }
}

/// By what is stored afterwards: a change that is taken back names nobody.
fn by_state(written: &FlagWritten) -> Gainers<'static> {
    let definition = written.definition.as_deref();
    if share(definition, written.after.as_ref()) == Percentage::HUNDRED {
        return Gainers::Everyone;
    }
    let nothing = FlagState::default();
    let (before, after) =
        (written.before.as_ref().unwrap_or(&nothing), written.after.as_ref().unwrap_or(&nothing));
    let rises =
        |was: Option<Percentage>, is: Option<Percentage>| is.filter(|is| was.is_none_or(|was| *is > was));
    if let Some(share) = rises(before.percentage_of_actors, after.percentage_of_actors) {
        return Gainers::Share(share, ShareOf::Actors);
    }
    if let Some(share) = rises(before.percentage_of_time, after.percentage_of_time) {
        return Gainers::Share(share, ShareOf::Time);
    }
    let listed = after.actors.difference(&before.actors);
    let back = before.opt_outs.difference(&after.opt_outs);
    Gainers::Named {
        actors: listed.chain(back).map(FoundTarget::by_id).collect(),
        groups: after.groups.difference(&before.groups).cloned().collect(),
    }
}
