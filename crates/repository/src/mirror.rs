//! The mirror's folder: made, locked, kept fresh.

use crate::config::RepositoryConfig;
use crate::git::{Git, unavailable};
use crate::limits::{FETCH_DEADLINE, FRESH_ENOUGH, QUESTION_DEADLINE};
use parking_lot::Mutex as SyncMutex;
use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;
use wigwag_base::Timestamp;
use wigwag_ports::Clock;
use wigwag_ports::repository::{Freshness, RepositoryError};

/// Everything that the mirror holds besides requests, which are fetched one by one.
const REFS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

pub(crate) struct Mirror {
    pub(crate) git: Git,
    pub(crate) config: RepositoryConfig,
    clock: Arc<dyn Clock>,
    /// Held while it is brought up to date.
    turn: Mutex<()>,
    state: SyncMutex<State>,
    /// Ours alone; let go of with the process.
    _lock: File,
}

#[derive(Default)]
struct State {
    at: Option<Timestamp>,
    problem: Option<String>,
    failures: u32,
}

impl Mirror {
    /// Takes the folder; nothing is fetched yet.
    pub(crate) fn open(config: RepositoryConfig, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let folder = &config.folder;
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| format!("{}: {error}", path.display()))?;
        lock.try_lock().map_err(|_| format!("{} is in use by another process", folder.display()))?;
        let git = Git::new(mirror_folder(&config), config.token.clone());
        let (turn, state) = (Mutex::default(), SyncMutex::default());
        Ok(Self { git, config, clock, turn, state, _lock: lock })
    }

    pub(crate) fn freshness(&self) -> Freshness {
        let state = self.state.lock();
        Freshness { at: state.at, problem: state.problem.clone() }
    }

    /// How often it could not be brought up to date in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.state.lock().failures
    }

    /// Brings it up to date, unless that was done a moment ago.
    pub(crate) async fn refresh(&self) -> Result<(), RepositoryError> {
        let asked_at = self.clock.now();
        let _turn = self.turn.lock().await;
        if self.state.lock().at.is_some_and(|at| at >= asked_at || asked_at.since(at) < FRESH_ENOUGH) {
            return Ok(());
        }
        let fetched = self.fetch().await;
        let mut state = self.state.lock();
        match &fetched {
            Ok(()) => *state = State { at: Some(self.clock.now()), problem: None, failures: 0 },
            Err(error) => {
                state.failures += 1;
                let problem = error.to_string();
                if state.problem.as_ref() != Some(&problem) {
                    tracing::warn!(problem, "the repository could not be brought up to date");
                }
                state.problem = Some(problem);
            }
        }
        fetched
    }

    async fn fetch(&self) -> Result<(), RepositoryError> {
        if !self.is_whole().await {
            self.make().await?;
        }
        let mut words =
            vec!["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--end-of-options"];
        words.push(&self.config.source);
        words.extend(REFS);
        self.git.ask(&words, FETCH_DEADLINE).await?;
        self.find_default_branch().await
    }

    async fn is_whole(&self) -> bool {
        let asked = self.git.ask(&["rev-parse", "--is-bare-repository"], QUESTION_DEADLINE).await;
        asked.is_ok_and(|answer| answer.trim() == "true")
    }

    /// Makes the folder anew: what is there is no repository, or a damaged one.
    async fn make(&self) -> Result<(), RepositoryError> {
        let folder = mirror_folder(&self.config);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .map_err(|error| unavailable(&format!("its folder cannot be made anew: {error}")))?;
        }
        self.git.ask(&["init", "--quiet", "--bare"], QUESTION_DEADLINE).await.map(drop)
    }

    /// Points HEAD at the branch that everything is merged into.
    async fn find_default_branch(&self) -> Result<(), RepositoryError> {
        let name = match &self.config.default_branch {
            Some(name) => format!("refs/heads/{name}"),
            None => {
                let words = ["ls-remote", "--symref", "--end-of-options", &self.config.source, "HEAD"];
                let told = self.git.ask(&words, QUESTION_DEADLINE).await?;
                let line = told.lines().find_map(|line| line.strip_prefix("ref: "));
                let name = line.and_then(|line| line.split_whitespace().next());
                name.unwrap_or("refs/heads/main").to_owned()
            }
        };
        self.git.ask(&["symbolic-ref", "HEAD", &name], QUESTION_DEADLINE).await.map(drop)
    }

    /// Fetches one ref that tells of a merge request; whether it is there.
    pub(crate) async fn fetch_ref(&self, name: &str) -> Result<bool, RepositoryError> {
        let spec = format!("+{name}:{name}");
        let words = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--end-of-options",
            &self.config.source,
            &spec,
        ];
        let ended = self.git.run(&words, QUESTION_DEADLINE).await?;
        let missing = ended.stderr.contains("couldn't find remote ref");
        match (ended.code, missing) {
            (0, _) => Ok(true),
            (_, true) => Ok(false),
            // Away: what the mirror has of it must do.
            _ => {
                Ok(self.git.ask(&["rev-parse", "--verify", "--quiet", name], QUESTION_DEADLINE).await.is_ok())
            }
        }
    }
}

fn mirror_folder(config: &RepositoryConfig) -> PathBuf {
    config.folder.join("mirror.git")
}
