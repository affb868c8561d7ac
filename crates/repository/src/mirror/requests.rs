//! Refs of merge requests: the one that is asked for, when it is asked for. A platform has hundreds of thousands.

use super::Mirror;
use crate::commits;
use crate::git::{Call, Reach};
use wigwag_ports::repository::{Commit, RepositoryError};

/// What tells of a merge request besides commits.
pub(crate) enum RequestHead {
    /// Its last commit.
    Known(Commit),
    /// Nothing: the source has no ref for it, or it cannot be asked and was not asked before.
    Untold,
}

impl Mirror {
    /// The last commit of the source's own merge request `number`, asked now; from the mirror while the source is away.
    pub(crate) async fn request_head(&self, number: u64) -> Result<RequestHead, RepositoryError> {
        let names = [format!("refs/merge-requests/{number}/head"), format!("refs/pull/{number}/head")];
        match self.ask_source(&names).await {
            Ok(Some(id)) => commits::read(&self.git, &id).await.map(RequestHead::Known),
            Ok(None) => Ok(RequestHead::Untold),
            Err(_) => self.remember(&names).await,
        }
    }

    async fn ask_source(&self, names: &[String; 2]) -> Result<Option<String>, RepositoryError> {
        let words = ["ls-remote", "origin"].into_iter().chain(names.iter().map(String::as_str));
        let told = self.git.ask(Call::new(words).reaching(Reach::Source)).await?;
        let lines = || told.lines().filter_map(|line| line.split_once('\t'));
        let found = names.iter().find_map(|name| lines().find(|(_, told)| told == name));
        let Some((id, name)) = found.filter(|(id, _)| commits::is_full_id(id)) else { return Ok(None) };
        let spec = format!("+{name}:{name}");
        let words = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "origin"];
        self.git.ask(Call::new(words).with([spec.as_str()]).reaching(Reach::Source)).await?;
        // Between the two it may have moved on.
        self.held(name).await.map(|now| now.or_else(|| Some(id.to_owned())))
    }

    async fn remember(&self, names: &[String; 2]) -> Result<RequestHead, RepositoryError> {
        for name in names {
            if let Some(id) = self.held(name).await? {
                return commits::read(&self.git, &id).await.map(RequestHead::Known);
            }
        }
        Ok(RequestHead::Untold)
    }

    /// The commit that a ref of the mirror names.
    pub(crate) async fn held(&self, reference: &str) -> Result<Option<String>, RepositoryError> {
        let commit = format!("{reference}^{{commit}}");
        let ended = self.git.run(Call::new(["rev-parse", "--verify", "--quiet", &commit])).await?;
        Ok((ended.code == 0).then(|| ended.text().trim().to_owned()))
    }
}
