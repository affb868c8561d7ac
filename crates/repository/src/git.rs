//! Calling git: no shell, nobody's configuration, hooks off, a deadline, bounded output, at most two at once.

use crate::limits::{OUTPUT_BYTES_MAX, PROCESSES_MAX};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use wigwag_base::Secret;
use wigwag_ports::repository::RepositoryError;

/// One mirror and how git is called in it.
pub(crate) struct Git {
    folder: PathBuf,
    token: Option<Secret<String>>,
    turns: Semaphore,
}

/// How a git ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Git {
    pub(crate) fn new(folder: PathBuf, token: Option<Secret<String>>) -> Self {
        Self { folder, token, turns: Semaphore::new(PROCESSES_MAX) }
    }

    /// Asks, and takes what is printed if git ends well.
    pub(crate) async fn ask(&self, words: &[&str], within: Duration) -> Result<String, RepositoryError> {
        let ended = self.run(words, within).await?;
        if ended.code == 0 {
            return Ok(ended.stdout);
        }
        let what = words.first().copied().unwrap_or_default();
        let said = ended.stderr.lines().last().unwrap_or_default();
        Err(RepositoryError::Unavailable(format!("git {what} fails: {}", tame(said, 200))))
    }

    /// Runs git to its end, however it ends.
    pub(crate) async fn run(&self, words: &[&str], within: Duration) -> Result<Ended, RepositoryError> {
        let _turn = self.turns.acquire().await.map_err(|_| unavailable("it is closed"))?;
        let mut child = self.command(words).spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => unavailable("git is not installed; install the package git"),
            _ => unavailable(&format!("git cannot be started: {error}")),
        })?;
        match tokio::time::timeout(within, collect(&mut child)).await {
            Ok(ended) => ended,
            Err(_) => {
                end(&mut child).await;
                Err(RepositoryError::TimedOut(within.as_secs()))
            }
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.folder).args(["--no-pager", "--literal-pathspecs"]).args(words);
        command.env_clear();
        for name in
            ["PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"]
        {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let settings = [
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("safe.directory", "*"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("protocol.ext.allow", "never"),
        ];
        let authorization = self.token.as_ref().map(|token| {
            let basic = BASE64_STANDARD.encode(format!("oauth2:{}", token.expose()));
            ("http.extraHeader".to_owned(), format!("Authorization: Basic {basic}"))
        });
        let all: Vec<(String, String)> = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(authorization)
            .collect();
        // By the environment: arguments are seen by everybody on the machine.
        command.env("GIT_CONFIG_COUNT", all.len().to_string());
        for (index, (name, value)) in all.iter().enumerate() {
            command
                .env(format!("GIT_CONFIG_KEY_{index}"), name)
                .env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
            .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

async fn collect(child: &mut Child) -> Result<Ended, RepositoryError> {
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(unavailable("git gives no output"));
    };
    let (out, err) = tokio::join!(read(stdout), read(stderr));
    let Some((stdout, stderr)) = out.zip(err) else {
        end(child).await;
        return Err(unavailable("git prints more than is read"));
    };
    let status = child.wait().await.map_err(|error| unavailable(&format!("git is lost: {error}")))?;
    Ok(Ended { code: status.code().unwrap_or(-1), stdout, stderr })
}

/// What is printed; `None` if it is too much.
async fn read(from: impl tokio::io::AsyncRead + Unpin) -> Option<String> {
    let mut bytes = Vec::new();
    from.take(OUTPUT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).await.ok()?;
    (bytes.len() <= OUTPUT_BYTES_MAX).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// Ends a git and whatever it started.
async fn end(child: &mut Child) {
    if let Some(id) = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
        let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
    }
    let _ = child.wait().await;
}

pub(crate) fn unavailable(why: &str) -> RepositoryError {
    RepositoryError::Unavailable(format!("the repository cannot be asked: {why}"))
}

/// A stranger's words, fit for people.
pub(crate) fn tame(text: &str, characters_max: usize) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let plain = text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c });
    plain.take(characters_max).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn words_are_tamed_and_cut() {
        assert_eq!(tame("a\u{1b}[2Jb\u{202e} ", 5), "a\u{fffd}[2J");
    }
}
