use std::path::PathBuf;
use std::time::Duration;
use wigwag_base::Secret;

/// What the operator set.
#[derive(Clone, Debug)]
pub struct RepositoryConfig {
    /// A path, or a URL that git understands (https, http, ssh, git, file).
    pub source: String,
    /// The folder for the mirror, ours alone.
    pub folder: PathBuf,
    /// Addresses of the project: `https://gitlab.com/gitlab-org/gitlab`. Merge requests of others are not known.
    pub project_urls: Vec<String>,
    /// The branch that everything is merged into; else the source's own.
    pub default_branch: Option<String>,
    /// What stable branches are called, with `{major}` and `{minor}`, the likeliest first.
    pub stable_branches: Vec<String>,
    /// Between two fetches.
    pub refresh_every: Duration,
    /// A token for https, shown as a password.
    pub token: Option<Secret<String>>,
    /// The folder of flag definitions in the repository, if they are read from it.
    pub flags_folder: Option<String>,
}

impl RepositoryConfig {
    /// What GitLab calls its stable branches, and what others do.
    pub const STABLE_BRANCHES: [&'static str; 3] =
        ["{major}-{minor}-stable-ee", "{major}-{minor}-stable", "release/{major}.{minor}"];

    /// A repository with everything else as it comes.
    pub fn new(source: String, folder: PathBuf) -> Self {
        Self {
            source,
            folder,
            project_urls: Vec::new(),
            default_branch: None,
            stable_branches: Self::STABLE_BRANCHES.map(str::to_owned).to_vec(),
            refresh_every: Duration::from_secs(60),
            token: None,
            flags_folder: None,
        }
    }
}
