//! On for everyone.

use crate::evaluate::Reason;
use crate::state::FlagState;

pub(super) fn open(state: &FlagState) -> Option<Reason<'_>> {
    (state.boolean == Some(true)).then_some(Reason::Boolean)
}
