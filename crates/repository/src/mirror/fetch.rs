//! Bringing the mirror up to date.
//!
//! ```text
//! git new enough? -> the source's head -> mirror whole? -- no --> made anew
//!                                             `-- yes --> fetch -- fails, and not whole --> made anew, fetch
//!                                                           `-> head set -> tidied
//! ```
//! The source is asked first: a mirror is thrown away only while there is something to make it of, and a source that
//! has nothing any more, a disk that is not there, empties no mirror.

use super::stamp::Stamp;
use super::{Mirror, Trust};
use crate::git::{Call, Reach, failure, unavailable};
use crate::limits::{FETCH_DEADLINE, SCAN_DEADLINE};
use crate::text::tame;
use wigwag_ports::repository::RepositoryError;

/// Everything that the mirror holds besides refs of merge requests, which are fetched one by one.
const REFS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// The oldest git that takes settings by its environment and knows trusted folders.
const GIT_VERSION_MIN: (u32, u32) = (2, 36);

/// What the source has under its default branch.
struct Head {
    /// `refs/heads/main`.
    reference: String,
    id: String,
}

impl Mirror {
    pub(super) async fn fetch(&self) -> Result<(), RepositoryError> {
        self.check_version().await?;
        let head = self.ask_head().await?;
        let unchecked = self.trust() == Trust::Unchecked;
        if self.trust() == Trust::Foreign || (unchecked && !self.is_whole().await?) {
            self.make(&head).await?;
        }
        if let Err(error) = self.fetch_refs().await {
            self.set_trust(Trust::Unchecked);
            if self.is_whole().await? {
                return Err(error);
            }
            self.make(&head).await?;
            self.fetch_refs().await?;
        }
        self.set_trust(Trust::Whole);
        self.git.ask(Call::new(["symbolic-ref", "HEAD", &head.reference])).await?;
        self.tidy().await;
        Ok(())
    }

    async fn check_version(&self) -> Result<(), RepositoryError> {
        let told = self.git.ask(Call::new(["version"]).reaching(Reach::SourceAlone)).await?;
        let (major, minor) = GIT_VERSION_MIN;
        match version(&told) {
            Some(found) if found >= GIT_VERSION_MIN => Ok(()),
            _ => Err(unavailable(&format!(
                "it needs git {major}.{minor} or newer, and this is {}",
                tame(&told, 60)
            ))),
        }
    }

    /// The branch that everything is merged into, as the source has it now.
    async fn ask_head(&self) -> Result<Head, RepositoryError> {
        let set = self.config.default_branch.as_ref().map(|name| format!("refs/heads/{name}"));
        let asked = set.as_deref().unwrap_or("HEAD");
        let call = Call::new(["ls-remote", "--symref", "origin", asked]).reaching(Reach::SourceAlone);
        let told = self.git.ask(call.within(SCAN_DEADLINE)).await?;
        let line = |begin: &dyn Fn(&str) -> Option<String>| {
            told.lines()
                .filter_map(|line| line.split_once('\t'))
                .filter(|(_, name)| *name == asked)
                .find_map(|(value, _)| begin(value))
        };
        let branch = line(&|value| value.strip_prefix("ref: refs/heads/").map(str::to_owned));
        let id = line(&|value| (!value.starts_with("ref: ")).then(|| value.to_owned()));
        let reference = set.clone().or_else(|| branch.map(|name| format!("refs/heads/{name}")));
        match (reference, id) {
            (Some(reference), Some(id)) => Ok(Head { reference, id }),
            (Some(reference), None) => Err(unavailable(&format!("its source has no {reference}"))),
            (None, Some(_)) => Err(unavailable("its source is on no branch; set default_branch")),
            (None, None) => Err(unavailable("its source is empty, or says nothing of a default branch")),
        }
    }

    /// Whether every commit that it has can be read. Ancestry's own file is not believed here.
    async fn is_whole(&self) -> Result<bool, RepositoryError> {
        let bare = self.git.run(Call::new(["rev-parse", "--is-bare-repository"])).await?;
        if bare.code != 0 || bare.text().trim() != "true" {
            return Ok(false);
        }
        // Broken refs are left out with a warning.
        let refs = self.git.run(Call::new(["for-each-ref", "--format=%(objectname)"])).await?;
        if refs.code != 0 || !refs.complaint.is_empty() {
            return Ok(false);
        }
        let words = ["-c", "core.commitGraph=false", "rev-list", "--count", "--all"];
        let commits = self.git.run(Call::new(words).reaching(Reach::Source).within(FETCH_DEADLINE)).await?;
        Ok(commits.code == 0)
    }

    /// Makes the folder anew: what is there is no repository, a damaged one, or another one.
    async fn make(&self, head: &Head) -> Result<(), RepositoryError> {
        let folder = self.git.mirror();
        if folder.exists() {
            tracing::info!(folder = %folder.display(), "the mirror of the repository is made anew");
        }
        self.state.lock().at = None;
        Stamp::remove(&self.config.folder);
        match tokio::fs::remove_dir_all(folder).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unavailable(&format!("{} cannot be removed: {error}", folder.display())));
            }
            _ => {}
        }
        let format = if head.id.len() == 64 { "--object-format=sha256" } else { "--object-format=sha1" };
        self.git.ask(Call::new(["init", "--quiet", "--bare", "--template=", format])).await.map(drop)
    }

    async fn fetch_refs(&self) -> Result<(), RepositoryError> {
        let words =
            ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "origin"];
        let call = Call::new(words).with(REFS).reaching(Reach::Source).within(FETCH_DEADLINE);
        self.git.ask(call).await.map(drop)
    }

    /// Packs what many fetches have left, once in a while. The mirror is as good without it.
    async fn tidy(&self) {
        let call = Call::new(["gc", "--auto", "--quiet"]).reaching(Reach::Source).within(FETCH_DEADLINE);
        match self.git.run(call).await {
            Ok(ended) if ended.code != 0 => {
                tracing::warn!(problem = %failure("gc", &ended), "the mirror of the repository is not tidied");
            }
            Ok(_) => {}
            Err(problem) => tracing::warn!(%problem, "the mirror of the repository is not tidied"),
        }
    }
}

/// Major and minor of `git version 2.47.3`.
fn version(told: &str) -> Option<(u32, u32)> {
    let mut parts = told.trim().strip_prefix("git version ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read() {
        let check = |told, expected| assert_eq!(version(told), expected, "{told}");
        check("git version 2.47.3\n", Some((2, 47)));
        check("git version 2.39.5 (Vendor 154)", Some((2, 39)));
        check("git version 3.0", Some((3, 0)));
        check("git version x", None);
        check("", None);
    }
}
