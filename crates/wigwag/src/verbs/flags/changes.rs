//! Files that a verb is about to change: as a patch to look at, or on disk.

use crate::limits::{CHANGED_FILE_BYTES_MAX, DRAFT_NAMES_MAX};
use anyhow::{Context, Result, bail};
use similar::TextDiff;
use std::fs;
use std::io::{ErrorKind, Write};
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
        if !self.changes_something() {
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

    /// Whether the file is to hold something else than it does.
    pub(super) fn changes_something(&self) -> bool {
        self.after.as_deref() != Some(&self.before)
    }

    /// Writes what the file is to hold beside it; `None` if it is to go.
    fn draft(&self) -> Result<Ready<'_>> {
        // Behind a link is the file that is meant.
        let real =
            self.path.canonicalize().with_context(|| format!("cannot find {}", self.path.display()))?;
        if read(&real)? != self.before {
            bail!("{} has changed meanwhile; run this again", self.path.display());
        }
        let write = |text| Draft::write(text, &real).with_context(|| self.told());
        let draft = self.after.as_deref().map(write).transpose()?;
        Ok(Ready { change: self, real, draft })
    }

    fn told(&self) -> String {
        format!("cannot write {}", self.path.display())
    }
}

/// Changes all files or none: every draft is written before the first file is touched.
///
/// # Errors
/// If one cannot be written; all are as they were then, or the error names those that are not.
pub(super) fn make_all(changes: &[FileChange]) -> Result<()> {
    let mut ready = changes.iter().map(FileChange::draft).collect::<Result<Vec<_>>>()?;
    // What is deleted is hardest to bring back, so it goes last.
    ready.sort_by_key(|one| one.draft.is_none());
    let mut made: Vec<(&FileChange, PathBuf)> = Vec::new();
    for one in ready {
        let (change, real) = (one.change, one.real.clone());
        if let Err(error) = one.make() {
            let lost: Vec<String> = made
                .iter()
                .filter(|(change, real)| {
                    Draft::write(&change.before, real).and_then(|draft| draft.become_file(real)).is_err()
                })
                .map(|(_, real)| real.display().to_string())
                .collect();
            let error = anyhow::Error::from(error).context(change.told());
            return Err(match lost.as_slice() {
                [] => error,
                lost => error.context(format!("{} could not be put back", lost.join(", "))),
            });
        }
        made.push((change, real));
    }
    Ok(())
}

/// A change whose draft is written.
struct Ready<'c> {
    change: &'c FileChange,
    real: PathBuf,
    draft: Option<Draft>,
}

impl Ready<'_> {
    fn make(self) -> std::io::Result<()> {
        match self.draft {
            Some(draft) => draft.become_file(&self.real),
            None => fs::remove_file(&self.change.path),
        }
    }
}

/// A file of ours beside the one that it is to become. It is removed unless it became that one.
struct Draft(Option<PathBuf>);

impl Draft {
    /// Writes a new file, under a name that nobody has, with the rights of an old one.
    fn write(text: &str, old: &Path) -> std::io::Result<Self> {
        let permissions = fs::metadata(old)?.permissions();
        let (path, mut file) = create_beside(old)?;
        let draft = Self(Some(path));
        file.set_permissions(permissions)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }

    fn become_file(mut self, file: &Path) -> std::io::Result<()> {
        let Some(path) = &self.0 else { return Ok(()) };
        fs::rename(path, file)?;
        self.0 = None;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes a file that was not there.
fn create_beside(old: &Path) -> std::io::Result<(PathBuf, fs::File)> {
    let mut tried = 0;
    loop {
        let path = old.with_file_name(format!(".wigwag-{}-{tried}.new", std::process::id()));
        match fs::File::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && tried < DRAFT_NAMES_MAX => tried += 1,
            Err(error) => return Err(error),
        }
    }
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
    use super::{FileChange, make_all};
    use crate::limits::{CHANGED_FILE_BYTES_MAX, DRAFT_NAMES_MAX};
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
        let changes = [change];
        make_all(&changes).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ab");
        assert!(make_all(&changes).unwrap_err().to_string().contains("has changed meanwhile"));
        make_all(&[FileChange::delete(&path).unwrap()]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn all_files_are_changed_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let names = ["definition", "changelog", "definition.new", "changelog.new"];
        for name in names {
            std::fs::write(at(name), name).unwrap();
        }
        let texts = || names.map(|name| std::fs::read_to_string(at(name)).unwrap_or_default());
        let edit = |name: &str| FileChange::edit(&at(name), |text| Ok(text.to_owned() + "!")).unwrap();

        let changes = [edit("definition"), edit("changelog")];
        std::fs::write(at("changelog"), "other").unwrap();
        assert!(make_all(&changes).is_err());
        assert_eq!(texts(), ["definition", "other", "definition.new", "changelog.new"]);

        let changes = [FileChange::delete(&at("definition")).unwrap(), edit("changelog")];
        make_all(&changes).unwrap();
        assert_eq!(texts(), ["", "other!", "definition.new", "changelog.new"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "no draft is left");
    }

    #[test]
    fn what_was_changed_is_put_back_if_the_rest_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        std::fs::write(&first, "old").unwrap();
        std::fs::write(&second, "old").unwrap();
        let edit = |path| FileChange::edit(path, |_| Ok("new".into())).unwrap();
        // The same file once more: the second deletion finds nothing to delete.
        let deletions = [&second, &second].map(|path| FileChange::delete(path).unwrap());
        let [one, other] = deletions;
        assert!(make_all(&[edit(&first), one, other]).is_err());
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "old");
    }

    #[test]
    fn names_that_are_taken_are_left_to_whom_they_belong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "a").unwrap();
        let name = |n: usize| folder.path().join(format!(".wigwag-{}-{n}.new", std::process::id()));
        let change = || [FileChange::edit(&path, |text| Ok(text.to_owned() + "b")).unwrap()];
        (0..DRAFT_NAMES_MAX).for_each(|n| std::fs::write(name(n), "theirs").unwrap());
        make_all(&change()).unwrap();
        std::fs::write(name(DRAFT_NAMES_MAX), "theirs").unwrap();
        assert!(make_all(&change()).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ab");
        assert!((0..=DRAFT_NAMES_MAX).all(|n| std::fs::read(name(n)).unwrap() == b"theirs"));
    }
}
