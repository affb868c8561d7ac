//! `cargo xtask tidy`: what a machine can check, so that nobody discusses it. One check a file.
//!
//! A new check is a file here with one function and a line in [`CHECKS`].

mod architecture;
mod dead;
mod dependencies;
mod finding;
mod floors;
mod format;
mod lints;
mod purity;
mod sizes;

use crate::house::House;
use crate::sources::{self, Source};
use anyhow::Result;
pub(crate) use dependencies::install as install_cargo_deny;
use finding::Finding;
use std::process::ExitCode;

/// How much is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Depth {
    /// Without what compiles or asks the network.
    Fast,
    /// Everything.
    Whole,
}

/// What a check says in the end.
pub(crate) enum Verdict {
    /// Nothing to mend.
    Clean,
    /// This is to be mended.
    Findings(Vec<Finding>),
    /// A program that it ran has shown what is to be mended; this says what to do about it.
    Shown(String),
    /// A part could not be checked, for this reason; the rest is clean.
    Skipped(String),
}

impl From<Vec<Finding>> for Verdict {
    fn from(findings: Vec<Finding>) -> Verdict {
        if findings.is_empty() { Verdict::Clean } else { Verdict::Findings(findings) }
    }
}

/// What every check may look at.
pub(crate) struct Subject<'a> {
    /// The workspace.
    pub(crate) house: &'a House,
    /// Its Rust sources.
    pub(crate) sources: Vec<Source>,
}

/// One check: its name, the least depth at which it runs, and the work.
struct Check {
    name: &'static str,
    depth: Depth,
    run: fn(&Subject) -> Result<Verdict>,
}

/// Every check, the quick ones first.
const CHECKS: &[Check] = &[
    Check { name: "format", depth: Depth::Fast, run: format::check },
    Check { name: "floors", depth: Depth::Fast, run: floors::check },
    Check { name: "purity", depth: Depth::Fast, run: purity::check },
    Check { name: "sizes", depth: Depth::Fast, run: sizes::check },
    Check { name: "dead files", depth: Depth::Fast, run: dead::check },
    Check { name: "architecture", depth: Depth::Fast, run: architecture::check },
    Check { name: "dependencies", depth: Depth::Whole, run: dependencies::check },
    Check { name: "lints", depth: Depth::Whole, run: lints::check },
];

/// Runs the checks, all of them even when one fails, and says what to mend.
pub(crate) fn run(house: &House, depth: Depth) -> Result<ExitCode> {
    let report = report(house, depth)?;
    println!("{report}");
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a run of the checks found.
pub(crate) struct Report {
    /// The names of the checks with something to mend.
    pub(crate) failed: Vec<&'static str>,
    /// The checks that were left out in part, with the reason.
    pub(crate) skipped: Vec<(&'static str, String)>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, reason) in &self.skipped {
            writeln!(f, "tidy: SKIPPED in part: {name}: {reason}")?;
        }
        match self.failed.as_slice() {
            [] => write!(f, "tidy: nothing to mend"),
            failed => write!(f, "tidy: to mend: {}", failed.join(", ")),
        }
    }
}

/// Runs the checks and prints what each finds.
pub(crate) fn report(house: &House, depth: Depth) -> Result<Report> {
    let subject = Subject { house, sources: sources::reached(house)? };
    let mut report = Report { failed: Vec::new(), skipped: Vec::new() };
    for check in CHECKS.iter().filter(|check| depth == Depth::Whole || check.depth == Depth::Fast) {
        match (check.run)(&subject)? {
            Verdict::Clean => println!("tidy: {}: clean", check.name),
            Verdict::Skipped(reason) => {
                println!("tidy: {}: SKIPPED in part: {reason}", check.name);
                report.skipped.push((check.name, reason));
            }
            Verdict::Shown(advice) => {
                println!("tidy: {}: see above. {advice}", check.name);
                report.failed.push(check.name);
            }
            Verdict::Findings(findings) => {
                println!("tidy: {}: {} to mend", check.name, findings.len());
                findings.iter().for_each(|finding| println!("{finding}"));
                report.failed.push(check.name);
            }
        }
    }
    Ok(report)
}
