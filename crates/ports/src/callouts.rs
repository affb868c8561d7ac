//! Dismissals and the counters that they remember.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_access::Source;
use wigwag_base::UserId;

/// Keeps dismissals and "got worse" counters.
#[async_trait]
pub trait Callouts: Send + Sync {
    /// Every counter above zero.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn worse_counts(&self) -> Result<Vec<(Source, u64)>, StoreError>;

    /// Every dismissal that still holds: its counter is that of its project or group.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn dismissals(&self) -> Result<Vec<Dismissal>, StoreError>;

    /// Keeps a dismissal; a newer one replaces an older one of the same user, source and feature.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if user or source are gone.
    async fn dismiss(&self, dismissal: Dismissal) -> Result<(), StoreError>;
}

/// A user closed a callout of a project or group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dismissal {
    /// Who.
    pub user: UserId,
    /// Where.
    pub source: Source,
    /// Which callout, such as `web_hook_disabled`.
    pub feature: String,
    /// The "got worse" counter at that moment: it holds until the counter moves.
    pub worse_count: u64,
}
