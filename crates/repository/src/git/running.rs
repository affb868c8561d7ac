//! A git that runs, until it has ended or is ended.

use super::{Ended, unavailable};
use crate::limits::COMPLAINT_BYTES_MAX;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::ErrorKind;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};
use wigwag_ports::repository::RepositoryError;

/// A git and whatever it started. Dropped before its end, all of it is killed.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(mut command: Command) -> Result<Self, RepositoryError> {
        command.spawn().map(Self).map_err(|error| match error.kind() {
            ErrorKind::NotFound => unavailable("git is not installed; install the package git"),
            _ => unavailable(&format!("git cannot be started: {error}")),
        })
    }

    /// Hands `input` over and reads to the end.
    pub(super) async fn finish(
        mut self,
        input: &[u8],
        output_bytes_max: usize,
    ) -> Result<Ended, RepositoryError> {
        let pipes = self.0.stdin.take().zip(self.0.stdout.take()).zip(self.0.stderr.take());
        let ((stdin, stdout), stderr) = pipes.ok_or_else(|| unavailable("git gives no output"))?;
        let (output, complaint, ()) =
            tokio::try_join!(whole(stdout, output_bytes_max), beginning(stderr), feed(stdin, input))?;
        let status = self.0.wait().await.map_err(lost)?;
        Ok(Ended { code: status.code().unwrap_or(-1), output, complaint })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Until it was waited for, nothing else can have its number.
        let id = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

fn lost(error: std::io::Error) -> RepositoryError {
    unavailable(&format!("git is lost: {error}"))
}

/// Everything that is printed, or none of it if it is too much.
async fn whole(from: impl AsyncRead + Unpin, bytes_max: usize) -> Result<Vec<u8>, RepositoryError> {
    let mut bytes = Vec::new();
    from.take(bytes_max as u64 + 1).read_to_end(&mut bytes).await.map_err(lost)?;
    if bytes.len() > bytes_max {
        return Err(unavailable(&format!("git prints more than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// The beginning of what is printed; the rest is read too, so that nobody waits for it to be read.
async fn beginning(mut from: impl AsyncRead + Unpin) -> Result<String, RepositoryError> {
    let mut bytes = Vec::new();
    (&mut from).take(COMPLAINT_BYTES_MAX as u64).read_to_end(&mut bytes).await.map_err(lost)?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await.map_err(lost)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn feed(mut to: ChildStdin, input: &[u8]) -> Result<(), RepositoryError> {
    // Who does not read on ends, and says why.
    let _ = to.write_all(input).await;
    Ok(())
}
