//! Names in the documents: a path in backticks that looks like one of ours must exist, and ARCHITECTURE.md stays short.
//!
//! Decision records (docs/adr) are history and may name what is gone.

use super::finding::Finding;
use super::{Subject, Verdict};
use crate::limits::ARCHITECTURE_WORDS_MAX;
use crate::sources::files;
use anyhow::{Context, Result};
use std::path::Path;

/// How paths of ours begin.
const BEGINNINGS: &[&str] = &["crates/", "docs/", "e2e/", ".ci/"];

/// The document that must be there.
const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Names of files that do not exist, and an ARCHITECTURE.md that is missing or too long.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let root = subject.house.root();
    let mut findings = Vec::new();
    for path in files(subject.house, &["md"])?.iter().filter(|path| !path.starts_with("docs/adr")) {
        let text = std::fs::read_to_string(root.join(path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        findings.extend(missing_names(path, &text, |named| root.join(named).exists()));
        if path == Path::new(ARCHITECTURE) {
            findings.extend(too_long(path, &text));
        }
    }
    if !root.join(ARCHITECTURE).exists() {
        findings.push(Finding::at(
            Path::new(ARCHITECTURE),
            1,
            "it is missing",
            "Write it: shape, invariants, ways.",
        ));
    }
    Ok(findings.into())
}

fn missing_names(path: &Path, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for named in line.split('`').skip(1).step_by(2).filter_map(path_of_ours) {
            if !exists(named) {
                let says = format!("`{named}` does not exist");
                findings.push(Finding::at(path, index + 1, says, "Name what is there now, or make it."));
            }
        }
    }
    findings
}

/// The path in a piece of code, without a line number or an item behind it; patterns and commands are no paths.
fn path_of_ours(code: &str) -> Option<&str> {
    let ours = BEGINNINGS.iter().any(|beginning| code.starts_with(beginning));
    let pattern = code.contains(['<', '*', '{', ' ', '…']) || code.contains("NAME") || code.contains("...");
    (ours && !pattern).then(|| code.split(':').next().unwrap_or(code))
}

fn too_long(path: &Path, text: &str) -> Option<Finding> {
    let words = text.split_whitespace().count();
    (words > ARCHITECTURE_WORDS_MAX).then(|| {
        let says = format!("it has {words} words, the limit is {ARCHITECTURE_WORDS_MAX}");
        Finding::at(path, 1, says, "Move detail to the module docs or to docs/.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, missing: &[usize]) {
        let found =
            missing_names(Path::new("ARCHITECTURE.md"), text, |named| named == "crates/hooks/src/health/");
        let lines: Vec<String> = missing.iter().map(|line| format!("ARCHITECTURE.md:{line}:")).collect();
        assert_eq!(found.len(), lines.len(), "{text}");
        assert!(found.iter().zip(&lines).all(|(finding, line)| finding.to_string().contains(line)), "{text}");
    }

    #[test]
    fn a_name_that_does_not_exist_is_found_on_its_line() {
        check("See `crates/hooks/src/health/`.", &[]);
        check("First.\nSee `crates/gone/` and `crates/hooks/src/health/`.", &[2]);
        check("`crates/gone.rs:12` and `crates/gone.rs::deliver`", &[1, 1]);
    }

    #[test]
    fn patterns_and_other_words_are_no_names() {
        check("`crates/<name>`, `crates/*`, `cargo test crates/gone`, `hooks`, crates/gone", &[]);
    }

    #[test]
    fn architecture_has_a_limit_of_words() {
        assert_eq!(too_long(Path::new("A.md"), &"word ".repeat(2_500)), None);
        assert!(too_long(Path::new("A.md"), &"word ".repeat(2_501)).is_some());
    }
}
