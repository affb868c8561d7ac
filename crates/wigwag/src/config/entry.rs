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
    pub(super) table: &'t Table,
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
        for key in self.table.keys().filter(|key| !keys.contains(&key.as_str())) {
            if let Some(known) = keys.iter().find(|known| known.strip_suffix("_file") == Some(key.as_str())) {
                let variable = known.replace("_file", "_env");
                bail!(
                    "{place}: {key}: a {} does not belong into this file; name a file ({known}) or a variable \
                     ({variable})",
                    key.replace('_', " ")
                );
            }
            bail!("{place}: there is no {key:?}; there are {}", keys.join(", "));
        }
        Ok(())
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'t str>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value)),
            Some(other) => Err(anyhow!("{}: {key}: must be a text, and is {}", self.place, other.type_str())),
        }
    }

    pub(super) fn needed(&self, key: &str) -> Result<&'t str> {
        let text = self.text(key)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| anyhow!("{}: {key}: is missing", self.place))
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
        let what = name.replace('_', " ");
        let secret = text.trim();
        if secret.is_empty() {
            bail!("{place}: {key}: holds no {what}");
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("{place}: {key}: holds more than a {what}: white space or characters that no header carries");
        }
        Ok(Some(Secret::new(secret.to_owned())))
    }

    /// The same, else from a variable that has a name of its own.
    pub(super) fn secret_or(&self, name: &str, variable: &str) -> Result<Option<Secret<String>>> {
        match self.secret(name)? {
            Some(secret) => Ok(Some(secret)),
            None => Ok(from_variable(variable)),
        }
    }
}

/// A secret from a variable that has a name of its own; an empty one is none.
pub(super) fn from_variable(variable: &str) -> Option<Secret<String>> {
    let text = std::env::var(variable).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| Secret::new(text.to_owned()))
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
