//! `auto_deploy status` and `release check`: what runs where, and what ships when.

use super::Command;
use crate::error::Fault;
use crate::lex::Word;
use crate::limits::{COMMIT_DIGITS, COMMITS_MAX};
use crate::parse::Parsed;
use crate::spec::{Argument, CommandSpec, Count, Named, Runs};
use crate::text::check;

/// Shows what runs where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AutoDeployStatus {
    /// Every environment.
    Everywhere,
    /// Where these commits run, by id or the beginning of one; at least one.
    Commits(Vec<String>),
    /// Where the merge commit of a merge request, and its picks, run; as written.
    MergeRequest(String),
}

/// Tells whether a merge request ships with a version. Whether address and version are such is a part of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReleaseCheck {
    /// The merge request's address, as written.
    pub url: String,
    /// The version, as written.
    pub version: Option<String>,
}

pub(crate) const STATUS: CommandSpec = CommandSpec {
    name: "auto_deploy status",
    summary: "Show what runs where, or where commits or a merge request run.",
    arguments: &[Argument::new("SHA... | MERGE_REQUEST_URL", Count::Any, Named::Free)],
    options: &[],
    runs: Runs::Anywhere,
    examples: &[
        "auto_deploy status",
        "auto_deploy status 1a2b3c4d5e6",
        "auto_deploy status https://gitlab.example/group/project/-/merge_requests/123",
    ],
    build: status,
};

pub(crate) const CHECK: CommandSpec = CommandSpec {
    name: "release check",
    summary: "Tell whether a merge request was released, or ships with a version.",
    arguments: &[
        Argument::new("MERGE_REQUEST_URL", Count::One, Named::Free),
        Argument::new("X.Y", Count::Optional, Named::Free),
    ],
    options: &[],
    runs: Runs::Anywhere,
    examples: &["release check https://gitlab.example/group/project/-/merge_requests/123 15.2"],
    build: |parsed| {
        let word = |word: &Word| {
            check_filled(word)?;
            check(&word.text, word.at)
        };
        let url = word(&parsed.arguments[0])?;
        let version = parsed.arguments.get(1).map(word).transpose()?;
        Ok(Command::ReleaseCheck(ReleaseCheck { url, version }))
    },
};

fn status(parsed: Parsed) -> Result<Command, Fault> {
    parsed.arguments.iter().try_for_each(check_filled)?;
    let asked = match parsed.arguments.as_slice() {
        [] => AutoDeployStatus::Everywhere,
        [url] if url.text.contains("://") => AutoDeployStatus::MergeRequest(check(&url.text, url.at)?),
        words => {
            if let Some(extra) = words.get(COMMITS_MAX) {
                return Err(Fault::new(extra.at, format!("At most {COMMITS_MAX} commits in one command.")));
            }
            AutoDeployStatus::Commits(words.iter().map(commit).collect::<Result<_, _>>()?)
        }
    };
    Ok(Command::AutoDeployStatus(asked))
}

/// The id of a commit, or its beginning.
fn commit(word: &Word) -> Result<String, Fault> {
    if word.text.contains("://") {
        return Err(Fault::new(word.at, "A merge request stands by itself; leave out the rest."));
    }
    let is_hex = word.text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || !COMMIT_DIGITS.contains(&word.text.len()) {
        let message = format!(
            "`{}` is no commit: write {} to {} hex digits of its id.",
            word.text,
            COMMIT_DIGITS.start(),
            COMMIT_DIGITS.end()
        );
        return Err(Fault::new(word.at, message));
    }
    Ok(word.text.to_ascii_lowercase())
}

fn check_filled(word: &Word) -> Result<(), Fault> {
    if word.text.contains(['<', '>']) {
        return Err(Fault::new(word.at, format!("`{}` is a placeholder; fill it in.", word.text)));
    }
    Ok(())
}
