use crate::{FailurePolicy, PolicyChoice, Switch};

/// What holds for one hook now.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Policy {
    /// Failures are counted, nothing pauses or disables.
    Off,
    /// This policy.
    On(FailurePolicy),
}

/// The policy that holds: that of the nearest level which says something (hook, then project, then instance), GitLab's
/// if none does; off whenever `auto_disabling` (the flag `auto_disabling_web_hooks`) is off.
pub fn effective<const N: usize>(nearest_first: [PolicyChoice; N], auto_disabling: Switch) -> Policy {
    if !auto_disabling.is_on() {
        return Policy::Off;
    }
    let said = nearest_first.into_iter().find_map(|choice| match choice {
        PolicyChoice::Inherit => None,
        PolicyChoice::Off => Some(Policy::Off),
        PolicyChoice::Own(policy) => Some(Policy::On(policy)),
    });
    said.unwrap_or(Policy::On(FailurePolicy::REFERENCE))
}

#[cfg(test)]
mod tests {
    use super::{Policy, effective};
    use crate::{
        FailurePolicy,
        PolicyChoice::{Inherit, Off, Own},
        Switch,
    };

    #[test]
    fn the_nearest_level_that_says_something_decides() {
        let own = FailurePolicy { threshold: 7, ..FailurePolicy::REFERENCE };
        let check = |choices, holds| assert_eq!(effective(choices, Switch::On), holds);
        check([Inherit, Inherit, Inherit], Policy::On(FailurePolicy::REFERENCE));
        check([Inherit, Own(own), Off], Policy::On(own));
        check([Off, Own(own), Inherit], Policy::Off);
        check([Own(own), Off, Off], Policy::On(own));
        assert_eq!(effective([Own(own)], Switch::Off), Policy::Off);
        assert_eq!(effective([], Switch::On), Policy::On(FailurePolicy::REFERENCE));
    }
}
