//! Sizes: files and functions that fit in a head. Functions of tests may be long (their cases and
//! snapshots are data), files may not.

use super::finding::Finding;
use super::{Subject, Verdict};
use crate::limits::{FILE_LINES_MAX, FUNCTION_LINES_MAX};
use crate::sources::{Audience, Source, files, is_for_tests};
use anyhow::{Context, Result};
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The endings of files that people write and read.
const EXTENSIONS: &[&str] = &["rs", "js", "mjs", "css", "html", "sql", "sh"];

/// Files and functions above their limit.
pub(crate) fn check(subject: &Subject) -> Result<Verdict> {
    let mut findings = Vec::new();
    for path in files(subject.house, EXTENSIONS)? {
        let text = std::fs::read_to_string(subject.house.root().join(&path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        findings.extend(long_file(&path, &text));
    }
    findings.extend(subject.sources.iter().flat_map(long_functions));
    Ok(findings.into())
}

fn long_file(path: &Path, text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    (lines > FILE_LINES_MAX).then(|| {
        let says = format!("the file has {lines} lines, the limit is {FILE_LINES_MAX}");
        Finding::at(path, FILE_LINES_MAX + 1, says, "Split it by purpose, one a file.")
    })
}

fn long_functions(source: &Source) -> Vec<Finding> {
    let mut functions = Functions { source: &source.path, audience: source.audience, findings: Vec::new() };
    match &source.syntax {
        Ok(syntax) => functions.visit_file(syntax),
        Err((line, complaint)) => {
            let says = format!("this is not Rust that can be read: {complaint}");
            functions.findings.push(Finding::at(&source.path, *line, says, "Run `cargo check`."));
        }
    }
    functions.findings
}

/// Measures each function from its signature to its closing brace.
struct Functions<'a> {
    source: &'a Path,
    audience: Audience,
    findings: Vec<Finding>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.span().start().line;
        let lines = body.span().end().line - first + 1;
        if self.audience == Audience::Product && lines > FUNCTION_LINES_MAX {
            let says = format!("`{}` has {lines} lines, the limit is {FUNCTION_LINES_MAX}", signature.ident);
            self.findings.push(Finding::at(
                self.source,
                first,
                says,
                "Take a step with a name of its own out of it.",
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.measure(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;
    use insta::assert_snapshot;

    /// A function of exactly `lines` lines.
    fn function(lines: usize) -> String {
        format!("fn deliver() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    fn findings(text: &str, audience: Audience) -> Vec<Finding> {
        long_functions(&Source {
            path: "crates/engine/src/deliver.rs".into(),
            package: "wigwag-engine".to_owned(),
            audience,
            syntax: syn::parse_file(text).map_err(|error| (error.span().start().line, error.to_string())),
        })
    }

    fn check(text: &str, expected: usize) {
        assert_eq!(findings(text, Audience::Product).len(), expected);
    }

    #[test]
    fn a_function_may_have_70_lines_and_not_71() {
        check(&function(70), 0);
        check(&function(71), 1);
        check(&format!("impl Engine {{ {} }}", function(71)), 1);
        check(&format!("trait Engine {{ {} }}", function(71)), 1);
        check(&format!("mod inner {{ {} }}", function(71)), 1);
        check(&format!("/// What it is.\n#[inline]\n{}", function(70)), 0);
    }

    #[test]
    fn functions_of_tests_may_be_long() {
        check(&format!("#[cfg(test)] mod tests {{ {} }}", function(71)), 0);
        check(&format!("#[cfg(not(test))] mod real {{ {} }}", function(71)), 1);
        assert!(findings(&function(71), Audience::Tests).is_empty());
    }

    #[test]
    fn a_long_function_is_named_with_its_line() {
        assert_snapshot!(shown(&findings(&format!("\n/// Sends.\n{}", function(71)), Audience::Product)), @r"
          crates/engine/src/deliver.rs:3: `deliver` has 71 lines, the limit is 70
              Take a step with a name of its own out of it.
        ");
    }

    #[test]
    fn a_file_may_have_500_lines_and_not_501() {
        let check = |lines: usize| long_file(Path::new("x.rs"), &"//\n".repeat(lines)).is_some();
        assert!(!check(500));
        assert!(check(501));
    }

    #[test]
    fn what_cannot_be_parsed_is_a_finding() {
        check("fn f( {", 1);
    }
}
