//! Dead files: Rust files inside a crate that no target reaches, so that nothing compiles or tests them.

use super::finding::Finding;
use super::{Subject, Verdict};
use crate::sources::files;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rust files of the workspace that no `mod` names.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let reached: BTreeSet<&Path> = subject.sources.iter().map(|source| source.path.as_path()).collect();
    let all = files(subject.house, &["rs"])?;
    Ok(unreached(&all, &reached).into())
}

fn unreached(all: &[PathBuf], reached: &BTreeSet<&Path>) -> Vec<Finding> {
    let dead = all.iter().filter(|path| path.starts_with("crates") && !reached.contains(path.as_path()));
    dead.map(|path| Finding::at(path, 1, "no target reaches this file", "Name it with `mod`, or delete it."))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nothing_names_is_found() {
        let all = ["crates/a/src/lib.rs", "crates/a/src/left_over.rs"].map(PathBuf::from);
        let reached = BTreeSet::from([Path::new("crates/a/src/lib.rs")]);
        let found = unreached(&all, &reached);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("left_over.rs:1"));
    }
}
