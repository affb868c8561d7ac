//! `auto_deploy status` and `release check`: what runs where, by the deployments that were reported and the mirror of the
//! platform's repository.

use super::told;
use crate::deployments::Running;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_chat::{AutoDeployStatus, MergeRequestUrl, ReleaseCheck, Reply, Version};
use wigwag_ports::Repository;
use wigwag_ports::repository::{Commit, Containment, MergeState, ReleaseTag, RepositoryError, StableBranch};

/// Why a question about releases has no answer.
enum Unanswered {
    Engine(EngineError),
    Repository(RepositoryError),
    NoRepository,
    /// Production runs a commit that the mirror does not have.
    UnknownHead(String),
}

impl From<EngineError> for Unanswered {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<RepositoryError> for Unanswered {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl Unanswered {
    fn reply(self) -> Reply {
        Reply::refused().text(match self {
            Self::Engine(error) => told::sentence(&error),
            Self::Repository(error) => format!("{error}."),
            Self::UnknownHead(sha) => format!(
                "That cannot be told: production runs {}, which the mirror of the repository does not have.",
                sha.get(..11).unwrap_or(&sha)
            ),
            Self::NoRepository => {
                "No repository is configured, so commits cannot be looked up: see [repository] in wigwag.toml.".into()
            }
        })
    }
}

impl Engine {
    /// `auto_deploy status` in its three forms.
    pub(super) async fn run_auto_deploy_status(&self, asked: &AutoDeployStatus) -> Reply {
        let answered = match asked {
            AutoDeployStatus::Everywhere => self.everywhere().await,
            AutoDeployStatus::Commits(ids) => self.where_commits(ids).await,
            AutoDeployStatus::MergeRequest(url) => self.where_merged(url).await,
        };
        answered.unwrap_or_else(Unanswered::reply)
    }

    /// `release check`: one answer of eleven.
    pub(super) async fn run_release_check(&self, check: &ReleaseCheck) -> Reply {
        match self.release_answer(check).await {
            Ok(answer) => self.with_freshness(answer.reply()),
            Err(unanswered) => unanswered.reply(),
        }
    }

    /// Each environment, what it runs, and how far it is behind the newest.
    async fn everywhere(&self) -> Result<Reply, Unanswered> {
        let running = self.running().await?;
        if running.iter().all(|one| one.current.is_none() && one.coming.is_none()) {
            return Ok(Reply::done().text(
                "No deployment was reported yet. The platform's pipeline reports them: POST /v1/deployments {environment, \
                 sha, ref, status}.",
            ));
        }
        let newest = running.iter().find_map(|one| one.current.clone());
        let mut rows = Vec::new();
        for one in &running {
            let behind = match (&one.current, &newest) {
                (Some(current), Some(newest)) => {
                    self.behind_by(&current.reported.sha, &newest.reported.sha).await
                }
                _ => String::new(),
            };
            rows.push(row(one, behind));
        }
        let first = newest.map(|newest| newest.reported.environment).unwrap_or_default();
        let behind = format!("behind {first}");
        let columns = ["environment", "commit", "ref", "since", &behind, "coming"];
        Ok(self.with_freshness(Reply::done().table(&columns, rows)))
    }

    /// How many commits of `newer` are not in `older`, in words.
    async fn behind_by(&self, older: &str, newer: &str) -> String {
        if older == newer {
            return "level".into();
        }
        let Some(repository) = &self.inner.outside.repository else { return "?".into() };
        match repository.ahead(older, newer).await {
            Ok(Some(0)) => "level or ahead".into(),
            Ok(Some(1)) => "1 commit".into(),
            Ok(Some(count)) => format!("{count} commits"),
            Ok(None) | Err(_) => "?".into(),
        }
    }

    async fn where_commits(&self, ids: &[String]) -> Result<Reply, Unanswered> {
        let repository = self.repository()?;
        let running = self.running().await?;
        let mut reply = Reply::done();
        for id in ids {
            match self.commit(&repository, id).await? {
                Some(commit) => {
                    reply = self.where_commit(reply, &repository, &commit, &running).await?;
                }
                None => {
                    reply.ok = false;
                    reply = reply.text(format!("No commit of the repository begins with {id}."));
                }
            }
        }
        Ok(self.with_freshness(reply))
    }

    async fn where_merged(&self, text: &str) -> Result<Reply, Unanswered> {
        let Some(url) = MergeRequestUrl::parse(text) else {
            return Ok(ReleaseAnswer::BadUrl(text.to_owned()).reply());
        };
        let repository = self.repository()?;
        if !repository.is_ours(&url) {
            return Ok(ReleaseAnswer::UnknownProject(url).reply());
        }
        match self.merge_state(&repository, &url).await? {
            MergeState::Unknown => Ok(ReleaseAnswer::NoSuchMergeRequest(url).reply()),
            MergeState::Open => Ok(ReleaseAnswer::NotMerged(url).reply()),
            MergeState::Merged(commit) => {
                let running = self.running().await?;
                let reply = Reply::done().text(format!(
                    "!{} of {} was merged by {}.",
                    url.number,
                    url.project,
                    commit.short_id()
                ));
                let reply = self.where_commit(reply, &repository, &commit, &running).await?;
                Ok(self.with_freshness(reply))
            }
        }
    }

    /// Which environments run a commit, or a pick of it.
    async fn where_commit(
        &self,
        reply: Reply,
        repository: &Arc<dyn Repository>,
        commit: &Commit,
        running: &[Running],
    ) -> Result<Reply, Unanswered> {
        let deployed: Vec<_> = running.iter().filter_map(|one| Some((one, one.current.as_ref()?))).collect();
        let heads: Vec<String> = deployed.iter().map(|(_, current)| current.reported.sha.clone()).collect();
        let found = repository.containment(&commit.id, &heads).await?;
        let mut fields = Vec::new();
        let mut anywhere = false;
        for ((one, current), found) in deployed.iter().zip(found) {
            let by = current.reported.sha.get(..11).unwrap_or(&current.reported.sha);
            let word = match found {
                Containment::Ancestor => format!("yes, since {} ({by})", current.updated_at),
                Containment::Pick(pick) => {
                    let pick = pick.get(..11).unwrap_or(&pick).to_owned();
                    format!("yes, as the pick {pick}, since {} ({by})", current.updated_at)
                }
                Containment::No => "no".into(),
                Containment::UnknownHead => {
                    format!("not known: the mirror has no commit {by}, which runs there")
                }
            };
            anywhere |= word.starts_with("yes");
            fields.push((one.environment.clone(), word));
        }
        let mut reply = reply.text(format!("{} {}", commit.short_id(), commit.title));
        if !fields.is_empty() {
            reply = reply.fields(fields);
        }
        Ok(if anywhere { reply } else { reply.text("No environment runs it yet.") })
    }

    async fn release_answer(&self, check: &ReleaseCheck) -> Result<ReleaseAnswer, Unanswered> {
        let version = match check.version.as_deref().map(|text| (text, Version::parse(text))) {
            None => None,
            Some((_, Some(version))) => Some(version),
            Some((text, None)) => return Ok(ReleaseAnswer::BadVersion(text.to_owned())),
        };
        let Some(url) = MergeRequestUrl::parse(&check.url) else {
            return Ok(ReleaseAnswer::BadUrl(check.url.clone()));
        };
        let repository = self.repository()?;
        if !repository.is_ours(&url) {
            return Ok(ReleaseAnswer::UnknownProject(url));
        }
        let commit = match self.merge_state(&repository, &url).await? {
            MergeState::Unknown => return Ok(ReleaseAnswer::NoSuchMergeRequest(url)),
            MergeState::Open => return Ok(ReleaseAnswer::NotMerged(url)),
            MergeState::Merged(commit) => commit,
        };
        let tag = repository.first_tag(&commit.id).await?;
        let Some(version) = version else {
            return Ok(tag.map_or(ReleaseAnswer::InNoTag(url), ReleaseAnswer::FirstIn));
        };
        // What a later version has first says nothing of this one.
        if let Some(tag) = tag.filter(|tag| tag.version.is_none_or(|found| found <= version)) {
            return Ok(ReleaseAnswer::FirstIn(tag));
        }
        match repository.in_stable_branch(version, &commit.id).await? {
            StableBranch::Holds(branch) => return Ok(ReleaseAnswer::WillShip(version, branch)),
            StableBranch::Lacks(branch) => return Ok(ReleaseAnswer::WillNotShip(version, branch)),
            StableBranch::Missing => {}
        }
        let production = self.inner.settings.environments.iter().rev();
        let heads = self.running().await?;
        let deployed = production
            .filter(|one| one.kind == crate::EnvironmentKind::Production && one.flags_of.is_none())
            .find_map(|one| heads.iter().find(|running| running.environment == one.name))
            .and_then(|running| running.current.as_ref());
        let Some(current) = deployed else { return Ok(ReleaseAnswer::NotDeployed(version)) };
        let head = std::slice::from_ref(&current.reported.sha);
        let mut found = repository.containment(&commit.id, head).await?;
        if found.contains(&Containment::UnknownHead) && repository.refresh().await.is_ok() {
            found = repository.containment(&commit.id, head).await?;
        }
        match found.first() {
            Some(Containment::Ancestor | Containment::Pick(_)) => Ok(ReleaseAnswer::MostLikely(version)),
            Some(Containment::No) => Ok(ReleaseAnswer::NotDeployed(version)),
            Some(Containment::UnknownHead) | None => {
                Err(Unanswered::UnknownHead(current.reported.sha.clone()))
            }
        }
    }

    fn repository(&self) -> Result<Arc<dyn Repository>, Unanswered> {
        self.inner.outside.repository.clone().ok_or(Unanswered::NoRepository)
    }

    /// A commit; if it is not known, the mirror is brought up to date first: it may be minutes old.
    async fn commit(
        &self,
        repository: &Arc<dyn Repository>,
        id: &str,
    ) -> Result<Option<Commit>, RepositoryError> {
        if let Some(commit) = repository.commit(id).await? {
            return Ok(Some(commit));
        }
        if repository.refresh().await.is_err() {
            return Ok(None);
        }
        repository.commit(id).await
    }

    async fn merge_state(
        &self,
        repository: &Arc<dyn Repository>,
        url: &MergeRequestUrl,
    ) -> Result<MergeState, RepositoryError> {
        match repository.merge_request(url).await? {
            merged @ MergeState::Merged(_) => Ok(merged),
            other => match repository.refresh().await {
                Ok(()) => repository.merge_request(url).await,
                Err(_) => Ok(other),
            },
        }
    }

    /// Says how old the mirror is where it could not be kept fresh.
    fn with_freshness(&self, reply: Reply) -> Reply {
        let Some(repository) = &self.inner.outside.repository else { return reply };
        let freshness = repository.freshness();
        match (freshness.problem, freshness.at) {
            (Some(problem), Some(at)) => {
                reply.text(format!("The repository is as of {at}; it could not be read since: {problem}."))
            }
            (Some(problem), None) => reply.text(format!("The repository could not be read yet: {problem}.")),
            (None, _) => reply,
        }
    }
}

fn row(one: &Running, behind: String) -> Vec<String> {
    let short = |sha: &str| sha.get(..11).unwrap_or(sha).to_owned();
    let coming = one
        .coming
        .as_ref()
        .map(|coming| format!("{} ({})", short(&coming.reported.sha), coming.reported.status.as_str()));
    let coming = coming.unwrap_or_default();
    match &one.current {
        Some(current) => vec![
            one.environment.clone(),
            short(&current.reported.sha),
            current.reported.reference.clone(),
            current.updated_at.to_string(),
            behind,
            coming,
        ],
        None => {
            let nothing = String::new;
            vec![one.environment.clone(), "nothing yet".into(), nothing(), nothing(), nothing(), coming]
        }
    }
}

/// The eleven answers of `release check`.
enum ReleaseAnswer {
    BadVersion(String),
    BadUrl(String),
    UnknownProject(MergeRequestUrl),
    NoSuchMergeRequest(MergeRequestUrl),
    NotMerged(MergeRequestUrl),
    FirstIn(ReleaseTag),
    InNoTag(MergeRequestUrl),
    WillShip(Version, String),
    WillNotShip(Version, String),
    MostLikely(Version),
    NotDeployed(Version),
}

impl ReleaseAnswer {
    fn reply(&self) -> Reply {
        let (done, refused) = (Reply::done, Reply::refused);
        match self {
            Self::BadVersion(text) => {
                refused().text(format!("`{text}` is no version; write it as X.Y, such as 15.2."))
            }
            Self::BadUrl(text) => refused().text(format!(
                "`{text}` is no address of a merge request; it looks like \
                 https://gitlab.example/group/project/-/merge_requests/123."
            )),
            Self::UnknownProject(url) => refused().text(format!(
                "{}/{} is not the project whose repository is known here.",
                url.server, url.project
            )),
            Self::NoSuchMergeRequest(url) => {
                refused().text(format!("There is no merge request !{} in {}.", url.number, url.project))
            }
            Self::NotMerged(url) => {
                done().text(format!("!{} of {} is not merged.", url.number, url.project))
            }
            Self::FirstIn(tag) => done().text(format!("It was first released in {}.", tag.name)),
            Self::InNoTag(url) => {
                done().text(format!("!{} is merged and in no tag yet.", url.number))
            }
            Self::WillShip(version, branch) => {
                done().text(format!("It is in the stable branch {branch} and will ship with {version}."))
            }
            Self::WillNotShip(version, branch) => done().text(format!(
                "It is not in the stable branch {branch} and will not ship with {version}, unless it is picked into it."
            )),
            Self::MostLikely(version) => done().text(format!(
                "It runs in production, and {version} has no stable branch yet: it most likely ships with {version}."
            )),
            Self::NotDeployed(version) => done().text(format!(
                "It does not run in production yet, and cannot ship with {version} until it does."
            )),
        }
    }
}
