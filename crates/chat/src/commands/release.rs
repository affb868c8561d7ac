//! `auto_deploy status` and `release check`: what runs where, and what ships when.

use crate::command::{AutoDeployStatus, Command, ReleaseCheck};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::limits::{COMMIT_DIGITS, COMMITS_MAX};
use crate::lookalike::note;
use crate::names::check_filled_in;
use crate::parsed::Parsed;
use crate::spec::{Argument, CommandSpec, Holds, Runs, Times};
use crate::text;

pub(crate) const STATUS: CommandSpec = CommandSpec {
    name: "auto_deploy status",
    summary: "Show what runs where, or where commits or a merge request run.",
    arguments: &[Argument {
        name: "SHA... | MERGE_REQUEST_URL",
        times: Times::UpTo(COMMITS_MAX),
        holds: Holds::Text,
        help: "commits by their ids or the first digits of them, or a merge request's address",
    }],
    options: &[],
    runs: Runs::Anywhere,
    examples: &[
        "auto_deploy status",
        "auto_deploy status 1a2b3c4d5e6f",
        "auto_deploy status https://gitlab.example/acme/shop/-/merge_requests/7",
    ],
    build: |parsed| Ok(Command::AutoDeployStatus(status(&parsed.arguments)?)),
};

pub(crate) const CHECK: CommandSpec = CommandSpec {
    name: "release check",
    summary: "Tell whether a merge request was released, or ships with a version.",
    arguments: &[
        Argument::once("MERGE_REQUEST_URL", Holds::Text, "the merge request's address"),
        Argument {
            name: "X.Y",
            times: Times::Optional,
            holds: Holds::Text,
            help: "the version, such as 15.2",
        },
    ],
    options: &[],
    runs: Runs::Anywhere,
    examples: &["release check https://gitlab.example/acme/shop/-/merge_requests/7 15.2"],
    build: check,
};

fn check(parsed: &Parsed) -> Result<Command, Fault> {
    let raw = |word: &Word| text::check(&word.text, word.inside);
    let url = raw(&parsed.arguments[0])?;
    let version = parsed.arguments.get(1).map(raw).transpose()?;
    Ok(Command::ReleaseCheck(ReleaseCheck { url, version }))
}

fn status(words: &[Word]) -> Result<AutoDeployStatus, Fault> {
    let is_url = |word: &&Word| word.text.contains("://");
    if let Some(url) = words.iter().find(is_url) {
        return match words.iter().find(|word| *word != url) {
            None => Ok(AutoDeployStatus::MergeRequest(text::check(&url.text, url.inside)?)),
            Some(other) => {
                let at = other.at.max(url.at);
                Err(Fault::new(at, "A merge request's address stands alone; ask for the rest separately."))
            }
        };
    }
    let mut ids = Vec::new();
    for word in words {
        let id = commit_id(word)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(if ids.is_empty() { AutoDeployStatus::Everywhere } else { AutoDeployStatus::Commits(ids) })
}

fn commit_id(word: &Word) -> Result<String, Fault> {
    check_filled_in(&word.text, word.inside)?;
    let digits = word.text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits && COMMIT_DIGITS.contains(&word.text.len()) {
        return Ok(word.text.to_ascii_lowercase());
    }
    let message = format!(
        "{} is no commit: write {} to {} hex digits of its id.{}",
        shown(&word.text),
        COMMIT_DIGITS.start(),
        COMMIT_DIGITS.end(),
        note(&word.text)
    );
    Err(Fault::new(word.inside, message))
}
