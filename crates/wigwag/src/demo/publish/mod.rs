//! The harbor's life: one event a second for each project, published over HTTP as any platform would.

mod happenings;
mod outbox;
mod publisher;

pub(crate) use outbox::{Outbox, Published};
pub(crate) use publisher::publish;
