//! Flags: the board that every node keeps in memory, and the use cases that read and change it.
//!
//! ```text
//! chat, page, API -> Engine::set_flags -> rights -> apply -> Store::write_flags (state and audit, one transaction)
//!                                                              -> snapshot swapped -> FlagBoard::changed rings
//! for an environment that another server keeps -> remote: asked there first, then kept here
//! evaluation -> FlagBoard::of(environment) -> Snapshot: memory alone
//! ```

mod board;
mod definitions;
mod environments;
mod evaluate;
mod exposures;
mod gains;
mod mark;
mod overrides;
mod reach;
mod read;
mod remote;
mod targets;
mod ticket;
mod undo;
mod write;

pub use board::FlagBoard;
pub(crate) use definitions::Sources;
pub use evaluate::FlagDecision;
pub(crate) use exposures::Exposures;
pub use exposures::{Exposed, ExposureStep, ExposureView, ReportedExposure};
pub use gains::{direction, share};
pub use mark::StateMark;
pub(crate) use overrides::Overrides;
pub use overrides::{OVERRIDE_BY_HAND, Overridden};
pub use reach::{FlagReach, ReachBy};
pub use read::{FlagExplanation, FlagView};
pub(crate) use remote::Remotes;
pub use remote::{EnvironmentView, RemoteStatus, Trouble};
pub use targets::TargetNames;
pub(crate) use targets::unknown_flag;
pub use undo::SeenStep;
pub use write::{FlagChange, FlagWritten, Mode, Occasion, Seen, Spoken, UnknownFlag, in_words};

/// Starts what looks at files and memberships until the engine stops.
pub(crate) fn watch_outside(engine: &crate::Engine) {
    definitions::spawn(engine.clone());
    overrides::spawn(engine.clone());
    remote::spawn(engine);
}
