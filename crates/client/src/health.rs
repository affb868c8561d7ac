//! How a client is doing: for a status page, a log line or an alarm. Evaluation never waits for any of it.

use crate::decision::Source;

/// How a client is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// The stream.
    pub connection: Connection,
    /// Where answers come from.
    pub source: Source,
    /// The environment of the snapshot, as the server calls it.
    pub environment: Option<String>,
    /// The snapshot's version.
    pub version: Option<String>,
    /// Flags that the override file switches off.
    pub overridden: Vec<String>,
    /// What is wrong with the snapshot file or the bootstrap, if something is.
    pub snapshot_file: Option<String>,
    /// What is wrong with the override file, if something is; what held before it holds on.
    pub override_file: Option<String>,
    /// Why the last report of exposures did not arrive; the counts are kept for the next.
    pub exposures: Option<String>,
}

/// The stream, as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Connection {
    /// The first attempt is under way.
    Connecting,
    /// The stream is there.
    Live,
    /// There is no stream: the server cannot be reached, or said something that is not taken. Tried again within 30 s.
    Lost {
        /// What happened.
        why: String,
    },
    /// The server refuses, and only a person can mend it: a wrong token (401), a token that may not read flags or this
    /// environment (403), a wrong address (404). Tried again once a minute.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the server says, and what to do.
        why: String,
    },
    /// There will be no attempt: the client was shut down, or what it was told cannot work.
    Stopped {
        /// Which of these.
        why: String,
    },
}

impl Health {
    pub(crate) const fn new() -> Self {
        Self {
            connection: Connection::Connecting,
            source: Source::Caller,
            environment: None,
            version: None,
            overridden: Vec::new(),
            snapshot_file: None,
            override_file: None,
            exposures: None,
        }
    }
}
