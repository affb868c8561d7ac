//! `wigwag data-key`: another key for what is secret in the database.

use crate::cli::DataKeyVerb;
use crate::config;
use crate::data_folder;
use crate::data_key;
use crate::entropy::SystemEntropy;
use crate::exit::Usage;
use crate::verbs::say;
use anyhow::Result;
use serde_json::json;

/// Changes the key of a stopped server.
pub(crate) fn run(verb: DataKeyVerb) -> Result<()> {
    let DataKeyVerb::Rotate { options, new_key, json } = verb;
    let usage = |error: anyhow::Error| Usage(format!("{error:#}"));
    let (folder, source) = config::data_of(options).map_err(usage)?;
    let new = new_key.as_deref().map(|digits| data_key::of_digits("WIGWAG_NEW_DATA_KEY", digits));
    let new = new.transpose().map_err(usage)?;
    let count = data_key::rotate(&source, new, &data_folder::database(&folder), &SystemEntropy::new())?;
    if json {
        return say::line(&json!({ "sealed": count }).to_string());
    }
    say::line(&match count {
        0 => "the new key is in place; everything had been sealed under it before".to_owned(),
        1 => "1 secret value is sealed under the new key".to_owned(),
        count => format!("{count} secret values are sealed under the new key"),
    })?;
    say::line(
        "Copies of the database that were made before open with the key before alone: keep that one with them.",
    )
}
