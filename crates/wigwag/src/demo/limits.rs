//! The demo's numbers: how fast its story goes and how much it keeps.

use std::time::Duration;

/// The failure in a row that pauses a hook: soon, but not at the first.
pub(crate) const THRESHOLD: u32 = 3;

/// The first pause; with [`PAUSE_FACTOR`] 5, 7.5 and 11 seconds, so that a hook is disabled after half a minute.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// By how much each pause is longer than the one before.
pub(crate) const PAUSE_FACTOR: f64 = 1.5;

/// The longest pause.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(20);

/// The failure in a row that disables.
pub(crate) const PERMANENT_AT: u32 = 6;

/// Seconds before each retry of one delivery, so many that none is given up while a visitor reads: about a day.
pub(crate) const RETRY_DELAYS_S: [u64; 12] = [1, 2, 4, 8, 15, 30, 60, 300, 900, 3_600, 14_400, 43_200];

/// Between two events of one project.
pub(crate) const EVENT_EVERY: Duration = Duration::from_secs(1);

/// Before an event that was not accepted is published again.
pub(crate) const PUBLISH_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Nobody looked for so long: the harbor rests, so that a forgotten demo does not fill the disk.
pub(crate) const RESTS_AFTER: Duration = Duration::from_secs(600);

/// How often the facts are asked for while somebody looks.
pub(crate) const WATCH_EVERY: Duration = Duration::from_millis(300);

/// How often the facts are asked for while nobody looks.
pub(crate) const WATCH_EVERY_UNSEEN: Duration = Duration::from_secs(5);

/// Somebody looks who asked for a page or for news within this time.
pub(crate) const LOOKS_FOR: Duration = Duration::from_secs(15);

/// Events that a project's page shows.
pub(crate) const RECENT_EVENTS_MAX: usize = 12;

/// Exchanges that the console keeps.
pub(crate) const EXCHANGES_MAX: usize = 4;

/// Bytes of a form or of a delivery; nothing in the demo is near it.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// How far from the receiver's clock a signature's time may lie (Standard Webhooks: five minutes).
pub(crate) const SIGNATURE_AGE_MAX_S: u64 = 300;

/// Ports that are tried, one after the other, where one is taken.
pub(crate) const PORTS_TRIED: u16 = 20;

/// How long a receiver of an earlier run may hold its port: it ends as soon as it notices that its parent did.
pub(crate) const PORT_FREED_WITHIN: Duration = Duration::from_secs(3);

/// How long the receiver may take to answer after its start.
pub(crate) const RECEIVER_READY_WITHIN: Duration = Duration::from_secs(10);

/// Before a receiver that died is started again.
pub(crate) const RECEIVER_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// How long one request between the demo's parts may take.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// How long open connections to the platform may take to end.
pub(crate) const CONNECTIONS_END: Duration = Duration::from_secs(1);
