//! The server that this repository builds, on a free port and in a temporary folder, ended with the run.

use crate::limits::START_WITHIN;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

/// The token of root.
pub(crate) const ROOT_TOKEN: &str = "conformance-0123456789abcdef0123456789";

/// A running server.
pub(crate) struct Server {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts it and waits until it listens. `WIGWAG_BIN` says where the program is.
    pub(crate) fn start() -> Result<Self> {
        let program = std::env::var_os("WIGWAG_BIN").context("WIGWAG_BIN must name the program")?;
        let program = std::path::absolute(PathBuf::from(program))?;
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data", "data"])
            .env("WIGWAG_ROOT_TOKEN", ROOT_TOKEN)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the server's output is piped")?;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.filter_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).for_each(|url| {
                // Nobody listens any more if the start took too long.
                let _ = tell.send(url);
            });
        });
        match told.recv_timeout(START_WITHIN) {
            Ok(url) => Ok(Self { child, url, _folder: folder }),
            Err(_) => {
                end(&mut child);
                bail!("the server did not start")
            }
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// What is already gone needs no end.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
