use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use wigwag_ports::DefinitionSource;
use wigwag_ports::definitions::Definitions;

use crate::folder::Folder;

/// A folder as the engine asks it, once a second: off the runtime's threads, and reading only what may have changed.
pub struct FolderSource {
    folder: Arc<Mutex<Folder>>,
}

impl FolderSource {
    /// The folder at `root`. It may be missing: that is a finding, and it is taken once it is there.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { folder: Arc::new(Mutex::new(Folder::new(root))) }
    }
}

#[async_trait]
impl DefinitionSource for FolderSource {
    async fn read(&self) -> Option<Definitions> {
        let folder = self.folder.clone();
        let looked = tokio::task::spawn_blocking(move || folder.lock().look());
        // It fails only if the runtime stops, and then nobody asks any more.
        looked.await.ok().and_then(|looked| looked.changed)
    }
}
