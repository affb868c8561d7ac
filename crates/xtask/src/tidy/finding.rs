//! One thing to mend.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where something is wrong, what, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    path: PathBuf,
    line: usize,
    says: String,
    advice: String,
}

impl Finding {
    /// A finding at a line (from 1) of a file, named from the workspace's root.
    pub(crate) fn at(
        path: &Path,
        line: usize,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding { path: path.to_path_buf(), line, says: says.into(), advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}:{}: {}", self.path.display(), self.line, self.says)?;
        write!(f, "      {}", self.advice)
    }
}

/// Findings as a test compares them.
#[cfg(test)]
pub(crate) fn shown(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
