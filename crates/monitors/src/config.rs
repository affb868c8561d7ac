use crate::alertmanager::Alertmanager;
use crate::compare::Comparison;
use crate::limits::DEADLINE_MAX;
use crate::prometheus::Prometheus;
use crate::tracker::Issues;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_ports::monitors::WhenSilent;
use wigwag_ports::{Egress, ProductionCheck};

/// One source as the operator set it.
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// What people call it.
    pub name: String,
    /// Where its server is, without a slash at its end.
    pub url: String,
    /// Shown to the server, if it asks for one.
    pub token: Option<Secret<String>>,
    /// What becomes of a change if it does not answer.
    pub when_silent: WhenSilent,
    /// How long it has.
    pub deadline: Duration,
    /// What is asked.
    pub kind: SourceKind,
}

/// What a source is asked.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// A query whose samples are compared with a number.
    Prometheus {
        /// The query.
        query: String,
        /// When a sample stands in the way: `< 1`, `>= 0.05`, `== 0`.
        red_when: String,
        /// Whose health it is, for people.
        service: String,
    },
    /// Firing alerts with a label.
    Alertmanager {
        /// The label.
        label: String,
        /// Its value.
        value: String,
    },
    /// Open issues with labels.
    Issues {
        /// Which tracker.
        tracker: Tracker,
        /// The project: a number or path, `OWNER/REPOSITORY` on GitHub.
        project: String,
        /// All of these labels.
        labels: Vec<String>,
    },
}

/// The trackers that are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracker {
    /// GitLab.
    Gitlab,
    /// GitHub.
    Github,
}

/// Makes the sources.
///
/// # Errors
/// Which source's setting is wrong, and the rule.
pub fn build(
    configs: Vec<SourceConfig>,
    egress: &dyn Egress,
) -> Result<Vec<Arc<dyn ProductionCheck>>, String> {
    let mut sources: Vec<Arc<dyn ProductionCheck>> = Vec::new();
    for config in configs {
        let name = config.name.clone();
        let wrong = |rule: String| format!("{name:?}: {rule}");
        if config.deadline.is_zero() || config.deadline > DEADLINE_MAX {
            return Err(wrong(format!("deadline_s: must be 1 to {}", DEADLINE_MAX.as_secs())));
        }
        let only = egress.only(&config.url).map_err(|error| wrong(format!("url: {error}")))?;
        sources.push(match config.kind.clone() {
            SourceKind::Prometheus { query, red_when, service } => {
                let red_when: Comparison =
                    red_when.parse().map_err(|rule| wrong(format!("red_when: {rule}")))?;
                filled("query", &query).map_err(wrong)?;
                Arc::new(Prometheus { config, egress: only, query, red_when, service })
            }
            SourceKind::Alertmanager { label, value } => {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if label.is_empty() || !label.chars().all(plain) {
                    return Err(wrong("label: must be a label's name".into()));
                }
                Arc::new(Alertmanager { config, egress: only, label, value })
            }
            SourceKind::Issues { tracker, project, labels } => {
                filled("project", &project).map_err(wrong)?;
                if labels.is_empty() {
                    return Err(wrong("labels: there must be one at least".into()));
                }
                Arc::new(Issues { config, egress: only, tracker, project, labels })
            }
        });
    }
    Ok(sources)
}

fn filled(field: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err(format!("{field}: is missing")) } else { Ok(()) }
}
