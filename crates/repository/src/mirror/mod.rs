//! The mirror's folder, ours alone, and how fresh it is.
//!
//! ```text
//! lock              held while we live
//! gitconfig         everybody's configuration, as our gits see it
//! mirror.git/       the bare repository
//! state             when it was last brought up to date, and from where
//! feature_flags     a link to the exported definitions, if they are read from it (export.rs)
//! ```

mod fetch;
mod requests;
mod stamp;

use crate::config::{OpenError, RepositoryConfig};
use crate::git::{GLOBAL, Git, unavailable};
use crate::limits::{FAILED_LATELY, FRESH_ENOUGH};
use crate::source::Source;
use parking_lot::Mutex;
pub(crate) use requests::RequestHead;
use stamp::Stamp;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wigwag_base::Timestamp;
use wigwag_ports::Clock;
use wigwag_ports::repository::{Freshness, RepositoryError};

/// A mirror that this process has for itself.
pub(crate) struct Mirror {
    pub(crate) git: Git,
    pub(crate) config: RepositoryConfig,
    pub(crate) clock: Arc<dyn Clock>,
    source: Source,
    state: Mutex<State>,
    _lock: File,
}

struct State {
    /// The last time that it was brought up to date, in a former life too.
    at: Option<Timestamp>,
    /// How the last try of this life ended, and when.
    last: Option<(Timestamp, Result<(), RepositoryError>)>,
    /// Tries that failed since.
    failures: u32,
    /// Tries that did not.
    rounds: u64,
    trust: Trust,
}

/// What is known of the folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trust {
    /// Nobody has looked since the start, or since a fetch failed.
    Unchecked,
    /// It was whole when it was looked at.
    Whole,
    /// It mirrors something else.
    Foreign,
}

impl Mirror {
    /// Takes the folder; nothing is fetched yet.
    pub(crate) fn open(config: RepositoryConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let source = config.check()?;
        let folder = config.folder.clone();
        let failed =
            |error: std::io::Error| OpenError::Folder { folder: folder.clone(), problem: error.to_string() };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let lock = take_lock(&folder)?;
        let global = folder.join("gitconfig");
        std::fs::write(&global, GLOBAL).map_err(failed)?;
        let absolute = |path: PathBuf| std::path::absolute(path).map_err(failed);
        let (mirror, global) = (absolute(folder.join("mirror.git"))?, absolute(global)?);
        let git = Git::new(mirror, global, &source, config.token.as_ref());
        let state = Mutex::new(State::found(Stamp::read(&folder), &source));
        Ok(Self { git, config, clock, source, state, _lock: lock })
    }

    pub(crate) fn freshness(&self) -> Freshness {
        let state = self.state.lock();
        let failed = state.last.as_ref().and_then(|(_, ended)| ended.as_ref().err());
        Freshness { at: state.at, problem: failed.map(ToString::to_string) }
    }

    /// Whether there is anything to ask; why not otherwise.
    pub(crate) fn ready(&self) -> Result<(), RepositoryError> {
        let state = self.state.lock();
        match (&state.at, &state.last) {
            (Some(_), _) => Ok(()),
            (None, Some((_, Err(error)))) => Err(error.clone()),
            (None, _) => Err(unavailable("it is being read for the first time; ask again in a while")),
        }
    }

    /// How the last try ended, if that is so short ago that another one would tell nothing new.
    pub(crate) fn tried_lately(&self) -> Option<Result<(), RepositoryError>> {
        let now = self.clock.now();
        let state = self.state.lock();
        let (at, ended) = state.last.as_ref()?;
        let lately = if ended.is_ok() { FRESH_ENOUGH } else { FAILED_LATELY };
        (now.since(*at) < lately).then(|| ended.clone())
    }

    /// How the last try ended.
    pub(crate) fn last_try(&self) -> Result<(), RepositoryError> {
        let state = self.state.lock();
        state
            .last
            .as_ref()
            .map_or_else(|| Err(unavailable("it was not tried yet")), |(_, ended)| ended.clone())
    }

    /// How many tries failed since the last one that did not.
    pub(crate) fn failures(&self) -> u32 {
        self.state.lock().failures
    }

    /// How often it was brought up to date: what was not there may be there since.
    pub(crate) fn rounds(&self) -> u64 {
        self.state.lock().rounds
    }

    /// Tries to bring it up to date; how that ends is seen by [`Mirror::freshness`]. One at a time.
    pub(crate) async fn bring_up_to_date(&self) {
        let ended = self.fetch().await;
        let now = self.clock.now();
        if ended.is_ok() {
            let stamp = Stamp { at: now, source: self.source.text.clone() };
            let written = stamp.write(&self.config.folder);
            let _ = written
                .inspect_err(|error| tracing::warn!(%error, "the repository's state cannot be written"));
        }
        self.state.lock().record(now, ended);
    }

    fn trust(&self) -> Trust {
        self.state.lock().trust
    }

    fn set_trust(&self, trust: Trust) {
        self.state.lock().trust = trust;
    }
}

impl State {
    /// What a former life has left.
    fn found(stamp: Option<Stamp>, source: &Source) -> Self {
        let (at, trust) = match stamp {
            Some(stamp) if stamp.source == source.text => (Some(stamp.at), Trust::Unchecked),
            Some(_) => (None, Trust::Foreign),
            None => (None, Trust::Unchecked),
        };
        Self { at, last: None, failures: 0, rounds: 0, trust }
    }

    fn record(&mut self, now: Timestamp, ended: Result<(), RepositoryError>) {
        match &ended {
            Ok(()) => {
                self.at = Some(now);
                self.failures = 0;
                self.rounds += 1;
            }
            Err(problem) => {
                self.failures = self.failures.saturating_add(1);
                let is_news = self.last.as_ref().is_none_or(|(_, before)| *before != ended);
                if is_news {
                    tracing::warn!(%problem, "the repository could not be brought up to date");
                }
            }
        }
        self.last = Some((now, ended));
    }
}

fn take_lock(folder: &Path) -> Result<File, OpenError> {
    let failed =
        |error: std::io::Error| OpenError::Folder { folder: folder.to_owned(), problem: error.to_string() };
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"));
    let lock = lock.map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
