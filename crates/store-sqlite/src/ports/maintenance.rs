//! The store itself.

use super::prune::prune;
use crate::error::Fault;
use crate::meta;
use crate::store::SqliteStore;
use async_trait::async_trait;
use rustix::fs::statvfs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wigwag_base::{EventId, PARTITIONS, Partition, Timestamp};
use wigwag_ports::StoreError;
use wigwag_ports::maintenance::{Identity, Lease, Maintenance, StoreStatus};

#[async_trait]
impl Maintenance for SqliteStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        Ok(Identity { instance: self.instance })
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        let partitions = (0..PARTITIONS).map(Partition).collect();
        let accepted_until = EventId(self.shared.settled.lock().last_event());
        Ok(Lease { epoch: self.epoch, partitions, accepted_until })
    }

    async fn time_high_water(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        self.change(move |group| {
            let kept = meta::get(group.connection, meta::TIME_HIGH_WATER)?.unwrap_or(i64::MIN);
            if now.as_millis() > kept {
                meta::set(group.connection, meta::TIME_HIGH_WATER, now.as_millis())?;
            }
            group.saw(now.as_millis());
            Ok(Timestamp::from_millis(kept.max(now.as_millis())))
        })
        .await
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let (shared, cursor) = (Arc::clone(&self.shared), Arc::clone(&self.prune_cursor));
        self.change(move |group| prune(group, &shared, &cursor, before)).await
    }

    async fn ready(&self) -> Result<StoreStatus, StoreError> {
        if let Some(refusal) = self.shared.lanes.refusal() {
            return Err(refusal);
        }
        // After a write that found no room: whether there is room again is learnt by writing.
        if self.shared.full.load(Ordering::Relaxed) {
            self.change(|group| Ok(meta::set(group.connection, meta::PROBE, group.now_ms)?)).await?;
        }
        let path = self.path.clone();
        self.read(move |connection| {
            meta::get::<i64>(connection, "epoch")?;
            let disk = statvfs(&path)
                .map_err(|error| Fault::Store(StoreError::Unavailable(format!("no disk: {error}"))))?;
            let blocks = disk.f_blocks.saturating_sub(disk.f_bfree) + disk.f_bavail;
            Ok(StoreStatus {
                disk_free_bytes: Some(disk.f_bavail.saturating_mul(disk.f_frsize)),
                disk_bytes: Some(blocks.saturating_mul(disk.f_frsize)),
            })
        })
        .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        let before = self.shared.lanes.refusal();
        if let Some(writer) = self.shut() {
            // It ended, or panicked and told so.
            let joined = tokio::task::spawn_blocking(|| writer.join().is_ok());
            joined.await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        }
        before.map_or(Ok(()), Err)
    }
}
