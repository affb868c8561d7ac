//! Formatting: rustfmt's, with the two settings of rustfmt.toml.

use super::finding::Finding;
use super::{Subject, Verdict};
use crate::house::House;
use crate::process::cargo;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Every place where rustfmt would write something else.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let output = cargo(subject.house, ["fmt", "--all", "--", "--check", "--color", "never"])
        .output()
        .context("cannot start `cargo fmt`; `rustup component add rustfmt` installs it")?;
    let findings = places(subject.house, &String::from_utf8_lossy(&output.stdout));
    if findings.is_empty() && !output.status.success() {
        bail!("`cargo fmt --all --check` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(findings.into())
}

/// The places in rustfmt's report: lines such as `Diff in /path/to/file.rs:12:`.
fn places(house: &House, report: &str) -> Vec<Finding> {
    let heads = report.lines().filter_map(|line| line.strip_prefix("Diff in "));
    let places = heads.filter_map(|head| head.trim_end_matches(':').rsplit_once(':'));
    let finding = |(path, line): (&str, &str)| {
        let path = house.relative(Path::new(path)).to_path_buf();
        Finding::at(&path, line.parse().unwrap_or(1), "not as rustfmt writes it", "Run `cargo fmt --all`.")
    };
    places.map(finding).collect()
}
