//! An overrides' file in memory: edited by hand, broken by hand, opened by each engine for itself.

use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use wigwag_ports::OverrideFile;
use wigwag_ports::overrides::{Override, OverrideFileError};

#[derive(Default)]
pub(crate) struct HandFile(Mutex<Held>);

#[derive(Default)]
struct Held {
    rows: Vec<Override>,
    version: u64,
    broken: bool,
}

impl HandFile {
    /// The file as one engine sees it.
    pub(crate) fn opened(self: &Arc<Self>) -> Arc<dyn OverrideFile> {
        Arc::new(Opened { file: self.clone(), seen: Mutex::default() })
    }

    pub(crate) fn rows(&self) -> Vec<Override> {
        self.0.lock().unwrap().rows.clone()
    }

    /// As an editor would.
    pub(crate) fn edit(&self, rows: Vec<Override>) {
        let mut held = self.0.lock().unwrap();
        held.rows = rows;
        held.version += 1;
    }

    /// From now on it can be neither read nor written.
    pub(crate) fn break_it(&self) {
        self.0.lock().unwrap().broken = true;
    }
}

struct Opened {
    file: Arc<HandFile>,
    seen: Mutex<Option<u64>>,
}

#[async_trait]
impl OverrideFile for Opened {
    async fn read(&self) -> Result<Option<Vec<Override>>, OverrideFileError> {
        let held = self.file.0.lock().unwrap();
        if held.broken {
            return Err(OverrideFileError("the disk is full".into()));
        }
        let before = self.seen.lock().unwrap().replace(held.version);
        Ok((before != Some(held.version)).then(|| held.rows.clone()))
    }

    async fn write(&self, overrides: Vec<Override>) -> Result<(), OverrideFileError> {
        let mut held = self.file.0.lock().unwrap();
        if held.broken {
            return Err(OverrideFileError("the disk is full".into()));
        }
        held.rows = overrides;
        held.version += 1;
        *self.seen.lock().unwrap() = Some(held.version);
        Ok(())
    }
}
