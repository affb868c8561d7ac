//! `wigwag flags cleanup`: a flag that nobody needs any more goes: from the code, from the definitions, from every
//! environment.

use super::changelog::{Section, with_entry};
use super::changes::FileChange;
use super::command::run_command;
use super::definition::{Found, find};
use super::options::{CleanupOptions, EndOptions};
use super::places::{Stored, asked, checked};
use super::print::{self, counted};
use super::refs;
use super::search::{self, Kind, search};
use crate::exit;
use crate::verbs::client::Client;
use anyhow::Result;
use serde_json::{Value, json};
use wigwag_flags::{Definition, FlagName};

/// Lists what is to go; with `--yes` lets go of what can.
pub(super) fn run(options: &CleanupOptions) -> Result<()> {
    let end = &options.end;
    let flag = refs::name(&end.name)?;
    let found = find(&end.folder, &end.name)?;
    let references = search(&flag, &options.paths)?;
    refs::tell_unread(&references);
    let needed =
        references.references.iter().filter(|one| matches!(one.kind, Kind::Code | Kind::Test)).count();
    let stays = stays(&found.definition);
    let mut changes = vec![FileChange::delete(&found.path)?];
    if let Some(changelog) = &end.changelog {
        let entry = format!("The flag `{flag}`; its feature is {stays} for everyone.");
        changes.push(FileChange::edit(changelog, |text| with_entry(text, Section::Removed, &entry))?);
    }
    let stored = if options.yes || end.patch { checked(end, stays)? } else { asked(end) };
    if end.patch {
        return print::text(&changes.iter().map(FileChange::as_patch).collect::<String>());
    }
    let listing =
        Listing { end, flag: &flag, found: &found, references: &references, needed, stored: &stored };
    if !options.yes {
        return listing.tell(Done { forgotten: Vec::new(), definition: Fate::Kept }, &options.paths);
    }
    let forgotten = stored.environments();
    if !forgotten.is_empty() {
        forget(end, &forgotten)?;
    }
    let definition = if needed == 0 && !references.more {
        changes.iter().try_for_each(FileChange::make)?;
        Fate::Deleted
    } else {
        Fate::Kept
    };
    listing.tell(Done { forgotten, definition }, &options.paths)
}

/// What the feature is once the flag is gone: the branch of the default stays.
fn stays(definition: &Definition) -> &'static str {
    if definition.default_enabled { "on" } else { "off" }
}

/// Deletes what is stored, as a chat command would, with its checks.
fn forget(end: &EndOptions, environments: &[&str]) -> Result<()> {
    let words = ["delete", &end.name, &format!("--env={}", environments.join(",")), "--reason=cleanup"]
        .map(str::to_owned);
    let answer = run_command(&Client::new(&end.server)?, &words)?;
    if answer["ok"] == true {
        return Ok(());
    }
    print::aside(answer["text"].as_str().unwrap_or_default());
    Err(exit::Refused.into())
}

/// What was done.
struct Done<'s> {
    /// Environments in which nothing is stored any more.
    forgotten: Vec<&'s str>,
    definition: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Deleted,
}

/// Everything that there is to say.
struct Listing<'a> {
    end: &'a EndOptions,
    flag: &'a FlagName,
    found: &'a Found,
    references: &'a search::Found,
    /// References that the definition is still needed for.
    needed: usize,
    stored: &'a Stored,
}

impl Listing<'_> {
    fn tell(&self, done: Done<'_>, paths: &[std::path::PathBuf]) -> Result<()> {
        if self.end.server.json {
            return print::json(&self.as_json(&done));
        }
        let file = self.found.path.display();
        let mut text = refs::listed(self.flag, self.references, paths) + "\n";
        text += &match (done.definition, self.needed) {
            (Fate::Deleted, _) => format!("deleted {file}"),
            (Fate::Kept, 0) => format!("to delete: {file}"),
            (Fate::Kept, n) => {
                format!("to delete: {file}, after {} in code and tests", counted(n, "reference"))
            }
        };
        text += "\n";
        text += &match done.forgotten.as_slice() {
            [] => self.not_forgotten(),
            environments => format!("deleted what was stored in {}", environments.join(", ")),
        };
        if self.end.changelog.is_none() {
            text += &format!("\nfor the commit message:\n\n{}", Section::Removed.trailer());
        }
        print::text(&text)
    }

    /// What is still stored, and why it was not asked if it was not.
    fn not_forgotten(&self) -> String {
        match self.stored {
            Stored::Unknown(why) => format!("{}: {why}", self.stored.told()),
            Stored::Known(_) => self.stored.told(),
        }
    }

    fn as_json(&self, done: &Done<'_>) -> Value {
        let stays = stays(&self.found.definition);
        json!({
            "name": self.flag.as_str(),
            "references": self.references.references.iter().map(refs::as_json).collect::<Vec<_>>(),
            "definition": self.found.path,
            "definition_deleted": done.definition == Fate::Deleted,
            "environments": self.stored.as_json(stays),
            "stored_deleted": done.forgotten,
        })
    }
}
