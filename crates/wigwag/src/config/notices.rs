//! `[notices]`: where failing hooks are told of, besides mail and events.

use super::entry::Entry;
use anyhow::Result;
use toml::Value;
use wigwag_engine::NoticeSettings;

const KEYS: [&str; 2] = ["chat_url_file", "chat_url_env"];

/// The address's variable where the file names none.
const CHAT_URL: &str = "WIGWAG_NOTICES_CHAT_URL";

/// What the file and the variables say of notices.
pub(super) fn notices(value: Option<&Value>) -> Result<NoticeSettings> {
    let empty = Value::Table(toml::Table::new());
    let entry = Entry::of(value.unwrap_or(&empty), "notices", &KEYS)?;
    Ok(NoticeSettings { chat_url: entry.secret_or("chat_url", CHAT_URL)? })
}

#[cfg(test)]
mod tests;
