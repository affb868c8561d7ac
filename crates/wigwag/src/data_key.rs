//! The data key: it encrypts what is secret in the database. It is made at the first start, readable by the owner only,
//! and belongs in no backup of the database: whoever has both has every secret.
//!
//! ```text
//! (data.key) -- rotate: data.key.next is made --> (both) -- the store is sealed anew, in one transaction --> (both)
//!            <----------------------------- data.key.next becomes data.key --------------------------------
//! ```
//! A crash between the last two steps leaves a store that only `data.key.next` opens: the next start, or the next
//! rotation, takes the last step.

use anyhow::{Context, Result, anyhow, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wigwag_base::Secret;
use wigwag_ports::Entropy;
use wigwag_store_sqlite::{DataKey, OpenError, Options, SqliteStore};

type Key = Secret<[u8; 32]>;

/// Where the data key comes from.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    /// A file, which is made at the first start.
    File(PathBuf),
    /// The environment; nothing is written anywhere.
    Given(Key),
}

impl KeySource {
    /// From `WIGWAG_DATA_KEY`, else the named file, else the data folder.
    ///
    /// # Errors
    /// The variable holds something else than 64 hexadecimal digits.
    pub(crate) fn of(variable: Option<&str>, file: Option<PathBuf>, folder: &Path) -> Result<Self> {
        match (variable, file) {
            (Some(digits), _) => Ok(Self::Given(of_digits("WIGWAG_DATA_KEY", digits)?)),
            (None, Some(file)) => Ok(Self::File(file)),
            (None, None) => Ok(Self::File(folder.join("data.key"))),
        }
    }
}

/// A key in 64 hexadecimal digits; what they are is not told again.
pub(crate) fn of_digits(variable: &str, digits: &str) -> Result<Key> {
    let wrong = || anyhow!("{variable} must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints");
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(wrong());
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(Secret::new(key))
}

/// Opens the store, or makes it, under the key; ends a change of the key that was cut off.
pub(crate) fn open_store(source: &KeySource, database: &Path, entropy: &dyn Entropy) -> Result<SqliteStore> {
    let key = match source {
        KeySource::Given(key) => key.clone(),
        KeySource::File(path) => read_or_make(path, database, entropy)?,
    };
    match (SqliteStore::open(database, &options(&key)), source) {
        (Err(OpenError::WrongKey { .. }), KeySource::File(path)) if next(path).exists() => {
            let store = SqliteStore::open(database, &options(&read(&next(path))?))?;
            promote(path)?;
            tracing::warn!("the data key is the new one now: its change had been cut off");
            Ok(store)
        }
        (opened, _) => Ok(opened?),
    }
}

/// Seals every secret of a stopped server's database under another key; how many values that were.
///
/// # Errors
/// The server runs, or a key is missing or wrong; then nothing has changed.
pub(crate) fn rotate(
    source: &KeySource,
    new: Option<Key>,
    database: &Path,
    entropy: &dyn Entropy,
) -> Result<u64> {
    match (source, new) {
        (KeySource::Given(old), Some(new)) => {
            Ok(SqliteStore::rotate_key(database, &data_key(old), &data_key(&new))?)
        }
        (KeySource::Given(_), None) => {
            bail!("WIGWAG_DATA_KEY gives the key; give the new one in WIGWAG_NEW_DATA_KEY")
        }
        (KeySource::File(path), new) => {
            let draft = next(path);
            if let Some(new) = &new
                && draft.exists()
                && read(&draft)? != *new
            {
                give_up_or_end(path, database)?;
            }
            let old = read(path)?;
            if !draft.exists() {
                write(&draft, new.unwrap_or_else(|| Secret::new(entropy.secret())).expose())
                    .with_context(|| format!("cannot write {}", draft.display()))?;
            }
            let count = SqliteStore::rotate_key(database, &data_key(&old), &data_key(&read(&draft)?))?;
            promote(path)?;
            Ok(count)
        }
    }
}

fn options(key: &Key) -> Options {
    Options::new(data_key(key))
}

const fn data_key(key: &Key) -> DataKey {
    DataKey::new(*key.expose())
}

/// The key that is to follow the one in `path`.
fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

/// A rotation to another key was begun: it is ended if the store is under that key already, else it is forgotten.
fn give_up_or_end(path: &Path, database: &Path) -> Result<()> {
    let draft = next(path);
    let key = data_key(&read(&draft)?);
    match SqliteStore::rotate_key(database, &key, &key) {
        Ok(_) => promote(path),
        Err(OpenError::WrongKey { .. }) => {
            fs::remove_file(&draft).with_context(|| format!("cannot remove {}", draft.display()))
        }
        Err(other) => Err(other.into()),
    }
}

fn promote(path: &Path) -> Result<()> {
    let renamed = fs::rename(next(path), path).and_then(|()| sync_folder(path));
    renamed.with_context(|| format!("cannot put the new key in the place of {}", path.display()))
}

fn read_or_make(path: &Path, database: &Path, entropy: &dyn Entropy) -> Result<Key> {
    match File::open(path) {
        Ok(_) => read(path),
        Err(error) if error.kind() == ErrorKind::NotFound && database.exists() => {
            bail!("{} is missing, and the database cannot be read without it. Restore it", path.display())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = entropy.secret();
            write(path, &key).with_context(|| {
                format!("cannot write {}; if its disk is full, make room there", path.display())
            })?;
            Ok(Secret::new(key))
        }
        Err(error) => Err(error).with_context(|| format!("cannot open {}", path.display())),
    }
}

fn read(path: &Path) -> Result<Key> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let Ok(key) = <[u8; 32]>::try_from(bytes) else {
        bail!(
            "{} is damaged: it must hold exactly 32 bytes. Restore it from where you keep it",
            path.display()
        )
    };
    Ok(Secret::new(key))
}

/// The key is whole and durable before anything is encrypted with it.
fn write(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".draft");
    let draft = PathBuf::from(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
