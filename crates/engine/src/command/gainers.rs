//! Who gets a flag by a change: what staging and dependencies are asked of.

use super::targets::FoundTarget;
use super::writing::Writing;
use crate::Engine;
use crate::flags::{FlagWritten, share};
use std::borrow::Cow;
use wigwag_base::Percentage;
use wigwag_chat::{ShareOf, Target, TargetKind, Value};
use wigwag_flags::FlagState;

/// Who gets a flag: all of these.
#[derive(Default)]
pub(super) struct Gainers<'w> {
    /// Whether everybody does; the others count for nothing then.
    pub(super) everyone: bool,
    /// So many, whoever that is.
    pub(super) share: Option<(Percentage, ShareOf)>,
    /// Those who are named.
    pub(super) actors: Cow<'w, [FoundTarget]>,
    /// The feature groups that are.
    pub(super) groups: Vec<String>,
}

impl Gainers<'_> {
    fn everyone() -> Self {
        Self { everyone: true, ..Self::default() }
    }

    /// Whether only those who are named get it.
    pub(super) fn are_named(&self) -> bool {
        !self.everyone && self.share.is_none()
    }

    /// Those who are named, as options of a command; nobody where it is for more than those.
    pub(super) fn targets(&self) -> Vec<Target> {
        if !self.are_named() {
            return Vec::new();
        }
        let actors = self.actors.iter().map(|one| one.target.clone());
        let group = |name: &String| Target { kind: TargetKind::FeatureGroup, name: name.clone() };
        let mut targets: Vec<Target> = actors.chain(self.groups.iter().map(group)).collect();
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
            Value::Share(share, of) if written.flag == writing.flag => {
                Gainers { share: Some((share, of)), ..Gainers::default() }
            }
            Value::Share(..) => Gainers::everyone(),
            _ if asked.set.targets.is_empty() => Gainers::everyone(),
            _ => Gainers {
                actors: Cow::Borrowed(asked.targets(self.kept(&written.environment))),
                groups: asked.names().feature_groups,
                ..Gainers::default()
            },
        }
    }

    /// The same, with those whom another server alone knows asked of it.
    ///
    /// # Errors
    /// Why one cannot be told, as the end of a sentence.
    pub(super) async fn known_gainers<'w>(
        &self,
        writing: &'w Writing<'_>,
        written: &FlagWritten,
    ) -> Result<Gainers<'w>, String> {
        let mut gainers = self.gainers(writing, written);
        let Some(place) = self.remote_of(&written.environment).cloned() else { return Ok(gainers) };
        let mut known = Vec::new();
        for one in gainers.actors.iter() {
            let mut one = one.clone();
            if one.is_stand_in() {
                // One that is not there stays a stand-in, for whom nothing is on.
                let found = place.actor_of(&one.target).await;
                let found = found.map_err(|reason| format!("who {} is there: {reason}", one.target.name))?;
                one.actor = found.unwrap_or(one.actor);
            }
            known.push(one);
        }
        gainers.actors = Cow::Owned(known);
        Ok(gainers)
    }
}

/// By what is stored afterwards: a change that is taken back names nobody.
fn by_state(written: &FlagWritten) -> Gainers<'static> {
    let definition = written.definition.as_deref();
    if share(definition, written.after.as_ref()) == Percentage::HUNDRED {
        return Gainers::everyone();
    }
    let nothing = FlagState::default();
    let (before, after) =
        (written.before.as_ref().unwrap_or(&nothing), written.after.as_ref().unwrap_or(&nothing));
    let rises = |was: Option<Percentage>, is: Option<Percentage>, of| {
        let share = is.filter(|is| *is > was.unwrap_or(Percentage::ZERO))?;
        Some((share, of))
    };
    let of_actors = rises(before.percentage_of_actors, after.percentage_of_actors, ShareOf::Actors);
    let listed = after.actors.difference(&before.actors);
    let back = before.opt_outs.difference(&after.opt_outs);
    Gainers {
        everyone: false,
        share: of_actors.or(rises(before.percentage_of_time, after.percentage_of_time, ShareOf::Time)),
        actors: listed.chain(back).map(FoundTarget::by_id).collect(),
        groups: after.groups.difference(&before.groups).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Gainers, by_state};
    use crate::flags::FlagWritten;
    use wigwag_access::Direction;
    use wigwag_chat::ShareOf;
    use wigwag_flags::FlagState;

    fn gainers(before: Option<FlagState>, after: Option<FlagState>) -> Gainers<'static> {
        by_state(&FlagWritten {
            environment: "production".into(),
            named: Vec::new(),
            flag: "stock".parse().unwrap(),
            definition: None,
            before,
            after,
            lost: FlagState::default(),
            notes: Vec::new(),
            direction: Direction::OnWard,
            remarks: Vec::new(),
        })
    }

    #[test]
    fn everybody_who_gets_it_counts() {
        let after = FlagState {
            percentage_of_actors: Some("10".parse().unwrap()),
            actors: ["User:5".parse().unwrap()].into(),
            groups: ["staff".to_owned()].into(),
            ..FlagState::default()
        };
        let off = FlagState { boolean: Some(false), ..FlagState::default() };
        let all = gainers(Some(off), Some(after.clone()));
        assert!(!all.everyone && !all.are_named());
        assert!(all.share.is_some_and(|(share, of)| share.as_f64() == 10.0 && of == ShareOf::Actors));
        assert_eq!((all.actors.len(), all.actors[0].actor.as_str(), all.groups.len()), (1, "User:5", 1));
        let fewer = FlagState { percentage_of_actors: Some("5".parse().unwrap()), ..after.clone() };
        let more = gainers(Some(fewer), Some(after));
        assert!(more.share.is_some() && more.actors.is_empty() && more.groups.is_empty());
        let on = FlagState { boolean: Some(true), ..FlagState::default() };
        assert!(gainers(None, Some(on)).everyone);
    }
}
