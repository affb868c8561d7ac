//! A source as the port has it, and the sources of the settings.

use crate::alertmanager::Alerts;
use crate::config::{SourceConfig, SourceKind};
use crate::limits::{DEADLINE_MAX, NAME_CHARS_MAX, SOURCES_MAX};
use crate::place::Place;
use crate::prometheus::Query;
use crate::text::is_tame;
use crate::tracker;
use crate::trouble::Trouble;
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::Arc;
use wigwag_ports::monitors::{SourceAnswer, WhenSilent};
use wigwag_ports::{Egress, ProductionCheck};

/// What is asked of a server.
#[async_trait]
pub(crate) trait Ask: Send + Sync {
    /// Asks; nothing of it may outlive the call.
    async fn ask(&self, place: &Place) -> Result<SourceAnswer, Trouble>;
}

/// One source.
struct Source<A> {
    name: String,
    when_silent: WhenSilent,
    place: Place,
    asks: A,
}

#[async_trait]
impl<A: Ask> ProductionCheck for Source<A> {
    fn name(&self) -> &str {
        &self.name
    }

    fn when_silent(&self) -> WhenSilent {
        self.when_silent
    }

    async fn look(&self) -> SourceAnswer {
        let asked = tokio::time::timeout(self.place.deadline, self.asks.ask(&self.place)).await;
        let slow = Trouble::Slow(self.place.deadline);
        asked.unwrap_or(Err(slow)).unwrap_or_else(|trouble| SourceAnswer::Silent(self.place.told(&trouble)))
    }
}

/// Makes the sources, in the order of the settings. Asks nothing yet.
///
/// # Errors
/// `"NAME": FIELD: RULE` for the first setting that is wrong.
pub fn build(
    configs: Vec<SourceConfig>,
    egress: &dyn Egress,
) -> Result<Vec<Arc<dyn ProductionCheck>>, String> {
    if configs.len() > SOURCES_MAX {
        return Err(format!("there may be {SOURCES_MAX} sources; there are {}", configs.len()));
    }
    let mut names = BTreeSet::new();
    let mut sources = Vec::new();
    for config in configs {
        let name = config.name.clone();
        let wrong = |rule: String| format!("{name:?}: {rule}");
        check_name("name", &name).map_err(wrong)?;
        if !names.insert(name.clone()) {
            return Err(wrong("name: there are two of this name; give each its own".into()));
        }
        sources.push(source(config, egress).map_err(wrong)?);
    }
    Ok(sources)
}

fn source(config: SourceConfig, egress: &dyn Egress) -> Result<Arc<dyn ProductionCheck>, String> {
    if config.deadline.is_zero() || config.deadline > DEADLINE_MAX {
        return Err(format!("deadline_s: must be above 0 and at most {}", DEADLINE_MAX.as_secs()));
    }
    match &config.kind {
        SourceKind::Prometheus { query, red_when, service } => {
            let place = Place::of(&config, &crate::prometheus::PROMETHEUS, egress)?;
            let asks = Query::new(&place, query, red_when, service)?;
            Ok(finished(config, place, asks))
        }
        SourceKind::Alertmanager { label, value } => {
            let place = Place::of(&config, &crate::alertmanager::ALERTMANAGER, egress)?;
            let asks = Alerts::new(&place, label, value)?;
            Ok(finished(config, place, asks))
        }
        SourceKind::Issues { tracker, project, labels } => {
            let place = Place::of(&config, tracker::kind(*tracker), egress)?;
            let asks = tracker::Issues::new(&place, *tracker, project, labels)?;
            Ok(finished(config, place, asks))
        }
    }
}

fn finished<A: Ask + 'static>(config: SourceConfig, place: Place, asks: A) -> Arc<dyn ProductionCheck> {
    Arc::new(Source { name: config.name, when_silent: config.when_silent, place, asks })
}

/// A name that replies show as it stands.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), String> {
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(format!("{field}: must have at most {NAME_CHARS_MAX} characters"));
    }
    if !is_tame(name) {
        return Err(format!("{field}: must be one line of text without spaces around it"));
    }
    Ok(())
}
