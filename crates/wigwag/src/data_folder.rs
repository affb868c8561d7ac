//! The folder with everything that a server keeps.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The database in a data folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("wigwag.sqlite")
}

/// Makes the folder if it is not there and shows that it can be written to.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    let shown = folder.display();
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the data folder {shown}; choose another with --data"))?;
    let probe = folder.join(".writable");
    File::create(&probe).and_then(|_| fs::remove_file(&probe)).with_context(|| {
        format!("cannot write into the data folder {shown}; give this user the right to, or choose another with --data")
    })
}
