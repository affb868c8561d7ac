use wigwag_access::Direction;
use wigwag_base::Percentage;
use wigwag_flags::{Definition, FlagState};

/// Whether a change of what is stored lets any actor gain the feature; `None` is nothing stored, where the
/// definition's default decides. Where it takes knowing the actors to tell (a target removed while a percentage
/// rises), it counts as a gain: who may only turn off is not to be trusted with doubt.
pub fn direction(
    definition: Option<&Definition>,
    before: Option<&FlagState>,
    after: Option<&FlagState>,
) -> Direction {
    if (definition, after) == (None, None) && before.is_some() {
        // What is forgotten leaves the default to decide, and the definition may only be away for now.
        return Direction::OnWard;
    }
    let (before, after) = (effective(definition, before), effective(definition, after));
    if nobody(&after) || !gains(&before, &after) { Direction::OffWard } else { Direction::OnWard }
}

/// The share of actors that have the feature by what is stored, from 0 to 100: everyone, or the percentage; those
/// listed by name do not count.
pub fn share(definition: Option<&Definition>, state: Option<&FlagState>) -> Percentage {
    let state = effective(definition, state);
    if everyone(&state) {
        Percentage::HUNDRED
    } else {
        state.percentage_of_actors.unwrap_or(Percentage::ZERO)
    }
}

/// What decides: the stored state, or the default as if it were stored.
fn effective(definition: Option<&Definition>, state: Option<&FlagState>) -> FlagState {
    let default = || FlagState {
        boolean: Some(definition.is_some_and(|definition| definition.default_enabled)),
        ..FlagState::default()
    };
    state.cloned().unwrap_or_else(default)
}

fn everyone(state: &FlagState) -> bool {
    state.boolean == Some(true) || state.percentage_of_time == Some(Percentage::HUNDRED)
}

fn nobody(state: &FlagState) -> bool {
    let zero = |percentage: Option<Percentage>| percentage.is_none_or(|p| p == Percentage::ZERO);
    state.boolean != Some(true)
        && state.actors.is_empty()
        && state.groups.is_empty()
        && zero(state.percentage_of_actors)
        && zero(state.percentage_of_time)
}

fn gains(before: &FlagState, after: &FlagState) -> bool {
    let rises = |from: Option<Percentage>, to: Option<Percentage>| {
        to.unwrap_or(Percentage::ZERO) > from.unwrap_or(Percentage::ZERO)
    };
    if !before.opt_outs.is_subset(&after.opt_outs) {
        return true;
    }
    if everyone(before) {
        return false;
    }
    everyone(after)
        || !after.actors.is_subset(&before.actors)
        || !after.groups.is_subset(&before.groups)
        || rises(before.percentage_of_actors, after.percentage_of_actors)
        || rises(before.percentage_of_time, after.percentage_of_time)
}

#[cfg(test)]
mod tests {
    use super::{direction, share};
    use wigwag_access::Direction::{self, OffWard, OnWard};
    use wigwag_flags::{Definition, FlagState, shipped};

    /// `on`, `off`, `-` (nothing stored), `User:5`, `!User:5` (opted out), `25%`, `25%time`, `@staff`; joined by spaces.
    fn state(text: &str) -> Option<FlagState> {
        if text == "-" {
            return None;
        }
        let mut state = FlagState::default();
        for word in text.split_whitespace() {
            match word {
                "on" => state.boolean = Some(true),
                "off" => state.boolean = Some(false),
                _ => {
                    if let Some(share) = word.strip_suffix("%time") {
                        state.percentage_of_time = Some(share.parse().unwrap());
                    } else if let Some(share) = word.strip_suffix('%') {
                        state.percentage_of_actors = Some(share.parse().unwrap());
                    } else if let Some(actor) = word.strip_prefix('!') {
                        state.opt_outs.insert(actor.parse().unwrap());
                    } else if let Some(group) = word.strip_prefix('@') {
                        state.groups.insert(group.into());
                    } else {
                        state.actors.insert(word.parse().unwrap());
                    }
                }
            }
        }
        Some(state)
    }

    fn defined(name: &str) -> Definition {
        shipped::definitions().into_iter().find(|d| d.name.as_str() == name).unwrap()
    }

    #[test]
    fn off_ward_is_what_nobody_gains_by() {
        let check = |flag: &str, before: &str, after: &str, is: Direction| {
            let found = direction(Some(&defined(flag)), state(before).as_ref(), state(after).as_ref());
            assert_eq!(found, is, "{flag}: {before} -> {after}");
        };
        let off = shipped::WEBHOOKS_FAILED_CALLOUT;
        check(off, "-", "off", OffWard);
        check(off, "-", "on", OnWard);
        check(off, "-", "0%", OffWard);
        check(off, "-", "0.001%", OnWard);
        check(off, "25%", "10%", OffWard);
        check(off, "10%", "25%", OnWard);
        check(off, "on", "off", OffWard);
        check(off, "on", "-", OffWard);
        check(off, "on", "off User:5", OffWard);
        check(off, "on", "100%", OffWard);
        check(off, "100%", "on", OnWard);
        check(off, "100%time", "on", OffWard);
        check(off, "User:5", "off", OffWard);
        check(off, "User:5 User:6", "User:5", OffWard);
        check(off, "User:5", "User:6", OnWard);
        check(off, "User:5", "User:5 !User:5", OffWard);
        check(off, "@staff", "", OffWard);
        check(off, "", "@staff", OnWard);
        check(off, "50%time", "10%time", OffWard);
        check(off, "10%time", "50%time", OnWard);
        // An opt-out removed is a gain, unless nothing is open any more.
        check(off, "on !User:5", "on", OnWard);
        check(off, "on !User:5", "off", OffWard);
        check(off, "25% !User:5", "25%", OnWard);
        // The default counts where nothing is stored.
        let on = shipped::AUTO_DISABLING_WEB_HOOKS;
        check(on, "off", "-", OnWard);
        check(on, "-", "off", OffWard);
        check(on, "on", "-", OffWard);
        check(on, "-", "User:5", OffWard);
    }

    #[test]
    fn what_is_forgotten_without_a_definition_may_come_back() {
        let found =
            |before: &str, after: &str| direction(None, state(before).as_ref(), state(after).as_ref());
        assert_eq!(found("off", "-"), OnWard);
        assert_eq!(found("-", "-"), OffWard);
        assert_eq!(found("on", "off"), OffWard);
    }

    #[test]
    fn the_share_is_everyone_or_the_percentage() {
        let check = |text: &str, is: f64| {
            let definition = defined(shipped::AUTO_DISABLING_WEB_HOOKS);
            assert_eq!(share(Some(&definition), state(text).as_ref()).as_f64(), is, "{text}");
        };
        check("-", 100.0);
        check("on", 100.0);
        check("off", 0.0);
        check("User:5", 0.0);
        check("32.639% User:5", 32.639);
    }
}
