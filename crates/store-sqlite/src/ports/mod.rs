//! The ports, one file each.

mod callout_outcomes;
mod callouts;
mod chat_users;
mod credentials;
mod deliveries;
mod deployments;
mod expire;
mod flags;
mod hooks;
mod hooks_health;
mod intake;
mod listing;
mod log;
mod maintenance;
mod members;
mod notices;
mod outbox;
mod prune;
mod record;
mod registry;
mod replay;
mod rollout_log;
mod waiting;

#[cfg(test)]
mod plans;
#[cfg(test)]
pub(crate) use record::RecordJob;
