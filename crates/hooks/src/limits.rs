//! Limits of hooks and events; what lies above is refused with the limit's name and number.

use std::time::Duration;

/// Characters of an event's type.
pub const EVENT_TYPE_CHARACTERS_MAX: usize = 128;

/// Highest failure in a row that may be the first to pause: above, pausing would never begin in practice.
pub const THRESHOLD_MAX: u32 = 1_000;
/// Shortest first pause; below, a pause would not outlast the requests under way.
pub const FIRST_PAUSE_MIN: Duration = Duration::from_secs(1);
/// Longest pause that a policy may ask for; above, what waits would expire before the next request.
pub const MAX_PAUSE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Highest factor between one pause and the next.
pub const FACTOR_MAX: f64 = 100.0;
/// Highest failure in a row that may disable; who wants more says never.
pub const PERMANENT_AT_MAX: u32 = 1_000_000;

/// Retries of one delivery.
pub const RETRIES_MAX: usize = 32;
/// Longest delay before one retry; above, the delivery would expire first.
pub const RETRY_DELAY_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Delay before a request is repeated that failed by our own side's fault, before jitter.
pub const RETRY_OURS_DELAY: Duration = Duration::from_secs(5);

/// Bytes of a signing key, as Standard Webhooks asks: fewer are guessable.
pub const SIGNING_KEY_BYTES_MIN: usize = 24;
/// Bytes of a signing key: more than a SHA-256 block add nothing.
pub const SIGNING_KEY_BYTES_MAX: usize = 64;

/// Characters of the setting `header_prefix`.
pub const HEADER_PREFIX_CHARACTERS_MAX: usize = 64;
/// Characters of the settings that go into headers (`user_agent`, `external_url`).
pub const HEADER_SETTING_CHARACTERS_MAX: usize = 256;
