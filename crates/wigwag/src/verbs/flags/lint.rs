//! `wigwag flags lint`: what is wrong with a folder of definitions.

use super::definition::{Read, read, where_and_what};
use super::options::LintOptions;
use super::print::{self, counted};
use crate::exit;
use anyhow::Result;
use serde_json::json;

/// Exit code 1 says that something is wrong.
pub(super) fn run(options: &LintOptions) -> Result<()> {
    let Read { definitions, files, .. } = read(&options.folder);
    let (good, findings) = (definitions.good.len(), &definitions.findings);
    if options.json {
        let shown = findings.iter().map(|finding| {
            let file = (!finding.file.is_empty()).then(|| options.folder.join(&finding.file));
            json!({ "file": file, "line": finding.line, "field": finding.field, "rule": finding.rule })
        });
        print::json(&json!({ "files": files, "good": good, "findings": shown.collect::<Vec<_>>() }))?;
    } else {
        let mut text: String =
            findings.iter().map(|finding| where_and_what(&options.folder, finding) + "\n").collect();
        text += &match (findings.len(), files) {
            (0, 0) => format!("there is no definition (*.yml) below {}", options.folder.display()),
            (0, _) => format!("{}, nothing wrong", counted(good, "definition")),
            (n, 0) => counted(n, "finding"),
            (n, _) => format!("{}; {good} of {} good", counted(n, "finding"), counted(files, "file")),
        };
        print::text(&text)?;
    }
    if findings.is_empty() { Ok(()) } else { Err(exit::Refused.into()) }
}
