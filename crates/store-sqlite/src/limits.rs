//! Limits of the embedded store.

use std::time::Duration;

/// Events and records that one group commit takes at most.
pub const GROUP_ITEMS_MAX: usize = 1024;
/// Bytes that one group commit takes at most; a larger single call is a group of its own.
pub const GROUP_BYTES_MAX: usize = 4 << 20;
/// Calls of the first lane (flags, audit, registry and the like) that one group commit takes at most.
pub const GROUP_ADMIN_CALLS_MAX: usize = 64;
/// Bytes that may wait for the writer; above them calls are refused as not available.
pub const WAITING_BYTES_MAX: usize = 256 << 20;
/// Calls that may wait for the writer.
pub const WAITING_CALLS_MAX: usize = 65_536;
/// Reads that may wait for a reader.
pub const WAITING_READS_MAX: usize = 8192;
/// Reader threads.
pub const READERS: usize = 2;
/// Prepared statements that one connection keeps.
pub const STATEMENTS_MAX: usize = 128;
/// Pages that may lie in the write-ahead log before the checkpointer copies them (4 MiB).
pub const CHECKPOINT_STEP_PAGES: u32 = 1024;
/// Pages in the write-ahead log from which on the writer finishes a checkpoint, so that the log begins anew (16 MiB).
pub const CHECKPOINT_RESET_PAGES: u32 = 4096;
/// Pages that the writer copies itself when it finishes a checkpoint; with more to do the checkpointer turns again.
pub const CHECKPOINT_FINISH_PAGES: u32 = 512;
/// Pages in the write-ahead log from which on the writer finishes a checkpoint however much there is to copy (64 MiB).
pub const CHECKPOINT_FORCE_PAGES: u32 = 16_384;
/// Bytes to which the write-ahead log's file shrinks when it begins anew.
pub const LOG_BYTES_KEPT: u32 = 32 << 20;
/// Rows of settled marks after which the writer tries to move the low-water mark.
pub const SETTLED_ROWS_MAX: usize = 256;
/// How long an idempotency key is remembered at least.
pub const IDEMPOTENCY_WINDOW: Duration = Duration::from_hours(24);
/// How long one slice of retention may take.
pub const PRUNE_SLICE: Duration = Duration::from_millis(4);
/// Rows that retention looks at between two looks at the clock.
pub const PRUNE_ROWS: i64 = 64;
/// Rows of a deleted hook that one transaction cancels.
pub const CANCEL_ROWS: i64 = 1000;
/// Transactions of that size before the deletion of a hook answers; retention cancels the rest.
pub const CANCEL_SLICES_AT_ONCE: u32 = 4;
/// Bytes of payload that one page of unsettled events holds, beside its first event.
pub const UNSETTLED_BYTES_MAX: usize = 8 << 20;
/// Rows that a listing counts at most; `PageOf::total` stops there.
pub const COUNT_MAX: i64 = 100_000;
/// The slices in which attempts are counted for figures.
pub const FIGURES_SLICE: Duration = Duration::from_secs(10);
/// The oldest SQLite that may keep events: before it the write-ahead log could be damaged when it began anew.
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Links of chat users that are listed at once, more than any team has; the youngest beyond them are left out.
pub const CHAT_LINKS_MAX: u32 = 10_000;
/// Deployments of one environment and project that are kept; older ones go when a new one comes, the newest that
/// succeeded never.
pub const DEPLOYMENTS_KEPT: u32 = 1_000;
/// Rows that are sealed anew between two reads, when the data key becomes another one.
pub const ROTATED_AT_ONCE: u32 = 1_000;

/// Ended episodes of banners that one write forgets; the rest go with the next ones.
pub(crate) const OUTCOMES_FORGOTTEN_AT_ONCE: u32 = 500;
/// Events that are gone through by one read for what arrived at one hook of all projects: some 100 ms; then others read.
pub const REPLAY_EVENTS: i64 = 100_000;
