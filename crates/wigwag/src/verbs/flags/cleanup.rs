//! `wigwag flags cleanup`: a flag that nobody needs any more goes: from the code, from the definitions, from every
//! environment.

use super::changelog::{Section, with_entry};
use super::changes::{FileChange, make_all};
use super::command::run_command;
use super::definition::{Found, find};
use super::options::{Branch, CleanupOptions, EndOptions};
use super::places::{Stored, asked, checked, other};
use super::print::{self, counted, tame_lines};
use super::refs;
use super::search::{self, Kind, search};
use crate::exit;
use crate::limits::COMMAND_WITHIN;
use crate::verbs::client::Client;
use anyhow::{Result, bail};
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
    let stays = stays(options, &found.definition);
    let mut changes = vec![FileChange::delete(&found.path)?];
    if let Some(changelog) = &end.changelog {
        let entry = format!("The flag `{flag}`; its feature is {stays} for everyone.");
        changes.push(FileChange::edit(changelog, |text| with_entry(text, Section::Removed, &entry))?);
    }
    let stored = stored(options, &found.definition, stays)?;
    if end.patch {
        return print::text(&changes.iter().map(FileChange::as_patch).collect::<String>());
    }
    let listing =
        Listing { end, flag: &flag, found: &found, references: &references, needed, stored: &stored, stays };
    let nothing = Done { forgotten: Vec::new(), definition: Fate::Kept };
    if !options.yes {
        return listing.tell(nothing, &options.paths);
    }
    if !references.unread.is_empty() {
        listing.tell(nothing, &options.paths)?;
        bail!(
            "{} could not be searched, so everything stays; leave out with --in what holds no code",
            counted(references.unread.len(), "place")
        );
    }
    let unneeded = needed == 0 && !references.more;
    // As long as code asks for the flag, what is stored alone keeps it at what is to stay, if the default is the other.
    let forgotten =
        if unneeded || stays == by_default(&found.definition) { stored.environments() } else { Vec::new() };
    if !forgotten.is_empty() {
        forget(end, &forgotten)?;
    }
    let definition = if unneeded { Fate::Deleted } else { Fate::Kept };
    if unneeded {
        make_all(&changes)?;
    }
    listing.tell(Done { forgotten, definition }, &options.paths)
}

/// What the feature is once the flag is gone.
fn stays(options: &CleanupOptions, definition: &Definition) -> &'static str {
    match options.keep {
        Some(Branch::On) => "on",
        Some(Branch::Off) => "off",
        None => by_default(definition),
    }
}

fn by_default(definition: &Definition) -> &'static str {
    if definition.default_enabled { "on" } else { "off" }
}

/// What is stored where; before something is changed it must be known, and agree with what stays.
fn stored(options: &CleanupOptions, definition: &Definition, stays: &str) -> Result<Stored> {
    let end = &options.end;
    if !options.yes && !end.patch {
        return Ok(asked(end));
    }
    let default = by_default(definition);
    let stored = asked(end);
    match &stored {
        Stored::Known(seen) if options.keep.is_none() && stored.differs(default) => bail!(
            "{} is {default} by default, but something else is stored here:\n{}Say with --keep on or --keep off which \
             branch stays in the code",
            end.name,
            other(seen, default)
        ),
        _ => checked(end, stored, stays),
    }
}

/// Deletes what is stored, as a chat command would, with its checks.
fn forget(end: &EndOptions, environments: &[&str]) -> Result<()> {
    let words = ["delete", &end.name, &format!("--env={}", environments.join(",")), "--reason=cleanup"]
        .map(str::to_owned);
    let answer = run_command(&Client::waiting(&end.server, COMMAND_WITHIN)?, &words)?;
    if answer["ok"] == true {
        return Ok(());
    }
    print::aside(&tame_lines(answer["text"].as_str().unwrap_or_default()));
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
    /// `on` or `off`.
    stays: &'static str,
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
        json!({
            "name": self.flag.as_str(),
            "references": self.references.references.iter().map(refs::as_json).collect::<Vec<_>>(),
            "definition": self.found.path,
            "definition_deleted": done.definition == Fate::Deleted,
            "keeps": self.stays,
            "environments": self.stored.as_json(self.stays),
            "unread": self.stored.unread_as_json(),
            "not_searched": self.references.unread,
            "stored_deleted": done.forgotten,
        })
    }
}
