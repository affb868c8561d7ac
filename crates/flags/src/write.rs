//! Changing what is stored of a flag: one pure function, one row of the table below for each [`Change`].
//!
//! | change | after it |
//! |---|---|
//! | enable everyone | boolean true alone: all other gates and opt-outs are cleared |
//! | disable everyone | boolean false alone: all other gates and opt-outs are cleared |
//! | disable everyone, keep targets | boolean false; actors and opt-outs stay, the other gates are cleared |
//! | enable, disable targets | those entries added, removed; adding one that has opted out is refused |
//! | percentage of actors, of time | that gate replaced; refused while the flag is fully on |
//! | opt out, remove opt-out | the marker added, removed |
//! | delete | nothing is stored: the default decides again |
//! | replace | exactly this is stored, as it was before a change that is undone |
//!
//! The first target or opt-out on a flag that is on by default, with nothing stored, would take it from everyone
//! else, since any stored state shadows the default. From chat, command line and pages boolean true is therefore
//! stored first; GitLab's API does as GitLab, and the outcome carries a [`Note`].

use std::collections::BTreeSet;
use std::fmt;

use wigwag_base::Percentage;

use crate::definition::Definition;
use crate::gates::ActorGroups;
use crate::limits::{ACTORS_MAX, GROUPS_MAX};
use crate::names::ActorId;
use crate::state::{FlagState, State};

/// Those a change names: all of them are changed or none.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Targets {
    /// By id.
    pub actors: BTreeSet<ActorId>,
    /// By the name of a group of actors, such as `staff`.
    pub groups: BTreeSet<String>,
}

/// One change of what is stored.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// On for everyone.
    EnableEveryone,
    /// Off for everyone.
    DisableEveryone,
    /// Off for everyone but those listed by name.
    DisableKeepTargets,
    /// On for these.
    Enable(Targets),
    /// These are no longer listed.
    Disable(Targets),
    /// On for a share of actors.
    PercentageOfActors(Percentage),
    /// On for a share of calls.
    PercentageOfTime(Percentage),
    /// Off for these, whatever else is set.
    OptOut(BTreeSet<ActorId>),
    /// These are treated as everyone again.
    RemoveOptOut(BTreeSet<ActorId>),
    /// Back to the default.
    Delete,
    /// Exactly this, whatever was stored; `None` is nothing. Undoes a change, moves a flag from elsewhere, goes back
    /// to a step of a rollout.
    Replace(Option<FlagState>),
}

/// By which way a change came in, as far as it changes the outcome.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// A chat, a command line or a page: a default that is on is kept for everyone else.
    Command,
    /// GitLab's API: as GitLab does.
    Rest,
}

/// What a change is judged by besides the stored state.
#[derive(Clone, Copy)]
pub struct WriteContext<'a> {
    /// The flag's definition, if it has one.
    pub definition: Option<&'a Definition>,
    /// By which way the change came in.
    pub origin: Origin,
    /// The groups of actors that exist.
    pub groups: &'a dyn ActorGroups,
}

/// Something that whoever made the change should be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Boolean true was stored first, so that a default that is on stays on for everyone else.
    DefaultKept,
    /// A default that was on is now shadowed: everyone not listed has lost the feature.
    DefaultShadowed,
    /// Off for everyone, but these still have it by name.
    StillOn(BTreeSet<ActorId>),
    /// Nothing has changed.
    Unchanged,
}

/// The outcome of a change.
#[derive(Clone, PartialEq, Debug)]
pub struct Written {
    /// What is stored then; `None` is nothing.
    pub after: Option<FlagState>,
    /// The gates and opt-outs that a change for everyone swept away, to be named in the reply; empty for others.
    pub lost: FlagState,
    /// What to tell.
    pub notes: Vec<Note>,
}

/// Why a change is not made; nothing is stored then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Neither an actor nor a group was named.
    NoTarget,
    /// These have opted out; their opt-out must be removed first.
    OptedOut(BTreeSet<ActorId>),
    /// A percentage of a flag that is fully on.
    FullyOn,
    /// There is no group of actors of this name.
    UnknownGroup(String),
    /// The actors gate would hold more than [`ACTORS_MAX`] entries.
    TooManyActors,
    /// The groups gate would hold more than [`GROUPS_MAX`] names.
    TooManyGroups,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTarget => f.write_str("no project, group, user, repository or feature group is named"),
            Self::OptedOut(actors) => {
                let named: Vec<&str> = actors.iter().map(ActorId::as_str).collect();
                write!(f, "{} opted out; use remove_opt_out first", named.join(", "))
            }
            Self::FullyOn => f.write_str("the flag is fully on; set it to false before a percentage"),
            Self::UnknownGroup(group) => write!(f, "there is no feature group {group:?}"),
            Self::TooManyActors => write!(f, "a flag lists at most {ACTORS_MAX} actors; use a percentage"),
            Self::TooManyGroups => write!(f, "a flag lists at most {GROUPS_MAX} feature groups"),
        }
    }
}

impl std::error::Error for Refused {}

/// What is stored after `change`, of a flag of which `before` is stored (`None`: nothing).
///
/// # Errors
/// [`Refused`] says why the change is not made and what to do.
pub fn apply(
    before: Option<&FlagState>,
    change: &Change,
    context: &WriteContext<'_>,
) -> Result<Written, Refused> {
    let mut notes = Vec::new();
    let start = before.cloned().unwrap_or_else(|| first_state(change, context, &mut notes));
    let after = match change {
        Change::EnableEveryone => Some(FlagState { boolean: Some(true), ..FlagState::default() }),
        Change::DisableEveryone => Some(FlagState { boolean: Some(false), ..FlagState::default() }),
        Change::DisableKeepTargets => Some(keep_targets(start, &mut notes)),
        Change::Enable(targets) => Some(enable(start, targets, context.groups)?),
        Change::Disable(targets) => Some(disable(start, targets)?),
        Change::PercentageOfActors(share) => {
            Some(FlagState { percentage_of_actors: Some(*share), ..not_fully_on(start)? })
        }
        Change::PercentageOfTime(share) => {
            Some(FlagState { percentage_of_time: Some(*share), ..not_fully_on(start)? })
        }
        Change::OptOut(actors) => Some(opt_out(start, actors)?),
        Change::RemoveOptOut(actors) => before.map(|_| remove_opt_out(start, actors)).transpose()?,
        Change::Delete => None,
        Change::Replace(state) => {
            state.as_ref().map(|state| replace(&start, state, context.groups)).transpose()?
        }
    };
    if after.as_ref() == before {
        notes.push(Note::Unchanged);
    }
    let lost =
        before.filter(|_| sweeps(change)).map_or_else(FlagState::default, |b| swept(b, after.as_ref()));
    Ok(Written { after, lost, notes })
}

/// Where a change begins when nothing is stored: an empty row, or boolean true where the default would be lost.
fn first_state(change: &Change, context: &WriteContext<'_>, notes: &mut Vec<Note>) -> FlagState {
    let names_someone = matches!(change, Change::Enable(_) | Change::Disable(_) | Change::OptOut(_));
    let on_by_default = context.definition.is_some_and(|definition| definition.default_enabled);
    if !(names_someone && on_by_default) {
        return FlagState::default();
    }
    match context.origin {
        Origin::Command => {
            notes.push(Note::DefaultKept);
            FlagState { boolean: Some(true), ..FlagState::default() }
        }
        Origin::Rest => {
            notes.push(Note::DefaultShadowed);
            FlagState::default()
        }
    }
}

fn keep_targets(state: FlagState, notes: &mut Vec<Note>) -> FlagState {
    let still_on: BTreeSet<ActorId> = state.actors.difference(&state.opt_outs).cloned().collect();
    if !still_on.is_empty() {
        notes.push(Note::StillOn(still_on));
    }
    FlagState {
        boolean: Some(false),
        actors: state.actors,
        opt_outs: state.opt_outs,
        percentage_of_actors: None,
        percentage_of_time: None,
        groups: BTreeSet::new(),
    }
}

fn enable(mut state: FlagState, targets: &Targets, groups: &dyn ActorGroups) -> Result<FlagState, Refused> {
    check_named(targets)?;
    let opted_out: BTreeSet<ActorId> = targets.actors.intersection(&state.opt_outs).cloned().collect();
    if !opted_out.is_empty() {
        return Err(Refused::OptedOut(opted_out));
    }
    check_known(&targets.groups, groups)?;
    state.actors.extend(targets.actors.iter().cloned());
    state.groups.extend(targets.groups.iter().cloned());
    check_lists(state)
}

/// A group that `before` holds may stay although it is gone from the configuration since.
fn replace(before: &FlagState, state: &FlagState, groups: &dyn ActorGroups) -> Result<FlagState, Refused> {
    check_known(state.groups.difference(&before.groups), groups)?;
    check_lists(state.clone())
}

fn disable(mut state: FlagState, targets: &Targets) -> Result<FlagState, Refused> {
    check_named(targets)?;
    state.actors.retain(|actor| !targets.actors.contains(actor));
    state.groups.retain(|group| !targets.groups.contains(group));
    Ok(state)
}

fn opt_out(mut state: FlagState, actors: &BTreeSet<ActorId>) -> Result<FlagState, Refused> {
    if actors.is_empty() {
        return Err(Refused::NoTarget);
    }
    state.opt_outs.extend(actors.iter().cloned());
    check_lists(state)
}

fn remove_opt_out(mut state: FlagState, actors: &BTreeSet<ActorId>) -> Result<FlagState, Refused> {
    if actors.is_empty() {
        return Err(Refused::NoTarget);
    }
    state.opt_outs.retain(|actor| !actors.contains(actor));
    Ok(state)
}

fn not_fully_on(state: FlagState) -> Result<FlagState, Refused> {
    if state.state() == State::On { Err(Refused::FullyOn) } else { Ok(state) }
}

fn check_named(targets: &Targets) -> Result<(), Refused> {
    if targets.actors.is_empty() && targets.groups.is_empty() { Err(Refused::NoTarget) } else { Ok(()) }
}

fn check_known<'g>(
    named: impl IntoIterator<Item = &'g String>,
    groups: &dyn ActorGroups,
) -> Result<(), Refused> {
    let unknown = named.into_iter().find(|group| !groups.knows(group));
    unknown.map_or(Ok(()), |group| Err(Refused::UnknownGroup(group.clone())))
}

fn check_lists(state: FlagState) -> Result<FlagState, Refused> {
    if state.groups.len() > GROUPS_MAX {
        return Err(Refused::TooManyGroups);
    }
    let entries = state.actors.len() + state.opt_outs.len();
    if entries > ACTORS_MAX { Err(Refused::TooManyActors) } else { Ok(state) }
}

/// Whether a change may take away gates that it does not name.
fn sweeps(change: &Change) -> bool {
    use Change::{Delete, DisableEveryone, DisableKeepTargets, EnableEveryone, Replace};
    matches!(change, EnableEveryone | DisableEveryone | DisableKeepTargets | Delete | Replace(_))
}

/// What `before` had set that `after` has not, without the boolean, which the change speaks of itself.
fn swept(before: &FlagState, after: Option<&FlagState>) -> FlagState {
    let nothing = FlagState::default();
    let after = after.unwrap_or(&nothing);
    FlagState {
        boolean: None,
        actors: before.actors.difference(&after.actors).cloned().collect(),
        opt_outs: before.opt_outs.difference(&after.opt_outs).cloned().collect(),
        percentage_of_actors: before.percentage_of_actors.filter(|_| after.percentage_of_actors.is_none()),
        percentage_of_time: before.percentage_of_time.filter(|_| after.percentage_of_time.is_none()),
        groups: before.groups.difference(&after.groups).cloned().collect(),
    }
}
