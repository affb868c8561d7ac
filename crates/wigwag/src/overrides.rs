//! `overrides.json` in the data folder: flags that are switched off on this node. People may edit it, with the server
//! running or not; a row needs its flag's name alone.
//!
//! ```json
//! {"overrides": [{"flag": "webhooks_failed_callout", "environment": "production"}]}
//! ```

use crate::limits::OVERRIDES_FILE_BYTES_MAX;
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
        write_rows(&self.path, overrides.iter().map(row).collect())
            .map_err(|error| self.problem("cannot be written", &error))?;
        *self.seen() = self.look().ok();
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

/// Whole and durable, or not at all.
pub(crate) fn write_rows(path: &Path, rows: Vec<wire::Override>) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(&wire::OverrideFile { overrides: rows })?;
    text.push('\n');
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
