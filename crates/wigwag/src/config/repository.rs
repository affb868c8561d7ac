//! `[repository]`: the platform's repository, mirrored in the data folder.

use super::entry::Entry;
use anyhow::{Result, bail};
use std::path::Path;
use std::time::Duration;
use toml::Value;
use wigwag_chat::MergeRequestUrl;
use wigwag_repository::RepositoryConfig;

const KEYS: [&str; 8] = [
    "source",
    "project_url",
    "default_branch",
    "stable_branches",
    "refresh_s",
    "token_file",
    "token_env",
    "flags",
];

/// The longest between two looks: a day.
const REFRESH_MAX_S: u64 = 86_400;

pub(super) fn repository(value: &Value, data: &Path) -> Result<RepositoryConfig> {
    let entry = Entry::of(value, "repository", &KEYS)?;
    let source = entry.needed("source")?;
    if source.starts_with('-') || source.chars().any(char::is_control) {
        bail!("repository: source: {source:?} is neither a path nor a URL");
    }
    let default = RepositoryConfig::new(source.to_owned(), data.join("repository"));
    let stable_branches = entry.list("stable_branches")?;
    if let Some(pattern) =
        stable_branches.iter().find(|one| !one.contains("{major}") || !one.contains("{minor}"))
    {
        bail!("repository: stable_branches: {pattern:?} must hold {{major}} and {{minor}}");
    }
    let project_urls = entry.list("project_url")?;
    for url in &project_urls {
        let request = format!("{}/-/merge_requests/1", url.trim_end_matches('/'));
        if MergeRequestUrl::parse(&request).is_none() {
            bail!(
                "repository: project_url: {url:?} must be a project's address, such as \
                 https://gitlab.example/group/project"
            );
        }
    }
    let name = |key: &str| -> Result<Option<String>> {
        let text = entry.text(key)?;
        let plain =
            |text: &&str| !text.starts_with('-') && !text.contains([':', ' ']) && !text.contains("..");
        match text {
            Some(text) if !plain(&text) => bail!("repository: {key}: {text:?} is no name in a repository"),
            text => Ok(text.map(str::to_owned)),
        }
    };
    Ok(RepositoryConfig {
        project_urls,
        default_branch: name("default_branch")?,
        stable_branches: if stable_branches.is_empty() { default.stable_branches } else { stable_branches },
        refresh_every: entry.seconds("refresh_s", REFRESH_MAX_S)?.unwrap_or(Duration::from_secs(60)),
        token: entry.secret("token")?,
        flags_folder: name("flags")?,
        source: default.source,
        folder: default.folder,
    })
}
