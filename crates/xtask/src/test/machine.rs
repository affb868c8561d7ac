//! What the tests need besides a Rust toolchain, installed where it is missing: Debian packages, toolchain components,
//! and the locked packages of Node and Python.

use super::packages;
use crate::house::House;
use crate::limits::NODE_MAJOR_MIN;
use crate::process::{answer, cargo, command, run};
use crate::steps::Done;
use crate::tidy::install_cargo_deny;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// A Debian package and a file that is there once it is installed.
struct DebianPackage {
    name: &'static str,
    shows: &'static str,
    why: &'static str,
}

/// What comes from Debian.
const DEBIAN_PACKAGES: &[DebianPackage] = &[
    DebianPackage { name: "chromium", shows: "usr/bin/chromium", why: "the browser tests" },
    DebianPackage { name: "curl", shows: "usr/bin/curl", why: "the walk of the documentation" },
    DebianPackage {
        name: "fonts-dejavu-core",
        shows: "usr/share/fonts/truetype/dejavu",
        why: "text in the browser",
    },
    DebianPackage { name: "git", shows: "*/git", why: "the mirror of the platform's repository" },
    DebianPackage { name: "iproute2", shows: "*/ip", why: "the network namespaces of the proofs" },
    DebianPackage {
        name: "nodejs",
        shows: "*/node",
        why: "the runner of the browser tests and client suites",
    },
    DebianPackage { name: "npm", shows: "*/npm", why: "the packages of those" },
    DebianPackage { name: "openssl", shows: "usr/bin/openssl", why: "the walk of the documentation" },
    DebianPackage { name: "prometheus", shows: "*/prometheus", why: "the production check" },
    DebianPackage {
        name: "prometheus-alertmanager",
        shows: "*/prometheus-alertmanager",
        why: "the production check",
    },
    DebianPackage { name: "python3", shows: "usr/bin/python3", why: "the client suites in Python" },
    DebianPackage {
        name: "python3-venv",
        shows: "usr/lib/python3.*/ensurepip",
        why: "the packages of those",
    },
];

/// Folders of programs, for a package that shows itself as `*/name`.
const PROGRAM_FOLDERS: &[&str] = &["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];

/// Installs what is missing and says so; what is there is said to be there.
pub(crate) fn prepare(house: &House) -> Result<Done> {
    debian_packages(house)?;
    toolchain_components(house)?;
    install_cargo_deny(house)?;
    node_version(house)?;
    packages::node(house, "e2e")?;
    packages::node(house, "clients/node")?;
    packages::python(house)?;
    Ok(Done::Passed)
}

fn debian_packages(house: &House) -> Result<()> {
    let (present, missing): (Vec<_>, Vec<_>) =
        DEBIAN_PACKAGES.iter().partition(|package| is_present(Path::new("/"), package));
    present.iter().for_each(|package| println!("there: {} ({})", package.name, package.why));
    if missing.is_empty() {
        return Ok(());
    }
    missing.iter().for_each(|package| println!("missing: {} ({})", package.name, package.why));
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let advice = || format!("these must be installed: {}", names.join(" "));
    apt_get(house, &["update", "--quiet=2"]).with_context(advice)?;
    let install = [&["install", "--yes", "--quiet=2", "--no-install-recommends"], names.as_slice()].concat();
    apt_get(house, &install).with_context(advice)
}

/// `*/name` is a program, in any folder of them; `lib/name*/file` lies in a folder whose name begins so.
fn is_present(root: &Path, package: &DebianPackage) -> bool {
    if let Some(program) = package.shows.strip_prefix("*/") {
        return PROGRAM_FOLDERS.iter().any(|folder| root.join(folder).join(program).exists());
    }
    let Some((begin, file)) = package.shows.split_once("*/") else {
        return root.join(package.shows).exists();
    };
    let (folder, name) = begin.rsplit_once('/').unwrap_or((".", begin));
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return false };
    let named = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(name);
    entries.flatten().filter(named).any(|entry| entry.path().join(file).exists())
}

/// Runs apt-get as root: directly, or through a sudo that asks nothing.
fn apt_get(house: &House, arguments: &[&str]) -> Result<()> {
    let root = answer(command(house, "id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut apt_get = command(house, if root { "env" } else { "sudo" });
    if !root {
        apt_get.args(["--non-interactive", "env"]);
    }
    run(apt_get.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments))
}

fn toolchain_components(house: &House) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answer(&mut cargo(house, [subcommand, "--version"])).is_some() {
            println!("there: {component} (tidy)");
            continue;
        }
        println!("missing: {component} (tidy)");
        run(command(house, "rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

fn node_version(house: &House) -> Result<()> {
    let version = answer(command(house, "node").arg("--version")).context("`node --version` fails")?;
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!(
            "the browser tests need Node {NODE_MAJOR_MIN} or newer and this is {}; Debian 13 has it, on an older \
             Debian install it from nodejs.org",
            version.trim()
        ),
    }
}

/// The major version in `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        let check = |version, expected| assert_eq!(major(version), expected, "{version}");
        check("v20.20.2\n", Some(20));
        check("v18.19.0", Some(18));
        check("unknown", None);
    }

    #[test]
    fn a_package_is_present_when_its_file_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let check = |shows, expected| {
            assert_eq!(is_present(root, &DebianPackage { name: "x", shows, why: "x" }), expected, "{shows}");
        };
        check("src/main.rs", true);
        check("src/absent.rs", false);
        check("*/absent", false);
        check("src/te*/machine.rs", true);
        check("src/te*/absent.rs", false);
        check("src/ab*/machine.rs", false);
        check("absent/te*/machine.rs", false);
    }
}
