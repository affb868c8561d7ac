//! A folder of definitions and what is read of it.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wigwag_definitions::Folder;
use wigwag_ports::definitions::Definitions;

/// A folder of its own.
pub(crate) struct Tree {
    folder: TempDir,
}

#[allow(dead_code, reason = "each test needs its part")]
impl Tree {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        // Without links on the way, as macOS has them in the place of temporary folders.
        self.folder.path().canonicalize().unwrap().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    pub(crate) fn link(&self, path: &str, to: impl AsRef<Path>) {
        std::os::unix::fs::symlink(to, self.path(path)).unwrap();
    }

    /// Writes beta flags; `a>b,c` means that a depends on b and c.
    pub(crate) fn arrows(&self, arrows: &[&str]) {
        for arrow in arrows {
            let (name, needs) = arrow.split_once('>').unwrap();
            let list = format!("depends_on: [{needs}]\n");
            self.write(&format!("beta/{name}.yml"), definition(name, "beta") + &list);
        }
    }

    /// What somebody reads who never read it before.
    pub(crate) fn read(&self) -> Definitions {
        Folder::new(self.path("")).look().changed.unwrap()
    }
}

/// A good definition of seven lines.
pub(crate) fn definition(name: &str, kind: &str) -> String {
    format!(
        "---\nname: {name}\nintroduced_by_url: https://a.example/-/merge_requests/1\ntype: {kind}\n\
         milestone: '15.10'\ngroup: group::a\ndefault_enabled: false\n"
    )
}

/// The findings, one a line: `file:line field: rule`.
pub(crate) fn told(read: &Definitions) -> Vec<String> {
    let line = |line: Option<usize>| line.map_or_else(String::new, |line| format!(":{line}"));
    let field = |field: &Option<String>| field.as_ref().map_or_else(String::new, |field| format!(" {field}"));
    read.findings
        .iter()
        .map(|f| format!("{}{}{}: {}", f.file, line(f.line), field(&f.field), f.rule))
        .collect()
}

/// The names of what is good.
#[allow(dead_code, reason = "each test needs its part")]
pub(crate) fn names(read: &Definitions) -> Vec<String> {
    read.good.iter().map(|definition| definition.name.to_string()).collect()
}
