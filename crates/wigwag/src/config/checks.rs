//! `[[production_checks]]` and `[grafana]`: what is asked before something is turned on, and where changes are drawn.

use super::entry::Entry;
use anyhow::{Result, anyhow, bail};
use std::time::Duration;
use toml::Value;
use wigwag_monitors::{GrafanaConfig, SourceConfig, SourceKind, Tracker};
use wigwag_ports::monitors::WhenSilent;

const KEYS: [&str; 14] = [
    "name",
    "kind",
    "url",
    "query",
    "red_when",
    "service",
    "label",
    "value",
    "project",
    "labels",
    "token_file",
    "token_env",
    "when_silent",
    "deadline_s",
];
const KINDS: [&str; 4] = ["prometheus", "alertmanager", "gitlab_issues", "github_issues"];
const GRAFANA_KEYS: [&str; 3] = ["url", "token_file", "token_env"];

/// Sources of one check; a person waits for all of them.
const SOURCES_MAX: usize = 20;

/// Seconds that one source may have: all have this long together.
const DEADLINE_MAX_S: u64 = 10;

/// Every source of the file.
pub(super) fn checks(value: &Value) -> Result<Vec<SourceConfig>> {
    let tables = value
        .as_array()
        .ok_or_else(|| anyhow!("production_checks: must be tables, each under [[production_checks]]"))?;
    if tables.len() > SOURCES_MAX {
        bail!("production_checks: there may be {SOURCES_MAX}; there are {}", tables.len());
    }
    tables.iter().enumerate().map(|(index, value)| source(index, value)).collect()
}

fn source(index: usize, value: &Value) -> Result<SourceConfig> {
    let unnamed = Entry::of(value, &format!("production_checks, table {}", index + 1), &KEYS)?;
    let name = unnamed.needed("name")?;
    let entry = Entry { table: unnamed.table, place: format!("production_checks, {name:?}") };
    let place = &entry.place;
    let kind = match entry.needed("kind")? {
        "prometheus" => SourceKind::Prometheus {
            query: entry.needed("query")?.to_owned(),
            red_when: entry.needed("red_when")?.to_owned(),
            service: entry.text("service")?.unwrap_or(name).to_owned(),
        },
        "alertmanager" => SourceKind::Alertmanager {
            label: entry.needed("label")?.to_owned(),
            value: entry.text("value")?.unwrap_or("true").to_owned(),
        },
        "gitlab_issues" => issues(&entry, Tracker::Gitlab)?,
        "github_issues" => issues(&entry, Tracker::Github)?,
        other => bail!("{place}: kind: {other:?} must be one of {}", KINDS.join(", ")),
    };
    let when_silent = match entry.text("when_silent")? {
        None | Some("refuse") => WhenSilent::Refuse,
        Some("pass") => WhenSilent::Pass,
        Some(other) => bail!("{place}: when_silent: must be \"refuse\" or \"pass\", and is {other:?}"),
    };
    Ok(SourceConfig {
        name: name.to_owned(),
        url: entry.needed("url")?.trim_end_matches('/').to_owned(),
        token: entry.secret("token")?,
        when_silent,
        deadline: entry.seconds("deadline_s", DEADLINE_MAX_S)?.unwrap_or(Duration::from_secs(5)),
        kind,
    })
}

fn issues(entry: &Entry<'_>, tracker: Tracker) -> Result<SourceKind> {
    let project = entry.needed("project")?.to_owned();
    Ok(SourceKind::Issues { tracker, project, labels: entry.list("labels")? })
}

/// Grafana, if it is configured.
pub(super) fn grafana(value: &Value) -> Result<GrafanaConfig> {
    let entry = Entry::of(value, "grafana", &GRAFANA_KEYS)?;
    let url = entry.needed("url")?.trim_end_matches('/').to_owned();
    match entry.secret_or("token", "WIGWAG_GRAFANA_TOKEN")? {
        Some(token) => Ok(GrafanaConfig { url, token }),
        None => bail!("grafana: the token is missing: set WIGWAG_GRAFANA_TOKEN, or token_file"),
    }
}
