//! A real repository that a test fills.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

pub struct Source {
    folder: TempDir,
    number: AtomicU32,
}

impl Source {
    pub fn new() -> Self {
        let source = Self { folder: tempfile::tempdir().unwrap(), number: AtomicU32::new(0) };
        std::fs::create_dir(source.folder.path().join("source")).unwrap();
        source.git(&["init", "-q", "--initial-branch=main"]);
        source
    }

    pub fn path(&self) -> String {
        self.folder.path().join("source").to_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("source").join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        std::fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        std::fs::write(self.file(name), content).unwrap();
    }

    /// Commits a file of its own with everything that was written; gives the id.
    pub fn commit(&self, message: &str) -> String {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.write(&format!("file-{number}"), message);
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "-m", message]);
        self.head()
    }

    /// Merges a branch with one commit; gives the merge commit's id.
    pub fn merge(&self, branch: &str, message: &str) -> String {
        self.git(&["checkout", "-q", "-b", branch]);
        self.commit(branch);
        self.git(&["checkout", "-q", "main"]);
        self.git(&["merge", "-q", "--no-ff", branch, "-m", message]);
        self.head()
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn git(&self, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.path()).args(words).env_clear();
        git.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.path());
        for role in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{role}_NAME"), "mara")
                .env(format!("GIT_{role}_EMAIL"), "mara@platform.example");
            git.env(format!("GIT_{role}_DATE"), "2022-06-20T12:00:00Z");
        }
        let output = git.env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git is installed");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
