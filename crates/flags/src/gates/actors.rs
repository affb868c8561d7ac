//! On for those listed: any of the actors suffices.

use super::Call;
use crate::evaluate::Reason;
use crate::state::FlagState;

pub(super) fn open<'s>(state: &'s FlagState, call: &Call<'_>) -> Option<Reason<'s>> {
    if state.actors.is_empty() {
        return None;
    }
    call.actors.iter().find_map(|actor| state.actors.get(*actor)).map(Reason::Actor)
}
