//! The folder with everything that a server keeps: the database, and the data key beside it.
//!
//! The key encrypts what is secret in the database and keys the token hashes. It is made at the first start, readable
//! by the owner only, and belongs in no backup of the database: whoever has both has every secret.

use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wigwag_base::Secret;
use wigwag_ports::Entropy;

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

/// Reads the data key, or makes it at the first start.
pub(crate) fn data_key(folder: &Path, entropy: &dyn Entropy) -> Result<Secret<[u8; 32]>> {
    let path = folder.join("data.key");
    match File::open(&path) {
        Ok(mut file) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
            let Ok(key) = <[u8; 32]>::try_from(bytes) else {
                bail!(
                    "{} is damaged: it must hold exactly 32 bytes. Restore it from where you keep it",
                    path.display()
                )
            };
            Ok(Secret::new(key))
        }
        Err(error) if error.kind() == ErrorKind::NotFound && database(folder).exists() => {
            bail!("{} is missing, and the database cannot be read without it. Restore it", path.display())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = entropy.secret();
            write_key(&path, &key).with_context(|| {
                format!("cannot write {}; if its disk is full, make room there", path.display())
            })?;
            Ok(Secret::new(key))
        }
        Err(error) => Err(error).with_context(|| format!("cannot open {}", path.display())),
    }
}

/// The key is whole and durable before anything is encrypted with it.
fn write_key(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
