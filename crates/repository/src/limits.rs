//! Every limit of the mirror, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// How long one question to git may take: a person waits for it. Beyond it, git is ended and the question fails.
pub const QUESTION_DEADLINE: Duration = Duration::from_secs(10);

/// How long a look through every message of the default branch may take: a million commits are read in some ten
/// seconds. Beyond it, git is ended and the question fails.
pub const SCAN_DEADLINE: Duration = Duration::from_secs(30);

/// How long bringing the mirror up to date may take; the first time it fetches everything. Beyond it, git is ended and
/// it is tried again later.
pub const FETCH_DEADLINE: Duration = Duration::from_secs(1_800);

/// How long a question waits for the mirror to be brought up to date. Beyond it, that goes on by itself.
pub const REFRESH_WAIT: Duration = Duration::from_secs(5);

/// A mirror that was brought up to date so lately is not fetched again because somebody asks.
pub const FRESH_ENOUGH: Duration = Duration::from_secs(2);

/// A source that failed so lately is not asked again because somebody asks: the answer is why it failed.
pub const FAILED_LATELY: Duration = Duration::from_secs(10);

/// The shortest time between two fetches: each is at least two connections. A shorter one counts as this.
pub const REFRESH_MIN: Duration = Duration::from_secs(1);

/// The longest time to the next try after failures, which is doubled after each. A longer interval that was set stays.
pub const RETRY_MAX: Duration = Duration::from_secs(600);

/// git commands at once: they read the whole history, and the machine has other work. Further ones wait their turn.
pub const COMMANDS_MAX: usize = 2;

/// Bytes that one git prints: hundreds of commits with their messages. Whoever prints more is ended, and the question
/// fails.
pub const OUTPUT_BYTES_MAX: usize = 4 << 20;

/// Bytes of what git complains of that are kept; the rest is read and dropped.
pub const COMPLAINT_BYTES_MAX: usize = 16 << 10;

/// Bytes of the list of a tree, some 100 for each file. A longer list is refused: nothing is exported.
pub const LISTING_BYTES_MAX: usize = 32 << 20;

/// Digits of an id's beginning, as git itself abbreviates. Shorter ones name no commit.
pub const ID_DIGITS_MIN: usize = 7;

/// Picks of a commit, and picks of these, that are followed. Further ones are not seen.
pub const PICKS_MAX: usize = 32;

/// How often picks of picks are followed. Deeper ones are not seen.
pub const PICK_DEPTH_MAX: usize = 8;

/// Commits that mention something and whose messages are read, the newest. Older ones are not seen.
pub const MENTIONS_MAX: usize = 256;

/// How far clocks of those who commit may differ: a pick or a merge is looked for from so long before the commit that
/// it brings. What claims to be still older is not seen.
pub const CLOCK_SKEW: Duration = Duration::from_secs(86_400);

/// A merge is looked for among commits of so long first; older history is read only if a request is older, or if
/// nothing tells how old it is.
pub const RECENT: Duration = Duration::from_secs(400 * 86_400);

/// Answers about a commit and a head, or about a merge request, that are kept; the oldest give way.
pub const KEPT_MAX: usize = 10_000;

/// Heads of one question. The rest is not known.
pub const HEADS_MAX: usize = 64;

/// Characters of a commit's title that are shown; the rest is cut.
pub const TITLE_CHARACTERS_MAX: usize = 200;

/// Characters of what git complains of that are shown; the rest is cut.
pub const COMPLAINT_CHARACTERS_MAX: usize = 300;

/// Flag definitions that are exported; the reference has some 1,500. With more nothing is, and the last ones stay.
pub const EXPORTED_FILES_MAX: usize = 10_000;

/// Bytes of all exported files together. With more nothing is exported, and the last ones stay.
pub const EXPORTED_BYTES_MAX: usize = 32 << 20;

/// Bytes of one exported file: what a definition may have. Of a larger one only the size is exported, so that whoever
/// reads definitions finds it too large and keeps its last good version.
pub const EXPORTED_FILE_BYTES_MAX: usize = 64 << 10;

/// Bytes of an exported file's path, below what file systems take. A file with a longer one is left out.
pub const EXPORTED_PATH_BYTES_MAX: usize = 1_000;

/// Bytes of one part of such a path.
pub const EXPORTED_NAME_BYTES_MAX: usize = 200;
