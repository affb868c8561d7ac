//! `[chat.mattermost]`.

use super::channels::channels;
use crate::config::entry::Entry;
use anyhow::{Result, bail};
use toml::Value;
use wigwag_chat_platforms::MattermostConfig;

const KEYS: [&str; 6] = ["url", "token_file", "token_env", "bot_token_file", "bot_token_env", "channels"];

/// The token's variable where the file names none.
const TOKEN: &str = "WIGWAG_MATTERMOST_TOKEN";

/// That of the bot's token.
const BOT_TOKEN: &str = "WIGWAG_MATTERMOST_BOT_TOKEN";

/// Mattermost, if there is a slash command's token.
pub(super) fn mattermost(value: &Value) -> Result<Option<MattermostConfig>> {
    let entry = Entry::of(value, "chat.mattermost", &KEYS)?;
    let place = &entry.place;
    let Some(token) = entry.secret_or("token", TOKEN)? else {
        if entry.table.is_empty() {
            return Ok(None);
        }
        bail!(
            "{place}: the token is missing: set {TOKEN}, or token_file = \"FILE\"; Mattermost shows it when the slash \
             command is made"
        );
    };
    let url = entry.url("url", "https://mattermost.example")?;
    let bot_token = entry.secret_or("bot_token", BOT_TOKEN)?;
    if bot_token.is_some() && url.is_none() {
        bail!("{place}: bot_token: is of no use without url: it is shown to that server");
    }
    Ok(Some(MattermostConfig {
        url,
        tokens: vec![token],
        bot_token,
        channels: channels(&entry)?,
        // Known once the server listens.
        external_url: String::new(),
    }))
}
