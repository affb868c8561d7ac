//! Every limit of reading definitions, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// Bytes of one file; a definition has some 500. A larger one is not read, and its last good version stays.
pub const FILE_BYTES_MAX: u64 = 64 << 10;

/// Bytes of all files together: what reading them may cost in memory. Files beyond it are not read.
pub const FOLDER_BYTES_MAX: u64 = 128 << 20;

/// Files that are looked at; the reference has some 1,500. Those after the first ones, by path, are not read.
pub const FILES_MAX: usize = 50_000;

/// Entries of the folder of any kind, so that a whole disk is not walked once a second by mistake. Beyond it the walk
/// ends.
pub const ENTRIES_MAX: usize = 500_000;

/// Folders inside folders. Deeper ones are not looked at.
pub const DEPTH_MAX: usize = 16;

/// Findings of one file: whoever sees so many knows enough. Further ones are counted.
pub const FINDINGS_PER_FILE_MAX: usize = 20;

/// Findings of the whole folder. Further ones are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// Bytes of a URL, as browsers take it. A longer one is a finding.
pub const URL_BYTES_MAX: usize = 2_048;

/// Bytes of a short text: a milestone, a label, a channel, a person. A longer one is a finding.
pub const TEXT_BYTES_MAX: usize = 255;

/// Bytes of a description: a sentence or some. A longer one is a finding.
pub const DESCRIPTION_BYTES_MAX: usize = 4_096;

/// People to ask. More are a finding.
pub const OWNERS_MAX: usize = 32;

/// Characters of a foreign text that a finding quotes; the rest is cut.
pub const QUOTED_CHARS_MAX: usize = 60;

/// Names of a chain of dependencies that a finding shows; the rest is counted.
pub const CHAIN_NAMES_MAX: usize = 12;

/// Unknown names in one round for which the nearest known one is looked for, among all. Others are told without it.
pub const SUGGESTIONS_MAX: usize = 20;

/// Rounds of taking back what does not fit together. Each takes something back, and what depends on it follows in the
/// next; beyond so many, everything that is new is taken back.
pub const SETTLE_ROUNDS_MAX: usize = 64;

/// How long a file must have been left alone before its stamp (size, times, inode) is believed: a second change within
/// one tick of the file system's clock leaves the stamp as it is. Until then the file is read each time.
pub const STAMP_BELIEVED_AFTER: Duration = Duration::from_secs(2);
