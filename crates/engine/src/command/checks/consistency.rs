//! Staging comes first: what production gets, staging must have at least.

use super::{Check, Checked, Verdict};
use crate::Engine;
use crate::command::gainers::Gainers;
use crate::command::targets::FoundTarget;
use crate::command::told;
use crate::command::writing::Writing;
use crate::flags::{FlagWritten, share};
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureSet, IgnoredCheck, ShareOf, Value};
use wigwag_flags::{Flag, FlagName, FlagState, Snapshot};

/// Whether staging is at least as enabled.
enum Behind {
    /// It is.
    No,
    /// It is not: what it has.
    Yes(String),
    /// It cannot be told.
    Unknown(String),
}

impl Engine {
    /// To turn something on in production, staging must have it as much: fully, as large a percentage, or the same
    /// targets, found there by path or username and never by id.
    pub(super) async fn check_consistency(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::Consistency, verdict, reason);
        if !self.is_production(written) {
            return said(Verdict::NotNeeded, format!("{} is not production.", written.environment));
        }
        let name = self.inner.settings.chat.consistency_environment.as_str();
        let Some(base) = self.inner.flags.base_of(name).map(str::to_owned) else {
            return said(Verdict::NotNeeded, format!("There is no environment {name} to be compared with."));
        };
        if base == written.environment {
            return said(Verdict::NotNeeded, format!("{name} and {base} are the same."));
        }
        let ignored = writing.ignores(IgnoredCheck::Consistency);
        let advice = "or add --ignore-feature-flag-consistency-check";
        match self.behind(writing, written, &base).await {
            Behind::No => said(Verdict::Passed, format!("{name} is at least as enabled.")),
            Behind::Yes(what) | Behind::Unknown(what) if ignored => said(Verdict::PassedOver, what),
            Behind::Yes(what) => {
                let reason = format!("{what} Turn it on there first, {advice}.");
                let own = writing.asked.as_ref().filter(|_| written.flag == writing.flag);
                let set = own.map(|asked| asked.set);
                let mend = same_in(set, &self.gainers(writing, written), &written.flag, name);
                said(Verdict::Refused, reason).mended_by(mend)
            }
            Behind::Unknown(what) => {
                said(Verdict::Refused, format!("{what} Wait until it can be asked, {advice}."))
            }
        }
    }

    async fn behind(&self, writing: &Writing<'_>, written: &FlagWritten, staging: &str) -> Behind {
        if let Some(place) = self.remote_of(staging).cloned()
            && let Err(reason) = place.look(self).await
        {
            return Behind::Unknown(format!("{staging} cannot be compared with: {reason}."));
        }
        let Some(snapshot) = self.inner.flags.of(staging) else {
            return Behind::Unknown(format!("{staging} is not known."));
        };
        // What the same command does there before counts as done.
        let snapshot = writing.after_earlier(snapshot, staging);
        let flag = snapshot.flag(written.flag.as_str());
        if is_fully_on(flag) {
            return Behind::No;
        }
        let state = flag.and_then(|flag| flag.state.as_deref());
        let word = told::state(flag.and_then(|flag| flag.definition.as_deref()), state);
        let has = format!("{} is {word} in {staging}", written.flag);
        let gainers = self.gainers(writing, written);
        if gainers.everyone {
            return Behind::Yes(format!("{has}, and would be on for everyone here."));
        }
        if let Some((share, of)) = gainers.share {
            let there = percentage(state, of);
            if there < share {
                return Behind::Yes(format!("{has}, at {there} % against {share} % here."));
            }
        }
        let lists = |group: &&String| state.is_some_and(|state| state.groups.contains(*group));
        if let Some(group) = gainers.groups.iter().find(|group| !lists(group)) {
            return Behind::Yes(format!("{has}, and not for the feature group {group}."));
        }
        self.any_behind(&snapshot, written, &gainers.actors, staging).await
    }

    /// Whether staging has it for every target.
    async fn any_behind(
        &self,
        snapshot: &Snapshot,
        written: &FlagWritten,
        targets: &[FoundTarget],
        staging: &str,
    ) -> Behind {
        for one in targets {
            let actor = match self.actor_in(staging, one).await {
                Ok(Some(actor)) => actor,
                Ok(None) => {
                    return Behind::Yes(format!("{} does not exist in {staging}.", one.target.name));
                }
                Err(reason) => {
                    return Behind::Unknown(format!(
                        "Who {} is in {staging} cannot be told: {reason}.",
                        one.target.name
                    ));
                }
            };
            if !snapshot.is_enabled(written.flag.as_str(), &[actor.as_str()], || 1.0).enabled {
                return Behind::Yes(format!("{} is off in {staging} for {}.", written.flag, one.target.name));
            }
        }
        Behind::No
    }

    /// Who a target is in another environment: ids differ between servers, paths and usernames do not.
    async fn actor_in(
        &self,
        environment: &str,
        one: &FoundTarget,
    ) -> Result<Option<wigwag_flags::ActorId>, String> {
        if one.is_number_elsewhere() {
            return Err("a number is another one on every server; name it by its path or username".into());
        }
        match self.remote_of(environment).cloned() {
            None if !one.is_stand_in() => Ok(Some(one.actor.clone())),
            None => self.find_here(one).await,
            Some(place) => {
                let target = self.by_name(one).await?;
                place.actor_of(&target).await
            }
        }
    }
}

fn is_fully_on(flag: Option<&Flag>) -> bool {
    let Some(flag) = flag else { return false };
    share(flag.definition.as_deref(), flag.state.as_deref()) == Percentage::HUNDRED
}

fn percentage(state: Option<&FlagState>, of: ShareOf) -> Percentage {
    let share = state.and_then(|state| match of {
        ShareOf::Actors => state.percentage_of_actors,
        ShareOf::Time => state.percentage_of_time,
    });
    share.unwrap_or(Percentage::ZERO)
}

/// The same change there, as a command.
fn same_in(set: Option<&FeatureSet>, gainers: &Gainers<'_>, flag: &FlagName, staging: &str) -> Vec<String> {
    let environments = vec![staging.to_owned()];
    let set = match (set, gainers.share) {
        (Some(set), _) => {
            FeatureSet { environments, dry_run: false, large_step: false, ignored: Vec::new(), ..set.clone() }
        }
        (None, Some((share, of @ ShareOf::Actors))) => {
            FeatureSet { value: Value::Share(share, of), ..super::enabling(flag, Vec::new(), environments) }
        }
        (None, _) => super::enabling(flag, gainers.targets(), environments),
    };
    vec![Command::FeatureSet(set).to_string()]
}

#[cfg(test)]
mod tests {
    use super::percentage;
    use wigwag_chat::ShareOf;
    use wigwag_flags::FlagState;

    #[test]
    fn a_share_is_compared_with_its_own_kind() {
        let state = FlagState { percentage_of_time: Some("5".parse().unwrap()), ..FlagState::default() };
        assert_eq!(percentage(Some(&state), ShareOf::Time).as_f64(), 5.0);
        assert_eq!(percentage(Some(&state), ShareOf::Actors).as_f64(), 0.0);
        assert_eq!(percentage(None, ShareOf::Time).as_f64(), 0.0);
    }
}
