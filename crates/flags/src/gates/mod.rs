//! The gates: five ways to be on, OR-ed, one small file each. A new gate is a file here, a variant of [`Gate`], a field
//! of `Gates` with its place in `first_open`, and a field of [`FlagState`].

mod actors;
mod boolean;
mod groups;
mod percentage_of_actors;
mod percentage_of_time;

pub use groups::{ActorGroups, NoGroups, StaticGroups};
pub use percentage_of_actors::{BUCKETS, bucket};

use crate::evaluate::Reason;
use crate::ids::IdSet;
use crate::names::{ActorId, FlagName};
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

/// What a gate may look at besides its own value.
pub(crate) struct Call<'c> {
    pub(crate) actors: &'c [&'c str],
    pub(crate) groups: &'c dyn ActorGroups,
}

/// The gates of one flag and its opt-outs, made ready to be asked: compiled once for each stored state.
pub(crate) struct Gates {
    boolean: Option<bool>,
    pub(crate) actors: IdSet,
    percentage_of_actors: Option<percentage_of_actors::Share>,
    percentage_of_time: Option<percentage_of_time::Share>,
    groups: Box<[String]>,
    pub(crate) opt_outs: IdSet,
}

impl Gates {
    pub(crate) fn of(name: &FlagName, state: &FlagState) -> Self {
        Self {
            boolean: state.boolean,
            actors: IdSet::of(&state.actors),
            percentage_of_actors: state
                .percentage_of_actors
                .and_then(|p| percentage_of_actors::Share::of(name, p)),
            percentage_of_time: state.percentage_of_time.and_then(percentage_of_time::Share::of),
            groups: state.groups.iter().cloned().collect(),
            opt_outs: IdSet::of(&state.opt_outs),
        }
    }

    /// The first gate that is open, in the reference's order.
    pub(crate) fn first_open<'s>(
        &'s self,
        call: &Call<'_>,
        random: &mut dyn FnMut() -> f64,
    ) -> Option<Reason<'s>> {
        boolean::open(self.boolean)
            .or_else(|| actors::open(&self.actors, call))
            .or_else(|| percentage_of_actors::open(self.percentage_of_actors.as_ref()?, call))
            .or_else(|| percentage_of_time::open(self.percentage_of_time.as_ref()?, random))
            .or_else(|| groups::open(&self.groups, call))
    }

    /// The opt-out that one of `actors` has, if any.
    pub(crate) fn opt_out_among(&self, actors: &[&str]) -> Option<&ActorId> {
        self.opt_outs.first_of(actors)
    }

    /// Whether every call finds the boolean gate open and nobody has opted out.
    pub(crate) fn open_to_all(&self) -> bool {
        self.boolean == Some(true) && self.opt_outs.is_empty()
    }

    /// Whether no call finds a gate open.
    pub(crate) fn closed_to_all(&self) -> bool {
        self.boolean != Some(true)
            && self.actors.is_empty()
            && self.percentage_of_actors.is_none()
            && self.percentage_of_time.is_none()
            && self.groups.is_empty()
    }
}
