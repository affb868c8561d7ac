use crate::source::Source;
use std::path::PathBuf;
use std::time::Duration;
use wigwag_base::Secret;

/// What the operator set.
#[derive(Clone, Debug)]
pub struct RepositoryConfig {
    /// A path, or a URL that git understands (https, http, ssh, git, file, `user@host:path`).
    pub source: String,
    /// The folder for the mirror, ours alone.
    pub folder: PathBuf,
    /// Addresses of the project: `https://gitlab.com/gitlab-org/gitlab`, the source's own first. Merge requests of
    /// other projects are not known, and refs of merge requests are asked for the first alone.
    pub project_urls: Vec<String>,
    /// The branch that everything is merged into; else the source's own.
    pub default_branch: Option<String>,
    /// What stable branches are called, with `{major}` and `{minor}`, the likeliest first.
    pub stable_branches: Vec<String>,
    /// Between two fetches.
    pub refresh_every: Duration,
    /// A token for https, shown as a password.
    pub token: Option<Secret<String>>,
    /// The folder of flag definitions in the repository, if they are read from it; `.` if they lie in folders called
    /// `feature_flags` anywhere in it.
    pub flags_folder: Option<String>,
}

/// Why a repository cannot be opened as it is set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting makes no sense.
    #[error("{setting}: {problem}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// The mirror's folder cannot be used.
    #[error("{}: {problem}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the machine said.
        problem: String,
    },
    /// Another process, or another mirror of this one, has the folder.
    #[error("{} is in use by another process; stop that one, or set another folder", .0.display())]
    InUse(PathBuf),
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

    /// Judges every setting that git will get to see.
    pub(crate) fn check(&self) -> Result<Source, OpenError> {
        let source = Source::parse(&self.source).map_err(wrong("source"))?;
        if let Some(token) = &self.token {
            let token = token.expose();
            let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
            let problem = "a token is one word of plain characters";
            plain.then_some(()).ok_or_else(|| wrong("token")(problem.to_owned()))?;
            source.check_token().map_err(wrong("token"))?;
        }
        if let Some(branch) = &self.default_branch {
            check_branch(branch).map_err(wrong("default_branch"))?;
        }
        for pattern in &self.stable_branches {
            check_pattern(pattern).map_err(wrong("stable_branches"))?;
        }
        if let Some(folder) = &self.flags_folder {
            check_folder(folder).map_err(wrong("flags_folder"))?;
        }
        Ok(source)
    }
}

fn wrong(setting: &'static str) -> impl Fn(String) -> OpenError {
    move |problem| OpenError::Setting { setting, problem }
}

/// What git takes as a branch (git-check-ref-format), and a little less.
fn check_branch(name: &str) -> Result<(), String> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"~^:?*[\\".contains(c);
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let crooked = name.starts_with('-') || name.ends_with('.') || name.contains("..") || name.contains("@{");
    match !crooked && name.chars().all(plain) && name.split('/').all(part) {
        true => Ok(()),
        false => Err(format!("{name:?} is no name of a branch")),
    }
}

fn check_pattern(pattern: &str) -> Result<(), String> {
    if !pattern.contains("{major}") || !pattern.contains("{minor}") {
        return Err(format!("{pattern:?} must hold {{major}} and {{minor}}"));
    }
    check_branch(&stable_branch(pattern, 1, 0))
}

/// A stable branch's name by its pattern.
pub(crate) fn stable_branch(pattern: &str, major: u32, minor: u32) -> String {
    pattern.replace("{major}", &major.to_string()).replace("{minor}", &minor.to_string())
}

fn check_folder(folder: &str) -> Result<(), String> {
    let part = |part: &str| !part.is_empty() && part != ".." && part != ".";
    let trimmed = folder.trim_end_matches('/');
    let inside = trimmed.split('/').all(part) && !trimmed.contains([':', '\\']);
    match trimmed == "." || (inside && !trimmed.starts_with('-') && !trimmed.chars().any(char::is_control)) {
        true => Ok(()),
        false => Err(format!("{folder:?} is no folder inside a repository, such as config/feature_flags")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(change: impl FnOnce(&mut RepositoryConfig)) -> String {
        let mut config =
            RepositoryConfig::new("https://git.example/group/project.git".into(), PathBuf::from("mirror"));
        change(&mut config);
        config.check().map_or_else(|error| error.to_string(), |_| "good".into())
    }

    #[test]
    fn settings_that_git_must_not_see_are_refused() {
        let check = |change: fn(&mut RepositoryConfig), begin: &str| {
            let said = said(change);
            assert!(said.starts_with(begin), "{said}");
        };
        check(|_| {}, "good");
        check(|config| config.source = "--upload-pack=x".into(), "source: ");
        check(|config| config.default_branch = Some("main".into()), "good");
        check(|config| config.default_branch = Some("-x".into()), "default_branch: ");
        check(|config| config.default_branch = Some("a..b".into()), "default_branch: ");
        check(|config| config.default_branch = Some("a b".into()), "default_branch: ");
        check(|config| config.default_branch = Some("refs/../x".into()), "default_branch: ");
        check(|config| config.stable_branches = vec!["{major}-stable".into()], "stable_branches: ");
        check(|config| config.stable_branches = vec!["-{major}.{minor}".into()], "stable_branches: ");
        check(|config| config.flags_folder = Some("config/feature_flags/".into()), "good");
        check(|config| config.flags_folder = Some(".".into()), "good");
        check(|config| config.flags_folder = Some("../x".into()), "flags_folder: ");
        check(|config| config.flags_folder = Some("/etc".into()), "flags_folder: ");
        check(|config| config.flags_folder = Some("a:b".into()), "flags_folder: ");
        check(|config| config.flags_folder = Some("-x".into()), "flags_folder: ");
        check(|config| config.token = Some(Secret::new("abc".into())), "good");
        check(|config| config.token = Some(Secret::new("a\r\nX-Other: b".into())), "token: ");
        check(|config| config.token = Some(Secret::new(String::new())), "token: ");
    }

    #[test]
    fn a_token_goes_over_https_alone() {
        let check = |source: &str, begin: &str| {
            let said = said(|config| {
                config.source = source.into();
                config.token = Some(Secret::new("abc".into()));
            });
            assert!(said.starts_with(begin), "{source}: {said}");
            assert!(!said.contains("abc"), "{said}");
        };
        check("https://git.example/a/b", "good");
        check("http://127.0.0.1:8080/a/b", "good");
        check("http://git.example/a/b", "token: ");
        check("ssh://git@git.example/a/b", "token: ");
        check("/srv/git/b.git", "token: ");
    }
}
