//! What the operator sets.

use std::time::Duration;
use wigwag_base::Secret;
use wigwag_ports::monitors::WhenSilent;

/// One source of the production check.
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// What people call it, such as `web health`; each has a name of its own.
    pub name: String,
    /// Where its server is, with the path before its API if there is one: `https://prometheus.example.com`.
    pub url: String,
    /// Shown to the server, if it asks for one.
    pub token: Option<Secret<String>>,
    /// What becomes of a change if it does not answer; to refuse is the default.
    pub when_silent: WhenSilent,
    /// How long all that it asks may take together; [`crate::limits::DEADLINE_DEFAULT`] is the default.
    pub deadline: Duration,
    /// What is asked.
    pub kind: SourceKind,
}

/// What a source is asked.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// Prometheus, or what speaks its HTTP API: an instant query, each of whose samples is compared with a number.
    Prometheus {
        /// The query, in PromQL. It has a sample at any time: one without a series says nothing, not that all is well.
        query: String,
        /// Which samples stand in the way: `< 1`, `>= 0.05`, `== 0`.
        red_when: String,
        /// Whose health it is, for people.
        service: String,
    },
    /// Alertmanager: alerts that fire, that nobody silenced, and that no other alert inhibits.
    Alertmanager {
        /// The name of the label that makes an alert stand in the way.
        label: String,
        /// Its value.
        value: String,
    },
    /// Open issues of one project.
    Issues {
        /// Which tracker.
        tracker: Tracker,
        /// The project: on GitLab its number or its path, on GitHub `OWNER/REPOSITORY`.
        project: String,
        /// All of these labels.
        labels: Vec<String>,
    },
}

/// A tracker of issues.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracker {
    /// GitLab; the URL is that of its front page.
    Gitlab,
    /// GitHub; the URL is that of its API, `https://api.github.com` or `https://HOST/api/v3`.
    Github,
}

/// A Grafana that changes are drawn into.
#[derive(Clone, Debug)]
pub struct GrafanaConfig {
    /// Where it is.
    pub url: String,
    /// The token of a service account that may write annotations.
    pub token: Secret<String>,
}
