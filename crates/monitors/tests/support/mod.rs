//! What the tests of every source share: a client as the product has it, settings, and answers in words.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

pub mod programs;
pub mod server;

use std::sync::Arc;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_egress::{Client, Config};
use wigwag_monitors::{SourceConfig, SourceKind, Tracker, build, limits};
use wigwag_ports::ProductionCheck;
use wigwag_ports::monitors::{SourceAnswer, WhenSilent};

/// The product's own client, which opens nothing private by itself.
pub fn egress() -> Client {
    Client::new(&Config::default()).unwrap()
}

/// A source with everything that may be left out left out.
pub fn source(url: &str, kind: SourceKind) -> SourceConfig {
    SourceConfig {
        name: "the source".into(),
        url: url.to_owned(),
        token: None,
        when_silent: WhenSilent::Refuse,
        deadline: limits::DEADLINE_DEFAULT,
        kind,
    }
}

pub fn prometheus(url: &str, query: &str, red_when: &str) -> SourceConfig {
    let kind =
        SourceKind::Prometheus { query: query.into(), red_when: red_when.into(), service: "web".into() };
    source(url, kind)
}

pub fn alertmanager(url: &str, label: &str, value: &str) -> SourceConfig {
    source(url, SourceKind::Alertmanager { label: label.into(), value: value.into() })
}

pub fn issues(url: &str, tracker: Tracker, project: &str, labels: &[&str]) -> SourceConfig {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let config = source(url, SourceKind::Issues { tracker, project: project.into(), labels });
    SourceConfig { token: Some(Secret::new("t0ken".into())), ..config }
}

/// The one source of these settings.
pub fn built(config: SourceConfig) -> Arc<dyn ProductionCheck> {
    build(vec![config], &egress()).unwrap().pop().unwrap()
}

/// What a source says: `clear`, `silent: ...`, or a line for each thing in the way.
pub async fn look(config: SourceConfig) -> String {
    shown(built(config).look().await)
}

pub fn shown(answer: SourceAnswer) -> String {
    match answer {
        SourceAnswer::Clear => "clear".into(),
        SourceAnswer::Silent(why) => format!("silent: {why}"),
        SourceAnswer::Blocked(all) => {
            let line = |one: wigwag_ports::monitors::Blocker| match one.url {
                Some(url) => format!("{} <{url}>", one.what),
                None => one.what,
            };
            all.into_iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Returns once `done` says so, looking again at short intervals for half a minute.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !done().await {
            ticks.tick().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), looking).await;
    assert!(in_time.is_ok(), "{what}: not within 30 s");
}
