//! `[repository]`: the platform's repository, mirrored in the data folder.

use super::entry::Entry;
use crate::limits::REPOSITORY_REFRESH_MAX_S;
use anyhow::{Result, bail};
use std::path::Path;
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

/// What the file says of the repository; the mirror lies in a folder of `data`.
pub(super) fn repository(value: &Value, data: &Path) -> Result<RepositoryConfig> {
    let entry = Entry::of(value, "repository", &KEYS)?;
    let source = source(&entry)?;
    let default = RepositoryConfig::new(source.to_owned(), data.join("repository"));
    let token = entry.secret("token")?;
    if token.is_some() && !is_safe_for_tokens(source) {
        bail!("repository: token: is of no use with this source: it is shown to an https:// server alone");
    }
    Ok(RepositoryConfig {
        project_urls: project_urls(&entry)?,
        default_branch: name(&entry, "default_branch")?,
        stable_branches: stable_branches(&entry)?.unwrap_or(default.stable_branches),
        refresh_every: entry.seconds("refresh_s", REPOSITORY_REFRESH_MAX_S)?.unwrap_or(default.refresh_every),
        token,
        flags_folder: name(&entry, "flags")?.map(|folder| folder.trim_end_matches('/').to_owned()),
        source: default.source,
        folder: default.folder,
    })
}

/// A folder of this machine, or what git takes for a URL.
fn source<'t>(entry: &Entry<'t>) -> Result<&'t str> {
    let source = entry.needed("source")?;
    if source.starts_with('-') || source.contains("::") {
        bail!("repository: source: {source:?} is neither a path nor a URL");
    }
    match source.split_once("://") {
        Some(("http" | "https", rest)) if rest.split('/').next().is_some_and(|host| host.contains('@')) => {
            bail!(
                "repository: source: a name or password does not belong into it; name a token by token_file"
            )
        }
        Some(("http" | "https" | "ssh" | "git" | "file", rest)) if !rest.is_empty() => Ok(source),
        Some(_) => {
            bail!("repository: source: a URL must begin with https://, http://, ssh://, git:// or file://")
        }
        None if is_of_another_host(source) || Path::new(source).is_dir() => Ok(source),
        None => bail!("repository: source: {source} is no folder"),
    }
}

/// `git@host:path`, the short form of ssh.
fn is_of_another_host(source: &str) -> bool {
    source.split_once(':').is_some_and(|(host, _)| !host.is_empty() && !host.contains('/'))
}

/// Whether nobody on the way reads what is shown to a source: TLS, or this machine.
fn is_safe_for_tokens(source: &str) -> bool {
    let on_this_machine = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    source.starts_with("https://")
        || on_this_machine
            .iter()
            .any(|host| source.strip_prefix(host).is_some_and(|rest| rest.starts_with([':', '/'])))
}

/// Addresses whose merge requests are those of this repository.
fn project_urls(entry: &Entry<'_>) -> Result<Vec<String>> {
    let urls = entry.list("project_url")?;
    let names_project =
        |url: &&String| MergeRequestUrl::parse(&format!("{}/-/merge_requests/1", url.trim_end_matches('/')));
    if let Some(url) = urls.iter().find(|url| names_project(url).is_none()) {
        bail!(
            "repository: project_url: {url:?} must be a project's address, such as https://gitlab.example/group/project"
        );
    }
    Ok(urls)
}

/// Patterns of branches; none is no list.
fn stable_branches(entry: &Entry<'_>) -> Result<Option<Vec<String>>> {
    let patterns = entry.list("stable_branches")?;
    let has_places = |one: &&String| one.contains("{major}") && one.contains("{minor}");
    if let Some(pattern) = patterns.iter().find(|one| !has_places(one)) {
        bail!("repository: stable_branches: {pattern:?} must hold {{major}} and {{minor}}");
    }
    Ok((!patterns.is_empty()).then_some(patterns))
}

/// What can be told from an option of git, and stays inside of the repository.
fn name(entry: &Entry<'_>, key: &str) -> Result<Option<String>> {
    let Some(text) = entry.filled(key)? else { return Ok(None) };
    let strange = |c: char| c == ':' || c.is_whitespace();
    if text.starts_with(['-', '/']) || text.contains(strange) || text.contains("..") {
        bail!("repository: {key}: {text:?} is no name in a repository");
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests;
