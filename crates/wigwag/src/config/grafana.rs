//! `[grafana]`: where changes are drawn into charts.

use super::entry::Entry;
use anyhow::{Result, bail};
use toml::Value;
use wigwag_monitors::GrafanaConfig;

const KEYS: [&str; 3] = ["url", "token_file", "token_env"];

/// The token's variable where the file names none.
const TOKEN: &str = "WIGWAG_GRAFANA_TOKEN";

/// What the file says of Grafana.
pub(super) fn grafana(value: &Value) -> Result<GrafanaConfig> {
    let entry = Entry::of(value, "grafana", &KEYS)?;
    let url = entry.needed_url("url", "https://grafana.example")?;
    match entry.secret_or("token", TOKEN)? {
        Some(token) => Ok(GrafanaConfig { url, token }),
        None => bail!("grafana: the token is missing: set {TOKEN}, or token_file = \"FILE\""),
    }
}

#[cfg(test)]
mod tests;
