//! The browser tests: every `e2e/*.test.mjs`, run by Node against the built program in Chromium.

use crate::house::House;
use crate::process::{cargo, command, run};
use crate::steps::Done;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Where Debian's package puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// The longest that one browser test may take.
const TEST_TIMEOUT_MS: &str = "--test-timeout=300000";

/// Runs them one file at a time, on the plain build: a build with planted faults may have replaced the program before.
pub(crate) fn tests(house: &House) -> Result<Done> {
    let files = files(house)?;
    if files.is_empty() {
        bail!("there is no browser test: nothing matches e2e/*.test.mjs");
    }
    run(&mut cargo(house, ["build", "--quiet", "-p", "wigwag"]))?;
    let mut node = command(house, "node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1", TEST_TIMEOUT_MS]).args(files);
    node.env("CHROMIUM", CHROMIUM).env("WIGWAG_BIN", house.target().join("debug/wigwag"));
    run(&mut node)?;
    Ok(Done::Passed)
}

fn files(house: &House) -> Result<Vec<PathBuf>> {
    let folder = house.root().join("e2e");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).context("cannot read the folder e2e")? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".test.mjs")) {
            files.push(house.relative(&path).to_path_buf());
        }
    }
    files.sort();
    Ok(files)
}
