//! The floors of the house: arrows between crates go down only, never sideways, and only the roof wires adapters.
//!
//! ```text
//! 6 roof       wigwag                     may use everything below
//! 5 faces      api pages                  engine, ports, domain, wire, base
//!              client                     flags, wire, base: it goes into other people's programs
//! 4 engine     engine                     ports, domain, base (the outside only through ports)
//! 3 adapters   store-sqlite egress ...    ports, domain, base
//! 2 ports      ports                      domain, base
//! 1 domain     flags hooks ... | wire     base
//! 0 ground     base                       nothing of ours
//!   yard       testkit prove xtask ...    may use everything; never in the product
//! ```
//! What tests use (`[dev-dependencies]`) is free: it never ships.

use super::finding::Finding;
use super::{Subject, Verdict};
use anyhow::Result;
use cargo_metadata::{DependencyKind, Package};
use std::path::{Path, PathBuf};

/// Where a crate lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Floor {
    Ground,
    Domain,
    Wire,
    Ports,
    Adapters,
    Engine,
    Faces,
    Roof,
    Yard,
}

/// Every crate of the workspace and its floor. A new crate is one line here.
const FLOORS: &[(&str, Floor)] = &[
    ("wigwag-base", Floor::Ground),
    ("wigwag-flags", Floor::Domain),
    ("wigwag-hooks", Floor::Domain),
    ("wigwag-callouts", Floor::Domain),
    ("wigwag-chat", Floor::Domain),
    ("wigwag-access", Floor::Domain),
    ("wigwag-wire", Floor::Wire),
    ("wigwag-ports", Floor::Ports),
    ("wigwag-store-sqlite", Floor::Adapters),
    ("wigwag-egress", Floor::Adapters),
    ("wigwag-chat-platforms", Floor::Adapters),
    ("wigwag-definitions", Floor::Adapters),
    ("wigwag-monitors", Floor::Adapters),
    ("wigwag-repository", Floor::Adapters),
    ("wigwag-engine", Floor::Engine),
    ("wigwag-api", Floor::Faces),
    ("wigwag-pages", Floor::Faces),
    ("wigwag-client", Floor::Faces),
    ("wigwag", Floor::Roof),
    ("wigwag-testkit", Floor::Yard),
    ("wigwag-store-contract", Floor::Yard),
    ("wigwag-prove", Floor::Yard),
    ("wigwag-bench", Floor::Yard),
    ("wigwag-conformance", Floor::Yard),
    ("wigwag-sim", Floor::Yard),
    ("wigwag-xtask", Floor::Yard),
];

/// The crate that goes into other people's programs, and all of ours that it may bring along.
const CLIENT: (&str, [&str; 3]) = ("wigwag-client", ["wigwag-flags", "wigwag-wire", "wigwag-base"]);

/// The crates on the domain's floor: pure rules.
pub(crate) fn domain() -> impl Iterator<Item = &'static str> {
    FLOORS.iter().filter(|(_, floor)| *floor == Floor::Domain).map(|(name, _)| *name)
}

/// One declared dependency between two crates of the workspace.
struct Arrow {
    from: String,
    to: String,
    manifest: PathBuf,
    line: usize,
}

/// Crates without a floor, and arrows that no floor allows.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let mut findings = Vec::new();
    for package in subject.house.packages() {
        let manifest = subject.house.relative(package.manifest_path.as_std_path()).to_path_buf();
        if floor(package.name.as_str()).is_none() {
            findings.push(homeless(package.name.as_str(), &manifest));
        }
        let text = std::fs::read_to_string(&package.manifest_path)?;
        findings.extend(arrows(package, &manifest, &text).iter().filter_map(judge));
    }
    Ok(findings.into())
}

fn floor(name: &str) -> Option<Floor> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

fn homeless(name: &str, manifest: &Path) -> Finding {
    let advice = "Give it one: a line in FLOORS of crates/xtask/src/tidy/floors.rs, and in ARCHITECTURE.md.";
    Finding::at(manifest, 1, format!("{name} has no floor"), advice)
}

/// What a package declares towards the workspace's own crates, without what only its tests use.
fn arrows(package: &Package, manifest: &Path, text: &str) -> Vec<Arrow> {
    let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    let shipped = ours.filter(|dependency| dependency.kind != DependencyKind::Development);
    let arrow = |dependency: &cargo_metadata::Dependency| Arrow {
        from: package.name.to_string(),
        to: dependency.name.clone(),
        manifest: manifest.to_path_buf(),
        line: line_of(text, &dependency.name),
    };
    shipped.map(arrow).collect()
}

/// The line of a manifest on which a dependency is declared.
pub(crate) fn line_of(manifest: &str, dependency: &str) -> usize {
    let declares = |line: &str| {
        line.trim_start()
            .strip_prefix(dependency)
            .is_some_and(|rest| rest.trim_start().starts_with(['.', '=']))
    };
    manifest.lines().position(declares).map_or(1, |index| index + 1)
}

fn judge(arrow: &Arrow) -> Option<Finding> {
    let (from, to) = (floor(&arrow.from)?, floor(&arrow.to)?);
    let advice = match (from, to) {
        (Floor::Yard, _) => return None,
        (_, Floor::Yard) => {
            "The yard is never in the product: make it a dev-dependency, or move what is needed down."
        }
        (Floor::Roof, to) if to < Floor::Roof => return None,
        _ if arrow.from == CLIENT.0 && !CLIENT.1.contains(&arrow.to.as_str()) => {
            "The client goes into other people's programs: it brings flags, wire and base along, nothing else of ours."
        }
        (Floor::Faces, Floor::Adapters) | (Floor::Engine, Floor::Adapters) => {
            "Ask through a trait in crates/ports; only the roof knows which adapter answers."
        }
        (from, Floor::Wire) if from < Floor::Faces => {
            "The public JSON contract belongs to the faces: turn it into domain values there."
        }
        (Floor::Domain | Floor::Wire, to) if to != Floor::Ground => {
            "No arrow between two domain crates: pass what is needed as a value, or move it to crates/base."
        }
        (from, to) if to < from => return None,
        _ => {
            "Arrows go down only: move what is needed to a floor below both, or turn the arrow round with a port."
        }
    };
    let says = format!("{} ({from:?}) may not depend on {} ({to:?})", arrow.from, arrow.to);
    Some(Finding::at(&arrow.manifest, arrow.line, says, advice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;
    use insta::assert_snapshot;

    fn arrow(from: &str, to: &str) -> Arrow {
        let manifest = PathBuf::from(format!("crates/{}/Cargo.toml", from.trim_start_matches("wigwag-")));
        Arrow { from: from.to_owned(), to: to.to_owned(), manifest, line: 12 }
    }

    fn allowed(from: &str, to: &str) {
        assert_eq!(judge(&arrow(from, to)), None, "{from} -> {to}");
    }

    fn refused(from: &str, to: &str) {
        assert!(judge(&arrow(from, to)).is_some(), "{from} -> {to}");
    }

    #[test]
    fn arrows_go_down() {
        allowed("wigwag-hooks", "wigwag-base");
        allowed("wigwag-wire", "wigwag-base");
        allowed("wigwag-ports", "wigwag-hooks");
        allowed("wigwag-egress", "wigwag-ports");
        allowed("wigwag-engine", "wigwag-callouts");
        allowed("wigwag-api", "wigwag-wire");
        allowed("wigwag-api", "wigwag-engine");
        allowed("wigwag-client", "wigwag-flags");
        allowed("wigwag-client", "wigwag-wire");
        allowed("wigwag", "wigwag-store-sqlite");
        allowed("wigwag-testkit", "wigwag");
        allowed("wigwag-prove", "wigwag-egress");
    }

    #[test]
    fn other_arrows_are_refused() {
        refused("wigwag-base", "wigwag-flags");
        refused("wigwag-hooks", "wigwag-ports");
        refused("wigwag-hooks", "wigwag-wire");
        refused("wigwag-wire", "wigwag-flags");
        refused("wigwag-ports", "wigwag-wire");
        refused("wigwag-store-sqlite", "wigwag-egress");
        refused("wigwag-store-sqlite", "wigwag-wire");
        refused("wigwag-engine", "wigwag-egress");
        refused("wigwag-engine", "wigwag-wire");
        refused("wigwag-engine", "wigwag-api");
        refused("wigwag-pages", "wigwag-api");
        refused("wigwag-client", "wigwag-engine");
        refused("wigwag-client", "wigwag-hooks");
        refused("wigwag-api", "wigwag-client");
        refused("wigwag-api", "wigwag-store-sqlite");
        refused("wigwag-api", "wigwag");
        refused("wigwag", "wigwag-testkit");
    }

    #[test]
    fn a_sideways_arrow_is_named_with_its_line() {
        let finding = judge(&arrow("wigwag-callouts", "wigwag-hooks")).expect("refused");
        assert_snapshot!(shown(&[finding]), @r"
          crates/callouts/Cargo.toml:12: wigwag-callouts (Domain) may not depend on wigwag-hooks (Domain)
              No arrow between two domain crates: pass what is needed as a value, or move it to crates/base.
        ");
    }

    #[test]
    fn the_line_is_the_declaring_one() {
        let manifest =
            "# wigwag-base is below\n[dependencies]\nwigwag-base-two = \"1\"\nwigwag-base.workspace = true\n";
        assert_eq!(line_of(manifest, "wigwag-base"), 4);
        assert_eq!(line_of(manifest, "wigwag-base-two"), 3);
        assert_eq!(line_of(manifest, "absent"), 1);
    }
}
