//! A folder, the binary in it, and what it says.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use wigwag_testkit::{Client, ROOT_TOKEN, Receiver};

/// Whatever takes longer hangs.
pub(crate) const WITHIN: Duration = Duration::from_secs(30);

/// A folder of its own, in which the binary runs.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// The binary with nothing of this process's environment.
    pub(crate) fn wigwag(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wigwag"));
        command.env_clear().current_dir(self.folder.path()).args(words);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// `wigwag serve` on a free port with a known token.
    pub(crate) fn serve(&self, words: &[&str]) -> Command {
        let mut command = self.wigwag(&["serve", "--allow-network", "127.0.0.0/8"]);
        command.args(words).env("WIGWAG_ROOT_TOKEN", ROOT_TOKEN).env("WIGWAG_LISTEN", "127.0.0.1:0");
        command
    }

    /// The same under limits that a shell sets.
    pub(crate) fn limited(&self, command: &Command, limit: &str) -> Command {
        let command = command.as_std();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{limit}; exec \"$0\" \"$@\"")).arg(command.get_program());
        shell.args(command.get_args()).env_clear().current_dir(self.folder.path());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.stdin(Stdio::null()).kill_on_drop(true);
        shell
    }

    pub(crate) async fn start(&self) -> Server {
        Server::start(self.serve(&[])).await
    }
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) async fn of(mut command: Command) -> Self {
        let output = tokio::time::timeout(WITHIN, command.output()).await;
        let Output { status, stdout, stderr } = output.expect("the process should have ended").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// It ended with this code, told the reason on standard error alone, and the reason holds all of this.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, told: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for text in told {
            assert!(self.stderr.contains(text), "{text:?} is missing in {:?}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }

    /// It ended well; what it printed.
    #[track_caller]
    pub(crate) fn printed(&self) -> &str {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout.trim_end()
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) root: Client,
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Server {
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = tokio::time::timeout(WITHIN, async {
            while let Some(line) = stdout.next_line().await.unwrap() {
                if let Some(url) = line.strip_prefix("listening on ") {
                    return url.to_owned();
                }
            }
            panic!("the server ended before it listened");
        });
        let url = url.await.expect("the server should listen by now");
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, url, root: Client::new(address, Some(ROOT_TOKEN.into())), _stdout: stdout }
    }

    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id().expect("it runs")).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its exit code, once it ended.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        let ended = tokio::time::timeout(WITHIN, self.child.wait()).await;
        ended.expect("the server should have ended").unwrap().code()
    }

    /// Stops it as an operator does.
    pub(crate) async fn stop(self) {
        self.terminate();
        assert_eq!(self.ended().await, Some(0));
    }

    /// SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Project 1 with a hook to `receiver`.
    pub(crate) async fn hook(&self, receiver: &Receiver) {
        self.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
        let hook = json!({ "url": receiver.url() });
        self.root.post("/api/v4/projects/1/hooks", hook).await.created();
    }

    /// Publishes an event that is accepted.
    pub(crate) async fn publish(&self, payload: Value) {
        let event = json!({ "type": "push", "payload": payload });
        self.root.post("/v1/projects/1/events", event).await.expect(202);
    }
}

/// The data folder where none is named.
pub(crate) fn database(world: &World) -> PathBuf {
    world.path("wigwag-data").join("wigwag.sqlite")
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
