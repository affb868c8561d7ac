//! Feature flags: definitions, gates, evaluation with its reason.
//!
//! The semantics are those of GitLab's Feature module over Flipper, bit for bit, because people move their flags
//! and their buckets with them. Usable alone by any Rust program: build a [`Snapshot`] from [`Definition`]s and
//! [`FlagState`]s, then ask [`Snapshot::is_enabled`]. Writes are values too: [`apply`] takes what is stored and a
//! [`Change`] and says what is stored then. Nothing here does IO, reads a clock or draws a random number.
//!
//! ```
//! use std::sync::Arc;
//!
//! use wigwag_flags::{shipped, FlagState, Snapshot};
//!
//! let state = FlagState { actors: ["Project:1".parse().unwrap()].into(), ..FlagState::default() };
//! let states = [(shipped::WEBHOOKS_FAILED_CALLOUT.parse().unwrap(), state)];
//! let snapshot = Snapshot::new(1, shipped::definitions().into_iter().map(Arc::new), states);
//! let chance = || 0.5;
//! assert!(snapshot.is_enabled("webhooks_failed_callout", &["Project:1"], chance).enabled);
//! assert!(!snapshot.is_enabled("webhooks_failed_callout", &["Project:2"], chance).enabled);
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod definition;
mod dependencies;
mod evaluate;
mod explain;
pub mod gates;
pub mod limits;
mod names;
pub mod shipped;
mod snapshot;
mod state;
mod words;
mod write;

pub use definition::{Definition, DefinitionError, FlagType};
pub use dependencies::{DependencyError, check_dependencies};
pub use evaluate::{Decision, Reason};
pub use explain::Explanation;
pub use gates::{ActorGroups, Gate, NoGroups, StaticGroups, bucket};
pub use names::{ActorId, FlagName, NameError};
pub use snapshot::{Flag, Snapshot};
pub use state::{FlagState, State};
pub use write::{Change, Note, Origin, Refused, Targets, WriteContext, Written, apply};
