//! How the process ends: 0 done, 1 refused or failed with a reason, 2 wrong use, 70 the store can no longer be trusted.

use std::process::ExitCode;

/// The store failed in a way after which only a restart, which recovers, is safe.
#[derive(Debug)]
pub(crate) struct Fatal(pub String);

impl std::fmt::Display for Fatal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. Nothing acknowledged is lost; start again to recover", self.0)
    }
}

impl std::error::Error for Fatal {}

/// Wrong use of a verb.
#[derive(Debug)]
pub(crate) struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// A reason was printed already; only the exit code is left to say.
#[derive(Debug)]
pub(crate) struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

/// Prints the reason once and gives the exit code.
#[allow(clippy::print_stderr, reason = "the one place where a reason is told")]
pub(crate) fn code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    if error.is::<Refused>() {
        return ExitCode::from(1);
    }
    eprintln!("wigwag: {error:#}");
    ExitCode::from(if error.is::<Fatal>() {
        70
    } else if error.is::<Usage>() {
        2
    } else {
        1
    })
}
