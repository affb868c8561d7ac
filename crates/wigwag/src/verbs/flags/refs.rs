//! `wigwag flags refs`: where a code base refers to a flag.

use super::options::RefsOptions;
use super::print::{self, Style, counted, styled, tame};
use super::search::{Found, Kind, Reference, search};
use crate::exit;
use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use std::path::PathBuf;
use wigwag_flags::FlagName;

/// Lists what refers to a flag, by kind.
pub(super) fn run(options: &RefsOptions) -> Result<()> {
    let flag = name(&options.name)?;
    let found = search(&flag, &options.paths)?;
    tell_unread(&found);
    if options.json {
        let references: Vec<Value> = found.references.iter().map(as_json).collect();
        return print::json(
            &json!({ "name": flag.as_str(), "references": references, "more": found.more, "unread": found.unread }),
        );
    }
    print::text(&listed(&flag, &found, &options.paths))
}

/// The flag that is meant.
pub(super) fn name(text: &str) -> Result<FlagName> {
    text.parse().map_err(|error| anyhow!(exit::Usage(format!("{text:?} is no flag's name: it {error}"))))
}

/// Says what could not be looked at.
pub(super) fn tell_unread(found: &Found) {
    for problem in &found.unread {
        print::aside(&format!("wigwag: not searched: {}", tame(problem)));
    }
}

/// The references under a heading for each kind.
pub(super) fn listed(flag: &FlagName, found: &Found, paths: &[PathBuf]) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let of_kind: Vec<&Reference> = found.references.iter().filter(|one| one.kind == kind).collect();
        if !of_kind.is_empty() {
            text += &format!("{}\n", styled(&format!("{} ({})", kind.as_str(), of_kind.len()), Style::Bold));
        }
        for reference in of_kind {
            let place = format!("{}:{}:", reference.file.display(), reference.line);
            text += &format!("  {} {}\n", styled(&tame(&place), Style::Dim), tame(&reference.text));
        }
    }
    let files: std::collections::BTreeSet<_> = found.references.iter().map(|one| &one.file).collect();
    let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    text += &match (found.references.len(), found.more) {
        (0, _) => format!("nothing below {} refers to {flag}", places.join(", ")),
        (n, false) => format!("{} in {}", counted(n, "reference"), counted(files.len(), "file")),
        (n, true) => format!("the first {n} references; there are more"),
    };
    text
}

/// One reference.
pub(super) fn as_json(reference: &Reference) -> Value {
    let Reference { kind, file, line, text } = reference;
    json!({ "kind": kind.as_str(), "file": file, "line": line, "text": text })
}
