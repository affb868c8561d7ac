//! What banners led to. A view counts in memory; now and then, and at a stop, what was counted is written in one
//! transaction, so that no page view waits for the store.
//!
//! ```text
//! a banner tells of a failing hook for the first time --> its episode opens
//!   the hook leaves the index --> mended | deleted | switched off | released
//! ```
//! What a crash loses is a minute of counts ([`CALLOUT_OUTCOMES_EVERY`]). Episodes that ended unseen are ended at the next
//! start, by what became of their hooks.

use crate::limits::{
    CALLOUT_EPISODES_PER_WRITE, CALLOUT_IGNORED_AFTER, CALLOUT_OUTCOMES_EVERY, CALLOUT_OUTCOMES_KEPT,
    CALLOUT_OUTCOMES_SINCE,
};
use crate::rights::allow;
use crate::watch::{CalloutCounts, EpisodeCounts, Left};
use crate::{Engine, EngineError};
use parking_lot::Mutex;
use std::collections::HashMap;
use wigwag_access::{Action, Principal, Thing};
use wigwag_base::{HookId, Timestamp};
use wigwag_ports::callout_outcomes::{Ended, Ending, Episode, OutcomeBatch, OutcomeFigures, OutcomeQuery};
use wigwag_ports::{Store, StoreError};

/// What was counted on this node and what of it is not written yet.
#[derive(Default)]
pub(crate) struct Outcomes {
    state: Mutex<State>,
    /// Held by whoever writes: two would write the same counts.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Hooks that a banner told of and that still fail.
    open: HashMap<HookId, Timestamp>,
    opened: Vec<Episode>,
    ended: Vec<Unwritten>,
    /// What of the counts is written.
    written: Written,
    written_at: Option<Timestamp>,
    endings: Endings,
}

/// An end that is not written yet; of one without a time the time of writing is near enough.
#[derive(Clone, Copy)]
struct Unwritten {
    episode: Episode,
    at: Option<Timestamp>,
    ending: Ending,
}

#[derive(Clone, Copy, Default)]
struct Written {
    shown: u64,
    followed: u64,
    dismissed: u64,
}

/// Hooks that a banner had told of, by how that ended, since this node started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Endings {
    /// Works again, or enabled.
    pub mended: u64,
    /// Deleted.
    pub deleted: u64,
    /// Switched off by its owner.
    pub switched_off: u64,
}

/// The figures of banners over a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CalloutOutcomes {
    /// From the beginning of its day (UTC) on.
    pub since: Timestamp,
    /// Up to now.
    pub until: Timestamp,
    /// What there is to tell.
    pub figures: OutcomeFigures,
}

impl Outcomes {
    /// Takes in what a former life left: episodes of hooks that fail still, and those that ended unseen.
    pub(crate) async fn rebuild(
        store: &dyn Store,
        fails: impl Fn(HookId) -> bool,
    ) -> Result<Self, StoreError> {
        let mut state = State::default();
        for episode in store.open_episodes().await? {
            if fails(episode.hook) {
                state.open.insert(episode.hook, episode.shown_at);
                continue;
            }
            let hook = store.hook(episode.hook).await?;
            let left = hook.as_ref().map_or(Left::Gone, Left::of);
            state.ended.push(unwritten(episode, left));
        }
        Ok(Self { state: Mutex::new(state), turn: tokio::sync::Mutex::default() })
    }

    /// A banner told somebody of these hooks.
    pub(crate) fn told_of(&self, hooks: &[HookId], now: Timestamp) {
        let mut state = self.state.lock();
        for hook in hooks {
            if !state.open.contains_key(hook) {
                state.open.insert(*hook, now);
                state.opened.push(Episode { hook: *hook, shown_at: now });
            }
        }
    }

    /// A hook fails no more.
    pub(crate) fn left(&self, hook: HookId, left: Left) {
        let mut state = self.state.lock();
        let Some(shown_at) = state.open.remove(&hook) else { return };
        let ended = unwritten(Episode { hook, shown_at }, left);
        match ended.ending {
            Ending::Mended => state.endings.mended += 1,
            Ending::Deleted => state.endings.deleted += 1,
            Ending::SwitchedOff => state.endings.switched_off += 1,
            Ending::Released => {}
        }
        state.ended.push(ended);
    }

    /// What became of the hooks that banners told of.
    fn counts(&self, now: Timestamp) -> EpisodeCounts {
        let state = self.state.lock();
        let ignored = state.open.values().filter(|shown_at| now.since(**shown_at) >= CALLOUT_IGNORED_AFTER);
        let (open, ignored) = (state.open.len() as u64, ignored.count() as u64);
        EpisodeCounts { open, ignored, endings: state.endings }
    }

    /// What there is to write of `counts`; none if it is nothing.
    fn batch(&self, counts: Written, now: Timestamp) -> Option<OutcomeBatch> {
        let state = self.state.lock();
        let opened: Vec<Episode> = state.opened.iter().take(CALLOUT_EPISODES_PER_WRITE).copied().collect();
        // Ends only once every beginning is written: else an end could come before its beginning.
        let room = if opened.len() == state.opened.len() { CALLOUT_EPISODES_PER_WRITE } else { 0 };
        let end = |ended: &Unwritten| Ended {
            episode: ended.episode,
            at: ended.at.unwrap_or(now),
            ending: ended.ending,
        };
        let batch = OutcomeBatch {
            at: now,
            shown: counts.shown - state.written.shown,
            followed: counts.followed - state.written.followed,
            dismissed: counts.dismissed - state.written.dismissed,
            ended: state.ended.iter().take(room).map(end).collect(),
            opened,
            keep_from: now - CALLOUT_OUTCOMES_KEPT,
        };
        let is_empty = batch.shown + batch.followed + batch.dismissed == 0
            && batch.opened.is_empty()
            && batch.ended.is_empty();
        (!is_empty).then_some(batch)
    }

    /// Takes note that a batch is written.
    fn written(&self, batch: &OutcomeBatch) {
        let mut state = self.state.lock();
        state.opened.drain(..batch.opened.len());
        state.ended.drain(..batch.ended.len());
        state.written.shown += batch.shown;
        state.written.followed += batch.followed;
        state.written.dismissed += batch.dismissed;
    }
}

fn unwritten(episode: Episode, left: Left) -> Unwritten {
    let (ending, at) = match left {
        Left::Healthy { since } => (Ending::Mended, Some(since)),
        Left::Gone => (Ending::Deleted, None),
        Left::Off => (Ending::SwitchedOff, None),
        Left::Released => (Ending::Released, None),
    };
    Unwritten { episode, at, ending }
}

impl Engine {
    /// What banners did and led to since `since`, else over the last 30 days. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`], the store's.
    pub async fn callout_outcomes(
        &self,
        principal: &Principal,
        since: Option<Timestamp>,
    ) -> Result<CalloutOutcomes, EngineError> {
        allow(principal, Action::ReadOverview, Thing::Server)?;
        // What cannot be written now is told of later.
        if let Err(error) = self.write_callout_outcomes().await {
            tracing::debug!(%error, "what banners did waits for the store");
        }
        let until = self.inner.clock.now();
        let since = since.unwrap_or(until - CALLOUT_OUTCOMES_SINCE);
        let query = OutcomeQuery { since, until, ignored_after: CALLOUT_IGNORED_AFTER };
        let figures = self.inner.store.callout_outcomes(query).await?;
        Ok(CalloutOutcomes { since, until, figures })
    }

    /// What became of the hooks that banners told of, for the metrics.
    pub fn episode_counts(&self) -> EpisodeCounts {
        self.inner.watch.outcomes.counts(self.inner.clock.now())
    }

    /// Writes what banners did, if it was not written lately.
    pub(crate) async fn write_callout_outcomes_now_and_then(&self) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let outcomes = &self.inner.watch.outcomes;
        let last = *outcomes.state.lock().written_at.get_or_insert(now);
        if now.since(last) < CALLOUT_OUTCOMES_EVERY {
            return Ok(());
        }
        outcomes.state.lock().written_at = Some(now);
        self.write_callout_outcomes().await
    }

    /// Writes what banners did since the last time.
    pub(crate) async fn write_callout_outcomes(&self) -> Result<(), StoreError> {
        let outcomes = &self.inner.watch.outcomes;
        let _turn = outcomes.turn.lock().await;
        loop {
            let CalloutCounts { shown, followed, dismissed, .. } = self.inner.watch.counts();
            let counts = Written { shown, followed, dismissed };
            let Some(batch) = outcomes.batch(counts, self.inner.clock.now()) else { return Ok(()) };
            self.inner.store.keep_callout_outcomes(batch.clone()).await?;
            outcomes.written(&batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcomes, Written};
    use crate::limits::CALLOUT_EPISODES_PER_WRITE;
    use crate::watch::Left;
    use wigwag_base::{HookId, Timestamp};
    use wigwag_ports::callout_outcomes::{Ending, OutcomeBatch};

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn hooks(count: usize) -> Vec<HookId> {
        (1..=count as i64).map(HookId).collect()
    }

    fn batch(outcomes: &Outcomes) -> Option<OutcomeBatch> {
        outcomes.batch(Written::default(), NOW)
    }

    #[test]
    fn one_write_takes_so_many_episodes_and_no_end_before_its_beginning() {
        let check = |count, expected: &[(usize, usize)]| {
            let outcomes = Outcomes::default();
            outcomes.told_of(&hooks(count), NOW);
            outcomes.left(HookId(1), Left::Gone);
            let mut sizes = Vec::new();
            while let Some(batch) = batch(&outcomes) {
                sizes.push((batch.opened.len(), batch.ended.len()));
                outcomes.written(&batch);
            }
            assert_eq!(sizes, expected, "{count}");
        };
        let max = CALLOUT_EPISODES_PER_WRITE;
        check(max, &[(max, 1)]);
        check(max + 1, &[(max, 0), (1, 1)]);
    }

    #[test]
    fn what_was_not_written_is_written_later_and_once() {
        let outcomes = Outcomes::default();
        outcomes.told_of(&hooks(1), NOW);
        outcomes.told_of(&hooks(1), Timestamp::from_secs(2_000));
        let counts = Written { shown: 3, followed: 2, dismissed: 1 };
        let first = outcomes.batch(counts, NOW).expect("there is something to write");
        assert_eq!(outcomes.batch(counts, NOW), Some(first.clone()), "the write failed");
        outcomes.written(&first);
        assert_eq!((first.shown, first.followed, first.dismissed, first.opened.len()), (3, 2, 1, 1));
        assert_eq!(outcomes.batch(counts, NOW), None);
        let more = outcomes.batch(Written { shown: 4, ..counts }, NOW).expect("one more was shown");
        assert_eq!((more.shown, more.followed, more.opened.len()), (1, 0, 0));
    }

    #[test]
    fn an_end_says_how_and_when() {
        let since = Timestamp::from_secs(900);
        let check = |left, ending, at| {
            let outcomes = Outcomes::default();
            outcomes.told_of(&hooks(1), Timestamp::from_secs(500));
            outcomes.left(HookId(1), left);
            outcomes.left(HookId(1), left);
            outcomes.left(HookId(2), left);
            let ended = batch(&outcomes).expect("it ended").ended;
            assert_eq!((ended.len(), ended[0].ending, ended[0].at), (1, ending, at));
        };
        check(Left::Healthy { since }, Ending::Mended, since);
        check(Left::Gone, Ending::Deleted, NOW);
        check(Left::Off, Ending::SwitchedOff, NOW);
        check(Left::Released, Ending::Released, NOW);
    }
}
