//! Flags that several change at the same moment: whoever was overtaken takes turns with the others that were.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use wigwag_flags::FlagName;

/// Turns, by flag; a flag that nobody contends for has none.
#[derive(Default)]
pub(crate) struct Contended(Mutex<HashMap<FlagName, Arc<tokio::sync::Mutex<()>>>>);

impl Contended {
    /// A turn at this flag, first come, first served.
    pub(super) async fn turn(&self, flag: &FlagName) -> OwnedMutexGuard<()> {
        let line = {
            let mut lines = self.0.lock();
            lines.retain(|known, line| known == flag || Arc::strong_count(line) > 1);
            lines.entry(flag.clone()).or_default().clone()
        };
        line.lock_owned().await
    }
}
