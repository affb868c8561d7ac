//! Wiring what a node may reach besides hooks: chats, monitors, charts, the repository.

use crate::config::OutsideConfig;
use crate::config::mail::MailConfig;
use anyhow::{Result, anyhow};
use std::sync::Arc;
use wigwag_chat_platforms::{Mattermost, MattermostConfig, Slack, SlackConfig};
use wigwag_egress::Smtp;
use wigwag_engine::{NoticeSettings, Outside};
use wigwag_monitors::Grafana;
use wigwag_ports::egress::EgressError;
use wigwag_ports::{Annotations, ChatPlatform, Clock, Egress, Mailer, Repository};
use wigwag_repository::{GitRepository, RepositoryConfig};

/// Makes everything that is configured, but the repository; nothing is asked yet, and nothing is written. Links in chats
/// lead to `external_url`.
///
/// # Errors
/// Which setting is wrong.
pub(crate) fn wire(
    config: OutsideConfig,
    external_url: &str,
    egress: &Arc<dyn Egress>,
    egress_config: &wigwag_egress::Config,
    notices: &NoticeSettings,
) -> Result<Outside> {
    check_notices(notices, &**egress)?;
    let mailer = config.mail.map(|mail| mailer(mail, external_url, egress_config)).transpose()?;
    let external_url = external_url.to_owned();
    let mut platforms: Vec<Arc<dyn ChatPlatform>> = Vec::new();
    if let Some(slack) = config.slack {
        let slack = SlackConfig { external_url: external_url.clone(), ..slack };
        let slack = Slack::new(slack, egress.clone()).map_err(|why| anyhow!("chat.slack: {why}"))?;
        platforms.push(Arc::new(slack));
    }
    if let Some(mattermost) = config.mattermost {
        let mattermost = MattermostConfig { external_url, ..mattermost };
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
    Ok(Outside { platforms, production_checks, annotations, repository: None, mailer })
}

/// The chat's address may be reached; it is a secret, and is not repeated.
fn check_notices(notices: &NoticeSettings, egress: &dyn Egress) -> Result<()> {
    let Some(url) = &notices.chat_url else { return Ok(()) };
    match egress.only(url.expose()) {
        Err(EgressError::Forbidden { .. }) => {
            Err(anyhow!("notices: chat_url: leads to an address that nothing opens"))
        }
        Err(_) => Err(anyhow!("notices: chat_url: must be http:// or https:// with a host")),
        Ok(_) => Ok(()),
    }
}

/// The mail server; it is introduced to by the host of `external_url`.
fn mailer(
    config: MailConfig,
    external_url: &str,
    egress_config: &wigwag_egress::Config,
) -> Result<Arc<dyn Mailer>> {
    let MailConfig { mut smtp, ca } = config;
    let rest = external_url.split_once("://").map_or(external_url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    smtp.hello = host.trim_matches(['[', ']']).to_owned();
    let mut egress_config = egress_config.clone();
    egress_config.extra_roots.extend(ca);
    Ok(Arc::new(Smtp::new(smtp, &egress_config).map_err(|why| anyhow!("mail: {why}"))?))
}

/// Takes the folder of the mirror, and begins to fill it in the background. Called in a runtime.
///
/// # Errors
/// Why the folder cannot be used.
pub(crate) fn repository(config: RepositoryConfig, clock: Arc<dyn Clock>) -> Result<Arc<dyn Repository>> {
    Ok(GitRepository::open(config, clock).map_err(|why| anyhow!("repository: {why}"))?)
}
