//! Purity of the domain: no IO, clock, randomness, async or serde; time and seeds come in as values.
//!
//! This judges declared dependencies and paths in the sources (comments and tests aside). Calls that go through other
//! names are caught by the clippy.toml of each domain crate.

use super::finding::Finding;
use super::floors::{domain, line_of};
use super::{Subject, Verdict};
use crate::house::House;
use crate::sources::{Audience, Source, is_for_tests};
use anyhow::Result;
use cargo_metadata::{DependencyKind, Package};
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Crates that bring IO, a clock, randomness, async or a serial form. A trailing `*` stands for any ending.
const CRATES_BANNED: &[&str] = &[
    "arc-swap",
    "async-*",
    "axum*",
    "chrono",
    "fastrand",
    "futures*",
    "getrandom",
    "hyper*",
    "jiff",
    "log",
    "rand*",
    "reqwest",
    "rusqlite",
    "serde*",
    "tempfile",
    "time",
    "tokio*",
    "toml*",
    "tower*",
    "tracing*",
];

/// Exceptions: JSON values as data are what an event's payload is made of.
const CRATES_ALLOWED: &[(&str, &str)] = &[("wigwag-hooks", "serde_json")];

/// Parts of the standard library and of others that no domain source may name.
const PATHS_BANNED: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::collections::hash_map::RandomState",
    "serde",
    "tokio",
];

/// The list of methods that clippy refuses in the domain crates.
const CLIPPY_BANS: &str = "clippy-domain.toml";

/// What breaks purity in the domain crates.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let mut findings = Vec::new();
    let pure: Vec<&str> = domain().collect();
    for package in subject.house.packages().iter().filter(|package| pure.contains(&package.name.as_str())) {
        let manifest = subject.house.relative(package.manifest_path.as_std_path()).to_path_buf();
        let text = std::fs::read_to_string(&package.manifest_path)?;
        findings.extend(banned_dependencies(package, &manifest, &text));
        findings.extend(missing_bans(subject.house, &manifest));
    }
    let sources = subject.sources.iter().filter(|source| pure.contains(&source.package.as_str()));
    for source in sources.filter(|source| source.path.components().any(|part| part.as_os_str() == "src")) {
        findings.extend(impure_paths(source));
    }
    Ok(findings.into())
}

fn banned_dependencies(package: &Package, manifest: &Path, text: &str) -> Vec<Finding> {
    let shipped =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    let banned = shipped.filter(|dependency| is_banned(package.name.as_str(), &dependency.name));
    let finding = |dependency: &cargo_metadata::Dependency| {
        let says = format!("{} is pure and may not depend on {}", package.name, dependency.name);
        Finding::at(
            manifest,
            line_of(text, &dependency.name),
            says,
            "Let it in as a value, at the edge that calls.",
        )
    };
    banned.map(finding).collect()
}

/// Each domain crate links to one list of methods that clippy refuses there.
fn missing_bans(house: &House, manifest: &Path) -> Option<Finding> {
    let link = manifest.with_file_name("clippy.toml");
    let read = |path: &Path| std::fs::read_to_string(house.root().join(path)).ok();
    let linked = read(&link).is_some_and(|bans| Some(bans) == read(Path::new(CLIPPY_BANS)));
    (!linked).then(|| {
        let advice = format!("Run `ln -sf ../../{CLIPPY_BANS} {}`.", link.display());
        Finding::at(&link, 1, format!("it is not the same as {CLIPPY_BANS}"), advice)
    })
}

fn is_banned(package: &str, dependency: &str) -> bool {
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => dependency.starts_with(beginning),
        None => dependency == pattern,
    };
    !CRATES_ALLOWED.contains(&(package, dependency)) && CRATES_BANNED.iter().any(|pattern| matches(pattern))
}

fn impure_paths(source: &Source) -> Vec<Finding> {
    let (Audience::Product, Ok(syntax)) = (source.audience, &source.syntax) else { return Vec::new() };
    let mut paths = Paths { source: &source.path, findings: Vec::new() };
    paths.visit_file(syntax);
    paths.findings
}

/// Collects what is named, wherever it is named.
struct Paths<'a> {
    source: &'a Path,
    findings: Vec<Finding>,
}

impl Paths<'_> {
    fn judge(&mut self, path: &str, line: usize) {
        let holds = |banned: &str| {
            path.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        if PATHS_BANNED.iter().any(|banned| holds(banned)) {
            let says = format!("`{path}` in a pure crate");
            let advice = "Take the time, the seed or the bytes as a parameter; give effects back as values.";
            self.findings.push(Finding::at(self.source, line, says, advice));
        }
    }

    fn judge_use(&mut self, beginning: &str, tree: &syn::UseTree) {
        let joined = |name: &syn::Ident| match beginning {
            "" => name.to_string(),
            _ => format!("{beginning}::{name}"),
        };
        match tree {
            syn::UseTree::Path(path) => self.judge_use(&joined(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.judge(beginning, line(name)),
            syn::UseTree::Name(name) => self.judge(&joined(&name.ident), line(name)),
            syn::UseTree::Rename(rename) => self.judge(&joined(&rename.ident), line(rename)),
            syn::UseTree::Glob(glob) => self.judge(beginning, line(glob)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.judge_use(beginning, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.judge_use("", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.judge(&names.join("::"), line(path));
        visit::visit_path(self, path);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if signature.asyncness.is_some() {
            let says = format!("`async fn {}` in a pure crate", signature.ident);
            self.findings.push(Finding::at(
                self.source,
                line(signature),
                says,
                "Waiting belongs to the engine.",
            ));
        }
        visit::visit_signature(self, signature);
    }
}

fn line(node: &impl Spanned) -> usize {
    node.span().start().line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;
    use insta::assert_snapshot;

    fn findings(text: &str) -> Vec<Finding> {
        impure_paths(&Source {
            path: "crates/hooks/src/x.rs".into(),
            package: "wigwag-hooks".to_owned(),
            audience: Audience::Product,
            syntax: syn::parse_file(text).map_err(|error| (1, error.to_string())),
        })
    }

    fn check(text: &str, expected: usize) {
        assert_eq!(findings(text).len(), expected, "{text}");
    }

    #[test]
    fn impure_names_are_found_in_every_form() {
        check("use std::time::SystemTime;", 1);
        check("use std::{fs, time::{Duration, Instant}};", 2);
        check("use std::fs::{self};", 1);
        check("use std::time::Instant as Clock;", 1);
        check("use tokio::sync::*;", 1);
        check("fn f() { std::thread::spawn(|| ()); }", 1);
        check("fn f() -> ::std::io::Result<()> { Ok(()) }", 1);
        check("async fn f() {}", 1);
    }

    #[test]
    fn pure_names_and_tests_pass() {
        check("use std::time::Duration; use std::fmt;", 0);
        check("//! std::fs is not used here.\nfn f() {}", 0);
        check("#[cfg(test)] mod tests { use std::fs; }", 0);
        check("fn f(serde_like: u8) -> u8 { serde_like }", 0);
    }

    #[test]
    fn the_finding_says_where_and_what_to_do() {
        assert_snapshot!(shown(&findings("\n\nuse std::time::SystemTime;")), @r"
          crates/hooks/src/x.rs:3: `std::time::SystemTime` in a pure crate
              Take the time, the seed or the bytes as a parameter; give effects back as values.
        ");
    }

    #[test]
    fn dependencies_are_banned_by_name_and_by_beginning() {
        let check =
            |package, dependency, banned| assert_eq!(is_banned(package, dependency), banned, "{dependency}");
        check("wigwag-flags", "serde", true);
        check("wigwag-flags", "serde_json", true);
        check("wigwag-hooks", "serde_json", false);
        check("wigwag-hooks", "tokio-util", true);
        check("wigwag-hooks", "bytes", false);
    }
}
