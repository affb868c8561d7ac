use crate::commits::{self, count_between};
use crate::config::{OpenError, RepositoryConfig, stable_branch};
use crate::export;
use crate::keeper::Keeper;
use crate::merge::{Home, Merges};
use crate::mirror::Mirror;
use crate::picks::{Picks, picks_of};
use crate::tags;
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use wigwag_chat::{MergeRequestUrl, Version};
use wigwag_ports::repository::{
    Commit, Containment, Freshness, MergeState, ReleaseTag, RepositoryError, StableBranch,
};
use wigwag_ports::{Clock, Repository};

/// The platform's repository behind a mirror.
pub struct GitRepository {
    mirror: Arc<Mirror>,
    keeper: Keeper,
    picks: Picks,
    merges: Merges,
}

impl GitRepository {
    /// Takes the mirror's folder and begins to keep it fresh in the background, until the last handle is dropped. Used
    /// inside a tokio runtime. A source that is away, and a git that is missing, are told by every answer and by
    /// [`Repository::freshness`].
    ///
    /// # Errors
    /// [`OpenError`] if a setting makes no sense or the folder cannot be used.
    pub fn open(config: RepositoryConfig, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        let mirror = Arc::new(Mirror::open(config, clock)?);
        let keeper = Keeper::start(mirror.clone());
        Ok(Arc::new(Self { mirror, keeper, picks: Picks::new(), merges: Merges::new() }))
    }

    /// Where the flag definitions of a repository lie, if they are read from it: see
    /// [`RepositoryConfig::flags_folder`]. It is a link that is missing at first, and always leads to a whole tree.
    pub fn definitions_folder(config: &RepositoryConfig) -> Option<PathBuf> {
        config.flags_folder.as_ref().map(|_| export::link(&config.folder))
    }

    /// How often it was tried to bring the mirror up to date; changes when a try has ended, well or not.
    pub fn tries(&self) -> watch::Receiver<u64> {
        self.keeper.tries()
    }

    /// Which of the project's addresses a request belongs to, counted from 0.
    fn project_of(&self, request: &MergeRequestUrl) -> Option<usize> {
        let asked = format!("{}/{}", request.server, request.project);
        self.mirror.config.project_urls.iter().position(|url| plain(url).eq_ignore_ascii_case(plain(&asked)))
    }
}

#[async_trait]
impl Repository for GitRepository {
    fn freshness(&self) -> Freshness {
        self.mirror.freshness()
    }

    async fn refresh(&self) -> Result<(), RepositoryError> {
        self.keeper.refresh().await
    }

    async fn commit(&self, id: &str) -> Result<Option<Commit>, RepositoryError> {
        self.mirror.ready()?;
        commits::find(&self.mirror.git, id).await
    }

    async fn containment(&self, commit: &str, heads: &[String]) -> Result<Vec<Containment>, RepositoryError> {
        self.mirror.ready()?;
        self.picks.containment(&self.mirror, commit, heads).await
    }

    async fn ahead(&self, older: &str, newer: &str) -> Result<Option<u64>, RepositoryError> {
        self.mirror.ready()?;
        let known = commits::known(&self.mirror.git, [older, newer]).await?;
        if !known.contains(older) || !known.contains(newer) {
            return Ok(None);
        }
        count_between(&self.mirror.git, older, newer).await.map(Some)
    }

    async fn merge_request(&self, request: &MergeRequestUrl) -> Result<MergeState, RepositoryError> {
        self.mirror.ready()?;
        match self.project_of(request) {
            Some(0) => self.merges.state(&self.mirror, request, Home::Source).await,
            Some(_) => self.merges.state(&self.mirror, request, Home::Elsewhere).await,
            None => Ok(MergeState::Unknown),
        }
    }

    async fn first_tag(&self, commit: &str) -> Result<Option<ReleaseTag>, RepositoryError> {
        self.mirror.ready()?;
        let git = &self.mirror.git;
        if !commits::known(git, [commit]).await?.contains(commit) {
            return Ok(None);
        }
        let mut all = picks_of(git, commit, &[]).await?;
        all.push(commit.to_owned());
        tags::first(git, &all).await
    }

    async fn in_stable_branch(
        &self,
        version: Version,
        commit: &str,
    ) -> Result<StableBranch, RepositoryError> {
        self.mirror.ready()?;
        for pattern in &self.mirror.config.stable_branches {
            let name = stable_branch(pattern, version.major, version.minor);
            let Some(head) = self.mirror.held(&format!("refs/heads/{name}")).await? else { continue };
            let found = self.picks.containment(&self.mirror, commit, &[head]).await?;
            return Ok(match found.first() {
                Some(Containment::Ancestor | Containment::Pick(_)) => StableBranch::Holds(name),
                _ => StableBranch::Lacks(name),
            });
        }
        Ok(StableBranch::Missing)
    }

    fn is_ours(&self, request: &MergeRequestUrl) -> bool {
        self.project_of(request).is_some()
    }

    fn projects(&self) -> Vec<String> {
        let paths = self.mirror.config.project_urls.iter().filter_map(|url| plain(url).split_once('/'));
        paths.map(|(_, path)| path.to_owned()).collect()
    }
}

/// A project's address without what makes no other project of it.
fn plain(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest)
}
