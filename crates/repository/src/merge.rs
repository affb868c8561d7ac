//! How a merge request got in: by a commit of the default branch that names it, or without one.
//!
//! ```text
//! recent commits -> the request's own ref -> older commits, as far back as the request goes -> ref on the branch?
//!                       `-- nothing tells of one --> all commits
//! ```
//! What git cannot tell: a request that was squashed into a commit that does not name it looks open.

use crate::commits::{self, is_ancestor};
use crate::limits::{CLOCK_SKEW, KEPT_MAX, QUESTION_DEADLINE, RECENT, SCAN_DEADLINE};
use crate::messages::{Message, Search, mentioning};
use crate::mirror::{Mirror, RequestHead};
use quick_cache::sync::Cache;
use std::time::Duration;
use wigwag_base::Timestamp;
use wigwag_chat::MergeRequestUrl;
use wigwag_ports::repository::{Commit, MergeState, RepositoryError};

/// What is known of merge requests.
pub(crate) struct Merges {
    /// The commits that merged them.
    known: Cache<MergeRequestUrl, String>,
}

/// Whose refs tell of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// It is a request of the source's own project.
    Source,
    /// It is one of another project whose commits come here too.
    Elsewhere,
}

impl Merges {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(KEPT_MAX) }
    }

    pub(crate) async fn state(
        &self,
        mirror: &Mirror,
        request: &MergeRequestUrl,
        home: Home,
    ) -> Result<MergeState, RepositoryError> {
        if let Some(commit) = self.remembered(mirror, request).await? {
            return Ok(MergeState::Merged(commit));
        }
        let state = look(mirror, request, home).await?;
        if let MergeState::Merged(commit) = &state {
            self.known.insert(request.clone(), commit.id.clone());
        }
        Ok(state)
    }

    /// The commit that is known, if the default branch still has it: branches are rewritten at times.
    async fn remembered(
        &self,
        mirror: &Mirror,
        request: &MergeRequestUrl,
    ) -> Result<Option<Commit>, RepositoryError> {
        let Some(id) = self.known.get(request) else { return Ok(None) };
        let there = commits::known(&mirror.git, [id.as_str()]).await?;
        if !there.contains(&id) || !is_ancestor(&mirror.git, &id, "HEAD").await? {
            return Ok(None);
        }
        commits::read(&mirror.git, &id).await.map(Some)
    }
}

async fn look(mirror: &Mirror, request: &MergeRequestUrl, home: Home) -> Result<MergeState, RepositoryError> {
    let recent = mirror.clock.now() - RECENT;
    if let Some(commit) = merge_commit(mirror, request, Some(recent), QUESTION_DEADLINE).await? {
        return Ok(MergeState::Merged(commit));
    }
    let head = match home {
        Home::Source => mirror.request_head(request.number).await?,
        Home::Elsewhere => RequestHead::Untold,
    };
    let RequestHead::Known(head) = head else {
        let found = merge_commit(mirror, request, None, SCAN_DEADLINE).await?;
        return Ok(found.map_or(MergeState::Unknown, MergeState::Merged));
    };
    let since = head.at - CLOCK_SKEW;
    if since < recent
        && let Some(commit) = merge_commit(mirror, request, Some(since), SCAN_DEADLINE).await?
    {
        return Ok(MergeState::Merged(commit));
    }
    // Merged without a commit of its own: what was asked for is on the branch itself.
    let merged = is_ancestor(&mirror.git, &head.id, "HEAD").await?;
    Ok(if merged { MergeState::Merged(head) } else { MergeState::Open })
}

/// The first commit of the default branch since then that names the request where it means something.
async fn merge_commit(
    mirror: &Mirror,
    request: &MergeRequestUrl,
    since: Option<Timestamp>,
    within: Duration,
) -> Result<Option<Commit>, RepositoryError> {
    let (project, number) = (&request.project, request.number);
    let search = Search { from: vec!["HEAD"], since, within };
    let of_gitlab = format!("See merge request {project}!");
    let texts = [
        format!("{of_gitlab}{number}"),
        format!("Merge pull request #{number} from "),
        format!(" (#{number})"),
    ];
    let messages = mentioning(&mirror.git, &search, &texts).await?;
    let first = |names: fn(&str, &MergeRequestUrl) -> bool| -> Option<&Message> {
        messages.iter().find(|message| names(&message.text, request))
    };
    let mut found = first(names_as_gitlab_does);
    if found.is_none()
        && let Some(candidate) = first(names_as_github_does)
    {
        // Where merge requests are named in GitLab's way, `(#1)` is an issue.
        let others = mentioning(&mirror.git, &search, &[of_gitlab]).await?;
        let is_gitlab = others.iter().any(|message| gitlab_numbers(&message.text, project).next().is_some());
        found = (!is_gitlab).then_some(candidate);
    }
    match found {
        Some(message) => commits::read(&mirror.git, &message.id).await.map(Some),
        None => Ok(None),
    }
}

/// GitLab writes `See merge request GROUP/PROJECT!N` in a line of its own.
fn names_as_gitlab_does(message: &str, request: &MergeRequestUrl) -> bool {
    gitlab_numbers(message, &request.project).any(|number| number == request.number.to_string())
}

/// The numbers of a project's merge requests that stand in lines of their own.
fn gitlab_numbers<'a>(message: &'a str, project: &'a str) -> impl Iterator<Item = &'a str> {
    message.lines().filter_map(move |line| {
        let (of, number) = line.trim().strip_prefix("See merge request ")?.split_once('!')?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (digits && of.eq_ignore_ascii_case(project)).then_some(number)
    })
}

/// GitHub begins with `Merge pull request #N from`, and ends the first line of a squashed one with `(#N)`.
fn names_as_github_does(message: &str, request: &MergeRequestUrl) -> bool {
    let number = request.number;
    let first = message.lines().next().unwrap_or_default().trim_end();
    first.starts_with(&format!("Merge pull request #{number} from "))
        || first.ends_with(&format!(" (#{number})"))
}

#[cfg(test)]
mod tests {
    use super::{names_as_github_does, names_as_gitlab_does};
    use wigwag_chat::MergeRequestUrl;

    fn request() -> MergeRequestUrl {
        MergeRequestUrl::parse("https://git.example/a/b/-/merge_requests/1").unwrap()
    }

    #[test]
    fn gitlab_names_a_request_in_a_line_of_its_own() {
        let check = |message: &str, expected| {
            assert_eq!(names_as_gitlab_does(message, &request()), expected, "{message}");
        };
        check("Merge branch 'x'\n\nSee merge request a/b!1", true);
        check("Merge branch 'x'\n\nText\n\nSee merge request A/B!1\r\nMerged-by: mara", true);
        check("Merge\n\nSee merge request a/b!12", false);
        check("Merge\n\nSee merge request a/b!01", false);
        check("Merge\n\nSee merge request c/b!1", false);
        check("Merge\n\nSee merge request x/a/b!1", false);
        check("Merge\n\nSee merge request !1", false);
        check("Merge\n\nSee merge request a/b!1 for more", false);
        check("Merge\n\nAs we said: See merge request a/b!1", false);
    }

    #[test]
    fn github_names_a_request_in_the_first_line() {
        let check = |message: &str, expected| {
            assert_eq!(names_as_github_does(message, &request()), expected, "{message}");
        };
        check("Merge pull request #1 from ann/x\n\nText", true);
        check("Merge pull request #12 from ann/x", false);
        check("Show it (#1)\n\n* more", true);
        check("Show it (#1) again", false);
        check("Show it(#1)", false);
        check("Show it\n\nText (#1)", false);
    }
}
