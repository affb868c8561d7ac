//! Every limit of the client, with its unit, its reason and what happens when it is hit. What comes from a server or
//! from a disk is bounded before it is believed.

use std::time::Duration;

/// Bytes of one event of the stream, a whole snapshot among them. A larger one ends the stream; the last good snapshot
/// stays.
pub const EVENT_BYTES_MAX: usize = 64 << 20;

/// Bytes of a line of the stream that carries no data: a name, an id, a comment. A longer one ends the stream.
pub const FIELD_BYTES_MAX: usize = 4 << 10;

/// Flags of one snapshot: each costs counters too. A snapshot with more is refused; the last good one stays.
pub const FLAGS_MAX: usize = 100_000;

/// Bytes of the snapshot file or the bootstrap: one event's, and a line before it. A larger one is ignored.
pub const SNAPSHOT_FILE_BYTES_MAX: u64 = (EVENT_BYTES_MAX + FIELD_BYTES_MAX) as u64;

/// Between two writes of the snapshot file, so that a flag that changes all the time does not keep the disk busy. The
/// newest snapshot is written when it is over, and at shutdown.
pub const SNAPSHOT_FILE_EVERY: Duration = Duration::from_secs(1);

/// Bytes of the override file. A larger one is not taken: what held before it holds on.
pub const OVERRIDE_FILE_BYTES_MAX: u64 = 1 << 20;

/// Flags that the override file may switch off. A file with more is not taken.
pub const OVERRIDES_MAX: usize = 10_000;

/// How often the override file is looked at.
pub const OVERRIDE_FILE_EVERY: Duration = Duration::from_millis(50);

/// An override file that was written less than this ago is read again although its time and length are the same: a
/// file system's clock is coarse, and two writes may bear one time.
pub const OVERRIDE_FILE_FRESH: Duration = Duration::from_secs(2);

/// For resolving, connecting and the TLS handshake; then the attempt has failed.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// From the request to the head of the answer; then the attempt has failed.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// Without a byte on the stream. The server says something every 15 s; after three misses the stream is dead.
pub const SILENCE_MAX: Duration = Duration::from_secs(45);

/// From one whole event or comment to the next: whoever sends byte by byte does not keep a stream alive for ever.
pub const EVENT_TIME_MAX: Duration = Duration::from_secs(300);

/// Longest wait before the second attempt; it doubles with each that fails. The wait itself is drawn by lot below it, so
/// that a thousand clients do not come back at once.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);

/// Where the doubling ends.
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// A stream that lived for as long was a good one: the next attempt counts as the first.
pub const STEADY_AFTER: Duration = Duration::from_secs(10);

/// Wait after a refusal that only a person can mend (401, 403, 404); drawn by lot between a half of it and the whole.
pub const REFUSED_WAIT: Duration = Duration::from_secs(60);

/// The longest `Retry-After` that is heeded; a longer one counts as this.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// Bytes of a refusal's body that are read, to tell what the server says.
pub const REFUSAL_BYTES_MAX: usize = 4 << 10;

/// Characters of what the server says that are told on.
pub const REFUSAL_CHARACTERS_MAX: usize = 200;

/// Between two reports of exposures, unless set otherwise.
pub const EXPOSURES_EVERY: Duration = Duration::from_secs(10);

/// The shortest time between two reports that can be set; a shorter one counts as this.
pub const EXPOSURES_EVERY_MIN: Duration = Duration::from_millis(100);

/// Counts of one request: well below the 256 KiB that a server takes. The rest goes with the next request.
pub const EXPOSURES_PER_REQUEST_MAX: usize = 500;

/// Different counts (flag, decision, reason) that are kept while the server is away. New ones beyond it are dropped;
/// those that are kept go on being added up.
pub const EXPOSURES_KEPT_MAX: usize = 100_000;

/// For one report, its answer included; then it is kept for the next.
pub const REPORT_TIME_MAX: Duration = Duration::from_secs(10);

/// For the last report and the last write of the snapshot file at shutdown; then the counts are lost.
pub const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(3);

/// Copies of each flag's counters, so that threads seldom meet at one. A power of two; as many as there are processors,
/// at most this.
pub const COUNTER_SHARDS_MAX: usize = 8;

/// For the first word from the server when an OpenFeature provider is initialised; then it answers from what it has.
pub const INITIALIZE_TIME_MAX: Duration = Duration::from_secs(3);
