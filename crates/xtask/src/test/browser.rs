//! The browser tests: every `e2e/*.test.mjs`, run by Node against the built program in Chromium.

use crate::house::House;
use crate::process::{cargo, command, run};
use crate::steps::Done;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Where Debian's package puts the browser.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// The longest that one browser test may take.
const TEST_TIMEOUT_MS: &str = "--test-timeout=300000";

/// Runs them one file at a time, on the plain build: a build with planted faults may have replaced the program before.
pub(crate) fn tests(house: &House) -> Result<Done> {
    run(&mut cargo(house, ["build", "--quiet", "-p", "wigwag"]))?;
    run(node_tests(house, "e2e")?.env("WIGWAG_BIN", house.target().join("debug/wigwag")))?;
    Ok(Done::Passed)
}

/// Node's own runner over every `FOLDER/*.test.mjs`, one file at a time.
pub(super) fn node_tests(house: &House, folder: &str) -> Result<Command> {
    let files = files(house, folder)?;
    if files.is_empty() {
        bail!("there is no test: nothing matches {folder}/*.test.mjs");
    }
    let mut node = command(house, "node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1", TEST_TIMEOUT_MS]).args(files);
    node.env("CHROMIUM", CHROMIUM);
    Ok(node)
}

fn files(house: &House, folder: &str) -> Result<Vec<PathBuf>> {
    let path = house.root().join(folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&path).with_context(|| format!("cannot read the folder {folder}"))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".test.mjs")) {
            files.push(house.relative(&path).to_path_buf());
        }
    }
    files.sort();
    Ok(files)
}
