//! On for a share of calls: a fresh random number each call, smaller than the percentage / 100.

use crate::evaluate::Reason;
use wigwag_base::Percentage;

/// The random numbers below which the gate is open.
pub(super) struct Share {
    below: f64,
}

impl Share {
    /// `None` for 0 %, which opens for no number.
    pub(super) fn of(percentage: Percentage) -> Option<Self> {
        (percentage > Percentage::ZERO).then_some(Self { below: percentage.as_f64() / 100.0 })
    }
}

pub(super) fn open(share: &Share, random: &mut dyn FnMut() -> f64) -> Option<Reason<'static>> {
    (random() < share.below).then_some(Reason::PercentageOfTime)
}
