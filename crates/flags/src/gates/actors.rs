//! On for those listed: any of the actors suffices.

use super::Call;
use crate::evaluate::Reason;
use crate::ids::IdSet;

pub(super) fn open<'s>(listed: &'s IdSet, call: &Call<'_>) -> Option<Reason<'s>> {
    listed.first_of(call.actors).map(Reason::Actor)
}
