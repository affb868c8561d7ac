//! Definitions as files that verbs read and change.

use super::print::{Style, styled};
use anyhow::{Result, anyhow, bail};
use std::path::{Path, PathBuf};
use wigwag_definitions::Folder;
use wigwag_flags::{Definition, shipped};
use wigwag_ports::definitions::{Definitions, Finding};

/// A folder, read once.
pub(super) struct Read {
    pub(super) definitions: Definitions,
    /// Files that are to hold a definition.
    pub(super) files: usize,
    folder: Folder,
}

/// Reads a folder of definitions; what is wrong with it is among the findings.
pub(super) fn read(path: &Path) -> Read {
    let mut folder = Folder::new(path);
    let looked = folder.look();
    Read { definitions: looked.changed.unwrap_or_default(), files: looked.files, folder }
}

/// One definition with its file.
pub(super) struct Found {
    pub(super) definition: Definition,
    pub(super) path: PathBuf,
}

/// The good definition of a flag.
///
/// # Errors
/// If there is none: what is wrong with its file, or which name is near.
pub(super) fn find(path: &Path, name: &str) -> Result<Found> {
    let Read { definitions, folder, .. } = read(path);
    let good = definitions.good.iter().find(|definition| definition.name.as_str() == name);
    if let (Some(definition), Some(file)) = (good, folder.file_of(name)) {
        return Ok(Found { definition: definition.clone(), path: path.join(file) });
    }
    let of_flag = |finding: &&Finding| {
        finding.file.is_empty() || Path::new(&finding.file).file_stem().is_some_and(|stem| stem == name)
    };
    let wrong: Vec<String> =
        definitions.findings.iter().filter(of_flag).map(|finding| where_and_what(path, finding)).collect();
    if shipped::definitions().iter().any(|definition| definition.name.as_str() == name) {
        bail!("{name} is one of Wigwag's own flags; its definition comes with Wigwag");
    }
    if !wrong.is_empty() {
        bail!("the definition of {name} is not good:\n{}", wrong.join("\n"));
    }
    let near = wigwag_chat::nearest(name, definitions.good.iter().map(|definition| definition.name.as_str()));
    let meant = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(anyhow!("no file below {} defines {name:?}{meant}", path.display()))
}

/// A finding as compilers print theirs.
pub(super) fn where_and_what(folder: &Path, finding: &Finding) -> String {
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    let place = match finding.file.as_str() {
        "" => String::new(),
        file => styled(&format!("{}{line}: ", folder.join(file).display()), Style::Bold),
    };
    let field = finding.field.as_ref().map_or_else(String::new, |field| styled(field, Style::Yellow) + " ");
    format!("{place}{field}{}", finding.rule)
}
