//! The answer to "is this flag enabled for these actors", and why.
//!
//! ```text
//! neither defined nor stored ----------------------------> off, unknown
//! overridden on this node --------------------------------> off, override
//! met again among its own dependencies ------------------> its default
//! a flag of depends_on is off for the same actors -------> off, dependency
//! nothing stored ----------------------------------------> its default
//! boolean, actors, percentage_of_actors, percentage_of_time, groups: none open -> off, off
//! one of the actors has opted out -----------------------> off, opt_out
//! else --------------------------------------------------> on, by the first open gate
//! ```

use crate::constant::Constant;
use crate::gates::{Call, Gate};
use crate::limits::DEPENDENCY_DEPTH_MAX;
use crate::names::{ActorId, FlagName};
use crate::slots::Slot;
use crate::snapshot::Snapshot;

/// Why a flag is on or off.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Reason<'a> {
    /// Off: no definition, nothing stored.
    Unknown,
    /// Off: an override on this node switches it off, whatever is stored.
    Override,
    /// On or off: nothing is stored, so the definition's default decides.
    Default,
    /// Off: this flag, on which it depends, is off for the same actors.
    Dependency(&'a FlagName),
    /// On for everyone.
    Boolean,
    /// On: this actor is listed.
    Actor(&'a ActorId),
    /// On: the actors' bucket (0 to 99,999) lies within the percentage.
    PercentageOfActors(u32),
    /// On, this time, by chance.
    PercentageOfTime,
    /// On: one of the actors belongs to this group.
    Group(&'a str),
    /// Off: something is stored, and no gate opens.
    Off,
    /// Off although a gate is open: this actor has opted out.
    OptOut(&'a ActorId),
}

impl Reason<'_> {
    /// The reason's stable word, for machines.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Override => "override",
            Self::Default => "default",
            Self::Dependency(_) => "dependency",
            Self::Boolean => "boolean",
            Self::Actor(_) => "actors",
            Self::PercentageOfActors(_) => "percentage_of_actors",
            Self::PercentageOfTime => "percentage_of_time",
            Self::Group(_) => "groups",
            Self::Off => "off",
            Self::OptOut(_) => "opt_out",
        }
    }
}

/// The answer and its reason.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Decision<'a> {
    /// Whether the feature is to be used.
    pub enabled: bool,
    /// Why.
    pub reason: Reason<'a>,
}

impl<'a> Decision<'a> {
    #[inline]
    pub(crate) const fn on(reason: Reason<'a>) -> Self {
        Self { enabled: true, reason }
    }

    #[inline]
    pub(crate) const fn off(reason: Reason<'a>) -> Self {
        Self { enabled: false, reason }
    }

    /// The gate that opened, if one did.
    pub const fn gate(&self) -> Option<Gate> {
        match self.reason {
            Reason::Boolean => Some(Gate::Boolean),
            Reason::Actor(_) => Some(Gate::Actors),
            Reason::PercentageOfActors(_) => Some(Gate::PercentageOfActors),
            Reason::PercentageOfTime => Some(Gate::PercentageOfTime),
            Reason::Group(_) => Some(Gate::Groups),
            _ => None,
        }
    }
}

/// The flags whose evaluation led here, innermost first; lives on the stack.
struct Trail<'t> {
    number: u32,
    depth: usize,
    up: Option<&'t Trail<'t>>,
}

impl Trail<'_> {
    fn holds(&self, number: u32) -> bool {
        self.number == number || self.up.is_some_and(|up| up.holds(number))
    }
}

impl Snapshot {
    /// Whether flag `name` is enabled for `actors` together (ids such as `Project:1`; none is allowed). `random`
    /// gives a fresh number from 0 up to but not including 1 each time that a percentage of time asks.
    ///
    /// Takes no lock and, for up to [`ACTORS_SORTED_ON_STACK_MAX`](crate::limits::ACTORS_SORTED_ON_STACK_MAX) actors,
    /// allocates nothing.
    #[inline]
    pub fn is_enabled(&self, name: &str, actors: &[&str], random: impl FnMut() -> f64) -> Decision<'_> {
        match self.slots.find(name) {
            Some((number, slot)) => self.decide(number, slot, actors, random),
            None => Decision::off(Reason::Unknown),
        }
    }

    /// As [`is_enabled`](Self::is_enabled) for `actors`, and also on if the actors gate lists one of `related` (the
    /// groups above a project, the user who looks); an opt-out of any of them wins. Percentages and dependencies
    /// ask `actors` alone, so that everybody related sees the same.
    pub fn is_enabled_or_listed(
        &self,
        name: &str,
        actors: &[&str],
        related: &[&str],
        random: impl FnMut() -> f64,
    ) -> Decision<'_> {
        let decision = self.is_enabled(name, actors, random);
        let open_to_related = matches!(decision.reason, Reason::Off);
        let Some(gates) = self.gates(name).filter(|_| decision.enabled || open_to_related) else {
            return decision;
        };
        let opened = match gates.actors.first_of(related) {
            Some(actor) if !decision.enabled => Decision::on(Reason::Actor(actor)),
            _ => decision,
        };
        match gates.opt_out_among(actors).or_else(|| gates.opt_out_among(related)) {
            Some(actor) if opened.enabled => Decision::off(Reason::OptOut(actor)),
            _ => opened,
        }
    }

    #[inline]
    pub(crate) fn decide<'s>(
        &'s self,
        number: u32,
        slot: &'s Slot,
        actors: &[&str],
        mut random: impl FnMut() -> f64,
    ) -> Decision<'s> {
        match slot.constant {
            Some(constant) => constant.decision(),
            None => self.weigh(slot, actors, &mut random, &Trail { number, depth: 0, up: None }),
        }
    }

    /// The answer of a slot without a constant one; `here` is the slot itself.
    fn weigh<'s>(
        &'s self,
        slot: &'s Slot,
        actors: &[&str],
        random: &mut dyn FnMut() -> f64,
        here: &Trail<'_>,
    ) -> Decision<'s> {
        for (index, needed) in slot.needs.iter().enumerate() {
            if !self.needed_is_enabled(*needed, actors, random, here) {
                return Decision::off(
                    slot.flag.depends_on().get(index).map_or(Reason::Off, Reason::Dependency),
                );
            }
        }
        let Some(gates) = slot.gates.as_deref() else { return Constant::by_default(slot).decision() };
        let call = Call { actors, groups: &*self.groups };
        let Some(reason) = gates.first_open(&call, random) else { return Decision::off(Reason::Off) };
        match gates.opt_out_among(actors) {
            Some(actor) => Decision::off(Reason::OptOut(actor)),
            None => Decision::on(reason),
        }
    }

    fn needed_is_enabled(
        &self,
        number: u32,
        actors: &[&str],
        random: &mut dyn FnMut() -> f64,
        from: &Trail<'_>,
    ) -> bool {
        let Some(slot) = self.slots.get(number) else { return false };
        let here = Trail { number, depth: from.depth + 1, up: Some(from) };
        match slot.constant {
            Some(Constant::Unknown | Constant::Override) => false,
            _ if here.depth > DEPENDENCY_DEPTH_MAX || from.holds(number) => slot.flag.default_enabled(),
            Some(constant) => constant.decision().enabled,
            None => self.weigh(slot, actors, random, &here).enabled,
        }
    }
}
