//! How many users, groups or projects a change of a flag reaches: each is asked, as long as there are not too many.

use crate::limits::{REACH_IDS_MAX, REACH_SLICE};
use crate::{Engine, EngineError};
use std::fmt::Write as _;
use std::ops::AddAssign;
use wigwag_access::Principal;
use wigwag_flags::{FlagName, FlagState, Snapshot};
use wigwag_ports::registry::Kind;

/// For how many of a kind a flag is on before and after a change. A percentage of time counts for nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlagReach {
    /// How many there are.
    pub total: u64,
    /// For how many it is on now.
    pub before: u64,
    /// For how many it is on then.
    pub after: u64,
    /// How many get it.
    pub gain: u64,
    /// How many lose it.
    pub lose: u64,
    /// How the figures came about.
    pub by: ReachBy,
}

/// How the figures of a [`FlagReach`] came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReachBy {
    /// Each one was asked.
    Counting,
    /// So many were asked, and the others are taken to be like them.
    Sampling {
        /// How many.
        asked: u64,
    },
}

/// Figures of those asked so far.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    asked: u64,
    before: u64,
    after: u64,
    gain: u64,
    lose: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.asked += other.asked;
        self.before += other.before;
        self.after += other.after;
        self.gain += other.gain;
        self.lose += other.lose;
    }
}

impl Engine {
    /// What it means for all of `kind` if `after` is stored of a flag in `environment`, each asking by itself alone
    /// (`Project:1`). Up to [`REACH_IDS_MAX`] are asked one by one; of more, the figures are estimated.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`], [`EngineError::NotFound`] (the environment), the store's.
    pub async fn flag_reach(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &FlagName,
        after: Option<FlagState>,
        kind: Kind,
    ) -> Result<FlagReach, EngineError> {
        let before = self.readable(principal, environment)?;
        let after = before.with_state(before.version(), flag, after);
        let total = self.inner.store.count(kind).await?;
        let mut asking = Asking { flag, kind: word(kind), before: &before, after: &after, id: String::new() };
        let mut tally = Tally::default();
        let mut last = 0;
        while tally.asked < REACH_IDS_MAX {
            let ids = self.inner.store.ids(kind, last, REACH_SLICE).await?;
            let Some(highest) = ids.last() else { break };
            last = *highest;
            for id in &ids {
                tally += asking.ask(*id);
            }
        }
        Ok(reach(tally, total))
    }
}

/// The two snapshots that are asked, and the text of the actor that asks.
struct Asking<'a> {
    flag: &'a FlagName,
    kind: &'static str,
    before: &'a Snapshot,
    after: &'a Snapshot,
    id: String,
}

impl Asking<'_> {
    fn ask(&mut self, id: i64) -> Tally {
        self.id.clear();
        let _ = write!(self.id, "{}:{id}", self.kind);
        let on = |snapshot: &Snapshot| {
            snapshot.is_enabled(self.flag.as_str(), &[self.id.as_str()], || 1.0).enabled
        };
        let (before, after) = (on(self.before), on(self.after));
        Tally {
            asked: 1,
            before: before.into(),
            after: after.into(),
            gain: (after && !before).into(),
            lose: (before && !after).into(),
        }
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "User",
        Kind::Group => "Group",
        Kind::Project => "Project",
    }
}

fn reach(tally: Tally, total: u64) -> FlagReach {
    let Tally { asked, before, after, gain, lose } = tally;
    if asked >= total {
        return FlagReach { total: asked, before, after, gain, lose, by: ReachBy::Counting };
    }
    let of_all = |n: u64| (n as f64 * total as f64 / asked.max(1) as f64).round() as u64;
    FlagReach {
        total,
        before: of_all(before),
        after: of_all(after),
        gain: of_all(gain),
        lose: of_all(lose),
        by: ReachBy::Sampling { asked },
    }
}

#[cfg(test)]
mod tests {
    use super::{FlagReach, ReachBy, Tally, reach};

    #[test]
    fn whoever_was_not_asked_is_taken_to_be_like_the_others() {
        let tally = Tally { asked: 1_000, before: 100, after: 250, gain: 160, lose: 10 };
        let counted =
            FlagReach { total: 1_000, before: 100, after: 250, gain: 160, lose: 10, by: ReachBy::Counting };
        assert_eq!(reach(tally, 1_000), counted);
        // One that went away while the others were asked.
        assert_eq!(reach(tally, 999), counted);
        let sampled = FlagReach {
            total: 98_000,
            before: 9_800,
            after: 24_500,
            gain: 15_680,
            lose: 980,
            by: ReachBy::Sampling { asked: 1_000 },
        };
        assert_eq!(reach(tally, 98_000), sampled);
        let nobody = FlagReach { total: 0, before: 0, after: 0, gain: 0, lose: 0, by: ReachBy::Counting };
        assert_eq!(reach(Tally::default(), 0), nobody);
    }
}
