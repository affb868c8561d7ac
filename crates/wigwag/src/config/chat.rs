//! `[chat]`: channels, and the chats that commands come from.

use super::entry::{Entry, from_variable};
use anyhow::{Result, bail};
use toml::{Table, Value};
use wigwag_base::Secret;
use wigwag_chat_platforms::{ChannelConfig, MattermostConfig, SLACK_API_URL, SlackConfig};
use wigwag_engine::ChatSettings;
use wigwag_hooks::Switch;

const KEYS: [&str; 9] = [
    "production_channel",
    "log_channel",
    "support_channel",
    "consistency_environment",
    "link_by_email",
    "announcement",
    "change_events_project",
    "slack",
    "mattermost",
];
const SLACK_KEYS: [&str; 9] = [
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
const MATTERMOST_KEYS: [&str; 6] =
    ["url", "token_file", "token_env", "bot_token_file", "bot_token_env", "channels"];
const CHANNEL_KEYS: [&str; 4] = ["name", "id", "webhook_file", "webhook_env"];

/// The variable that Slack's signing secret is in.
const SIGNING_SECRET: &str = "WIGWAG_SLACK_SIGNING_SECRET";

/// What the file and the environment say of chats.
#[derive(Default)]
pub(crate) struct Chats {
    /// What the engine goes by.
    pub(crate) settings: ChatSettings,
    /// Slack, if it is configured.
    pub(crate) slack: Option<SlackConfig>,
    /// Mattermost, likewise.
    pub(crate) mattermost: Option<MattermostConfig>,
}

/// Reads everything; a chat is on when its secret is there, even without a file.
pub(super) fn chats(value: Option<&Value>, external_url: &str) -> Result<Chats> {
    let nothing = Value::Table(Table::new());
    let entry = Entry::of(value.unwrap_or(&nothing), "chat", &KEYS)?;
    let slack = Entry::of(entry.table.get("slack").unwrap_or(&nothing), "chat.slack", &SLACK_KEYS)?;
    let mattermost =
        Entry::of(entry.table.get("mattermost").unwrap_or(&nothing), "chat.mattermost", &MATTERMOST_KEYS)?;
    Ok(Chats {
        settings: settings(&entry)?,
        slack: slack_of(&slack, external_url)?,
        mattermost: mattermost_of(&mattermost, external_url)?,
    })
}

fn settings(entry: &Entry<'_>) -> Result<ChatSettings> {
    let default = ChatSettings::default();
    let text = |key: &str| entry.text(key).map(|text| text.map(str::to_owned));
    Ok(ChatSettings {
        production_channel: text("production_channel")?.unwrap_or(default.production_channel),
        log_channel: text("log_channel")?,
        support_channel: text("support_channel")?,
        consistency_environment: text("consistency_environment")?.unwrap_or(default.consistency_environment),
        link_by_email: Switch::from_bool(entry.switch("link_by_email")?.unwrap_or(false)),
        announcement: text("announcement")?.unwrap_or(default.announcement),
        change_events_project: text("change_events_project")?,
        answer_within: default.answer_within,
    })
}

fn slack_of(entry: &Entry<'_>, external_url: &str) -> Result<Option<SlackConfig>> {
    let first = entry.secret_or("signing_secret", SIGNING_SECRET)?;
    let secrets: Vec<Secret<String>> =
        first.into_iter().chain(entry.secret("previous_signing_secret")?).collect();
    if secrets.is_empty() {
        if !entry.table.is_empty() {
            bail!(
                "chat.slack: the signing secret is missing: set {SIGNING_SECRET}, or signing_secret_file; Slack shows it \
                 under Basic Information"
            );
        }
        return Ok(None);
    }
    Ok(Some(SlackConfig {
        signing_secrets: secrets,
        bot_token: entry.secret_or("bot_token", "WIGWAG_SLACK_BOT_TOKEN")?,
        team: entry.text("team")?.map(str::to_owned),
        api_url: entry.text("api_url")?.unwrap_or(SLACK_API_URL).to_owned(),
        channels: channels(entry)?,
        external_url: external_url.to_owned(),
    }))
}

fn mattermost_of(entry: &Entry<'_>, external_url: &str) -> Result<Option<MattermostConfig>> {
    let token = match entry.secret("token")? {
        Some(token) => Some(token),
        None => from_variable("WIGWAG_MATTERMOST_TOKEN"),
    };
    let Some(token) = token else {
        if !entry.table.is_empty() {
            bail!(
                "chat.mattermost: the token is missing: set WIGWAG_MATTERMOST_TOKEN, or token_file; Mattermost shows it when \
                 the slash command is made"
            );
        }
        return Ok(None);
    };
    Ok(Some(MattermostConfig {
        url: entry.text("url")?.map(str::to_owned),
        tokens: vec![token],
        bot_token: entry.secret_or("bot_token", "WIGWAG_MATTERMOST_BOT_TOKEN")?,
        channels: channels(entry)?,
        external_url: external_url.to_owned(),
    }))
}

fn channels(entry: &Entry<'_>) -> Result<Vec<ChannelConfig>> {
    let mut all: Vec<ChannelConfig> = Vec::new();
    for (index, value) in entry.tables("channels")?.iter().enumerate() {
        let place = format!("{}.channels, table {}", entry.place, index + 1);
        let one = Entry::of(value, &place, &CHANNEL_KEYS)?;
        let name = one.needed("name")?;
        if !name.starts_with('#') {
            bail!("{place}: name: {name:?} must begin with '#'");
        }
        if all.iter().any(|known| known.name == name) {
            bail!("{place}: name: {name:?} is there twice");
        }
        all.push(ChannelConfig {
            name: name.to_owned(),
            id: one.text("id")?.map(str::to_owned),
            webhook: one.secret("webhook")?,
        });
    }
    Ok(all)
}
