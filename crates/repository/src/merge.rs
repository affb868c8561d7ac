//! How a merge request got in: by a commit that names it, or without one.

use crate::ask::commit_of;
use crate::limits::QUESTION_DEADLINE;
use crate::mirror::Mirror;
use crate::picks::is_ancestor;
use wigwag_chat::MergeRequestUrl;
use wigwag_ports::repository::{Commit, MergeState, RepositoryError};

/// Looks on the default branch first, then for the request's own ref.
pub(crate) async fn state(mirror: &Mirror, request: &MergeRequestUrl) -> Result<MergeState, RepositoryError> {
    if let Some(commit) = merge_commit(mirror, request).await? {
        return Ok(MergeState::Merged(commit));
    }
    for name in
        [format!("refs/merge-requests/{}/head", request.number), format!("refs/pull/{}/head", request.number)]
    {
        if !mirror.fetch_ref(&name).await? {
            continue;
        }
        let head = mirror.git.ask(&["rev-parse", "--verify", "--quiet", &name], QUESTION_DEADLINE).await?;
        let head = head.trim();
        // Merged without a commit of its own: what was asked for is on the branch itself.
        if is_ancestor(&mirror.git, head, "HEAD").await?
            && let Some(commit) = commit_of(mirror, head).await?
        {
            return Ok(MergeState::Merged(commit));
        }
        return Ok(MergeState::Open);
    }
    Ok(MergeState::Unknown)
}

/// The first commit of the default branch that names the request in a line of its own.
async fn merge_commit(mirror: &Mirror, request: &MergeRequestUrl) -> Result<Option<Commit>, RepositoryError> {
    let number = request.number;
    let greps = [
        format!("--grep=See merge request {}!{number}", request.project),
        format!("--grep=Merge pull request #{number} from "),
        format!("--grep=(#{number})"),
    ];
    let mut words = vec!["log", "HEAD", "--fixed-strings", "--reverse", "--format=%H%x00%B%x01"];
    words.extend(greps.iter().map(String::as_str));
    let told = mirror.git.ask(&words, QUESTION_DEADLINE).await?;
    let found = told.split('\u{1}').find_map(|one| {
        let (id, message) = one.trim_start().split_once('\0')?;
        names(message, request).then(|| id.to_owned())
    });
    match found {
        Some(id) => commit_of(mirror, &id).await,
        None => Ok(None),
    }
}

/// GitLab writes `See merge request GROUP/PROJECT!N` in a line of its own, GitHub begins with
/// `Merge pull request #N from`, and ends the first line of a squashed one with `(#N)`.
fn names(message: &str, request: &MergeRequestUrl) -> bool {
    let (project, number) = (&request.project, request.number);
    let gitlab = format!("See merge request {project}!{number}");
    let first = message.lines().next().unwrap_or_default().trim_end();
    message.lines().any(|line| line.trim() == gitlab)
        || first.starts_with(&format!("Merge pull request #{number} from "))
        || first.ends_with(&format!(" (#{number})"))
}

#[cfg(test)]
mod tests {
    use super::names;
    use wigwag_chat::MergeRequestUrl;

    #[test]
    fn a_request_is_named_in_a_line_of_its_own() {
        let request = MergeRequestUrl::parse("https://gitlab.com/a/b/-/merge_requests/1").unwrap();
        let check = |message: &str, is: bool| assert_eq!(names(message, &request), is, "{message}");
        check("Merge branch 'x'\n\nSee merge request a/b!1", true);
        check("Merge\n\nSee merge request a/b!12", false);
        check("Merge\n\nSee merge request c/b!1", false);
        check("Merge\n\nAs we said: See merge request a/b!1 for more", false);
        check("Merge pull request #1 from ann/x\n\nText", true);
        check("Merge pull request #12 from ann/x", false);
        check("Show it (#1)\n\n* more", true);
        check("Show it (#1) again", false);
    }
}
