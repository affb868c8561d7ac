//! Flag definitions that live outside the program: a folder of files, later a repository.

use async_trait::async_trait;
use wigwag_flags::Definition;

/// Reads definitions. Asked again and again; it says itself whether anything may have changed.
#[async_trait]
pub trait DefinitionSource: Send + Sync {
    /// Everything that can be read now; `None` if nothing has changed since the last call. What cannot be read is
    /// told, never a reason to leave the rest out: of a file that went bad the last good version is given.
    async fn read(&self) -> Option<Definitions>;
}

/// What a source holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Definitions {
    /// The good ones, by name, free of cycles.
    pub good: Vec<Definition>,
    /// What is wrong with the others.
    pub findings: Vec<Finding>,
}

/// Something wrong with one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file, below the source's root.
    pub file: String,
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// The field, where one is to blame.
    pub field: Option<String>,
    /// The rule that is broken and what to do.
    pub rule: String,
}
