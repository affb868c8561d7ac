//! Lints: clippy with every warning as an error, over all targets, with and without the optional features.

use super::{Subject, Verdict};
use crate::process::{cargo, run};
use anyhow::Result;

/// What clippy finds, shown by clippy itself.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let optional = subject.house.packages().iter().any(|package| !package.features.is_empty());
    let builds: &[&[&str]] = if optional { &[&[], &["--all-features"]] } else { &[&[]] };
    for features in builds {
        let mut clippy = cargo(subject.house, ["clippy", "--quiet", "--workspace", "--all-targets"]);
        clippy.args(*features).args(["--", "-D", "warnings"]);
        if let Err(error) = run(&mut clippy) {
            let advice = "Mend what clippy names (if clippy is missing: `rustup component add clippy`).";
            return Ok(Verdict::Shown(format!("{error}. {advice}")));
        }
    }
    Ok(Verdict::Clean)
}
