//! `wigwag flags release`: what was rolled out becomes the default.

use super::changelog::{Section, with_entry};
use super::changes::{FileChange, make_all};
use super::definition::{Found, find};
use super::options::{EndOptions, ReleaseOptions};
use super::places::{Stored, asked, checked};
use super::print;
use anyhow::{Result, bail};
use serde_json::json;
use std::path::Path;
use wigwag_definitions::turn_on_by_default;
use wigwag_flags::Definition;

/// What stays in the code.
const STAYS: &str = "on";

/// Changes definition and changelog, or shows how.
pub(super) fn run(options: &ReleaseOptions) -> Result<()> {
    let end = &options.end;
    let Found { definition, path } = find(&end.folder, &end.name)?;
    if definition.default_enabled {
        return released(options, &definition, &path);
    }
    if !definition.kind.may_default_to_on() {
        bail!(
            "{} is of type {}, which may not be on by default: remove the flag with its other branch (`wigwag flags \
             cleanup`), or make it beta or ops first",
            end.name,
            definition.kind.as_str()
        );
    }
    let mut changes = vec![FileChange::edit(&path, |text| Ok(turn_on_by_default(text)?))?];
    if let Some(changelog) = &end.changelog {
        changes.push(in_changelog(changelog, &definition)?);
    }
    let stored = checked(end, asked(end), STAYS)?;
    if end.patch {
        return print::text(&changes.iter().map(FileChange::as_patch).collect::<String>());
    }
    let shown = path.display();
    if options.dry_run {
        let text = format!("{shown}: would be default_enabled: true\n{}", rest(end, &definition, &stored));
        return tell(end, &path, Some(&stored), &text, Outcome::WouldBe);
    }
    make_all(&changes)?;
    let text = format!("{shown}: default_enabled: true\n{}", rest(end, &definition, &stored));
    tell(end, &path, Some(&stored), &text, Outcome::Done)
}

/// The definition says it already; the changelog may not.
fn released(options: &ReleaseOptions, definition: &Definition, path: &Path) -> Result<()> {
    let end = &options.end;
    let missing = match &end.changelog {
        Some(changelog) => Some((changelog, in_changelog(changelog, definition)?)),
        None => None,
    };
    let Some((changelog, change)) = missing.filter(|(_, change)| change.changes_something()) else {
        let text = format!("{} is on by default already: nothing to do", end.name);
        return tell(end, path, None, &text, Outcome::Nothing);
    };
    if end.patch {
        return print::text(&change.as_patch());
    }
    let (would, outcome) = match options.dry_run {
        true => ("would be written: ", Outcome::WouldBe),
        false => ("", Outcome::Done),
    };
    if !options.dry_run {
        make_all(&[change])?;
    }
    let (name, file) = (&end.name, changelog.display());
    let text = format!(
        "{name} is on by default already; the changelog lacked it\n{file}: {would}{}",
        entry(definition)
    );
    tell(end, path, None, &text, outcome)
}

/// The changelog with the entry, unless it is there already, be it below an earlier release.
fn in_changelog(changelog: &Path, definition: &Definition) -> Result<FileChange> {
    let entry = entry(definition);
    FileChange::edit(changelog, |text| {
        let there = text.lines().any(|line| line.strip_prefix("- ") == Some(entry.as_str()));
        if there { Ok(text.to_owned()) } else { with_entry(text, Section::Added, &entry) }
    })
}

/// What became of it.
#[derive(Clone, Copy)]
enum Outcome {
    Done,
    WouldBe,
    Nothing,
}

/// The changelog's line.
fn entry(definition: &Definition) -> String {
    let name = &definition.name;
    match definition.description.lines().next().map(|line| line.trim().trim_end_matches('.')) {
        Some(sentence) if !sentence.is_empty() => format!("{sentence} (flag `{name}`, on by default)."),
        _ => format!("The feature behind the flag `{name}` is on by default."),
    }
}

fn rest(end: &EndOptions, definition: &Definition, stored: &Stored) -> String {
    let changelog = match &end.changelog {
        Some(file) => format!("{}: {}", file.display(), entry(definition)),
        None => format!("for the commit message:\n\n{}", Section::Added.trailer()),
    };
    let next = "what is stored goes with `wigwag flags cleanup`, once the code is deployed";
    format!("{}; {next}\n{changelog}", stored.told())
}

fn tell(end: &EndOptions, path: &Path, stored: Option<&Stored>, text: &str, outcome: Outcome) -> Result<()> {
    if !end.server.json {
        return print::text(text);
    }
    let places = stored.map(|stored| stored.as_json(STAYS));
    let unread = stored.map(Stored::unread_as_json);
    let outcome = match outcome {
        Outcome::Done => "released",
        Outcome::WouldBe => "would_be_released",
        Outcome::Nothing => "released_before",
    };
    print::json(
        &json!({ "name": end.name, "outcome": outcome, "definition": path, "environments": places, "unread": unread }),
    )
}
