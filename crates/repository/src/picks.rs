//! Picks: commits whose message says that they were picked from another, `(cherry picked from commit ID)`.

use crate::git::Git;
use crate::limits::{PICK_DEPTH_MAX, PICKS_KEPT_MAX, QUESTION_DEADLINE};
use quick_cache::sync::Cache;
use wigwag_ports::repository::{Containment, RepositoryError};

/// What is known of picks: a commit and a head never contain each other otherwise.
pub(crate) struct Picks {
    known: Cache<(String, String), Containment>,
}

impl Default for Picks {
    fn default() -> Self {
        Self { known: Cache::new(PICKS_KEPT_MAX) }
    }
}

impl Picks {
    /// Whether `head` contains `commit`, as an ancestor or by a pick. Both are full ids.
    pub(crate) async fn containment(
        &self,
        git: &Git,
        commit: &str,
        head: &str,
    ) -> Result<Containment, RepositoryError> {
        let key = (commit.to_owned(), head.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let found = look(git, commit, head).await?;
        if found != Containment::UnknownHead {
            self.known.insert(key, found.clone());
        }
        Ok(found)
    }
}

async fn look(git: &Git, commit: &str, head: &str) -> Result<Containment, RepositoryError> {
    if !is_commit(git, head).await? {
        return Ok(Containment::UnknownHead);
    }
    if is_ancestor(git, commit, head).await? {
        return Ok(Containment::Ancestor);
    }
    for pick in picks(git, commit).await? {
        if is_ancestor(git, &pick, head).await? {
            return Ok(Containment::Pick(pick));
        }
    }
    Ok(Containment::No)
}

/// The picks of a commit that lie on any branch or tag, and the picks of those.
pub(crate) async fn picks(git: &Git, commit: &str) -> Result<Vec<String>, RepositoryError> {
    let mut all: Vec<String> = Vec::new();
    let mut wanted = vec![commit.to_owned()];
    for _ in 0..PICK_DEPTH_MAX {
        let mut found = Vec::new();
        for id in &wanted {
            found.extend(picks_of(git, id).await?);
        }
        found.retain(|pick| pick != commit && !all.contains(pick));
        if found.is_empty() {
            break;
        }
        all.extend(found.iter().cloned());
        wanted = found;
    }
    Ok(all)
}

/// Commits on any branch or tag that say that they were picked from `id`.
async fn picks_of(git: &Git, id: &str) -> Result<Vec<String>, RepositoryError> {
    let line = format!("(cherry picked from commit {id})");
    let grep = format!("--grep={line}");
    let words = ["log", "--branches", "--tags", "--fixed-strings", &grep, "--format=%H%x00%B%x01"];
    let told = git.ask(&words, QUESTION_DEADLINE).await?;
    let says_so = |message: &str| message.lines().any(|one| one.trim() == line);
    let picks = told.split('\u{1}').filter_map(|one| {
        let (pick, message) = one.trim_start().split_once('\0')?;
        says_so(message).then(|| pick.to_owned())
    });
    Ok(picks.collect())
}

pub(crate) async fn is_ancestor(git: &Git, older: &str, newer: &str) -> Result<bool, RepositoryError> {
    let ended = git.run(&["merge-base", "--is-ancestor", older, newer], QUESTION_DEADLINE).await?;
    Ok(ended.code == 0)
}

pub(crate) async fn is_commit(git: &Git, id: &str) -> Result<bool, RepositoryError> {
    let ended = git.run(&["cat-file", "-e", &format!("{id}^{{commit}}")], QUESTION_DEADLINE).await?;
    Ok(ended.code == 0)
}
