//! On for a share of calls: a fresh random number each call, smaller than the percentage / 100.

use crate::evaluate::Reason;
use crate::state::FlagState;

pub(super) fn open<'s>(state: &'s FlagState, random: &mut dyn FnMut() -> f64) -> Option<Reason<'s>> {
    let percentage = state.percentage_of_time?;
    (random() < percentage.as_f64() / 100.0).then_some(Reason::PercentageOfTime)
}
