//! The demo's folder: Wigwag's data, what the platform and the receiver keep, and their secrets. A marker file says that
//! it is a demo's, so that `--reset` never empties anything else; its lock says that one demo runs there.

use anyhow::{Context, Result, bail};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wigwag_base::Secret;

const MARKER: &str = ".wigwag-demo";

/// What to do with what an earlier run left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// Go on where it stopped.
    Continue,
    /// Empty the folder.
    Anew,
}

/// The folder, held against a second demo for as long as this lives.
pub(crate) struct Folder {
    root: PathBuf,
    _marker: File,
}

impl Folder {
    /// Makes, takes over or empties the folder.
    pub(crate) fn open(root: &Path, start: Start) -> Result<Self> {
        let shown = root.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .with_context(|| format!("cannot make the demo's folder {shown}; choose another with --data"))?;
        let path = root.join(MARKER);
        let entries = fs::read_dir(root).with_context(|| format!("cannot read the folder {shown}"))?;
        if !path.exists() && entries.count() > 0 {
            bail!("{shown} holds other things than a demo; choose another folder with --data");
        }
        let marker =
            OpenOptions::new().create(true).append(true).open(&path).with_context(|| {
                format!("cannot write into the folder {shown}; choose another with --data")
            })?;
        match marker.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another demo runs in {shown}; stop it, or choose another folder with --data")
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context(format!("cannot lock {}", path.display()));
            }
        }
        if start == Start::Anew {
            empty(root).with_context(|| format!("cannot empty the folder {shown}"))?;
        }
        for part in ["wigwag", "platform", "receiver"] {
            let part = root.join(part);
            DirBuilder::new().recursive(true).mode(0o700).create(&part)?;
        }
        Ok(Self { root: root.to_path_buf(), _marker: marker })
    }

    /// Where Wigwag keeps its data.
    pub(crate) fn wigwag(&self) -> PathBuf {
        self.root.join("wigwag")
    }

    /// A file of the platform's.
    pub(crate) fn platform(&self, file: &str) -> PathBuf {
        self.root.join("platform").join(file)
    }

    /// A file of the receiver's.
    pub(crate) fn receiver(&self, file: &str) -> PathBuf {
        self.root.join("receiver").join(file)
    }
}

/// Everything but the marker goes.
fn empty(root: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?
        } else {
            fs::remove_file(entry.path())?
        }
    }
    Ok(())
}

/// A secret that is made once and kept in a file that its owner alone may read.
pub(crate) fn kept_secret(path: &Path, make: impl FnOnce() -> Result<String>) -> Result<Secret<String>> {
    if let Some(text) = read(path)? {
        return Ok(Secret::new(text));
    }
    let text = make()?;
    write(path, &text)?;
    Ok(Secret::new(text))
}

/// A small file's text, if it is there and not empty.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a small file whole or not at all, readable by its owner alone.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let draft = path.with_extension("draft");
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Folder, Start, kept_secret};
    use std::fs;

    #[test]
    fn a_folder_of_something_else_is_neither_used_nor_emptied() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("thesis.txt"), "years of work").unwrap();
        for start in [Start::Continue, Start::Anew] {
            let refusal = Folder::open(root.path(), start).err().unwrap().to_string();
            assert!(refusal.contains("choose another folder with --data"), "{refusal}");
        }
        assert_eq!(fs::read_to_string(root.path().join("thesis.txt")).unwrap(), "years of work");
    }

    #[test]
    fn a_second_demo_is_refused_and_a_reset_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), Start::Continue).unwrap();
        fs::write(folder.platform("outbox"), "x").unwrap();
        let refusal = Folder::open(root.path(), Start::Anew).err().unwrap().to_string();
        assert!(refusal.contains("another demo runs"), "{refusal}");
        drop(folder);
        assert!(Folder::open(root.path(), Start::Continue).unwrap().platform("outbox").exists());
        assert!(!Folder::open(root.path(), Start::Anew).unwrap().platform("outbox").exists());
    }

    #[test]
    fn a_secret_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("secret");
        let first = kept_secret(&path, || Ok("one".into())).unwrap();
        let second = kept_secret(&path, || Ok("two".into())).unwrap();
        assert_eq!((first.expose().as_str(), second.expose().as_str()), ("one", "one"));
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
