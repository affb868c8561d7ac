//! Every limit of the mirror, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// How long one question to the mirror may take: a person waits for it.
pub const QUESTION_DEADLINE: Duration = Duration::from_secs(10);

/// How long bringing the mirror up to date may take; the first time it fetches everything.
pub const FETCH_DEADLINE: Duration = Duration::from_secs(1_800);

/// How long a question waits for a fetch that it asked for.
pub const REFRESH_WAIT: Duration = Duration::from_secs(5);

/// A mirror that was brought up to date so lately is not fetched again by a question.
pub const FRESH_ENOUGH: Duration = Duration::from_secs(2);

/// Between two fetches after failures: doubled each time, up to this.
pub const RETRY_MAX: Duration = Duration::from_secs(600);

/// Bytes of what one git prints that are read; whoever prints more is ended, and the answer is that it cannot be told.
pub const OUTPUT_BYTES_MAX: usize = 4 << 20;

/// git processes at once.
pub const PROCESSES_MAX: usize = 2;

/// Tags that are looked at for the lowest version.
pub const TAGS_MAX: usize = 10_000;

/// Picks of picks that are followed.
pub const PICK_DEPTH_MAX: usize = 8;

/// Answers about picks that are kept: they never change.
pub const PICKS_KEPT_MAX: usize = 10_000;

/// Characters of a commit's title that are shown.
pub const TITLE_CHARACTERS_MAX: usize = 200;

/// Flag definitions that are exported; more are left out, and the log says so.
pub const EXPORTED_FILES_MAX: usize = 10_000;

/// Bytes of one exported file; a larger one is left out.
pub const EXPORTED_FILE_BYTES_MAX: u64 = 64 << 10;
