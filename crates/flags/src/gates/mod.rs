//! The gates: five ways to be on, OR-ed, one small file each. A new gate is a file here, a variant of [`Gate`], its
//! place in `first_open` and a field of [`FlagState`].

mod actors;
mod boolean;
mod groups;
mod percentage_of_actors;
mod percentage_of_time;

pub use groups::{ActorGroups, NoGroups, StaticGroups};
pub use percentage_of_actors::{BUCKETS, bucket};

use crate::evaluate::Reason;
use crate::state::FlagState;

/// One way for a flag to be on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Gate {
    /// On for everyone.
    Boolean,
    /// On for those listed.
    Actors,
    /// On for a share of actors, always the same ones.
    PercentageOfActors,
    /// On for a share of calls, by chance.
    PercentageOfTime,
    /// On for named groups of actors.
    Groups,
}

impl Gate {
    /// The gate's key in GitLab's API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Actors => "actors",
            Self::PercentageOfActors => "percentage_of_actors",
            Self::PercentageOfTime => "percentage_of_time",
            Self::Groups => "groups",
        }
    }
}

/// What a gate may look at besides its own stored value.
pub(crate) struct Call<'c> {
    pub(crate) flag: &'c str,
    pub(crate) actors: &'c [&'c str],
    pub(crate) groups: &'c dyn ActorGroups,
}

/// The first gate that is open, in the reference's order.
pub(crate) fn first_open<'s>(
    state: &'s FlagState,
    call: &Call<'_>,
    random: &mut dyn FnMut() -> f64,
) -> Option<Reason<'s>> {
    boolean::open(state)
        .or_else(|| actors::open(state, call))
        .or_else(|| percentage_of_actors::open(state, call))
        .or_else(|| percentage_of_time::open(state, random))
        .or_else(|| groups::open(state, call))
}
