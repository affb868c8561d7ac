//! `[[chat.slack.channels]]` and `[[chat.mattermost.channels]]`: channels with their ids or webhooks.

use crate::config::entry::Entry;
use crate::limits::CHANNELS_MAX;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use wigwag_base::Secret;
use wigwag_chat_platforms::ChannelConfig;

const KEYS: [&str; 4] = ["name", "id", "webhook_file", "webhook_env"];

/// Every channel of a chat.
pub(super) fn channels(chat: &Entry<'_>) -> Result<Vec<ChannelConfig>> {
    let tables = chat.tables("channels")?;
    if tables.len() > CHANNELS_MAX {
        bail!("{}.channels: there may be {CHANNELS_MAX}; there are {}", chat.place, tables.len());
    }
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for (index, value) in tables.iter().enumerate() {
        let place = format!("{}.channels, table {}", chat.place, index + 1);
        let one = channel(&Entry::of(value, &place, &KEYS)?)?;
        if !names.insert(one.name.clone()) {
            bail!("{place}: name: {:?} is there twice", one.name);
        }
        all.push(one);
    }
    Ok(all)
}

fn channel(entry: &Entry<'_>) -> Result<ChannelConfig> {
    let place = &entry.place;
    let name = entry.needed("name")?;
    if !name.strip_prefix('#').is_some_and(is_name) {
        bail!("{place}: name: {name:?} must begin with '#' and hold no white space");
    }
    let id = entry.filled("id")?;
    if let Some(id) = id.filter(|id| !is_id(id)) {
        bail!("{place}: id: {id:?} is no id such as C0123ABCD; the channel's details show it");
    }
    let webhook = entry.secret("webhook")?;
    if webhook.as_ref().is_some_and(|webhook| !is_address(webhook)) {
        bail!("{place}: webhook: what it holds must begin with https:// or http://");
    }
    if webhook.is_none() && id.is_none() {
        bail!("{place}: takes id, webhook_file or webhook_env; there is none");
    }
    Ok(ChannelConfig { name: name.to_owned(), id: id.map(str::to_owned), webhook })
}

/// A channel's name behind its `#`.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control())
}

/// What Slack (`C0123ABCD`) and Mattermost (26 characters) call a channel by themselves.
pub(super) fn is_id(text: &str) -> bool {
    let all = |is: fn(&u8) -> bool| text.bytes().all(|byte| is(&byte) || byte.is_ascii_digit());
    let of_slack = text.len() >= 9 && all(u8::is_ascii_uppercase);
    of_slack || text.len() == 26 && all(u8::is_ascii_lowercase)
}

fn is_address(webhook: &Secret<String>) -> bool {
    webhook.expose().starts_with("https://") || webhook.expose().starts_with("http://")
}
