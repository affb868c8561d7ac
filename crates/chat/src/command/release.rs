//! What runs where, and what ships when.

/// Shows what runs where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AutoDeployStatus {
    /// Every environment.
    Everywhere,
    /// Where these commits run, by id or the beginning of one; at least one.
    Commits(Vec<String>),
    /// Where the merge commit of a merge request, and its picks, run; as written.
    MergeRequest(String),
}

/// Tells whether a merge request ships with a version. Whether address and version are such is a part of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReleaseCheck {
    /// The merge request's address, as written.
    pub url: String,
    /// The version, as written.
    pub version: Option<String>,
}
