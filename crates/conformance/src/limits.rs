//! What a server is given time and room for.

use std::time::Duration;

/// The longest that one answer may take. A later one fails its case.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of one answer that are read. More fails the case: no case asks for so much.
pub(crate) const ANSWER_BYTES_MAX: u64 = 16 << 20;

/// The longest that our own server may take to start. Later, no case is run.
pub(crate) const START_WITHIN: Duration = Duration::from_secs(30);

/// Bytes that a case may pad its request to. More is an error of the case's file.
pub(crate) const PADDED_BYTES_MAX: u64 = 16 << 20;
