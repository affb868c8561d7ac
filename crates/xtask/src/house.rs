//! The workspace as the checks see it: its root, its packages, and where its build output lies.

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use std::path::{Path, PathBuf};

/// The opened workspace.
pub(crate) struct House {
    root: PathBuf,
    metadata: Metadata,
}

impl House {
    /// Reads the workspace that this program was built from.
    pub(crate) fn open() -> Result<House> {
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let manifest_dir = manifest_dir.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let metadata =
            MetadataCommand::new().current_dir(&manifest_dir).no_deps().exec().context(
                "cargo metadata cannot read the workspace; run `cargo metadata --no-deps` to see why",
            )?;
        Ok(House { root: metadata.workspace_root.clone().into_std_path_buf(), metadata })
    }

    /// The folder that holds the workspace's Cargo.toml.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The members of the workspace, with the dependencies that each declares.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.metadata.packages
    }

    /// Whether a member of this name exists yet.
    pub(crate) fn has_package(&self, name: &str) -> bool {
        self.packages().iter().any(|package| package.name.as_str() == name)
    }

    /// The folder of build output.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// `path` as seen from the root, for messages.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}
