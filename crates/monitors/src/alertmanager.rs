//! Alertmanager: firing alerts with a label stand in the way.

use crate::ask::{encoded, get, link, tame};
use crate::config::SourceConfig;
use crate::limits::BLOCKERS_MAX;
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;
use wigwag_ports::monitors::{Blocker, SourceAnswer, WhenSilent};
use wigwag_ports::{Egress, ProductionCheck};

pub(crate) struct Alertmanager {
    pub(crate) config: SourceConfig,
    pub(crate) egress: Arc<dyn Egress>,
    pub(crate) label: String,
    pub(crate) value: String,
}

#[async_trait]
impl ProductionCheck for Alertmanager {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn when_silent(&self) -> WhenSilent {
        self.config.when_silent
    }

    async fn look(&self) -> SourceAnswer {
        let value = self.value.replace('\\', "\\\\").replace('"', "\\\"");
        let filter = format!("{}=\"{value}\"", self.label);
        let path = format!(
            "/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false&filter={}",
            encoded(&filter)
        );
        let headers = self.config.token.iter().map(|t| ("authorization", format!("Bearer {}", t.expose())));
        let told = match get(&*self.egress, &self.config, &path, headers.collect()).await {
            Ok(told) => told,
            Err(reason) => return SourceAnswer::Silent(reason),
        };
        let Some(alerts) = told.as_array() else {
            return SourceAnswer::Silent("it answers something else than a list of alerts".into());
        };
        let blockers: Vec<Blocker> = alerts.iter().take(BLOCKERS_MAX).map(blocker).collect();
        if blockers.is_empty() { SourceAnswer::Clear } else { SourceAnswer::Blocked(blockers) }
    }
}

fn blocker(alert: &Value) -> Blocker {
    let name = alert["labels"]["alertname"].as_str().map_or_else(|| "an alert".to_owned(), tame);
    let annotations = &alert["annotations"];
    let summary = annotations["summary"].as_str().or_else(|| annotations["title"].as_str());
    let what = match summary {
        Some(summary) => format!("{name}: {}", tame(summary)),
        None => name,
    };
    Blocker { what, url: alert["generatorURL"].as_str().and_then(link) }
}
