//! Every limit of the monitors, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// How long one source has for its answer, if the operator says nothing else: a person waits for it.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(5);

/// The longest deadline that may be set: all sources have this long together.
pub const DEADLINE_MAX: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read; a larger one counts as silence.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A sample that is older is of another time: it counts as silence. Prometheus itself forgets it after five minutes.
pub const STALE_AFTER: Duration = Duration::from_secs(180);

/// What stands in the way that one source names.
pub const BLOCKERS_MAX: usize = 20;

/// Characters of a stranger's words that are shown.
pub const WORDS_MAX: usize = 200;

/// Labels of a sample that are shown.
pub const LABELS_SHOWN_MAX: usize = 6;

/// Issues that a tracker is asked for.
pub const ISSUES_MAX: usize = 20;
