//! What banners did adds up by the day, and what they led to is kept by the hook.

use crate::suite;
use crate::world::{World, at};
use std::time::Duration;
use wigwag_base::{HookId, Timestamp};
use wigwag_ports::callout_outcomes::{Ended, Ending, Episode, OutcomeBatch, OutcomeFigures, OutcomeQuery};

suite!(counts_add_up_by_the_day, episodes_end_once, who_still_fails_is_ignored, what_is_old_is_forgotten);

const DAY_S: i64 = 86_400;

fn batch(s: i64) -> OutcomeBatch {
    OutcomeBatch {
        at: at(s),
        shown: 0,
        followed: 0,
        dismissed: 0,
        opened: Vec::new(),
        ended: Vec::new(),
        keep_from: Timestamp::from_secs(0),
    }
}

fn episode(hook: i64, s: i64) -> Episode {
    Episode { hook: HookId(hook), shown_at: at(s) }
}

fn ended(episode: Episode, s: i64, ending: Ending) -> Ended {
    Ended { episode, at: at(s), ending }
}

impl World {
    async fn keep(&self, batch: OutcomeBatch) {
        self.keep_callout_outcomes(batch).await.unwrap();
    }

    /// From the day of `since_s` on, seen at `until_s`; ignored after a day.
    async fn figures_of_banners(&self, since_s: i64, until_s: i64) -> OutcomeFigures {
        let ignored_after = Duration::from_secs(DAY_S.unsigned_abs());
        let query = OutcomeQuery { since: at(since_s), until: at(until_s), ignored_after };
        self.callout_outcomes(query).await.unwrap()
    }
}

async fn counts_add_up_by_the_day(world: World) {
    assert_eq!(world.figures_of_banners(0, 0).await, OutcomeFigures::default());
    for s in [-DAY_S, 0, 1] {
        world.keep(OutcomeBatch { shown: 3, followed: 2, dismissed: 1, ..batch(s) }).await;
    }
    world.keep(OutcomeBatch { shown: 1, ..batch(DAY_S) }).await;
    let told = |figures: OutcomeFigures| (figures.shown, figures.followed, figures.dismissed);
    assert_eq!(told(world.figures_of_banners(-DAY_S, DAY_S).await), (10, 6, 3));
    assert_eq!(told(world.figures_of_banners(5, DAY_S).await), (7, 4, 2), "the whole first day counts");
    assert_eq!(told(world.figures_of_banners(DAY_S, DAY_S).await), (1, 0, 0));
    assert_eq!(told(world.figures_of_banners(9 * DAY_S, DAY_S).await), (0, 0, 0));
}

async fn episodes_end_once(world: World) {
    let opened: Vec<Episode> = (1..=12).map(|hook| episode(hook, 0)).collect();
    world.keep(OutcomeBatch { opened: opened.clone(), ..batch(0) }).await;
    // Told of again while it is open: the first time stays.
    world.keep(OutcomeBatch { opened: vec![opened[0]], ..batch(1) }).await;
    let mut open = world.open_episodes().await.unwrap();
    open.sort_by_key(|episode| episode.hook);
    assert_eq!(open, opened);
    let mended = |hook: i64| ended(opened[hook as usize - 1], hook * 10, Ending::Mended);
    let over = vec![
        mended(1),
        ended(opened[10], 5, Ending::Deleted),
        ended(opened[11], 5, Ending::SwitchedOff),
        ended(episode(99, 0), 5, Ending::Mended),
    ];
    world.keep(OutcomeBatch { ended: over, ..batch(2) }).await;
    world.keep(OutcomeBatch { ended: (1..=9).map(mended).collect(), ..batch(3) }).await;
    world.keep(OutcomeBatch { ended: vec![ended(opened[0], 500, Ending::Deleted)], ..batch(4) }).await;
    assert_eq!(world.open_episodes().await.unwrap(), [opened[9]]);
    let released = vec![ended(opened[9], 1, Ending::Released)];
    world.keep(OutcomeBatch { ended: released, ..batch(5) }).await;
    let found = world.figures_of_banners(0, 100).await;
    let expected = OutcomeFigures {
        mended: 9,
        deleted: 1,
        switched_off: 1,
        mend_median: Some(Duration::from_secs(50)),
        mend_p90: Some(Duration::from_secs(90)),
        ..OutcomeFigures::default()
    };
    assert_eq!(found, expected);
    // It fails again, and is told of again: an episode of its own. An end before its beginning is none.
    let again = episode(1, 600);
    let over = vec![ended(again, 599, Ending::Mended)];
    world.keep(OutcomeBatch { opened: vec![again], ended: over, ..batch(600) }).await;
    assert_eq!(world.figures_of_banners(0, 600).await.mended, 10);
}

async fn who_still_fails_is_ignored(world: World) {
    let opened = vec![episode(1, 0), episode(2, 0), episode(3, 0)];
    world.keep(OutcomeBatch { opened: opened.clone(), ..batch(0) }).await;
    let over = vec![ended(opened[0], DAY_S - 1, Ending::Mended), ended(opened[1], DAY_S, Ending::Mended)];
    world.keep(OutcomeBatch { ended: over, ..batch(DAY_S) }).await;
    let counts = async |since_s, until_s| {
        let found = world.figures_of_banners(since_s, until_s).await;
        (found.ignored, found.open)
    };
    assert_eq!(counts(0, DAY_S - 1).await, (1, 1), "one that ended is known to have been");
    assert_eq!(counts(0, DAY_S).await, (2, 1));
    assert_eq!(counts(2 * DAY_S, 9 * DAY_S).await, (0, 1), "it was ignored before");
}

async fn what_is_old_is_forgotten(world: World) {
    let opened = vec![episode(1, 0), episode(2, 0)];
    let over = vec![ended(opened[0], 1, Ending::Mended)];
    world.keep(OutcomeBatch { shown: 1, opened: opened.clone(), ended: over, ..batch(0) }).await;
    world.keep(OutcomeBatch { keep_from: at(9 * DAY_S), ..batch(9 * DAY_S) }).await;
    let found = world.figures_of_banners(0, 0).await;
    assert_eq!((found.shown, found.mended, found.open), (0, 0, 1), "what is open stays");
    assert_eq!(world.open_episodes().await.unwrap(), opened[1..]);
}
