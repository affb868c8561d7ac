//! `overrides.json` in the data folder: flags that are switched off on this node. People may edit it, with the server
//! running or not; a row needs its flag's name alone.
//!
//! ```json
//! {"overrides": [{"flag": "webhooks_failed_callout", "environment": "production"}]}
//! ```

use crate::limits::{OVERRIDES_FILE_BYTES_MAX, OVERRIDES_RESERVE_BYTES as RESERVE_BYTES};
use async_trait::async_trait;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wigwag_base::Timestamp;
use wigwag_engine::flags::OVERRIDE_BY_HAND;
use wigwag_ports::OverrideFile;
use wigwag_ports::overrides::{Override, OverrideFileError, Recorded};
use wigwag_wire::flag_feed as wire;

/// The file in a data folder.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("overrides.json")
}

/// The file of one node.
pub(crate) struct NodeOverrides(Arc<Kept>);

struct Kept {
    path: PathBuf,
    /// What a row without an environment means.
    environment: String,
    /// How the file looked when it was last read or written.
    seen: Mutex<Option<Look>>,
}

/// By what a change of the file shows: times and sizes may repeat, the inode of a file that was renamed here does not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Missing,
    There { inode: u64, bytes: u64, changed_s: i64, changed_ns: i64 },
}

impl NodeOverrides {
    /// The file at `path`; rows without an environment are of `environment`.
    pub(crate) fn new(path: PathBuf, environment: &str) -> Self {
        if let Err(error) = reserve(&path) {
            tracing::warn!(%error, "there is no room for overrides on a full disk");
        }
        Self(Arc::new(Kept { path, environment: environment.into(), seen: Mutex::default() }))
    }
}

#[async_trait]
impl OverrideFile for NodeOverrides {
    async fn read(&self) -> Result<Option<Vec<Override>>, OverrideFileError> {
        let kept = self.0.clone();
        blocking(move || kept.read()).await
    }

    async fn write(&self, overrides: Vec<Override>) -> Result<(), OverrideFileError> {
        let kept = self.0.clone();
        blocking(move || kept.write(&overrides)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OverrideFileError> + Send + 'static,
) -> Result<T, OverrideFileError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(OverrideFileError("reading or writing the overrides was interrupted".into())),
    }
}

impl Kept {
    fn read(&self) -> Result<Option<Vec<Override>>, OverrideFileError> {
        let look = self.look().map_err(|error| self.problem("cannot be looked at", &error))?;
        if *self.seen() == Some(look) {
            return Ok(None);
        }
        let rows = match look {
            Look::Missing => Vec::new(),
            Look::There { .. } => rows(&self.path, &self.environment)?,
        };
        *self.seen() = Some(look);
        Ok(Some(rows))
    }

    fn write(&self, overrides: &[Override]) -> Result<(), OverrideFileError> {
        // A fault that the judge of `prove off` must notice.
        #[cfg(feature = "planted-faults")]
        if std::env::var_os("WIGWAG_PLANTED_FAULT").is_some_and(|fault| fault == "forget-overrides") {
            return Ok(());
        }
        write_rows(&self.path, overrides.iter().map(row).collect())
            .map_err(|error| self.problem("cannot be written", &error))?;
        *self.seen() = self.look().ok();
        // Used up now and then; where there is no room for it now, there is after the next write.
        let _ = reserve(&self.path);
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Option<Look>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> std::io::Result<Look> {
        match fs::metadata(&self.path) {
            Ok(meta) => Ok(Look::There {
                inode: meta.ino(),
                bytes: meta.len(),
                changed_s: meta.ctime(),
                changed_ns: meta.ctime_nsec(),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Look::Missing),
            Err(error) => Err(error),
        }
    }

    fn problem(&self, what: &str, error: &dyn std::fmt::Display) -> OverrideFileError {
        OverrideFileError(format!("{} {what}: {error}", self.path.display()))
    }
}

/// The rows of the file at `path`.
///
/// # Errors
/// What is wrong with it: one bad row refuses the file, since nobody can tell what else was meant.
pub(crate) fn rows(path: &Path, environment: &str) -> Result<Vec<Override>, OverrideFileError> {
    let problem = |text: String| OverrideFileError(format!("{}: {text}", path.display()));
    let mut text = String::new();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(problem(error.to_string())),
    };
    file.take(OVERRIDES_FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| problem(error.to_string()))?;
    if text.len() as u64 > OVERRIDES_FILE_BYTES_MAX {
        return Err(problem(format!("is larger than {OVERRIDES_FILE_BYTES_MAX} bytes")));
    }
    let read: wire::OverrideFile = serde_json::from_str(&text).map_err(|error| {
        problem(format!(
            "is not what it should be ({error}); write {{\"overrides\": [{{\"flag\": \"NAME\"}}]}}"
        ))
    })?;
    let named = |name: String, default: &str| if name.is_empty() { default.to_owned() } else { name };
    read.overrides
        .into_iter()
        .map(|row| {
            let flag = row.flag.parse().map_err(|error| problem(format!("flag {:?} {error}", row.flag)))?;
            Ok(Override {
                flag,
                environment: named(row.environment, environment),
                author: named(row.author, OVERRIDE_BY_HAND),
                reason: row.reason,
                since: Timestamp::from_millis(row.since_ms),
                recorded: if row.recorded { Recorded::Yes } else { Recorded::NotYet },
            })
        })
        .collect()
}

/// A row as the file has it.
pub(crate) fn row(of: &Override) -> wire::Override {
    wire::Override {
        flag: of.flag.to_string(),
        environment: of.environment.clone(),
        author: of.author.clone(),
        reason: of.reason.clone(),
        since_ms: of.since.as_millis(),
        recorded: of.recorded == Recorded::Yes,
        ..wire::Override::default()
    }
}

/// Whole and durable, or not at all. On a full disk the room that [`reserve`] keeps is used.
pub(crate) fn write_rows(path: &Path, rows: Vec<wire::Override>) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(&wire::OverrideFile { overrides: rows })?;
    text.push('\n');
    let draft = path.with_extension("draft");
    let full =
        |error: &std::io::Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let written = match write_through(&draft, OpenOptions::new().create(true).truncate(true), &text) {
        Err(error) if full(&error) => {
            let _ = fs::remove_file(&draft);
            into_reserve(path, text).map_err(|_| error)
        }
        Ok(()) => fs::rename(&draft, path),
        Err(other) => Err(other),
    };
    written?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Files of spaces beside the list, which JSON does not mind. Two: the first that is moved into place frees no room for
/// itself, from the second on the list that it replaces does.
const RESERVES: [&str; 2] = ["reserve", "reserve2"];

/// Keeps room for lists of overrides on a disk that may fill up.
pub(crate) fn reserve(path: &Path) -> std::io::Result<()> {
    for ending in RESERVES {
        let reserve = path.with_extension(ending);
        if fs::metadata(&reserve).is_ok_and(|meta| meta.len() == RESERVE_BYTES as u64) {
            continue;
        }
        let spaces = " ".repeat(RESERVE_BYTES);
        if let Err(error) = write_through(&reserve, OpenOptions::new().create(true).truncate(true), &spaces) {
            // Part of a reserve is of no use to anybody.
            let _ = fs::remove_file(&reserve);
            return Err(error);
        }
    }
    Ok(())
}

/// Writes over reserved room without asking for more, and puts it in the place of the list.
fn into_reserve(path: &Path, mut text: String) -> std::io::Result<()> {
    if text.len() > RESERVE_BYTES {
        return Err(ErrorKind::StorageFull.into());
    }
    text.extend(std::iter::repeat_n(' ', RESERVE_BYTES - text.len()));
    let there =
        RESERVES.map(|ending| path.with_extension(ending)).into_iter().find(|reserve| reserve.exists());
    let reserve = there.ok_or(ErrorKind::StorageFull)?;
    write_through(&reserve, &mut OpenOptions::new(), &text)?;
    fs::rename(&reserve, path)
}

/// The file belongs to whoever the folder belongs to: an administrator who writes it must not shut the server out.
fn write_through(path: &Path, options: &mut OpenOptions, text: &str) -> std::io::Result<()> {
    let mut file = options.write(true).mode(0o600).open(path)?;
    let folder = fs::metadata(path.parent().unwrap_or(Path::new(".")))?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (folder.uid(), folder.gid()) {
        std::os::unix::fs::fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
