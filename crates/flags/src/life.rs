//! How long flags may live: a flag that outlives its purpose is a branch in the code that nobody tests any more.
//!
//! Life is counted in milestones, the releases that definitions name, because a definition knows its milestone and
//! no date. The reference releases once a month, so 6 milestones are half a year there.

use std::fmt;
use std::str::FromStr;

use crate::definition::{Definition, FlagType};
use crate::names::FlagName;
use crate::shipped;

/// Milestones of one major version, `X.0` to `X.11`: a major version a year and a release a month, as the reference
/// has kept it since its version 15. Only ages across major versions depend on it.
pub const MILESTONES_PER_MAJOR: u32 = 12;

/// A release by its major and minor number, in the order of releases.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Milestone {
    /// The year's number, in the reference's way.
    pub major: u32,
    /// The month's number in it.
    pub minor: u32,
}

/// A text that is no milestone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMilestone;

impl fmt::Display for NoMilestone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is no milestone; write one such as 15.10")
    }
}

impl std::error::Error for NoMilestone {}

impl FromStr for Milestone {
    type Err = NoMilestone;

    /// Reads `X.Y`; a patch number or a suffix behind it (`17.5.0-pre`) changes nothing.
    fn from_str(text: &str) -> Result<Self, NoMilestone> {
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor)) = (parts.next(), parts.next()) else { return Err(NoMilestone) };
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl fmt::Display for Milestone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Milestone {
    /// Milestones from `earlier` to this one; 0 if it is not earlier.
    pub fn since(self, earlier: Self) -> u32 {
        let place = |m: Self| u64::from(m.major) * u64::from(MILESTONES_PER_MAJOR) + u64::from(m.minor);
        u32::try_from(place(self).saturating_sub(place(earlier))).unwrap_or(u32::MAX)
    }
}

/// Digits alone: `str::parse` would take a sign too.
fn number(text: &str) -> Result<u32, NoMilestone> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().map_err(|_| NoMilestone) } else { Err(NoMilestone) }
}

/// How long flags of one type may live, in milestones after the one that they came with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Life {
    /// Released or removed within so many.
    Ends(u32),
    /// Looked at again after so many: is it still needed?
    ReviewAt(u32),
    /// As long as it is wanted.
    Unlimited,
}

impl FlagType {
    /// How long flags of this type may live.
    pub const fn life(self) -> Life {
        match self {
            Self::Derisk => Life::Ends(2),
            Self::Wip => Life::Ends(4),
            Self::Beta | Self::Experiment => Life::Ends(6),
            Self::Ops => Life::ReviewAt(12),
            Self::Worker | Self::Development => Life::Unlimited,
        }
    }
}

impl Life {
    /// Whether a flag of this age, in milestones, is past it: an end may be reached, a review is due when it is.
    pub const fn is_past(self, age: u32) -> bool {
        match self {
            Self::Ends(within) => age > within,
            Self::ReviewAt(after) => age >= after,
            Self::Unlimited => false,
        }
    }

    /// The milestones that it names.
    const fn milestones(self) -> u32 {
        match self {
            Self::Ends(milestones) | Self::ReviewAt(milestones) => milestones,
            Self::Unlimited => u32::MAX,
        }
    }
}

/// A flag past its life.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stale {
    /// The flag.
    pub name: FlagName,
    /// Its type.
    pub kind: FlagType,
    /// How old it is, in milestones.
    pub age: u32,
    /// How old it may become.
    pub life: Life,
    /// Whom to ask: the owners, else the team's label.
    pub owner: String,
}

/// The flags past their life when `current` is the newest milestone, the longest overdue first. Definitions whose
/// milestone is none (a codename) have no age and are left out; so are Wigwag's own, which name Wigwag's releases.
pub fn stale<'a>(definitions: impl IntoIterator<Item = &'a Definition>, current: Milestone) -> Vec<Stale> {
    let mut past: Vec<Stale> = platforms(definitions).filter_map(|d| stale_one(d, current)).collect();
    let overdue = |stale: &Stale| stale.age.saturating_sub(stale.life.milestones());
    past.sort_by(|a, b| overdue(b).cmp(&overdue(a)).then_with(|| a.name.cmp(&b.name)));
    past
}

fn stale_one(definition: &Definition, current: Milestone) -> Option<Stale> {
    let age = current.since(definition.milestone.parse().ok()?);
    let life = definition.kind.life();
    life.is_past(age).then(|| Stale {
        name: definition.name.clone(),
        kind: definition.kind,
        age,
        life,
        owner: definition.owner(),
    })
}

/// The newest milestone that any of `definitions` came with, Wigwag's own left out: the current one, unless someone
/// knows better.
pub fn newest_milestone<'a>(definitions: impl IntoIterator<Item = &'a Definition>) -> Option<Milestone> {
    platforms(definitions).filter_map(|definition| definition.milestone.parse().ok()).max()
}

/// The definitions of the platform's flags.
fn platforms<'a>(
    definitions: impl IntoIterator<Item = &'a Definition>,
) -> impl Iterator<Item = &'a Definition> {
    let own = shipped::definitions();
    let is_own = move |name: &FlagName| own.iter().any(|definition| definition.name == *name);
    definitions.into_iter().filter(move |definition| !is_own(&definition.name))
}

impl Definition {
    /// Whom to ask about the flag: its owners, else the team's label.
    pub fn owner(&self) -> String {
        if self.owners.is_empty() { self.group.clone() } else { self.owners.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::{Life, Milestone, newest_milestone, stale};
    use crate::definition::{Definition, FlagType};
    use crate::shipped;

    fn milestone(text: &str) -> Milestone {
        text.parse().unwrap()
    }

    fn definition(name: &str, kind: FlagType, milestone: &str) -> Definition {
        let like = shipped::definitions().remove(0);
        Definition { name: name.parse().unwrap(), kind, milestone: milestone.into(), ..like }
    }

    #[test]
    fn milestones_are_read_and_ordered_as_releases() {
        assert_eq!(milestone("15.10"), Milestone { major: 15, minor: 10 });
        assert_eq!(milestone("17.5.0-pre").to_string(), "17.5");
        assert!(milestone("15.10") > milestone("15.9"));
        for bad in ["", "15", "15.", ".1", "v15.1", "15.x", "+15.1", "15.-1", "next", "99999999999.1", "١.٢"]
        {
            assert!(bad.parse::<Milestone>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ages_are_counted_in_milestones_across_majors() {
        let check = |now: &str, then: &str, is: u32| {
            assert_eq!(milestone(now).since(milestone(then)), is, "{then} to {now}");
        };
        check("15.10", "15.10", 0);
        check("15.11", "15.9", 2);
        check("16.0", "15.11", 1);
        check("17.3", "15.10", 17);
        check("15.9", "15.10", 0);
        check("4294967295.0", "0.0", u32::MAX);
    }

    #[test]
    fn a_flag_is_stale_once_its_life_is_over() {
        let check = |kind: FlagType, last_good: u32| {
            let flag = definition("f", kind, "15.0");
            let at = |minor| stale([&flag], Milestone { major: 15, minor });
            assert_eq!(at(last_good), [], "{kind:?}");
            let [found] = at(last_good + 1).try_into().unwrap();
            assert_eq!((found.age, found.life), (last_good + 1, kind.life()), "{kind:?}");
        };
        check(FlagType::Derisk, 2);
        check(FlagType::Wip, 4);
        check(FlagType::Beta, 6);
        check(FlagType::Experiment, 6);
        check(FlagType::Ops, 11);
        for kind in [FlagType::Worker, FlagType::Development] {
            assert_eq!(kind.life(), Life::Unlimited);
            assert_eq!(stale([&definition("f", kind, "1.0")], milestone("90.0")), []);
        }
    }

    #[test]
    fn wigwags_own_flags_have_milestones_of_another_product() {
        let own = shipped::definitions();
        assert_eq!((stale(&own, milestone("90.0")), newest_milestone(&own)), (vec![], None));
    }

    #[test]
    fn the_longest_overdue_comes_first_with_whom_to_ask() {
        let mut owned = definition("owned", FlagType::Beta, "15.0");
        owned.owners = vec!["ann".into(), "bob".into()];
        let flags = [
            definition("young", FlagType::Wip, "16.0"),
            owned,
            definition("b", FlagType::Derisk, "15.2"),
            definition("a", FlagType::Derisk, "15.2"),
            definition("nameless", FlagType::Wip, "autumn"),
        ];
        let told: Vec<_> = stale(&flags, milestone("16.0")).into_iter().map(|s| (s.name, s.owner)).collect();
        let told: Vec<_> = told.iter().map(|(name, owner)| (name.as_str(), owner.as_str())).collect();
        let team = "group::integrations";
        assert_eq!(told, [("a", team), ("b", team), ("owned", "ann, bob")]);
        assert_eq!(newest_milestone(&flags), Some(milestone("16.0")));
        assert_eq!(newest_milestone([]), None);
    }
}
