//! The ground floor: typed ids, time, secrets, percentages and paging that every other crate speaks in.
//!
//! Nothing here knows of hooks or flags, reads a clock or does IO.

mod id;
mod page;
mod percentage;
mod secret;
mod time;

pub use id::{
    AttemptId, EventId, GroupId, HookId, NodeEpoch, PARTITIONS, Partition, ProjectId, TokenId, TransitionId,
    UserId,
};
pub use page::{Page, PageOf};
pub use percentage::{Percentage, PercentageError};
pub use secret::Secret;
pub use time::Timestamp;
