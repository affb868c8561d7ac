//! Trackers: open issues with labels (incidents, changes under way) stand in the way.

use crate::ask::{encoded, get, link, tame};
use crate::config::{SourceConfig, Tracker};
use crate::limits::ISSUES_MAX;
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;
use wigwag_ports::monitors::{Blocker, SourceAnswer, WhenSilent};
use wigwag_ports::{Egress, ProductionCheck};

pub(crate) struct Issues {
    pub(crate) config: SourceConfig,
    pub(crate) egress: Arc<dyn Egress>,
    pub(crate) tracker: Tracker,
    pub(crate) project: String,
    pub(crate) labels: Vec<String>,
}

#[async_trait]
impl ProductionCheck for Issues {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn when_silent(&self) -> WhenSilent {
        self.config.when_silent
    }

    async fn look(&self) -> SourceAnswer {
        let told = match get(&*self.egress, &self.config, &self.path(), self.headers()).await {
            Ok(told) => told,
            Err(reason) => return SourceAnswer::Silent(reason),
        };
        let Some(issues) = told.as_array() else {
            return SourceAnswer::Silent("it answers something else than a list of issues".into());
        };
        // On GitHub pull requests are in the same list.
        let open = issues.iter().filter(|issue| issue.get("pull_request").is_none_or(Value::is_null));
        let blockers: Vec<Blocker> = open.take(ISSUES_MAX).map(blocker).collect();
        if blockers.is_empty() { SourceAnswer::Clear } else { SourceAnswer::Blocked(blockers) }
    }
}

impl Issues {
    fn path(&self) -> String {
        let labels = encoded(&self.labels.join(","));
        match self.tracker {
            Tracker::Gitlab => format!(
                "/api/v4/projects/{}/issues?labels={labels}&state=opened&per_page={ISSUES_MAX}",
                encoded(&self.project)
            ),
            Tracker::Github => {
                let project: Vec<String> = self.project.split('/').map(encoded).collect();
                let project = project.join("/");
                format!("/repos/{project}/issues?labels={labels}&state=open&per_page={ISSUES_MAX}")
            }
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let token = self.config.token.as_ref().map(|token| token.expose().clone());
        match self.tracker {
            Tracker::Gitlab => token.into_iter().map(|token| ("private-token", token)).collect(),
            Tracker::Github => {
                let version = ("x-github-api-version", "2022-11-28".to_owned());
                let token = token.map(|token| ("authorization", format!("Bearer {token}")));
                token.into_iter().chain([version]).collect()
            }
        }
    }
}

fn blocker(issue: &Value) -> Blocker {
    let number = issue["iid"].as_i64().or_else(|| issue["number"].as_i64());
    let title = issue["title"].as_str().map(tame).unwrap_or_default();
    let what = match number {
        Some(number) => format!("#{number} {title}"),
        None => title,
    };
    let url = issue["web_url"].as_str().or_else(|| issue["html_url"].as_str());
    Blocker { what: what.trim().to_owned(), url: url.and_then(link) }
}
