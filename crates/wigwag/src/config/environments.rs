//! `[[environments]]`: the platform's environments in deployment order, and who keeps their flags.

use super::entry::Entry;
use crate::limits::ENVIRONMENTS_MAX;
use anyhow::{Context, Result, anyhow, bail};
use toml::Value;
use wigwag_base::Secret;
use wigwag_chat::check_environment;
use wigwag_engine::{Environment, EnvironmentKind, LargeSteps, Remote, Source};

const KEYS: [&str; 7] = ["name", "production", "flags_of", "url", "token_file", "token_env", "large_steps"];

/// Every environment of the file.
pub(super) fn environments(value: &Value) -> Result<Vec<Environment>> {
    let tables = value.as_array().context(
        "environments: must be tables, each under [[environments]], with a name and production = true or false",
    )?;
    if tables.is_empty() || tables.len() > ENVIRONMENTS_MAX {
        bail!("environments: there must be 1 to {ENVIRONMENTS_MAX}; there are {}", tables.len());
    }
    let mut all: Vec<Environment> = Vec::new();
    for (index, value) in tables.iter().enumerate() {
        let place = format!("environments, table {}", index + 1);
        let table = value.as_table().with_context(|| format!("{place}: must be a table"))?;
        let one = environment(&Entry { table, place })?;
        if all.iter().any(|other| other.name == one.name) {
            bail!("environments: {:?} is there twice", one.name);
        }
        all.push(one);
    }
    for one in &all {
        let Some(of) = &one.flags_of else { continue };
        let keeps = |other: &&Environment| other.name == *of && other.flags_of.is_none();
        if !all.iter().any(|other| keeps(&other)) {
            let names: Vec<&str> = all
                .iter()
                .filter(|other| other.flags_of.is_none())
                .map(|other| other.name.as_str())
                .collect();
            bail!(
                "environments, {:?}: flags_of: {of:?} is none that keeps flags; those are {}",
                one.name,
                names.join(", ")
            );
        }
    }
    Ok(all)
}

fn environment(unnamed: &Entry<'_>) -> Result<Environment> {
    let name = unnamed.text("name")?.with_context(|| format!("{}: name: is missing", unnamed.place))?;
    check_environment(name).map_err(|rule| anyhow!("{}: name: {name:?} {rule}", unnamed.place))?;
    let entry = Entry { table: unnamed.table, place: format!("environments, {name:?}") };
    let place = &entry.place;
    entry.check_keys(&KEYS)?;
    let kind = match entry.table.get("production") {
        None | Some(Value::Boolean(false)) => EnvironmentKind::NonProduction,
        Some(Value::Boolean(true)) => EnvironmentKind::Production,
        Some(_) => bail!("{place}: production: must be true or false"),
    };
    let flags_of = entry.text("flags_of")?.map(str::to_owned);
    let source = match (base_url(&entry)?, &flags_of) {
        (Some(_), Some(_)) => {
            bail!("{place}: url: cannot be given beside flags_of: its flags are those of another")
        }
        (Some(url), None) => Source::Remote(Remote { url, token: token(&entry)? }),
        (None, _) => {
            if let Some(key) = ["token_file", "token_env"].iter().find(|key| entry.table.contains_key(**key))
            {
                bail!("{place}: {key}: is of no use without url");
            }
            Source::Local
        }
    };
    let large_steps = match entry.text("large_steps")? {
        None | Some("warn") => LargeSteps::Warn,
        Some("refuse") => LargeSteps::Refuse,
        Some(other) => bail!("{place}: large_steps: must be \"warn\" or \"refuse\", and is {other:?}"),
    };
    Ok(Environment { name: name.to_owned(), flags_of, kind, source, large_steps })
}

/// What stands before `/api/v4`.
fn base_url(entry: &Entry<'_>) -> Result<Option<String>> {
    let place = &entry.place;
    if let Some(url) = entry.text("url")?.filter(|url| format!("{url}/").contains("/api/v4/")) {
        bail!("{place}: url: {url:?} names the API itself; write what stands before /api/v4");
    }
    entry.url("url", "https://gitlab.example")
}

/// The token, from a file or a variable.
fn token(entry: &Entry<'_>) -> Result<Secret<String>> {
    let place = &entry.place;
    entry.secret("token")?.with_context(|| {
        format!("{place}: url: needs a token: token_file = \"FILE\" or token_env = \"VARIABLE\"")
    })
}

#[cfg(test)]
mod tests;
