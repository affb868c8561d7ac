use anyhow::{Context, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The token of root that the proof gives the server.
pub(super) const ROOT_TOKEN: &str = "proof-of-durability-0123456789abcdef";

/// A start takes no longer, recovery included.
const START_WITHIN: Duration = Duration::from_secs(30);

/// Starts the server again and again on the same data and the same port.
pub(super) struct Launcher {
    binary: PathBuf,
    data: PathBuf,
    address: SocketAddr,
    sink: SocketAddr,
    fault: Option<String>,
}

impl Launcher {
    pub(super) fn new(binary: PathBuf, folder: &Path, sink: SocketAddr, fault: Option<String>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 18_080)));
        Self { binary, data: folder.join("data"), address, sink, fault }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it and waits for its line that says that it listens.
    pub(super) async fn start(&self) -> Result<Server> {
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", &self.address.to_string(), "--data"])
            .arg(&self.data)
            .args(["--allow-network", &format!("127.0.0.1/32:{}", self.sink.port())])
            .env("WIGWAG_ROOT_TOKEN", ROOT_TOKEN)
            .env_remove("WIGWAG_PLANTED_FAULT")
            .current_dir(self.data.parent().unwrap_or(Path::new(".")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(fault) = &self.fault {
            command.env("WIGWAG_PLANTED_FAULT", fault);
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("the server's output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if line.starts_with("listening on ") {
                    return Ok(());
                }
            }
            bail!("the server ended before it listened")
        };
        tokio::time::timeout(START_WITHIN, ready).await.context("the server did not start in time")??;
        Ok(Server { child, address: self.address })
    }
}

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// SIGKILL: nothing is finished, nothing is written any more.
    pub(super) async fn kill(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    /// The end of the proof.
    pub(super) async fn stop(self) -> Result<()> {
        self.kill().await
    }
}
