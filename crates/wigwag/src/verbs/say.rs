//! Saying what was asked for. That nobody reads it any more (`| head`) is no failure; that it cannot be written is one.

use anyhow::{Context, Result};
use std::io::{self, ErrorKind, Write};

/// Prints a text and a line's end.
pub(super) fn line(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}
