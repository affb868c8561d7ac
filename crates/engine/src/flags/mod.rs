//! Flags: the board that every node keeps in memory, and the use cases that read and change it.
//!
//! ```text
//! chat, page, API -> Engine::set_flags -> rights -> apply -> Store::write_flags (state and audit, one transaction)
//!                                                              -> snapshot swapped -> FlagBoard::changed rings
//! evaluation -> FlagBoard::of(environment) -> Snapshot: memory alone
//! ```

mod board;
mod gains;
mod read;
mod targets;
mod write;

pub use board::FlagBoard;
pub use gains::{direction, share};
pub use read::{FlagExplanation, FlagView};
pub use targets::TargetNames;
pub(crate) use targets::unknown_flag;
pub use write::{FlagChange, FlagWritten, Mode, Occasion, UnknownFlag};
