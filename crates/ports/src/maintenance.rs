//! Identity, epochs, clock, retention, and the store's own state.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_base::{EventId, NodeEpoch, Partition, Timestamp};

/// Keeps the store itself in order.
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// What this store is, read once at start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn identity(&self) -> Result<Identity, StoreError>;

    /// Takes the partitions that this node may dispatch now, with the epoch that its results must name. The embedded
    /// store gives all partitions and raises the epoch once per start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn lease(&self) -> Result<Lease, StoreError>;

    /// Keeps the highest time seen, so that due times never run backwards over a restart; returns the highest kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn time_high_water(&self, now: Timestamp) -> Result<Timestamp, StoreError>;

    /// Deletes one small slice of what is older than `before` (attempts, ended deliveries, changes of health, settled
    /// events without waiting deliveries, used idempotency keys, ended sessions, messages that were given up, ended codes for
    /// chats), in at most 5 ms; returns how many rows went.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Answers when the store can read and write.
    ///
    /// # Errors
    /// What is wrong, for `/readyz`.
    async fn ready(&self) -> Result<StoreStatus, StoreError>;

    /// Commits what waits, brings the write-ahead log into the file and lets go of it. Calls after this fail.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn close(&self) -> Result<(), StoreError>;
}

/// What a store is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Made once with the store; part of every message id, so that two servers' ids never meet.
    pub instance: [u8; 16],
}

/// What this node may dispatch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// Named by every record.
    pub epoch: NodeEpoch,
    /// The partitions held, rising.
    pub partitions: Vec<Partition>,
    /// The newest event that was accepted before the lease: the unsettled ones up to it are a former holder's, and are
    /// fanned out again; those above it are handed on by whoever accepts them.
    pub accepted_until: EventId,
}

impl Lease {
    /// Whether this node may dispatch the work of `partition`.
    pub fn holds(&self, partition: Partition) -> bool {
        self.partitions.binary_search(&partition).is_ok()
    }
}

/// How a store does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreStatus {
    /// Bytes free on the store's disk, if it knows.
    pub disk_free_bytes: Option<u64>,
    /// Bytes of the store's disk that are used or free, as `df` counts: without what is reserved for the system; if it knows.
    pub disk_bytes: Option<u64>,
}
