//! The platform's repository, as a local mirror knows it: which commits contain which, and how a merge request got in.

use async_trait::async_trait;
use wigwag_base::Timestamp;
use wigwag_chat::{MergeRequestUrl, Version};

/// Asks the mirror. Every method reads what is here; the mirror is kept fresh by itself.
#[async_trait]
pub trait Repository: Send + Sync {
    /// When the mirror was last brought up to date, and why it was not since.
    fn freshness(&self) -> Freshness;

    /// Brings the mirror up to date now, if the last time is not too recent.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn refresh(&self) -> Result<(), RepositoryError>;

    /// The commit that an id, or the beginning of one, names.
    ///
    /// # Errors
    /// [`RepositoryError`]; [`RepositoryError::Ambiguous`] if several begin so.
    async fn commit(&self, id: &str) -> Result<Option<Commit>, RepositoryError>;

    /// Which of `heads` (full ids) contain `commit` (a full id), by ancestry or by a pick of it, in the order of `heads`.
    /// A head that the mirror does not know is told as such.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn containment(&self, commit: &str, heads: &[String]) -> Result<Vec<Containment>, RepositoryError>;

    /// How many commits `newer` has that `older` has not; `None` if one is not known.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn ahead(&self, older: &str, newer: &str) -> Result<Option<u64>, RepositoryError>;

    /// How a merge request stands.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn merge_request(&self, request: &MergeRequestUrl) -> Result<MergeState, RepositoryError>;

    /// The tag of the lowest version that contains `commit` or a pick of it; pre-releases count after releases only if
    /// there is no release.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn first_tag(&self, commit: &str) -> Result<Option<ReleaseTag>, RepositoryError>;

    /// Whether the stable branch of a version (`15-2-stable`, `15-2-stable-ee`, as configured) holds `commit` or a pick.
    ///
    /// # Errors
    /// [`RepositoryError`].
    async fn in_stable_branch(&self, version: Version, commit: &str)
    -> Result<StableBranch, RepositoryError>;

    /// Whether an address names this repository's project.
    fn is_ours(&self, request: &MergeRequestUrl) -> bool;

    /// The full paths of this repository's projects, such as `group/project`.
    fn projects(&self) -> Vec<String>;
}

/// How fresh the mirror is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Freshness {
    /// The last time that it was brought up to date; `None` if it never was.
    pub at: Option<Timestamp>,
    /// Why it was not since, if trying failed.
    pub problem: Option<String>,
}

/// A commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// The first line of its message.
    pub title: String,
    /// When it was committed.
    pub at: Timestamp,
}

impl Commit {
    /// The id as people write it: its first eleven digits, as GitLab shows them.
    pub fn short_id(&self) -> &str {
        self.id.get(..11).unwrap_or(&self.id)
    }
}

/// Whether a head contains a commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Containment {
    /// As one of its ancestors, or itself.
    Ancestor,
    /// As a pick: an ancestor whose message says `(cherry picked from commit ...)`.
    Pick(String),
    /// Not.
    No,
    /// The mirror does not know the head.
    UnknownHead,
}

/// How a merge request stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MergeState {
    /// Neither a merge commit nor a ref tells of it.
    Unknown,
    /// It exists and was not merged.
    Open,
    /// It was merged by this commit.
    Merged(Commit),
}

/// A release's tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReleaseTag {
    /// As written: `v15.2.0-ee`.
    pub name: String,
    /// The version that it says, if it says one.
    pub version: Option<Version>,
}

/// What a stable branch says of a commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StableBranch {
    /// There is no such branch (yet).
    Missing,
    /// It holds the commit, by ancestry or as a pick.
    Holds(String),
    /// It does not.
    Lacks(String),
}

/// Why the mirror cannot say.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RepositoryError {
    /// It was never read, or git fails; with what to do.
    #[error("{0}")]
    Unavailable(String),
    /// Several commits begin so.
    #[error("{0} names several commits; write more of it")]
    Ambiguous(String),
    /// It took too long.
    #[error("the repository did not answer within {0} s")]
    TimedOut(u64),
}
