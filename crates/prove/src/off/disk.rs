//! A file system of its own for the data folder, so that it can be filled up without harm.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Room for a server's database and nothing else.
const SIZE: &str = "size=24m";

/// A mounted tmpfs; gone when dropped.
pub(super) struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    pub(super) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "wigwag-prove"])
            .arg(folder.path())
            .status()
            .context("cannot run mount")?;
        if !mounted.success() {
            bail!("this proof mounts a tmpfs; run it as root or with CAP_SYS_ADMIN");
        }
        Ok(Self { folder })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

/// A file that takes all the room there is; the room is back when dropped.
pub(super) struct Filler(PathBuf);

impl Filler {
    pub(super) fn fill(folder: &Path) -> Result<Self> {
        let path = folder.join("filler");
        let mut file = File::create(&path)?;
        let block = [0; 64 << 10];
        // Ends with "no space left", which is what is wanted; the last bytes go in one by one.
        while file.write_all(&block).is_ok() {}
        while file.write_all(&block[..512]).is_ok() {}
        Ok(Self(path))
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
