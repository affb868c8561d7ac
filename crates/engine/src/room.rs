//! How much of the store's disk intake leaves free.

use crate::limits::{DISK_FREE_BYTES_MIN_MAX, DISK_FREE_PERCENT_MIN};
use wigwag_ports::maintenance::StoreStatus;

/// Why there is no room for more events, if there is none: fewer bytes are free than are kept for what waits already.
pub(crate) fn missing(status: StoreStatus) -> Option<String> {
    let (free, disk) = (status.disk_free_bytes?, status.disk_bytes?);
    let kept = (disk / 100 * DISK_FREE_PERCENT_MIN).min(DISK_FREE_BYTES_MIN_MAX);
    (free < kept).then(|| {
        format!(
            "only {} MiB of the disk are free, and {} are kept for what waits already; make room, or move the data folder",
            free >> 20,
            kept >> 20
        )
    })
}
