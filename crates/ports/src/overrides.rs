//! The file of flags that are switched off on this node: it works with the server stopped and the database gone.

use async_trait::async_trait;
use std::fmt;
use wigwag_base::Timestamp;
use wigwag_flags::FlagName;

/// Keeps overrides in a file that people may edit too.
#[async_trait]
pub trait OverrideFile: Send + Sync {
    /// Every override; `None` if the file has not changed since the last call. A file that is not there holds none.
    ///
    /// # Errors
    /// [`OverrideFileError`]; whoever asks keeps what was known.
    async fn read(&self) -> Result<Option<Vec<Override>>, OverrideFileError>;

    /// Makes these the only ones; whole and durable when this returns, or nothing has changed.
    ///
    /// # Errors
    /// [`OverrideFileError`].
    async fn write(&self, overrides: Vec<Override>) -> Result<(), OverrideFileError>;
}

/// A flag that is switched off, whatever is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// The flag.
    pub flag: FlagName,
    /// The environment, by name.
    pub environment: String,
    /// Who did it: a username, or `file` for a row that was written by hand.
    pub author: String,
    /// Why, if they said so.
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Whether the store has it: the flag stored off, and an audit row.
    pub recorded: Recorded,
}

/// Whether the store knows of an override.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// It does.
    Yes,
    /// It is told as soon as it answers.
    NotYet,
}

/// What went wrong with the file, in words that say what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OverrideFileError(pub String);

impl fmt::Display for OverrideFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OverrideFileError {}
