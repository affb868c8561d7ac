//! Answers that no actor, no dependency and no chance can change, found out once when a snapshot is made. Most flags
//! are on or off for everyone most of the time; asking for one of those is a look-up and nothing else.

use crate::evaluate::{Decision, Reason};
use crate::slots::Slot;

/// An answer that is the same for everyone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Constant {
    /// Off: neither defined nor stored.
    Unknown,
    /// Off by an override.
    Override,
    /// On: nothing is stored.
    DefaultOn,
    /// Off: nothing is stored.
    DefaultOff,
    /// On for everyone, and nobody has opted out.
    Boolean,
    /// Off: no gate is set that could open.
    Off,
}

impl Constant {
    /// The constant answer of `slot`, if it has one.
    pub(crate) fn of(slot: &Slot, overridden: bool) -> Option<Self> {
        if slot.is_empty() {
            return Some(Self::Unknown);
        }
        if overridden {
            return Some(Self::Override);
        }
        if !slot.needs.is_empty() {
            return None;
        }
        match &slot.gates {
            None => Some(Self::by_default(slot)),
            Some(gates) if gates.open_to_all() => Some(Self::Boolean),
            Some(gates) if gates.closed_to_all() => Some(Self::Off),
            Some(_) => None,
        }
    }

    /// The definition's default.
    pub(crate) fn by_default(slot: &Slot) -> Self {
        if slot.flag.default_enabled() { Self::DefaultOn } else { Self::DefaultOff }
    }

    /// The answer with its reason.
    #[inline]
    pub(crate) const fn decision(self) -> Decision<'static> {
        match self {
            Self::Unknown => Decision::off(Reason::Unknown),
            Self::Override => Decision::off(Reason::Override),
            Self::DefaultOn => Decision::on(Reason::Default),
            Self::DefaultOff => Decision::off(Reason::Default),
            Self::Boolean => Decision::on(Reason::Boolean),
            Self::Off => Decision::off(Reason::Off),
        }
    }
}
