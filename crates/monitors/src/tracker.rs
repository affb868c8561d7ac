//! Trackers: open issues with labels (incidents, changes in progress) stand in the way.
//!
//! | | GitLab | GitHub |
//! |---|---|---|
//! | asks | `/api/v4/projects/ID/issues?labels=..&state=opened` | `/repos/OWNER/REPO/issues?labels=..&state=open` |
//! | token | `PRIVATE-TOKEN` | `Authorization: Bearer` |
//! | number, link | `iid`, `web_url` | `number`, `html_url` |
//! | also in the list | nothing | pull requests, which are passed over |

use crate::config::Tracker;
use crate::limits::{ISSUES_PER_PAGE, LABEL_BYTES_MAX, LABELS_MAX, PAGES_MAX, TEXT_CHARS_MAX};
use crate::place::{Kind, Place, TokenHeader};
use crate::source::Ask;
use crate::text::{is_tame, link, tame};
use crate::trouble::Trouble;
use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use wigwag_ports::monitors::{Blocker, SourceAnswer};

const GITLAB: Kind = Kind {
    name: "GitLab",
    token_header: TokenHeader::Private,
    headers: &[("accept", "application/json")],
    check: "Check the project, and whether the token may read it",
    narrow: "Choose labels that fewer issues have",
};

const GITHUB: Kind = Kind {
    name: "GitHub",
    token_header: TokenHeader::Bearer,
    headers: &[("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")],
    check: "Check the project, and whether the token may read it",
    narrow: "Choose labels that fewer issues have",
};

/// What servers of this tracker have in common.
pub(crate) const fn kind(tracker: Tracker) -> &'static Kind {
    match tracker {
        Tracker::Gitlab => &GITLAB,
        Tracker::Github => &GITHUB,
    }
}

/// Open issues with labels.
pub(crate) struct Issues {
    tracker: Tracker,
    /// Path and query, but for the page.
    path: String,
}

impl Issues {
    /// Checks the settings.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub(crate) fn new(
        place: &Place,
        tracker: Tracker,
        project: &str,
        labels: &[String],
    ) -> Result<Self, String> {
        check_project(tracker, project)?;
        if labels.is_empty() || labels.len() > LABELS_MAX {
            return Err(format!("labels: there must be 1 to {LABELS_MAX} of them"));
        }
        if let Some(label) = labels.iter().find(|label| !is_tame(label) || label.contains(',')) {
            return Err(format!("labels: {label:?} must be one line of text without a comma"));
        }
        if let Some(label) = labels.iter().find(|label| label.len() > LABEL_BYTES_MAX) {
            let begin = tame(label, 20);
            return Err(format!("labels: {begin:?} must have at most {LABEL_BYTES_MAX} bytes"));
        }
        let labels = encoded(&labels.join(","));
        let path = match tracker {
            Tracker::Gitlab => format!(
                "/api/v4/projects/{}/issues?labels={labels}&state=opened&per_page={ISSUES_PER_PAGE}",
                encoded(project)
            ),
            Tracker::Github => {
                format!("/repos/{project}/issues?labels={labels}&state=open&per_page={ISSUES_PER_PAGE}")
            }
        };
        place.target(&format!("{path}&page={PAGES_MAX}")).map_err(|error| format!("project: {error}"))?;
        Ok(Self { tracker, path })
    }
}

#[async_trait]
impl Ask for Issues {
    async fn ask(&self, place: &Place) -> Result<SourceAnswer, Trouble> {
        for number in 1..=PAGES_MAX {
            let path = match number {
                1 => self.path.clone(),
                _ => format!("{}&page={number}", self.path),
            };
            let page = page(self.tracker, &place.get(place.target(&path)?).await?)?;
            match page.fill {
                _ if !page.blockers.is_empty() => return Ok(SourceAnswer::Blocked(page.blockers)),
                Fill::Full => {}
                Fill::Partial => return Ok(SourceAnswer::Clear),
            }
        }
        Err(Trouble::Untold(format!(
            "lists {PAGES_MAX} pages of something else than open issues, such as pull requests, and issues may be \
             behind them. Give issues a label of their own"
        )))
    }
}

/// What one page of the list holds.
struct Page {
    blockers: Vec<Blocker>,
    fill: Fill,
}

/// Whether another page may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    Full,
    Partial,
}

fn page(tracker: Tracker, answer: &Value) -> Result<Page, Trouble> {
    let all = answer.as_array().ok_or(Trouble::NotA("a list of issues"))?;
    let mut blockers = Vec::new();
    for entry in all {
        blockers.extend(issue(tracker, entry)?);
    }
    // More than was asked for are cut; whether there are more still is not known.
    let fill = if all.len() < ISSUES_PER_PAGE { Fill::Partial } else { Fill::Full };
    blockers.truncate(ISSUES_PER_PAGE);
    if fill == Fill::Full && !blockers.is_empty() {
        blockers.push(Blocker { what: "and perhaps more".into(), url: None });
    }
    Ok(Page { blockers, fill })
}

/// `Title (#7)`; `None` for what is no open issue.
fn issue(tracker: Tracker, entry: &Value) -> Result<Option<Blocker>, Trouble> {
    let (number, open, url) = match tracker {
        Tracker::Gitlab => ("iid", "opened", "web_url"),
        Tracker::Github => ("number", "open", "html_url"),
    };
    let nonsense = Trouble::NotA("a list of issues");
    let (Some(title), Some(number)) = (entry["title"].as_str(), entry[number].as_u64()) else {
        return Err(nonsense);
    };
    let state = entry["state"].as_str().ok_or(nonsense)?;
    let is_issue = tracker == Tracker::Gitlab || entry.get("pull_request").is_none_or(Value::is_null);
    let what = format!("{} (#{number})", tame(title, TEXT_CHARS_MAX));
    let blocker = Blocker { what, url: entry[url].as_str().and_then(link) };
    Ok(Some(blocker).filter(|_| is_issue && state == open))
}

/// A number or a path on GitLab, two names on GitHub.
fn check_project(tracker: Tracker, project: &str) -> Result<(), String> {
    let plain = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        !part.is_empty()
            && part.len() <= LABEL_BYTES_MAX
            && part.bytes().all(fits)
            && !matches!(part, "." | "..")
    };
    let parts = project.split('/').count();
    let fits = project.split('/').all(plain) && project.len() <= 4 * LABEL_BYTES_MAX;
    match tracker {
        Tracker::Gitlab if fits && (parts > 1 || project.bytes().all(|byte| byte.is_ascii_digit())) => Ok(()),
        Tracker::Gitlab => Err("project: must be a number, or a path such as group/project".into()),
        Tracker::Github if fits && parts == 2 => Ok(()),
        Tracker::Github => Err("project: must be OWNER/REPOSITORY".into()),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
