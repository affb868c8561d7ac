use crate::{
    callout_outcomes::CalloutOutcomes, callouts::Callouts, chat_users::ChatUsers, credentials::Credentials,
    deliveries::Deliveries, deployments::Deployments, flags::Flags, hooks::Hooks, intake::Intake,
    log::DeliveryLog, maintenance::Maintenance, notices::Notices, outbox::Outbox, registry::Registry,
    rollout_log::RolloutLog,
};

/// Everything that one store does; the engine holds one `Arc<dyn Store>`.
pub trait Store:
    Intake
    + Deliveries
    + DeliveryLog
    + Hooks
    + Callouts
    + CalloutOutcomes
    + Registry
    + Credentials
    + Flags
    + Maintenance
    + ChatUsers
    + Outbox
    + Notices
    + Deployments
    + RolloutLog
{
}

impl<T> Store for T where
    T: Intake
        + Deliveries
        + DeliveryLog
        + Hooks
        + Callouts
        + CalloutOutcomes
        + Registry
        + Credentials
        + Flags
        + Maintenance
        + ChatUsers
        + Outbox
        + Notices
        + Deployments
        + RolloutLog
{
}

/// Why a store did not do what it was asked; whatever it was, nothing of it happened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// The thing does not exist (any more).
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Something unique is taken: the field's name.
    #[error("{0} has already been taken")]
    Taken(&'static str),
    /// A limit is reached; the text names it and its number.
    #[error("{0}")]
    LimitReached(String),
    /// The row was changed by someone else meanwhile (compare-and-set), or the epoch is no longer valid.
    #[error("changed by someone else meanwhile")]
    Stale,
    /// No room: the disk is full or a quota is reached. Try again later.
    #[error("the disk is full")]
    Full,
    /// The store does not answer now. Try again later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store can no longer be trusted (a failed fsync, a damaged file): stop, and recover at restart.
    #[error("the store failed: {0}")]
    Fatal(String),
}
