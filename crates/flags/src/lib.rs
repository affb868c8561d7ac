//! Feature flags: definitions, gates, evaluation with its reason.
//!
//! The semantics are those of GitLab's Feature module over Flipper, bit for bit, because people move their flags
//! and their buckets with them. Nothing here does IO, reads a clock or draws a random number, so the crate is usable
//! alone, by any Rust program:
//!
//! - A [`Snapshot`] holds all flags of one environment, made of [`Definition`]s (what the owners wrote down) and
//!   [`FlagState`]s (what is stored). It is never changed, only replaced; a copy with one flag replaced shares the rest.
//! - [`Snapshot::is_enabled`] answers for a name, [`Snapshot::is_enabled_by`] for a [`FlagHandle`], which a program gets
//!   once and keeps. Neither takes a lock or allocates. [`Snapshot::explain`] answers in a sentence.
//! - [`apply`] says what is stored after a [`Change`], or why the change is refused. Who may change what, and where it
//!   is kept, is the caller's.
//!
//! Here one thread asks while another swaps in what has changed:
//!
//! ```
//! use std::sync::Arc;
//!
//! use arc_swap::ArcSwap;
//! use wigwag_flags::{Change, FlagState, NoGroups, Origin, Snapshot, WriteContext, apply, shipped};
//!
//! let name = shipped::WEBHOOKS_FAILED_CALLOUT.parse()?;
//! let state = FlagState { actors: ["Project:1".parse()?].into(), ..FlagState::default() };
//! let definitions = shipped::definitions().into_iter().map(Arc::new);
//! let flags = ArcSwap::from_pointee(Snapshot::new(1, definitions, [(name, state)]));
//! // Kept for as long as the program runs: a handle outlives the snapshot that gave it.
//! let callout = flags.load().handle(shipped::WEBHOOKS_FAILED_CALLOUT);
//! // A random number from 0 up to but not including 1, asked for by percentages of time alone.
//! let random = || 0.5;
//!
//! let now = flags.load();
//! assert!(now.is_enabled("webhooks_failed_callout", &["Project:1"], random).enabled);
//! assert!(now.is_enabled_by(&callout, &["Project:1"], random).enabled);
//! assert!(!now.is_enabled_by(&callout, &["Project:2"], random).enabled);
//! let why = now.explain(callout.name(), &["Project:1"], random).to_string();
//! assert_eq!(why, "on because Project:1 is in the list; bucket 3033 of 100000");
//!
//! let flag = now.flag(callout.name()).ok_or("not there")?;
//! let definition = flag.definition.as_deref();
//! let context = WriteContext { definition, origin: Origin::Command, groups: &NoGroups };
//! let written = apply(flag.state.as_deref(), &Change::EnableEveryone, &context)?;
//! let name = callout.name().parse()?;
//! flags.store(Arc::new(now.with_state(2, &name, written.after)));
//! assert!(flags.load().is_enabled_by(&callout, &["Project:2"], random).enabled);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod constant;
mod definition;
mod dependencies;
mod evaluate;
mod explain;
pub mod gates;
mod handle;
mod ids;
pub mod life;
pub mod limits;
mod names;
pub mod shipped;
mod slots;
mod snapshot;
mod state;
mod whole;
mod words;
mod write;

pub use definition::{Definition, DefinitionError, FlagType, LargeStepPolicy};
pub use dependencies::{DependencyError, check_dependencies};
pub use evaluate::{Decision, Reason};
pub use explain::Explanation;
pub use gates::{ActorGroups, Gate, NoGroups, StaticGroups, bucket};
pub use handle::FlagHandle;
pub use names::{ActorId, FlagName, NameError};
pub use snapshot::{Flag, Snapshot};
pub use state::{FlagState, State};
pub use whole::Changed;
pub use write::{Change, Note, Origin, Refused, Targets, WriteContext, Written, apply};
