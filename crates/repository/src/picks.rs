//! Which heads contain a commit, by ancestry or by a pick of it: a commit whose message says in a line of its own
//! `(cherry picked from commit ID)`, as `git cherry-pick -x` writes it.

use crate::commits::{self, is_ancestor};
use crate::git::Git;
use crate::limits::{CLOCK_SKEW, HEADS_MAX, KEPT_MAX, PICK_DEPTH_MAX, PICKS_MAX, QUESTION_DEADLINE};
use crate::messages::{Search, mentioning};
use crate::mirror::Mirror;
use quick_cache::sync::Cache;
use std::collections::HashSet;
use wigwag_base::Timestamp;
use wigwag_ports::repository::{Containment, RepositoryError};

/// What is known of commits and heads.
pub(crate) struct Picks {
    known: Cache<(String, String), Known>,
}

/// An answer about a commit and a head. What a head contains it contains forever; what it does not, may only become
/// known once the mirror is fetched again: a pick of a pick that lay on another branch.
#[derive(Clone)]
struct Known {
    answer: Containment,
    round: u64,
}

impl Picks {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(KEPT_MAX) }
    }

    /// Which of `heads` contain `commit`, in their order. All are full ids; what the mirror does not know is told.
    pub(crate) async fn containment(
        &self,
        mirror: &Mirror,
        commit: &str,
        heads: &[String],
    ) -> Result<Vec<Containment>, RepositoryError> {
        let asked = &heads[..heads.len().min(HEADS_MAX)];
        let all = asked.iter().map(String::as_str).chain([commit]);
        let there = commits::known(&mirror.git, all).await?;
        let round = mirror.rounds();
        let mut picks = None;
        let mut answers = Vec::with_capacity(heads.len());
        for (index, head) in heads.iter().enumerate() {
            if index >= HEADS_MAX || !there.contains(head) {
                answers.push(Containment::UnknownHead);
                continue;
            }
            if !there.contains(commit) {
                answers.push(Containment::No);
                continue;
            }
            let key = (commit.to_owned(), head.clone());
            let kept =
                self.known.get(&key).filter(|known| known.answer != Containment::No || known.round == round);
            let answer = match kept {
                Some(known) => known.answer,
                None => look(mirror, commit, head, &there, &mut picks).await?,
            };
            self.known.insert(key, Known { answer: answer.clone(), round });
            answers.push(answer);
        }
        Ok(answers)
    }
}

/// Looks at one head; picks are looked for once for all of them, and only if they are needed.
async fn look(
    mirror: &Mirror,
    commit: &str,
    head: &str,
    there: &HashSet<String>,
    picks: &mut Option<Vec<String>>,
) -> Result<Containment, RepositoryError> {
    if is_ancestor(&mirror.git, commit, head).await? {
        return Ok(Containment::Ancestor);
    }
    if picks.is_none() {
        let heads: Vec<&str> = there.iter().map(String::as_str).filter(|id| *id != commit).collect();
        *picks = Some(picks_of(&mirror.git, commit, &heads).await?);
    }
    for pick in picks.iter().flatten() {
        if is_ancestor(&mirror.git, pick, head).await? {
            return Ok(Containment::Pick(pick.clone()));
        }
    }
    Ok(Containment::No)
}

/// The picks of a commit, and the picks of those, that lie on a branch, below a tag or below one of `heads`, the oldest
/// first. Only what was committed since is read, and nothing that the commit itself contains.
pub(crate) async fn picks_of(
    git: &Git,
    commit: &str,
    heads: &[&str],
) -> Result<Vec<String>, RepositoryError> {
    let since = commits::read(git, commit).await?.at - CLOCK_SKEW;
    let mut all: Vec<String> = Vec::new();
    let mut wanted = vec![commit.to_owned()];
    for _ in 0..PICK_DEPTH_MAX {
        let mut found = directly(git, commit, &wanted, heads, since).await?;
        found.retain(|pick| pick != commit && !all.contains(pick));
        found.truncate(PICKS_MAX - all.len());
        if found.is_empty() {
            break;
        }
        all.extend(found.iter().cloned());
        wanted = found;
    }
    Ok(all)
}

/// Commits that say that they were picked from one of `wanted`.
async fn directly(
    git: &Git,
    commit: &str,
    wanted: &[String],
    heads: &[&str],
    since: Timestamp,
) -> Result<Vec<String>, RepositoryError> {
    let lines: Vec<String> = wanted.iter().map(|id| format!("(cherry picked from commit {id})")).collect();
    let without = format!("^{commit}");
    let mut from = vec!["--branches", "--tags"];
    from.extend(heads);
    from.push(&without);
    let search = Search { from, since: Some(since), within: QUESTION_DEADLINE };
    let says_so = |text: &str| text.lines().any(|line| lines.iter().any(|known| line.trim() == known));
    let messages = mentioning(git, &search, &lines).await?;
    Ok(messages.into_iter().filter(|message| says_so(&message.text)).map(|message| message.id).collect())
}
