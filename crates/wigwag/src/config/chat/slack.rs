//! `[chat.slack]`.

use super::channels::channels;
use crate::config::entry::Entry;
use anyhow::{Result, bail};
use toml::Value;
use wigwag_chat_platforms::{SLACK_API_URL, SlackConfig};

const KEYS: [&str; 9] = [
    "signing_secret_file",
    "signing_secret_env",
    "previous_signing_secret_file",
    "previous_signing_secret_env",
    "bot_token_file",
    "bot_token_env",
    "team",
    "api_url",
    "channels",
];

/// The signing secret's variable where the file names none.
const SIGNING_SECRET: &str = "WIGWAG_SLACK_SIGNING_SECRET";

/// That of the bot's token.
const BOT_TOKEN: &str = "WIGWAG_SLACK_BOT_TOKEN";

/// Slack, if there is a signing secret.
pub(super) fn slack(value: &Value) -> Result<Option<SlackConfig>> {
    let entry = Entry::of(value, "chat.slack", &KEYS)?;
    let place = &entry.place;
    let Some(secret) = entry.secret_or("signing_secret", SIGNING_SECRET)? else {
        if entry.table.is_empty() {
            return Ok(None);
        }
        bail!(
            "{place}: the signing secret is missing: set {SIGNING_SECRET}, or signing_secret_file = \"FILE\"; Slack shows \
             it under Basic Information"
        );
    };
    let previous = entry.secret("previous_signing_secret")?;
    let bot_token = entry.secret_or("bot_token", BOT_TOKEN)?;
    let team = entry.filled("team")?;
    let is_team =
        |team: &&str| team.len() >= 3 && team.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if let Some(team) = team.filter(|team| !is_team(team)) {
        bail!("{place}: team: {team:?} is no id of a workspace, such as T0123ABCD");
    }
    let api_url = entry.url("api_url", SLACK_API_URL)?.unwrap_or_else(|| SLACK_API_URL.to_owned());
    Ok(Some(SlackConfig {
        signing_secrets: std::iter::once(secret).chain(previous).collect(),
        bot_token,
        team: team.map(str::to_owned),
        api_url,
        channels: channels(&entry)?,
        // Known once the server listens.
        external_url: String::new(),
    }))
}
