use anyhow::{Context, Result};
use std::fs;
use std::time::Duration;

/// What the server's process holds at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Since the zoo was let loose.
    pub(super) at: Duration,
    /// Resident memory.
    pub(super) resident_bytes: u64,
    /// Open file descriptors.
    pub(super) files: usize,
}

/// Looks at a process of this machine.
pub(super) fn look(process: u32, at: Duration) -> Result<Look> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server has ended")?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = kibibytes.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    let resident_bytes = kibibytes.context("the server has no memory left: it has ended")? * 1024;
    let files = fs::read_dir(format!("/proc/{process}/fd")).context("the server has ended")?.count();
    Ok(Look { at, resident_bytes, files })
}
