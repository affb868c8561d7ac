//! The receiver's process, seen from the demo: started, waited for, started again when it dies, ended with the demo.
//! Its standard input is a pipe from here; however the demo ends, the pipe does, and the receiver with it.

use super::folder::Folder;
use super::limits::{RECEIVER_AGAIN_AFTER, RECEIVER_READY_WITHIN};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

/// Between two looks whether the receiver answers.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// A receiver's process and the pipe whose end is its own. Waiting for a child closes the pipe that it still holds.
struct Process {
    child: Child,
    pipe: Option<ChildStdin>,
}

/// The running receiver.
pub(crate) struct Supervised {
    stop: oneshot::Sender<()>,
    watched: tokio::task::JoinHandle<()>,
}

impl Supervised {
    /// Starts the receiver and returns when it answers.
    pub(crate) async fn start(folder: &Folder, port: u16) -> Result<Self> {
        let ledger = folder.receiver("ledger.ndjson");
        let mut process = spawn(port, &ledger)?;
        ready(&mut process.child, port).await?;
        let (stop, stopped) = oneshot::channel();
        let watched = tokio::spawn(watch(process, port, ledger, stopped));
        Ok(Self { stop, watched })
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.watched.await;
    }
}

fn spawn(port: u16, ledger: &Path) -> Result<Process> {
    let program =
        std::env::current_exe().context("cannot find this program's own file to start the receiver")?;
    let mut child = Command::new(program)
        .args(["demo-receiver", "--port", &port.to_string(), "--ledger"])
        .arg(ledger)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // Ctrl-C is the demo's alone: the receiver still takes what is under way when the demo stops.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the receiver")?;
    let pipe = child.stdin.take();
    Ok(Process { child, pipe })
}

async fn ready(child: &mut Child, port: u16) -> Result<()> {
    let until = Instant::now() + RECEIVER_READY_WITHIN;
    loop {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        if let Some(status) = child.try_wait()? {
            bail!("the receiver ended at its start ({status})");
        }
        if Instant::now() > until {
            bail!("the receiver did not answer on port {port} within {RECEIVER_READY_WITHIN:?}");
        }
        sleep(LOOK_AGAIN_AFTER).await;
    }
}

async fn watch(mut process: Process, port: u16, ledger: PathBuf, mut stopped: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ = &mut stopped => {
                drop(process.pipe.take());
                let _ = process.child.wait().await;
                return;
            }
            ended = process.child.wait() => tracing::warn!(?ended, "the receiver ended; it is started again"),
        }
        process = loop {
            tokio::select! {
                _ = &mut stopped => return,
                () = sleep(RECEIVER_AGAIN_AFTER) => {}
            }
            match spawn(port, &ledger) {
                Ok(process) => break process,
                Err(error) => tracing::warn!("{error:#}"),
            }
        };
    }
}
