use crate::config::RepositoryConfig;
use crate::export;
use crate::git::tame;
use crate::limits::{QUESTION_DEADLINE, REFRESH_WAIT, RETRY_MAX, TITLE_CHARACTERS_MAX};
use crate::mirror::Mirror;
use crate::picks::{self, Picks, is_commit};
use crate::{merge, tags};
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;
use wigwag_base::Timestamp;
use wigwag_chat::{MergeRequestUrl, Version};
use wigwag_ports::repository::{
    Commit, Containment, Freshness, MergeState, ReleaseTag, RepositoryError, StableBranch,
};
use wigwag_ports::{Clock, Repository};

/// The platform's repository behind a mirror.
pub struct GitRepository {
    mirror: Arc<Mirror>,
    picks: Picks,
}

impl GitRepository {
    /// Takes the mirror's folder and begins to keep it fresh in the background, until the last handle is dropped. Used
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// Why the folder cannot be used.
    pub fn open(config: RepositoryConfig, clock: Arc<dyn Clock>) -> Result<Arc<Self>, String> {
        if config.source.is_empty() || config.source.starts_with('-') {
            return Err(format!("source: {:?} is neither a path nor a URL", config.source));
        }
        if let Some(folder) = Self::definitions_folder(&config) {
            std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let mirror = Arc::new(Mirror::open(config, clock)?);
        let held = Arc::downgrade(&mirror);
        tokio::spawn(async move {
            let mut head = String::new();
            while let Some(mirror) = held.upgrade() {
                let _ = mirror.refresh().await;
                export_if_new(&mirror, &mut head).await;
                let every = mirror.config.refresh_every;
                let pause = every * 2_u32.saturating_pow(mirror.failures().min(10));
                drop(mirror);
                tokio::time::sleep(pause.min(RETRY_MAX.max(every))).await;
            }
        });
        Ok(Arc::new(Self { mirror, picks: Picks::default() }))
    }

    /// Where the flag definitions of a repository lie, if they are read from it: see [`RepositoryConfig::flags_folder`].
    pub fn definitions_folder(config: &RepositoryConfig) -> Option<PathBuf> {
        config.flags_folder.as_ref().map(|_| config.folder.join("feature_flags"))
    }

    /// A full id from text that came from outside, if it names a commit here.
    async fn full_id(&self, id: &str) -> Result<Option<String>, RepositoryError> {
        if !is_hex(id, 7..=64) {
            return Ok(None);
        }
        let ended = self
            .mirror
            .git
            .run(&["rev-parse", "--verify", &format!("{id}^{{commit}}")], QUESTION_DEADLINE)
            .await?;
        if ended.code == 0 {
            return Ok(Some(ended.stdout.trim().to_owned()));
        }
        if ended.stderr.contains("ambiguous") {
            return Err(RepositoryError::Ambiguous(id.to_owned()));
        }
        Ok(None)
    }
}

#[async_trait]
impl Repository for GitRepository {
    fn freshness(&self) -> Freshness {
        self.mirror.freshness()
    }

    async fn refresh(&self) -> Result<(), RepositoryError> {
        let mirror = self.mirror.clone();
        // A person waits: what takes longer goes on by itself.
        let refreshing = tokio::spawn(async move { mirror.refresh().await });
        match tokio::time::timeout(REFRESH_WAIT, refreshing).await {
            Ok(Ok(refreshed)) => refreshed,
            Ok(Err(_)) => Err(RepositoryError::Unavailable("bringing it up to date broke off".into())),
            Err(_) => Err(RepositoryError::TimedOut(REFRESH_WAIT.as_secs())),
        }
    }

    async fn commit(&self, id: &str) -> Result<Option<Commit>, RepositoryError> {
        match self.full_id(id).await? {
            Some(id) => commit_of(&self.mirror, &id).await,
            None => Ok(None),
        }
    }

    async fn containment(&self, commit: &str, heads: &[String]) -> Result<Vec<Containment>, RepositoryError> {
        let mut found = Vec::with_capacity(heads.len());
        for head in heads {
            found.push(match is_hex(commit, 40..=64) && is_hex(head, 40..=64) {
                true => self.picks.containment(&self.mirror.git, commit, head).await?,
                false => Containment::UnknownHead,
            });
        }
        Ok(found)
    }

    async fn ahead(&self, older: &str, newer: &str) -> Result<Option<u64>, RepositoryError> {
        let git = &self.mirror.git;
        for id in [older, newer] {
            if !is_hex(id, 40..=64) || !is_commit(git, id).await? {
                return Ok(None);
            }
        }
        let range = format!("{older}..{newer}");
        let told = git.ask(&["rev-list", "--count", &range], QUESTION_DEADLINE).await?;
        Ok(told.trim().parse().ok())
    }

    async fn merge_request(&self, request: &MergeRequestUrl) -> Result<MergeState, RepositoryError> {
        merge::state(&self.mirror, request).await
    }

    async fn first_tag(&self, commit: &str) -> Result<Option<ReleaseTag>, RepositoryError> {
        if !is_hex(commit, 40..=64) {
            return Ok(None);
        }
        let mut all = picks::picks(&self.mirror.git, commit).await?;
        all.insert(0, commit.to_owned());
        tags::first(&self.mirror, &all).await
    }

    async fn in_stable_branch(
        &self,
        version: Version,
        commit: &str,
    ) -> Result<StableBranch, RepositoryError> {
        for pattern in &self.mirror.config.stable_branches {
            let name = pattern
                .replace("{major}", &version.major.to_string())
                .replace("{minor}", &version.minor.to_string());
            let reference = format!("refs/heads/{name}");
            let ended = self
                .mirror
                .git
                .run(&["rev-parse", "--verify", "--quiet", &reference], QUESTION_DEADLINE)
                .await?;
            if ended.code != 0 {
                continue;
            }
            let head = ended.stdout.trim().to_owned();
            let found = self.containment(commit, &[head]).await?;
            return Ok(match found.first() {
                Some(Containment::Ancestor | Containment::Pick(_)) => StableBranch::Holds(name),
                _ => StableBranch::Lacks(name),
            });
        }
        Ok(StableBranch::Missing)
    }

    fn is_ours(&self, request: &MergeRequestUrl) -> bool {
        let address = format!("{}/{}", request.server, request.project);
        let same =
            |url: &String| url.trim_end_matches('/').trim_end_matches(".git").eq_ignore_ascii_case(&address);
        self.mirror.config.project_urls.iter().any(same)
    }
}

/// What a full id is.
pub(crate) async fn commit_of(mirror: &Mirror, id: &str) -> Result<Option<Commit>, RepositoryError> {
    let words = ["log", "-1", "--no-show-signature", "--format=%H%x00%ct%x00%s", id];
    let told = mirror.git.ask(&words, QUESTION_DEADLINE).await?;
    let mut parts = told.trim_end().splitn(3, '\0');
    let (Some(id), Some(at), Some(title)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let at = at.parse().unwrap_or(0);
    let title = tame(title, TITLE_CHARACTERS_MAX);
    Ok(Some(Commit { id: id.to_owned(), title, at: Timestamp::from_secs(at) }))
}

/// Writes the flag definitions anew if the head is another than last time.
async fn export_if_new(mirror: &Mirror, last: &mut String) {
    let config = &mirror.config;
    let (Some(folder), Some(to)) = (&config.flags_folder, GitRepository::definitions_folder(config)) else {
        return;
    };
    let Ok(head) = mirror.git.ask(&["rev-parse", "--verify", "HEAD"], QUESTION_DEADLINE).await else {
        return;
    };
    if head == *last {
        return;
    }
    match export::export(&mirror.git, folder, &to).await {
        Ok(()) => *last = head,
        Err(error) => tracing::warn!(%error, "flag definitions could not be read from the repository"),
    }
}

fn is_hex(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
