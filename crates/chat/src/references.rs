//! What commands refer to outside: merge requests by their address, versions.

/// A merge request (or pull request) by its address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MergeRequestUrl {
    /// Scheme, host and port: `https://gitlab.com`.
    pub server: String,
    /// The project's path: `gitlab-org/gitlab`.
    pub project: String,
    /// Its number in the project.
    pub number: u64,
}

/// A version as milestones name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// `X` of `X.Y`.
    pub major: u32,
    /// `Y` of `X.Y`.
    pub minor: u32,
}

impl MergeRequestUrl {
    /// Reads `https://HOST/GROUP/PROJECT/-/merge_requests/N` (with or without `/-`, and whatever follows the number)
    /// or `https://HOST/OWNER/REPOSITORY/pull/N`; `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !["http", "https"].contains(&scheme) {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let (project, after) = ["/-/merge_requests/", "/merge_requests/", "/pull/"]
            .into_iter()
            .find_map(|between| path.split_once(between))?;
        let number = after.split('/').next()?.parse().ok()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./~".contains(c);
        let is_path = project.contains('/') && project.chars().all(plain) && !project.starts_with('/');
        let is_host =
            !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
        (is_path && is_host && number > 0).then(|| Self {
            server: format!("{scheme}://{}", host.to_ascii_lowercase()),
            project: project.to_owned(),
            number,
        })
    }
}

impl Version {
    /// Reads `15.2`, or `15.2.1`, whose last part counts for nothing here; `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = text.split('.').collect();
        let numbers = (2..=3).contains(&parts.len()) && parts.iter().all(digits);
        numbers.then(|| Some(Self { major: parts[0].parse().ok()?, minor: parts[1].parse().ok()? }))?
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
