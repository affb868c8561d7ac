//! Chats: who says something there, what comes back, and what is told in channels afterwards.
//!
//! ```text
//! request -> platform proves and reads it -> seen before? -> who is that? -> command::run -> answer at once, or kept and
//!                                                                                          said later if it takes long
//! change  -> messages, kept in the change's own transaction -> outbox -> channels, charts, hooks
//! ```
//!
//! A request that is not proven is not looked at. Nothing that goes out is ever waited for by a change.

mod answer;
mod change;
mod channels;
mod content;
mod destination;
mod errands;
mod heard;
mod links;
mod outbox;
mod press;
mod receive;
mod refusals;
mod roles;

pub(crate) use channels::{channel, channel_message, title};
pub(crate) use destination::Destination;
pub(crate) use errands::Errands;
pub use heard::Heard;
pub(crate) use links::Members;
pub use links::NewLinkCode;
pub(crate) use outbox::{OutboxBell, spawn as spawn_outbox};
pub(crate) use press::Press;
pub use receive::ChatAnswer;
pub(crate) use refusals::{Refusals, Refused};
pub use roles::{KnownLink, KnownRole};
