//! Processes that a benchmark starts, and what they cost.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// A process that ends with the benchmark.
pub(crate) struct Process {
    child: Child,
    lines: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts `program`.
    pub(crate) fn start(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().context("the output is piped")?;
        Ok(Self { child, lines: BufReader::new(stdout).lines() })
    }

    /// Starts this program itself with another verb.
    pub(crate) fn start_self(arguments: &[&str]) -> Result<Self> {
        Self::start(&std::env::current_exe()?, arguments, &[])
    }

    /// The first line that `wanted` accepts, mapped by it.
    pub(crate) async fn line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> Result<T> {
        while let Some(line) = self.lines.next_line().await? {
            if let Some(found) = wanted(&line) {
                return Ok(found);
            }
        }
        bail!("a process ended before it said what was waited for")
    }

    /// CPU seconds used so far, user and system, by the kernel's account.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let pid = self.child.id().context("the process has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // After the name in parentheses: fields 14 and 15 are user and system time in ticks of 10 ms.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks =
            |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        Ok((ticks(11) + ticks(12)) / 100.0)
    }

    /// Bytes written to the disk so far, and the most memory used, in bytes.
    pub(crate) fn written_and_peak(&self) -> Result<(u64, u64)> {
        let pid = self.child.id().context("the process has ended")?;
        let number = |path: String, key: &str, unit: u64| -> Result<u64> {
            let text = std::fs::read_to_string(path)?;
            let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("0");
            Ok(line.split_whitespace().next().unwrap_or("0").parse::<u64>().unwrap_or(0) * unit)
        };
        let written = number(format!("/proc/{pid}/io"), "write_bytes:", 1)?;
        Ok((written, number(format!("/proc/{pid}/status"), "VmHWM:", 1_024)?))
    }

    /// Ends it.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }
}
