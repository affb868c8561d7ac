//! What banners did, and what they led to.
//!
//! ```text
//! a banner tells of a failing hook --> episode opens --> mended | deleted | switched off | released
//! ```

use crate::StoreError;
use async_trait::async_trait;
use std::time::Duration;
use wigwag_base::{HookId, Timestamp};

/// Keeps what banners did by the day, and what became of the hooks that they told of.
#[async_trait]
pub trait CalloutOutcomes: Send + Sync {
    /// Adds what was counted since the last call; ONE transaction. Days and ended episodes before `batch.keep_from` are
    /// forgotten, a slice at a time.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn keep_callout_outcomes(&self, batch: OutcomeBatch) -> Result<(), StoreError>;

    /// The episodes that have not ended, read once at start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn open_episodes(&self) -> Result<Vec<Episode>, StoreError>;

    /// What was counted.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn callout_outcomes(&self, query: OutcomeQuery) -> Result<OutcomeFigures, StoreError>;
}

/// A banner told somebody of a failing hook.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Episode {
    /// The hook.
    pub hook: HookId,
    /// When it was told of first in its present state of failing.
    pub shown_at: Timestamp,
}

/// How an episode ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// The hook works again, or somebody enabled it.
    Mended,
    /// It was deleted.
    Deleted,
    /// Its owner switched it off.
    SwitchedOff,
    /// It may be called again because its policy went off: nobody mended anything.
    Released,
}

impl Ending {
    /// All of them.
    pub const ALL: [Ending; 4] = [Self::Mended, Self::Deleted, Self::SwitchedOff, Self::Released];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mended => "mended",
            Self::Deleted => "deleted",
            Self::SwitchedOff => "switched_off",
            Self::Released => "released",
        }
    }
}

/// An episode that is over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ended {
    /// Which.
    pub episode: Episode,
    /// When.
    pub at: Timestamp,
    /// How.
    pub ending: Ending,
}

/// What was counted since the last time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcomeBatch {
    /// When; its day (UTC) is the one that the counts belong to.
    pub at: Timestamp,
    /// Banners shown.
    pub shown: u64,
    /// Banners whose button was used.
    pub followed: u64,
    /// Banners that were closed.
    pub dismissed: u64,
    /// Episodes that began. One that is kept already stays as it is.
    pub opened: Vec<Episode>,
    /// Episodes that ended. One that is not kept, or has ended, stays as it is.
    pub ended: Vec<Ended>,
    /// What is older may be forgotten.
    pub keep_from: Timestamp,
}

/// Which figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutcomeQuery {
    /// From the day (UTC) of this time on.
    pub since: Timestamp,
    /// Up to this.
    pub until: Timestamp,
    /// Whoever fails so long after it was told of is ignored.
    pub ignored_after: Duration,
}

/// What banners did and led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OutcomeFigures {
    /// Banners shown.
    pub shown: u64,
    /// Banners whose button was used.
    pub followed: u64,
    /// Banners that were closed.
    pub dismissed: u64,
    /// Hooks that were mended after a banner had told of them.
    pub mended: u64,
    /// Likewise deleted.
    pub deleted: u64,
    /// Likewise switched off.
    pub switched_off: u64,
    /// Hooks that still failed so long after that; the time at which they had counts.
    pub ignored: u64,
    /// Hooks that a banner told of and that still fail.
    pub open: u64,
    /// Of those that were mended, the time from the first banner that half of them took at most.
    pub mend_median: Option<Duration>,
    /// The same for nine of ten.
    pub mend_p90: Option<Duration>,
}
