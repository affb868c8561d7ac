//! What we build upon: cargo-deny judges bans, licences and sources by deny.toml, and known advisories where their
//! database can be reached.

use super::{Subject, Verdict};
use crate::house::House;
use crate::process::{answer, cargo, command, run};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The version that deny.toml is written for.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// What cargo-deny finds, shown by cargo-deny itself.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let house = subject.house;
    install(house)?;
    if let Err(error) =
        run(deny(house).args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
    {
        return Ok(Verdict::Shown(format!(
            "{error}. Take another crate, or change deny.toml and say why there."
        )));
    }
    println!("fetching the advisory database (at most a minute)");
    let mut fetch = command(house, "timeout");
    if answer(fetch.arg("60").arg(program(house)).args(["fetch", "db"])).is_none() {
        let reason =
            "advisories: their database cannot be reached; `cargo deny check advisories` where it can";
        return Ok(Verdict::Skipped(reason.to_owned()));
    }
    if let Err(error) = run(deny(house).args(["check", "--disable-fetch", "advisories"])) {
        return Ok(Verdict::Shown(format!("{error}. Move to a version without the advisory.")));
    }
    Ok(Verdict::Clean)
}

/// Builds cargo-deny into the target folder, unless it is there in the right version.
pub(crate) fn install(house: &House) -> Result<()> {
    let there = answer(command(house, program(house)).arg("--version"));
    if there.is_some_and(|version| version.trim().ends_with(CARGO_DENY_VERSION)) {
        return Ok(());
    }
    println!(
        "installing cargo-deny {CARGO_DENY_VERSION} into target/tools (about two minutes on two cores, once)"
    );
    let mut install =
        cargo(house, ["install", "--quiet", "--locked", "cargo-deny", "--version", CARGO_DENY_VERSION]);
    run(install.arg("--force").arg("--root").arg(tools(house)))
}

fn tools(house: &House) -> PathBuf {
    house.target().join("tools")
}

fn program(house: &House) -> PathBuf {
    tools(house).join("bin/cargo-deny")
}

fn deny(house: &House) -> Command {
    let mut deny = command(house, program(house));
    deny.args(["--log-level", "warn"]);
    deny
}
