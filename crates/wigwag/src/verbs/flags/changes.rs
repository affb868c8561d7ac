//! Files that a verb is about to change: as a patch to look at, or on disk.

use crate::limits::CHANGED_FILE_BYTES_MAX;
use anyhow::{Context, Result, bail};
use similar::TextDiff;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// One file with what it is to hold.
pub(super) struct FileChange {
    path: PathBuf,
    before: String,
    /// `None` deletes it.
    after: Option<String>,
}

impl FileChange {
    /// A file whose text is to become what `edit` makes of it.
    ///
    /// # Errors
    /// If it cannot be read, or `edit` fails.
    pub(super) fn edit(path: &Path, edit: impl FnOnce(&str) -> Result<String>) -> Result<Self> {
        let before = read(path)?;
        let after = edit(&before).with_context(|| format!("cannot change {}", path.display()))?;
        Ok(Self { path: path.to_owned(), before, after: Some(after) })
    }

    /// A file that is to go.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn delete(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), before: read(path)?, after: None })
    }

    /// The change as `git apply` and `patch -p1` take it, paths as they were given.
    pub(super) fn as_patch(&self) -> String {
        let name = patch_name(&self.path);
        let after = self.after.as_deref().unwrap_or_default();
        if self.after.as_deref() == Some(&self.before) {
            return String::new();
        }
        let (gone, new_name) = match self.after {
            Some(_) => ("", format!("b/{name}")),
            None => ("deleted file mode 100644\n", "/dev/null".into()),
        };
        let diff = TextDiff::from_lines(self.before.as_str(), after);
        let hunks = diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &new_name).to_string();
        format!("diff --git a/{name} b/{name}\n{gone}{hunks}")
    }

    /// Changes the file, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written; it is as it was then.
    pub(super) fn make(&self) -> Result<()> {
        // Behind a link is the file that is meant.
        let real =
            self.path.canonicalize().with_context(|| format!("cannot find {}", self.path.display()))?;
        let told = || format!("cannot write {}", self.path.display());
        if read(&real)? != self.before {
            bail!("{} has changed meanwhile; run this again", self.path.display());
        }
        let Some(after) = &self.after else { return fs::remove_file(&self.path).with_context(told) };
        let mut name = real.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = real.with_file_name(name);
        let written = write_beside(&beside, after, &real).and_then(|()| fs::rename(&beside, &real));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.with_context(told)
    }
}

/// Writes a new file with the rights of an old one.
fn write_beside(beside: &Path, text: &str, old: &Path) -> std::io::Result<()> {
    let mut file = fs::File::create(beside)?;
    file.set_permissions(fs::metadata(old)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read(path: &Path) -> Result<String> {
    let told = || format!("cannot read {}", path.display());
    if fs::metadata(path).with_context(told)?.len() > CHANGED_FILE_BYTES_MAX {
        bail!("{} is longer than {CHANGED_FILE_BYTES_MAX} bytes", path.display());
    }
    fs::read_to_string(path).with_context(told)
}

/// A path as patches name it: below the folder that the patch is made in, if it lies there.
fn patch_name(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let parts = below.components().filter(|part| !matches!(part, Component::CurDir | Component::RootDir));
    parts.collect::<PathBuf>().display().to_string()
}

#[cfg(test)]
mod tests {
    use super::FileChange;
    use crate::limits::CHANGED_FILE_BYTES_MAX;
    use std::path::PathBuf;

    fn change(after: Option<&str>) -> FileChange {
        let before = "one\ntwo\nthree\nfour\nfive\nsix".to_owned();
        FileChange { path: PathBuf::from("./a/b.yml"), before, after: after.map(str::to_owned) }
    }

    #[test]
    fn a_patch_shows_the_lines_around_a_change() {
        let is = "diff --git a/a/b.yml b/a/b.yml\n--- a/a/b.yml\n+++ b/a/b.yml\n@@ -1,5 +1,5 @@\n one\n-two\n+2\n three\n four\n five\n";
        assert_eq!(change(Some("one\n2\nthree\nfour\nfive\nsix")).as_patch(), is);
        assert_eq!(change(Some("one\ntwo\nthree\nfour\nfive\nsix")).as_patch(), "");
    }

    #[test]
    fn a_patch_deletes_a_whole_file() {
        let is = "diff --git a/a/b.yml b/a/b.yml\ndeleted file mode 100644\n--- a/a/b.yml\n+++ /dev/null\n@@ -1,6 +0,0 @@\n-one\n-two\n-three\n-four\n-five\n-six\n\\ No newline at end of file\n";
        assert_eq!(change(None).as_patch(), is);
    }

    #[test]
    fn long_files_are_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let of_length = |bytes: u64| {
            std::fs::File::create(&path).unwrap().set_len(bytes).unwrap();
            FileChange::delete(&path).map_err(|error| error.to_string())
        };
        assert!(of_length(CHANGED_FILE_BYTES_MAX).is_ok());
        assert!(
            of_length(CHANGED_FILE_BYTES_MAX + 1)
                .is_err_and(|told| told.ends_with("is longer than 16777216 bytes"))
        );
    }

    #[test]
    fn a_file_is_changed_only_from_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "a").unwrap();
        let change = FileChange::edit(&path, |text| Ok(text.to_owned() + "b")).unwrap();
        change.make().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ab");
        assert!(change.make().unwrap_err().to_string().contains("has changed meanwhile"));
        FileChange::delete(&path).unwrap().make().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
