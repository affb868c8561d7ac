//! Commits: what an id names, and which commit is an ancestor of which.

use crate::git::{Call, Git, failure, unavailable};
use crate::limits::{ID_DIGITS_MIN, TITLE_CHARACTERS_MAX};
use crate::text::tame;
use std::collections::HashSet;
use wigwag_base::Timestamp;
use wigwag_ports::repository::{Commit, RepositoryError};

/// Whether it is a full id: lower-case hexadecimal digits, as many as SHA-1 or SHA-256 have.
pub(crate) fn is_full_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The commit that an id from outside, or its beginning, names. Branches and tags that are called like an id are not
/// asked.
pub(crate) async fn find(git: &Git, id: &str) -> Result<Option<Commit>, RepositoryError> {
    let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || !(ID_DIGITS_MIN..=64).contains(&id.len()) {
        return Ok(None);
    }
    let prefix = id.to_ascii_lowercase();
    let told = git.ask(Call::new(["rev-parse", &format!("--disambiguate={prefix}")])).await?;
    // git looks at no more digits than a full id has.
    let known = known(git, told.lines().filter(|id| id.starts_with(&prefix))).await?;
    let mut commits = known.into_iter();
    match (commits.next(), commits.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => read(git, &one).await.map(Some),
        (Some(_), Some(_)) => Err(RepositoryError::Ambiguous(id.to_owned())),
    }
}

/// Those among full ids that name a commit of the mirror. What is no full id names none.
pub(crate) async fn known<'a>(
    git: &Git,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<HashSet<String>, RepositoryError> {
    let input: String = ids.into_iter().filter(|id| is_full_id(id)).map(|id| format!("{id}\n")).collect();
    if input.is_empty() {
        return Ok(HashSet::new());
    }
    let told = git.ask(Call::new(["cat-file", "--batch-check"]).input(input)).await?;
    let commit = |line: &str| {
        let (id, rest) = line.split_once(' ')?;
        rest.starts_with("commit ").then(|| id.to_owned())
    };
    Ok(told.lines().filter_map(commit).collect())
}

/// The commit of a full id that is known.
pub(crate) async fn read(git: &Git, id: &str) -> Result<Commit, RepositoryError> {
    let format = "--format=%H%n%ct%n%s";
    let told =
        git.ask(Call::new(["log", "-1", "--no-show-signature", format, "--end-of-options", id])).await?;
    let mut lines = told.lines();
    let (Some(id), Some(at)) = (lines.next(), lines.next().and_then(|at| at.parse().ok())) else {
        return Err(unavailable("git tells nothing of a commit"));
    };
    let title = tame(lines.next().unwrap_or_default(), TITLE_CHARACTERS_MAX);
    Ok(Commit { id: id.to_owned(), title, at: Timestamp::from_secs(at) })
}

/// Whether `older` is `newer` or one of its ancestors. Both are full ids of known commits, or `HEAD`.
pub(crate) async fn is_ancestor(git: &Git, older: &str, newer: &str) -> Result<bool, RepositoryError> {
    let ended = git.run(Call::new(["merge-base", "--is-ancestor", older, newer])).await?;
    match ended.code {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err(failure("merge-base", &ended)),
    }
}

/// How many commits `newer` has that `older` has not. Both are full ids of known commits.
pub(crate) async fn count_between(git: &Git, older: &str, newer: &str) -> Result<u64, RepositoryError> {
    let range = format!("{older}..{newer}");
    let told = git.ask(Call::new(["rev-list", "--count", "--end-of-options", &range])).await?;
    told.trim().parse().map_err(|_| unavailable("git counts no commits"))
}

#[cfg(test)]
mod tests {
    use super::is_full_id;

    #[test]
    fn full_ids_are_hexadecimal_and_of_their_length() {
        let check = |text: &str, expected| assert_eq!(is_full_id(text), expected, "{text}");
        check(&"a1".repeat(20), true);
        check(&"a1".repeat(32), true);
        check(&"A1".repeat(20), false);
        check(&"a1".repeat(21), false);
        check(&format!("--{}", "a".repeat(38)), false);
        check("HEAD", false);
        check("", false);
    }
}
