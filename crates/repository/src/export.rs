//! Flag definitions out of the repository: the folder at the default branch's head, written beside the mirror whenever
//! its tree is another.
//!
//! ```text
//! feature_flags -> flags/TREE.TIME/NAME/   a link, moved in one step to a folder that is complete
//!                  flags/...               the one before, for whoever is reading it; older ones are removed
//! ```

mod content;
mod tree;

use crate::config::RepositoryConfig;
use crate::git::{Call, unavailable};
use crate::mirror::Mirror;
use content::File;
use std::io;
use std::path::{Path, PathBuf};
use wigwag_ports::repository::RepositoryError;

/// Where the link lies in a mirror's folder.
pub(crate) fn link(folder: &Path) -> PathBuf {
    folder.join("feature_flags")
}

/// Renews the exported definitions.
pub(crate) struct Exporter {
    /// The folder in the repository; `None` if it is the whole of it.
    folder: Option<String>,
    /// What was exported last in this life, as git names the tree.
    tree: Option<String>,
    /// What was wrong at the last try.
    problem: Option<RepositoryError>,
}

impl Exporter {
    /// An exporter, if definitions are read from the repository.
    pub(crate) fn new(config: &RepositoryConfig) -> Option<Self> {
        let folder = config.flags_folder.as_ref()?.trim_end_matches('/');
        let folder = (folder != ".").then(|| folder.to_owned());
        Some(Self { folder, tree: None, problem: None })
    }

    /// Exports the tree if it is another than last time. If that fails, what was exported before stays.
    pub(crate) async fn renew(&mut self, mirror: &Mirror) {
        if mirror.ready().is_err() {
            return;
        }
        let problem = self.export(mirror).await.err();
        if let Some(problem) = problem.as_ref().filter(|problem| self.problem.as_ref() != Some(problem)) {
            tracing::warn!(%problem, "flag definitions are not renewed from the repository");
        }
        self.problem = problem;
    }

    async fn export(&mut self, mirror: &Mirror) -> Result<(), RepositoryError> {
        let tree = self.tree_of_head(mirror).await?;
        if self.tree.as_ref() == Some(&tree) {
            return Ok(());
        }
        let entries = tree::list(mirror, &tree).await?;
        let files = content::read(mirror, entries).await?;
        let name = self.folder.as_deref().and_then(|folder| folder.rsplit('/').next());
        let place = Place {
            folder: mirror.config.folder.clone(),
            version: format!("{tree}.{}", mirror.clock.now().as_millis()),
            name: name.unwrap_or("repository").to_owned(),
        };
        let written = tokio::task::spawn_blocking(move || place.put(&files)).await;
        let written = written.unwrap_or_else(|_| Err(io::Error::other("writing broke off")));
        written.map_err(|error| unavailable(&format!("its flag definitions cannot be written: {error}")))?;
        self.tree = Some(tree);
        Ok(())
    }

    async fn tree_of_head(&self, mirror: &Mirror) -> Result<String, RepositoryError> {
        let path = self.folder.as_deref().unwrap_or_default();
        let asked = format!("HEAD:{path}");
        let ended = mirror.git.run(Call::new(["rev-parse", "--verify", "--quiet", &asked])).await?;
        match ended.code {
            0 => Ok(ended.text().trim().to_owned()),
            _ => Err(unavailable(&format!("its default branch has no folder {path}"))),
        }
    }
}

/// Where an export goes.
struct Place {
    folder: PathBuf,
    version: String,
    name: String,
}

impl Place {
    /// Writes everything, then moves the link.
    fn put(&self, files: &[File]) -> io::Result<()> {
        let flags = self.folder.join("flags");
        let next = flags.join("next");
        remove(&next)?;
        let root = next.join(&self.name);
        std::fs::create_dir_all(&root)?;
        for file in files {
            file.write(&root)?;
        }
        let whole = flags.join(&self.version);
        remove(&whole)?;
        std::fs::rename(&next, &whole)?;
        let before = std::fs::read_link(link(&self.folder)).ok();
        self.point()?;
        self.sweep(&flags, before.as_deref())
    }

    fn point(&self) -> io::Result<()> {
        let next = self.folder.join("feature_flags.next");
        match std::fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::os::unix::fs::symlink(Path::new("flags").join(&self.version).join(&self.name), &next)?;
        let link = link(&self.folder);
        if std::fs::symlink_metadata(&link).is_ok_and(|found| found.is_dir()) {
            std::fs::remove_dir_all(&link)?;
        }
        std::fs::rename(next, link)
    }

    /// Removes what neither the link nor the one before leads to.
    fn sweep(&self, flags: &Path, before: Option<&Path>) -> io::Result<()> {
        let before = before.and_then(|path| path.iter().nth(1)).map(ToOwned::to_owned);
        for entry in std::fs::read_dir(flags)? {
            let name = entry?.file_name();
            if name != self.version.as_str() && Some(&name) != before.as_ref() {
                remove(&flags.join(name))?;
            }
        }
        Ok(())
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
