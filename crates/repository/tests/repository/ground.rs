//! A source repository that tests write, a clock that they move, and mirrors of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use wigwag_base::Timestamp;
use wigwag_chat::MergeRequestUrl;
use wigwag_ports::repository::RepositoryError;
use wigwag_ports::{Clock, Repository};
use wigwag_repository::{GitRepository, OpenError, RepositoryConfig};

/// When the first commit is made, in seconds.
const BEGIN_S: i64 = 1_650_000_000;

/// The project that everything belongs to.
pub(crate) const PROJECT: &str = "https://git.example/group/project";

/// A clock that is moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A folder with a source and a place for its mirror.
pub(crate) struct Ground {
    folder: TempDir,
    pub(crate) clock: Arc<HandClock>,
    /// The time of the next commit, in seconds.
    now_s: AtomicI64,
}

impl Ground {
    /// With a source on its branch `main`, with nothing in it.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new((BEGIN_S + 86_400) * 1_000)));
        let ground = Self { folder: TempDir::new().unwrap(), clock, now_s: AtomicI64::new(BEGIN_S) };
        ground.make_source();
        ground
    }

    /// The same with one commit.
    pub(crate) fn with_a_commit() -> (Self, String) {
        let ground = Self::new();
        let first = ground.commit("First");
        (ground, first)
    }

    pub(crate) fn make_source(&self) {
        std::fs::create_dir_all(self.source()).unwrap();
        self.git(&["init", "--quiet", "--initial-branch=main", "."]);
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git in the source; what it prints.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let at = format!("{} +0000", self.now_s.fetch_add(60, Ordering::SeqCst));
        let ended = Command::new("git")
            .args(words)
            .current_dir(self.source())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", "mara"), ("GIT_AUTHOR_EMAIL", "mara@example.com")])
            .envs([("GIT_COMMITTER_NAME", "mara"), ("GIT_COMMITTER_EMAIL", "mara@example.com")])
            .envs([("GIT_AUTHOR_DATE", &at), ("GIT_COMMITTER_DATE", &at)])
            .output()
            .unwrap();
        assert!(ended.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).trim().to_owned()
    }

    /// Commits a file of its own on the branch that is checked out; the commit's full id.
    pub(crate) fn commit(&self, message: &str) -> String {
        let name = format!("file-{}", self.now_s.load(Ordering::SeqCst));
        self.write(&name, "x");
        self.commit_all(message)
    }

    /// Commits whatever was written.
    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--cleanup=verbatim", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits with these messages, one upon the other from `from`, on a branch of its own; all their full ids.
    pub(crate) fn commit_many(&self, branch: &str, from: &str, messages: &[String]) -> Vec<String> {
        let tree = self.git(&["rev-parse", &format!("{from}^{{tree}}")]);
        let mut ids = vec![self.git(&["rev-parse", from])];
        for message in messages {
            let parent = ids.last().unwrap();
            ids.push(self.git(&["commit-tree", &tree, "-p", parent, "-m", message]));
        }
        self.git(&["branch", "--force", branch, ids.last().unwrap()]);
        ids.split_off(1)
    }

    /// Writes a file of the source.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.source().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Checks a branch out, made at `from` if it is new.
    pub(crate) fn branch(&self, name: &str, from: &str) {
        self.git(&["checkout", "--quiet", "-B", name, from]);
    }

    pub(crate) fn checkout(&self, name: &str) {
        self.git(&["checkout", "--quiet", name]);
    }

    /// Picks a commit onto the branch that is checked out, in a way that tells; the pick's full id.
    pub(crate) fn pick(&self, commit: &str) -> String {
        self.git(&["cherry-pick", "-x", commit]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges a branch of one commit into `main` with such a message; the merge commit and the branch's commit.
    pub(crate) fn merge(&self, branch: &str, message: &str) -> (String, String) {
        self.branch(branch, "main");
        let inner = self.commit(&format!("Work on {branch}"));
        self.checkout("main");
        self.git(&["merge", "--quiet", "--no-ff", "--message", message, branch]);
        self.git(&["branch", "--quiet", "-D", branch]);
        (self.git(&["rev-parse", "HEAD"]), inner)
    }

    pub(crate) fn config(&self) -> RepositoryConfig {
        let source = self.source().to_str().unwrap().to_owned();
        let mut config = RepositoryConfig::new(source, self.path("mirror"));
        config.project_urls = vec![PROJECT.to_owned()];
        // Nothing happens by itself while a test runs.
        config.refresh_every = Duration::from_secs(3_600);
        config
    }

    /// A mirror that was tried once, and did well.
    pub(crate) async fn mirror(&self) -> Arc<GitRepository> {
        let mirror = self.tried(self.config()).await;
        assert_eq!(mirror.freshness().problem, None);
        mirror
    }

    /// A mirror that was tried once.
    pub(crate) async fn tried(&self, config: RepositoryConfig) -> Arc<GitRepository> {
        let mirror = self.opened(config).await;
        mirror.tries().wait_for(|tries| *tries > 0).await.unwrap();
        mirror
    }

    /// A mirror, once whoever had the folder before has let it go.
    async fn opened(&self, config: RepositoryConfig) -> Arc<GitRepository> {
        loop {
            match GitRepository::open(config.clone(), self.clock.clone()) {
                Err(OpenError::InUse(_)) => tokio::task::yield_now().await,
                opened => return opened.unwrap(),
            }
        }
    }

    /// Has it brought up to date a minute later, however long that takes.
    pub(crate) async fn refresh(&self, mirror: &GitRepository) -> Result<(), RepositoryError> {
        self.clock.advance(Duration::from_secs(60));
        loop {
            match mirror.refresh().await {
                Err(RepositoryError::TimedOut(_)) => {}
                ended => return ended,
            }
        }
    }
}

/// A merge request of the project.
pub(crate) fn request(number: u64) -> MergeRequestUrl {
    MergeRequestUrl::parse(&format!("{PROJECT}/-/merge_requests/{number}")).unwrap()
}

/// Overwrites every file below a folder.
pub(crate) fn overwrite(folder: &Path, content: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            overwrite(&path, content);
        } else {
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, content).unwrap();
        }
    }
}
