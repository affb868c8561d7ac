//! `[chat]`: channels, and the chats that commands come from.

mod channels;
mod mattermost;
mod slack;

use super::entry::Entry;
use anyhow::{Result, bail};
use toml::{Table, Value};
use wigwag_chat_platforms::{ChannelConfig, MattermostConfig, SlackConfig};
use wigwag_engine::limits::NOTE_CHARACTERS_MAX;
use wigwag_engine::{ChatSettings, Environment};
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

/// The chats, as channels name them.
const PLATFORMS: [&str; 2] = ["slack", "mattermost"];

/// What an announcement's template fills in.
const PLACES: [&str; 6] = ["flag", "description", "state", "time", "author", "url"];

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
pub(super) fn chats(value: Option<&Value>, environments: &[Environment]) -> Result<Chats> {
    let nothing = Value::Table(Table::new());
    let entry = Entry::of(value.unwrap_or(&nothing), "chat", &KEYS)?;
    let below = |key: &str| entry.table.get(key).unwrap_or(&nothing);
    let slack = slack::slack(below("slack"))?;
    let mattermost = mattermost::mattermost(below("mattermost"))?;
    let settings = settings(&entry, environments)?;
    let tells_members = |slack: &SlackConfig| slack.team.is_some() && slack.bot_token.is_some();
    if settings.link_by_email.is_on() && !slack.as_ref().is_some_and(tells_members) {
        bail!(
            "chat: link_by_email: needs Slack with chat.slack.team and a bot's token: members are told from guests by them"
        );
    }
    check_whose(&settings.production_channel, slack.as_ref(), mattermost.as_ref())?;
    Ok(Chats { settings, slack, mattermost })
}

fn settings(entry: &Entry<'_>, environments: &[Environment]) -> Result<ChatSettings> {
    let default = ChatSettings::default();
    Ok(ChatSettings {
        production_channel: channel(entry, "production_channel")?.unwrap_or(default.production_channel),
        log_channel: channel(entry, "log_channel")?,
        support_channel: channel(entry, "support_channel")?,
        consistency_environment: consistency_environment(entry, environments)?
            .unwrap_or(default.consistency_environment),
        link_by_email: Switch::from_bool(entry.switch("link_by_email")?.unwrap_or(false)),
        announcement: announcement(entry)?.unwrap_or(default.announcement),
        change_events_project: change_events_project(entry)?,
        answer_within: default.answer_within,
    })
}

/// A channel by name with its `#`, or by the platform's id; behind `slack:` or `mattermost:` where it must be said whose.
fn channel(entry: &Entry<'_>, key: &str) -> Result<Option<String>> {
    let Some(text) = entry.filled(key)? else { return Ok(None) };
    let bare =
        PLATFORMS.into_iter().find_map(|name| text.strip_prefix(name)?.strip_prefix(':')).unwrap_or(text);
    let is_name = bare.strip_prefix('#').is_some_and(channels::is_name);
    if !is_name && !channels::is_id(bare) {
        bail!(
            "{}: {key}: {text:?} must be a name with its '#', such as \"#production\", or an id",
            entry.place
        );
    }
    Ok(Some(text.to_owned()))
}

/// Refuses a channel of which it cannot be told whose it is: whoever makes one of the same name in the other chat would
/// change production from there.
fn check_whose(
    channel: &str,
    slack: Option<&SlackConfig>,
    mattermost: Option<&MattermostConfig>,
) -> Result<()> {
    let (Some(slack), Some(mattermost)) = (slack, mattermost) else { return Ok(()) };
    let lists = |all: &[ChannelConfig]| {
        all.iter().any(|one| one.name == channel || one.id.as_deref() == Some(channel))
    };
    if channel.contains(':') || lists(&slack.channels) != lists(&mattermost.channels) {
        return Ok(());
    }
    bail!(
        "chat: production_channel: two chats are configured, and it cannot be told whose {channel} is; write \
         slack:{channel} or mattermost:{channel}"
    )
}

/// One of the environments; the default need not be there.
fn consistency_environment(entry: &Entry<'_>, environments: &[Environment]) -> Result<Option<String>> {
    let key = "consistency_environment";
    let Some(name) = entry.filled(key)? else { return Ok(None) };
    if !environments.iter().any(|one| one.name == name) {
        let names: Vec<&str> = environments.iter().map(|one| one.name.as_str()).collect();
        bail!("{}: {key}: there is no environment {name:?}; there are {}", entry.place, names.join(", "));
    }
    Ok(Some(name.to_owned()))
}

/// A template that names nothing but what is filled in.
fn announcement(entry: &Entry<'_>) -> Result<Option<String>> {
    let place = &entry.place;
    let Some(template) = entry.text("announcement")? else { return Ok(None) };
    if template.trim().is_empty() {
        bail!("{place}: announcement: is empty");
    }
    if template.chars().count() > NOTE_CHARACTERS_MAX {
        bail!("{place}: announcement: is longer than {NOTE_CHARACTERS_MAX} characters");
    }
    let named = template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    if let Some(name) = named.into_iter().find(|name| !PLACES.contains(name)) {
        let places = PLACES.map(|place| format!("{{{place}}}")).join(", ");
        bail!("{place}: announcement: there is no {{{name}}}; there are {places}");
    }
    Ok(Some(template.to_owned()))
}

/// A project of the registry; whether it exists shows when the first change is told.
fn change_events_project(entry: &Entry<'_>) -> Result<Option<String>> {
    let key = "change_events_project";
    let Some(path) = entry.filled(key)? else { return Ok(None) };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty() || part.contains(char::is_whitespace)) {
        bail!("{}: {key}: {path:?} must be a project's full path, such as acme/platform", entry.place);
    }
    Ok(Some(path.to_owned()))
}

#[cfg(test)]
mod tests;
