//! Wiring what a node may reach besides hooks: chats, monitors, charts, the repository.

use crate::config::OutsideConfig;
use anyhow::{Result, anyhow};
use std::sync::Arc;
use wigwag_chat_platforms::{Mattermost, Slack};
use wigwag_engine::Outside;
use wigwag_monitors::Grafana;
use wigwag_ports::{Annotations, ChatPlatform, Clock, Egress, Repository};
use wigwag_repository::GitRepository;

/// Makes everything that is configured; nothing is asked yet.
///
/// # Errors
/// Which setting is wrong.
pub(crate) fn wire(
    config: OutsideConfig,
    egress: &Arc<dyn Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Outside> {
    let mut platforms: Vec<Arc<dyn ChatPlatform>> = Vec::new();
    if let Some(slack) = config.slack {
        let slack = Slack::new(slack, egress.clone()).map_err(|why| anyhow!("chat.slack: {why}"))?;
        platforms.push(Arc::new(slack));
    }
    if let Some(mattermost) = config.mattermost {
        let mattermost =
            Mattermost::new(mattermost, egress.clone()).map_err(|why| anyhow!("chat.mattermost: {why}"))?;
        platforms.push(Arc::new(mattermost));
    }
    let production_checks = wigwag_monitors::build(config.production_checks, &**egress)
        .map_err(|why| anyhow!("production_checks, {why}"))?;
    let annotations = match config.grafana {
        None => None,
        Some(grafana) => {
            let grafana = Grafana::new(grafana, &**egress).map_err(|why| anyhow!("grafana: {why}"))?;
            Some(Arc::new(grafana) as Arc<dyn Annotations>)
        }
    };
    let repository = match config.repository {
        None => None,
        Some(repository) => {
            let opened = GitRepository::open(repository, clock.clone());
            Some(opened.map_err(|why| anyhow!("repository: {why}"))? as Arc<dyn Repository>)
        }
    };
    Ok(Outside { platforms, production_checks, annotations, repository })
}
