//! The locked packages of Node and Python that tests use, installed unless the very same lock file was installed before.

use crate::house::House;
use crate::process::{command, run};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where Debian's package puts Python.
const PYTHON: &str = "/usr/bin/python3";

/// Names and checksums of the Python packages.
const REQUIREMENTS: &str = "clients/python/requirements.txt";

/// Installs what `FOLDER/package-lock.json` names into that folder.
pub(crate) fn node(house: &House, folder: &str) -> Result<()> {
    let path = house.root().join(folder);
    let lock = Lock::read(house, &format!("{folder}/package-lock.json"), path.join("node_modules"))?;
    lock.install(|| run(command(house, "npm").args(["ci", "--no-fund", "--no-audit"]).current_dir(&path)))
}

/// Installs the Python packages into a virtual environment of their own, below the folder of build output.
pub(crate) fn python(house: &House) -> Result<()> {
    let place = python_folder(house);
    let lock = Lock::read(house, REQUIREMENTS, place.clone())?;
    lock.install(|| {
        run(command(house, PYTHON).args(["-m", "venv", "--clear"]).arg(&place))?;
        let mut pip = command(house, python_program(house));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
        run(pip.args(["--only-binary=:all:", "--requirement", REQUIREMENTS]))
    })
}

/// The interpreter that finds the installed packages.
pub(crate) fn python_program(house: &House) -> PathBuf {
    python_folder(house).join("bin/python")
}

fn python_folder(house: &House) -> PathBuf {
    house.target().join("clients/python")
}

/// A lock file, and the folder that its packages go to.
struct Lock {
    name: String,
    content: Vec<u8>,
    stamp: PathBuf,
}

impl Lock {
    fn read(house: &House, name: &str, place: PathBuf) -> Result<Lock> {
        let path = house.root().join(name);
        let content = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        Ok(Lock { name: name.to_owned(), content, stamp: place.join(".installed-lock") })
    }

    /// Runs `work` unless this very file was installed before, and remembers that it was.
    fn install(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        if std::fs::read(&self.stamp).is_ok_and(|installed| installed == self.content) {
            println!("there: the packages of {}", self.name);
            return Ok(());
        }
        work()?;
        let folder = self.stamp.parent().unwrap_or(Path::new("."));
        std::fs::write(&self.stamp, &self.content)
            .with_context(|| format!("cannot write below {}", folder.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_same_lock_file_is_installed_once() {
        let place = std::env::temp_dir().join(format!("wigwag-xtask-lock-{}", std::process::id()));
        std::fs::create_dir_all(&place).unwrap();
        let lock = |content: &str| Lock {
            name: "lock".to_owned(),
            content: content.into(),
            stamp: place.join(".installed-lock"),
        };
        lock("one").install(|| bail!("no network")).unwrap_err();
        lock("one").install(|| Ok(())).unwrap();
        lock("one").install(|| bail!("installed twice")).unwrap();
        lock("two").install(|| bail!("not the same")).unwrap_err();
        std::fs::remove_dir_all(&place).unwrap();
    }
}
