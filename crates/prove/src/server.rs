//! The product's own binary in a process of its own, started, killed and started again.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The token of root that the proof gives the server.
pub(crate) const ROOT_TOKEN: &str = "proof-of-a-promise-0123456789abcdef";

/// A start takes no longer, recovery included.
const START_WITHIN: Duration = Duration::from_secs(30);

/// Starts the server again and again on the same data and the same port.
pub(crate) struct Launcher {
    binary: PathBuf,
    data: PathBuf,
    address: SocketAddr,
    options: Vec<String>,
    fault: Option<String>,
    variables: Vec<(String, String)>,
    output: Option<PathBuf>,
}

impl Launcher {
    /// A server with its data in `folder`/data and these options of `serve`. `binary` is `wigwag` beside this program if
    /// none is given.
    pub(crate) fn new(
        binary: Option<&Path>,
        folder: &Path,
        options: &[&str],
        fault: Option<String>,
    ) -> Result<Self> {
        let binary = match binary {
            Some(binary) => binary.to_owned(),
            None => std::env::current_exe()?.with_file_name("wigwag"),
        };
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 18_080)));
        let data = folder.join("data");
        Ok(Self { binary, data, address, options, fault, variables: Vec::new(), output: None })
    }

    /// Gives the server a variable of its environment.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the server writes to standard output and standard error goes to the end of this file.
    pub(crate) fn with_output(mut self, file: &Path) -> Self {
        self.output = Some(file.to_owned());
        self
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Starts it and waits for its line that says that it listens.
    pub(crate) async fn start(&self) -> Result<Server> {
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", &self.address.to_string(), "--data"])
            .arg(&self.data)
            .args(&self.options)
            .env("WIGWAG_ROOT_TOKEN", ROOT_TOKEN)
            .env_remove("WIGWAG_PLANTED_FAULT")
            .current_dir(self.data.parent().unwrap_or(Path::new(".")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(fault) = &self.fault {
            command.env("WIGWAG_PLANTED_FAULT", fault);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(output) = &self.output {
            command.stderr(append_to(output)?);
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("the server's output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut copy = self.output.as_deref().map(append_to).transpose()?;
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(copy) = &mut copy {
                    writeln!(copy, "{line}")?;
                }
                if line.starts_with("listening on ") {
                    return Ok(());
                }
            }
            bail!("the server ended before it listened")
        };
        tokio::time::timeout(START_WITHIN, ready).await.context("the server did not start in time")??;
        if let Some(mut copy) = copy {
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    let _ = writeln!(copy, "{line}");
                }
            });
        }
        Ok(Server { child, address: self.address })
    }
}

fn append_to(file: &Path) -> Result<File> {
    Ok(OpenOptions::new().create(true).append(true).open(file)?)
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The id of its process.
    pub(crate) fn process(&self) -> Result<u32> {
        self.child.id().context("the server has ended")
    }

    /// SIGKILL: nothing is finished, nothing is written any more.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    /// The end of the proof.
    pub(crate) async fn stop(self) -> Result<()> {
        self.kill().await
    }
}
