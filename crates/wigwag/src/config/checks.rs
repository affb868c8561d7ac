//! `[[production_checks]]`: what is asked before something is turned on in production.

use super::entry::Entry;
use crate::limits::PRODUCTION_CHECKS_MAX;
use anyhow::{Result, anyhow, bail};
use std::collections::BTreeSet;
use toml::Value;
use wigwag_monitors::limits::{DEADLINE_DEFAULT, DEADLINE_MAX};
use wigwag_monitors::{SourceConfig, SourceKind, Tracker};
use wigwag_ports::monitors::WhenSilent;

/// Keys that every kind has.
const COMMON_KEYS: [&str; 7] =
    ["name", "kind", "url", "token_file", "token_env", "when_silent", "deadline_s"];

/// Kinds, and the keys that each has of its own.
const KINDS: [(&str, &[&str]); 4] = [
    ("prometheus", &["query", "red_when", "service"]),
    ("alertmanager", &["label", "value"]),
    ("gitlab_issues", &["project", "labels"]),
    ("github_issues", &["project", "labels"]),
];

/// Every source of the file.
pub(super) fn checks(value: &Value) -> Result<Vec<SourceConfig>> {
    let tables = value
        .as_array()
        .ok_or_else(|| anyhow!("production_checks: must be tables, each under [[production_checks]]"))?;
    if tables.len() > PRODUCTION_CHECKS_MAX {
        bail!("production_checks: there may be {PRODUCTION_CHECKS_MAX}; there are {}", tables.len());
    }
    let all: Vec<SourceConfig> =
        tables.iter().enumerate().map(|(index, value)| source(index, value)).collect::<Result<_>>()?;
    let mut names = BTreeSet::new();
    if let Some(twice) = all.iter().find(|one| !names.insert(&one.name)) {
        bail!("production_checks: {:?} is there twice", twice.name);
    }
    Ok(all)
}

fn source(index: usize, value: &Value) -> Result<SourceConfig> {
    let place = format!("production_checks, table {}", index + 1);
    let table = value.as_table().ok_or_else(|| anyhow!("{place}: must be a table"))?;
    let unnamed = Entry { table, place };
    let name = unnamed.needed("name")?;
    let entry = Entry { table, place: format!("production_checks, {name:?}") };
    let kind = kind(&entry)?;
    let place = &entry.place;
    let when_silent = match entry.text("when_silent")? {
        None | Some("refuse") => WhenSilent::Refuse,
        Some("pass") => WhenSilent::Pass,
        Some(other) => bail!("{place}: when_silent: must be \"refuse\" or \"pass\", and is {other:?}"),
    };
    let example = match &kind {
        SourceKind::Prometheus { .. } => "https://prometheus.example",
        SourceKind::Alertmanager { .. } => "https://alertmanager.example",
        SourceKind::Issues { tracker: Tracker::Gitlab, .. } => "https://gitlab.example",
        SourceKind::Issues { tracker: Tracker::Github, .. } => "https://api.github.com",
    };
    Ok(SourceConfig {
        name: name.to_owned(),
        url: entry.needed_url("url", example)?,
        token: entry.secret("token")?,
        when_silent,
        deadline: entry.seconds("deadline_s", DEADLINE_MAX.as_secs())?.unwrap_or(DEADLINE_DEFAULT),
        kind,
    })
}

/// What is asked; keys of another kind are refused like those that do not exist.
fn kind(entry: &Entry<'_>) -> Result<SourceKind> {
    let place = &entry.place;
    let kind = entry.needed("kind")?;
    let Some((_, own)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        let names = KINDS.map(|(name, _)| name).join(", ");
        bail!("{place}: kind: {kind:?} must be one of {names}");
    };
    let of_another = |key: &&String| KINDS.iter().any(|(_, keys)| keys.contains(&key.as_str()));
    if let Some(key) = entry.table.keys().filter(of_another).find(|key| !own.contains(&key.as_str())) {
        bail!("{place}: {key}: is of no use with kind {kind:?}, which has {}", own.join(", "));
    }
    entry.check_keys(&[&COMMON_KEYS, *own].concat())?;
    Ok(match kind {
        "prometheus" => SourceKind::Prometheus {
            query: entry.needed_text("query")?.to_owned(),
            red_when: entry.needed("red_when")?.to_owned(),
            service: entry.filled("service")?.or(entry.text("name")?).unwrap_or_default().to_owned(),
        },
        "alertmanager" => SourceKind::Alertmanager {
            label: entry.needed("label")?.to_owned(),
            value: entry.filled("value")?.unwrap_or("true").to_owned(),
        },
        "gitlab_issues" => issues(entry, Tracker::Gitlab)?,
        _ => issues(entry, Tracker::Github)?,
    })
}

fn issues(entry: &Entry<'_>, tracker: Tracker) -> Result<SourceKind> {
    let project = entry.needed("project")?.to_owned();
    let labels = entry.list("labels")?;
    if labels.is_empty() {
        bail!("{}: labels: is missing: every open issue would stand in the way", entry.place);
    }
    Ok(SourceKind::Issues { tracker, project, labels })
}

#[cfg(test)]
mod tests;
