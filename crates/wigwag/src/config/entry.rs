//! One table of `wigwag.toml`, and how errors name it.

use crate::limits::TOKEN_FILE_BYTES_MAX;
use anyhow::{Result, anyhow, bail};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use toml::{Table, Value};
use wigwag_base::Secret;

/// One table.
pub(super) struct Entry<'t> {
    /// What it holds.
    pub(super) table: &'t Table,
    /// What errors call it.
    pub(super) place: String,
}

impl<'t> Entry<'t> {
    /// A value that must be a table with no other keys than these.
    pub(super) fn of(value: &'t Value, place: &str, keys: &[&str]) -> Result<Self> {
        let table = value.as_table().ok_or_else(|| anyhow!("{place}: must be a table"))?;
        let entry = Self { table, place: place.to_owned() };
        entry.check_keys(keys)?;
        Ok(entry)
    }

    /// Refuses keys that are not known, and secrets that stand in the file itself.
    pub(super) fn check_keys(&self, keys: &[&str]) -> Result<()> {
        let place = &self.place;
        let Some(key) = self.table.keys().find(|key| !keys.contains(&key.as_str())) else { return Ok(()) };
        if let Some(known) = keys.iter().find(|known| known.strip_suffix("_file") == Some(key.as_str())) {
            let variable = known.replace("_file", "_env");
            bail!(
                "{place}: {key}: a {} does not belong into this file; name a file ({known}) or a variable ({variable})",
                key.replace('_', " ")
            );
        }
        bail!("{place}: there is no {key:?}; there are {}", keys.join(", "));
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'t str>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value)),
            Some(other) => Err(anyhow!("{}: {key}: must be a text, and is {}", self.place, other.type_str())),
        }
    }

    /// A text that must be there and say something.
    pub(super) fn needed(&self, key: &str) -> Result<&'t str> {
        self.filled(key)?.ok_or_else(|| anyhow!("{}: {key}: is missing", self.place))
    }

    /// The same of several lines.
    pub(super) fn needed_text(&self, key: &str) -> Result<&'t str> {
        let text = self.text(key)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| anyhow!("{}: {key}: is missing", self.place))
    }

    /// A text that says something if it is there: one line.
    pub(super) fn filled(&self, key: &str) -> Result<Option<&'t str>> {
        let place = &self.place;
        match self.text(key)? {
            Some(text) if text.trim().is_empty() => bail!("{place}: {key}: is empty"),
            Some(text) if text.chars().any(char::is_control) => {
                bail!("{place}: {key}: must be one line of text")
            }
            text => Ok(text),
        }
    }

    /// Where a server is, without a slash at its end.
    pub(super) fn url(&self, key: &str, example: &str) -> Result<Option<String>> {
        let place = &self.place;
        let Some(url) = self.text(key)? else { return Ok(None) };
        let base = url.trim_end_matches('/');
        let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
        match rest {
            Some(rest) if rest.contains('@') => {
                bail!(
                    "{place}: {key}: a name or password does not belong into it; the token is shown by itself"
                )
            }
            Some(rest) if is_host_and_path(rest) => Ok(Some(base.to_owned())),
            _ => bail!(
                "{place}: {key}: {url:?} must be http:// or https://, a host, and a path if there is one, such as {example}"
            ),
        }
    }

    /// A URL that must be there.
    pub(super) fn needed_url(&self, key: &str, example: &str) -> Result<String> {
        self.url(key, example)?.ok_or_else(|| anyhow!("{}: {key}: is missing", self.place))
    }

    pub(super) fn switch(&self, key: &str) -> Result<Option<bool>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Boolean(on)) => Ok(Some(*on)),
            Some(_) => bail!("{}: {key}: must be true or false", self.place),
        }
    }

    pub(super) fn seconds(&self, key: &str, max: u64) -> Result<Option<std::time::Duration>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let seconds = value.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
        match seconds {
            Some(seconds) if (1..=max).contains(&seconds) => {
                Ok(Some(std::time::Duration::from_secs(seconds)))
            }
            _ => bail!("{}: {key}: must be a whole number from 1 to {max}", self.place),
        }
    }

    /// A list of texts, or one.
    pub(super) fn list(&self, key: &str) -> Result<Vec<String>> {
        let wrong = || anyhow!("{}: {key}: must be a text or a list of texts", self.place);
        match self.table.get(key) {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            Some(Value::Array(several)) => {
                several.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Tables under `[[...]]`.
    pub(super) fn tables(&self, key: &str) -> Result<&'t [Value]> {
        match self.table.get(key) {
            None => Ok(&[]),
            Some(Value::Array(tables)) => Ok(tables),
            Some(_) => bail!("{}: {key}: must be tables, each under [[...]]", self.place),
        }
    }

    /// A secret, from the file that `NAME_file` names or the variable that `NAME_env` does; it is never repeated.
    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret<String>>> {
        let place = &self.place;
        let (file_key, variable_key) = (format!("{name}_file"), format!("{name}_env"));
        let (key, text) = match (self.text(&file_key)?, self.text(&variable_key)?) {
            (Some(_), Some(_)) => {
                bail!("{place}: {file_key} and {variable_key}: only one of them can be given")
            }
            (None, None) => return Ok(None),
            (Some(file), None) => {
                let text =
                    read(Path::new(file)).map_err(|why| anyhow!("{place}: {file_key}: {file}: {why}"))?;
                (file_key, text)
            }
            (None, Some(variable)) => {
                let text = std::env::var(variable)
                    .map_err(|_| anyhow!("{place}: {variable_key}: the variable {variable} is not set"))?;
                (variable_key, text)
            }
        };
        check_secret(name, &text).map_err(|rule| anyhow!("{place}: {key}: {rule}")).map(Some)
    }

    /// The same, else from a variable that has a name of its own.
    pub(super) fn secret_or(&self, name: &str, variable: &str) -> Result<Option<Secret<String>>> {
        match self.secret(name)? {
            Some(secret) => Ok(Some(secret)),
            None => from_variable(name, variable),
        }
    }
}

/// A secret from a variable that has a name of its own; an empty one is none.
fn from_variable(name: &str, variable: &str) -> Result<Option<Secret<String>>> {
    let Some(text) = std::env::var_os(variable).filter(|text| !text.is_empty()) else { return Ok(None) };
    let text = text.to_str().unwrap_or("\u{fffd}");
    check_secret(name, text).map_err(|rule| anyhow!("{variable}: {rule}")).map(Some)
}

/// What a header carries; white space around it is taken away.
fn check_secret(name: &str, text: &str) -> Result<Secret<String>, String> {
    let what = name.replace('_', " ");
    let secret = text.trim();
    if secret.is_empty() {
        return Err(format!("holds no {what}"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("holds more than a {what}: white space or characters that no header carries"));
    }
    Ok(Secret::new(secret.to_owned()))
}

fn is_host_and_path(rest: &str) -> bool {
    let strange = |c: char| matches!(c, '?' | '#') || c.is_whitespace() || c.is_control();
    !rest.is_empty() && !rest.starts_with('/') && !rest.contains(strange)
}

fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(TOKEN_FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > TOKEN_FILE_BYTES_MAX {
        return Err(format!(
            "is longer than {TOKEN_FILE_BYTES_MAX} bytes; it must hold a secret and nothing else"
        ));
    }
    Ok(text)
}
