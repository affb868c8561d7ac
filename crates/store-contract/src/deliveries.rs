//! Deliveries: what waits, what ended, what a restart takes up again.

use crate::suite;
use crate::world::{World, at, attempted, failure, new_event, put, settled, success};
use bytes::Bytes;
use std::collections::HashSet;
use wigwag_base::{AttemptId, EventId, HookId, NodeEpoch, Timestamp};
use wigwag_hooks::{Delivery, DeliveryState, EndReason, FailureClass, HookScope, NewEvent};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{
    BACKLOG_PAGE_BYTES_MAX, Backlog, ChainQuery, DeliveryChange, Record, Recorded, Waited, WaitingHook,
    WaitingQuery,
};
use wigwag_ports::intake::Appended;
use wigwag_ports::log::DeliveryFilter;

suite!(
    what_waits_comes_oldest_first_when_due,
    the_oldest_wait_first_whenever_they_are_due,
    a_page_of_large_bodies_ends_early,
    bodies_stay_what_they_were,
    a_row_is_replaced_and_goes,
    hooks_with_waiting_rows_are_counted,
    unsettled_events_name_who_is_done,
    marks_settle_in_any_order,
    an_old_epoch_writes_nothing,
    a_bad_record_spoils_its_call_alone,
    what_is_written_at_least_is_the_first_of_what_was_offered,
    a_deleted_hook_leaves_cancelled_rows,
    the_oldest_expire_first,
    a_chain_tells_its_earlier_events,
);

const FAR: Timestamp = Timestamp::from_millis(i64::MAX);

pub(crate) fn waiting_at(hook: HookId, at: Timestamp, limit: u32) -> WaitingQuery {
    WaitingQuery { hook, at, limit, except: HashSet::new() }
}

fn ids(rows: &[Delivery]) -> Vec<EventId> {
    rows.iter().map(|row| row.event).collect()
}

async fn states(world: &World) -> Vec<(EventId, DeliveryState)> {
    let all = DeliveryFilter { project: Some(world.project.id), ..DeliveryFilter::default() };
    let page = (**world).deliveries(all, wigwag_base::Page::new(1, 100)).await.unwrap();
    page.rows.iter().rev().map(|row| (row.event, row.state)).collect()
}

async fn what_waits_comes_oldest_first_when_due(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let mut events = Vec::new();
    for n in 0..6 {
        events.push(world.event(&n.to_string(), n).await);
    }
    let [a, b, c, d, e, f] = events[..] else { unreachable!() };
    world.put(&hook, d, DeliveryState::Held).await;
    world.put(&hook, b, DeliveryState::Pending).await;
    world.put(&hook, a, DeliveryState::Retrying { due: at(100) }).await;
    world.put(&hook, c, DeliveryState::Retrying { due: at(50) }).await;
    world.put(&hook, e, DeliveryState::GivenUp).await;
    world.put(&other, f, DeliveryState::Held).await;
    let check = async |now, limit, except: &[EventId], rows: &[EventId], more, next_due| {
        let except = except.iter().copied().collect();
        let found = world.waiting(WaitingQuery { except, ..waiting_at(hook.id, now, limit) }).await.unwrap();
        assert_eq!((&ids(&found.rows)[..], found.more, found.next_due), (rows, more, next_due));
    };
    check(at(0), 10, &[], &[b, d], false, Some(at(50))).await;
    check(at(50), 10, &[], &[b, c, d], false, Some(at(100))).await;
    check(at(99), 2, &[], &[b, c], true, Some(at(100))).await;
    check(at(99), 2, &[b], &[c, d], false, Some(at(100))).await;
    check(at(99), 2, &[b, d, f], &[c], false, Some(at(100))).await;
    check(at(99), 1, &[b], &[c], true, Some(at(100))).await;
    check(at(100), 10, &[], &[a, b, c, d], false, None).await;
    check(at(100), 4, &[], &[a, b, c, d], false, None).await;
    check(at(100), 1, &[], &[a], true, None).await;
    check(FAR, 3, &[], &[a, b, c], true, None).await;
    check(FAR, 3, &[a], &[b, c, d], false, None).await;
    check(FAR, 0, &[], &[], true, None).await;
    let rows = world.waiting(waiting_at(hook.id, at(99), 1)).await.unwrap().rows;
    assert_eq!(rows, [world.delivery(&hook, b, DeliveryState::Pending).await]);
    assert_eq!(world.waiting(waiting_at(HookId(999), FAR, 10)).await.unwrap(), Backlog::default());
}

async fn the_oldest_wait_first_whenever_they_are_due(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let (a, b) = (world.event("{}", 0).await, world.event("{}", 1).await);
    let (c, d) = (world.event("{}", 2).await, world.event("{}", 3).await);
    world.put(&hook, c, DeliveryState::Pending).await;
    world.put(&hook, b, DeliveryState::Held).await;
    world.put(&hook, a, DeliveryState::Retrying { due: at(100) }).await;
    world.put(&hook, d, DeliveryState::GivenUp).await;
    world.put(&other, a, DeliveryState::Held).await;
    for (limit, expected) in [(0, &[][..]), (2, &[a, b]), (9, &[a, b, c])] {
        assert_eq!(ids(&world.oldest_waiting(hook.id, limit).await.unwrap()), expected);
    }
    let rows = world.oldest_waiting(hook.id, 1).await.unwrap();
    let expected = world.delivery(&hook, a, DeliveryState::Retrying { due: at(100) }).await;
    assert_eq!(rows, [Delivery { body: Bytes::new(), ..expected }], "bodies stay where they are");
    assert_eq!(world.oldest_waiting(HookId(999), 9).await.unwrap(), []);
}

async fn a_page_of_large_bodies_ends_early(world: World) {
    let hook = world.project_hook().await;
    let half = BACKLOG_PAGE_BYTES_MAX / 2;
    let mut events = Vec::new();
    for (n, bytes) in (0..).zip([half, half, 3, 2 * BACKLOG_PAGE_BYTES_MAX, 3, half - 1, half, 1]) {
        let event = world.event("{}", n).await;
        let delivery = world.delivery(&hook, event, DeliveryState::Held).await;
        world.write(vec![put(&Delivery { body: vec![b'x'; bytes].into(), ..delivery })]).await;
        events.push(event);
    }
    let mut except = HashSet::new();
    for (count, more) in [(2, true), (2, true), (3, true), (1, false)] {
        let query = WaitingQuery { except: except.clone(), ..waiting_at(hook.id, FAR, 64) };
        let found = world.waiting(query).await.unwrap();
        assert_eq!((found.rows.len(), found.more), (count, more), "above {}", except.len());
        assert_eq!(ids(&found.rows), events[except.len()..except.len() + count]);
        except.extend(ids(&found.rows));
    }
}

async fn what_is_written_at_least_is_the_first_of_what_was_offered(world: World) {
    for at_least in [0, 1, 3, 5, 9] {
        let hook = world.project_hook().await;
        let mut rows = Vec::new();
        for n in 0..5 {
            let event = world.event("{}", n).await;
            rows.push(world.delivery(&hook, event, DeliveryState::Held).await);
        }
        let offered = rows.iter().map(put).collect();
        // New events may come in between, or not.
        let (written, ()) = tokio::join!(world.record_at_least(world.epoch, offered, at_least), async {
            world.event("{}", 9).await;
        });
        let written = written.unwrap().len();
        assert!((at_least.clamp(1, 5)..=5).contains(&written), "{written} of 5, at least {at_least}");
        let kept = ids(&world.oldest_waiting(hook.id, 9).await.unwrap());
        assert_eq!(kept, ids(&rows[..written]), "and nothing else");
    }
    assert_eq!(world.record_at_least(world.epoch, Vec::new(), 1).await, Ok(Vec::new()));
}

async fn bodies_stay_what_they_were(world: World) {
    let hook = world.project_hook().await;
    for (n, body) in ["{\"a\":1}", "", "{\"a\":1} ", "rendered"].into_iter().enumerate() {
        let event = world.event("{\"a\":1}", n as i64).await;
        let delivery = world.delivery(&hook, event, DeliveryState::Held).await;
        let delivery = Delivery { body: Bytes::from_static(body.as_bytes()), attempts: 3, ..delivery };
        world.write(vec![put(&delivery)]).await;
        assert_eq!(
            world.waiting(waiting_at(hook.id, at(0), 10)).await.unwrap().rows.last(),
            Some(&delivery),
            "{body:?}"
        );
    }
}

async fn a_row_is_replaced_and_goes(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let delivered = DeliveryChange::Delivered { hook: hook.id, event };
    let gone = || vec![Record { delivery: Some(delivered.clone()), ..Record::default() }];
    let written = |waited| [Recorded::Written { attempt: None, worse_count: None, waited }];
    for state in
        [DeliveryState::Held, DeliveryState::GivenUp, DeliveryState::Pending, DeliveryState::Cancelled]
    {
        world.put(&hook, event, state).await;
        assert_eq!(states(&world).await, [(event, state)]);
        let waits = u64::from(state.is_waiting());
        assert_eq!(world.waiting_count(hook.id).await.unwrap(), waits);
    }
    assert_eq!(world.write(gone()).await, written(Waited::No), "it was cancelled");
    assert_eq!(states(&world).await, []);
    world.put(&hook, event, DeliveryState::Retrying { due: at(9) }).await;
    assert_eq!(world.write(gone()).await, written(Waited::Yes));
    // Nothing left to remove is no error: most deliveries never had a row.
    assert_eq!(world.write(gone()).await, written(Waited::No));
    assert_eq!(states(&world).await, []);
    world.put(&hook, event, DeliveryState::InFlight).await;
    assert_eq!(states(&world).await, [(event, DeliveryState::Pending)]);
}

async fn hooks_with_waiting_rows_are_counted(world: World) {
    assert_eq!(world.waiting_hooks().await.unwrap(), []);
    let (a, b, c) = (world.project_hook().await, world.project_hook().await, world.project_hook().await);
    for n in 0..3 {
        let event = world.event("{}", n).await;
        world.put(&a, event, DeliveryState::Retrying { due: at(70 - n) }).await;
        world.put(&c, event, DeliveryState::GivenUp).await;
        if n == 1 {
            world.put(&b, event, DeliveryState::Held).await;
        } else {
            world.put(&b, event, DeliveryState::Retrying { due: at(10) }).await;
        }
    }
    let mut found = world.waiting_hooks().await.unwrap();
    found.sort_by_key(|waiting| waiting.hook);
    assert_eq!(found[0], WaitingHook { hook: a.id, count: 3, next_due: at(68) });
    assert_eq!((found[1].hook, found[1].count, found.len()), (b.id, 3, 2));
    assert!(found[1].next_due < at(0), "a held one could be sent at once");
}

async fn unsettled_events_name_who_is_done(world: World) {
    let mut hooks = Vec::new();
    for _ in 0..5 {
        hooks.push(world.project_hook().await);
    }
    let (event, next) = (world.event("a", 0).await, world.event("b", 1).await);
    let refused = failure(FailureClass::ServerError, 500);
    world.write(vec![attempted(world.attempt(&hooks[0], event, success()))]).await;
    world.write(vec![attempted(world.attempt(&hooks[1], event, refused))]).await;
    world.put(&hooks[2], event, DeliveryState::Held).await;
    world.put(&hooks[3], event, DeliveryState::Skipped(EndReason::SwitchedOff)).await;
    let found = world.unsettled(EventId(0), 10).await.unwrap();
    assert_eq!(found.iter().map(|unsettled| unsettled.event.id).collect::<Vec<_>>(), [event, next]);
    assert_eq!(Some(&found[0].event), (*world).event(event).await.unwrap().as_ref());
    let mut done = found[0].done.clone();
    done.sort_unstable();
    assert_eq!(done, [hooks[0].id, hooks[2].id, hooks[3].id]);
    assert_eq!(found[1].done, []);
}

async fn marks_settle_in_any_order(world: World) {
    let batch = (0..2000).map(|_| new_event(world.project.id, "{}")).collect();
    world.append(batch).await.unwrap();
    let all: Vec<EventId> =
        world.unsettled(EventId(0), 5000).await.unwrap().iter().map(|unsettled| unsettled.event.id).collect();
    let left = async |after, limit| -> Vec<EventId> {
        world.unsettled(after, limit).await.unwrap().iter().map(|unsettled| unsettled.event.id).collect()
    };
    assert_eq!(all.len(), 2000);
    assert_eq!(left(all[9], 3).await, all[10..13]);
    // From the end, but for two; many calls, so that a store which folds its marks does so.
    for ids in all[1..].chunks(3).rev() {
        world.write(ids.iter().filter(|id| **id != all[777]).map(|id| settled(*id)).collect()).await;
    }
    assert_eq!(left(EventId(0), 5000).await, [all[0], all[777]]);
    world.write(vec![settled(all[0]), settled(all[0]), settled(all[1999])]).await;
    assert_eq!(left(EventId(0), 5000).await, [all[777]]);
    world.write(vec![settled(all[777])]).await;
    assert_eq!(left(EventId(0), 5000).await, []);
    let new = world.event("{}", 0).await;
    assert_eq!(left(EventId(0), 5000).await, [new]);
}

async fn an_old_epoch_writes_nothing(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let row = put(&world.delivery(&hook, event, DeliveryState::Held).await);
    let record = Record { settled: Some(event), ..row };
    for epoch in [NodeEpoch(world.epoch.0 - 1), NodeEpoch(world.epoch.0 + 1)] {
        let refused = world.record(epoch, vec![record.clone()]).await;
        assert_eq!(refused, Err(StoreError::Stale));
    }
    assert_eq!(states(&world).await, []);
    assert_eq!(world.unsettled(EventId(0), 10).await.unwrap().len(), 1);
    assert_eq!(world.record(world.epoch, Vec::new()).await, Ok(Vec::new()));
}

async fn a_bad_record_spoils_its_call_alone(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let good = world.delivery(&hook, event, DeliveryState::Held).await;
    let bad = Delivery { event: EventId(999), ..good.clone() };
    let calls = tokio::join!(
        world.record(world.epoch, vec![attempted(world.attempt(&hook, event, success()))]),
        world.record(world.epoch, vec![put(&good), put(&bad)]),
        world.record(world.epoch, vec![settled(event)]),
    );
    let written = |attempt| Ok(vec![Recorded::Written { attempt, worse_count: None, waited: Waited::No }]);
    assert_eq!(calls, (written(Some(AttemptId(1))), Err(StoreError::NotFound("event")), written(None)));
    assert_eq!(states(&world).await, [(event, DeliveryState::Delivered)]);
}

async fn a_deleted_hook_leaves_cancelled_rows(world: World) {
    let hook = world.hook(HookScope::System).await;
    world.append((0..2500).map(|_| new_event(world.project.id, "{}")).collect()).await.unwrap();
    let event = world.event("{}", 9).await;
    let late = world.event("{}", 9).await;
    let row = world.delivery(&hook, event, DeliveryState::Held).await;
    let batch = (1..=2500).map(|id| put(&Delivery { event: EventId(id), ..row.clone() })).collect();
    world.write(batch).await;
    world.delete_hook(hook.id).await.unwrap();
    assert_eq!(world.waiting_hooks().await.unwrap(), []);
    assert_eq!(world.waiting_count(hook.id).await.unwrap(), 0);
    // Results that were under way when it went.
    for state in [DeliveryState::Held, DeliveryState::GivenUp] {
        world.put(&hook, late, state).await;
    }
    let cancelled =
        DeliveryFilter { state: Some("cancelled"), hook: Some(hook.id), ..DeliveryFilter::default() };
    assert_eq!(
        (*world).deliveries(cancelled, wigwag_base::Page::default()).await.unwrap().total,
        2501,
        "what waited, and what came late"
    );
}

async fn the_oldest_expire_first(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let mut events = Vec::new();
    for n in 0..10 {
        let event = world.event("{}", n).await;
        world.put(&hook, event, DeliveryState::Retrying { due: at(1000 - n) }).await;
        world.put(&other, event, DeliveryState::Held).await;
        events.push(event);
    }
    let expired =
        async |before, count_max, limit| world.expire(hook.id, before, count_max, limit).await.unwrap();
    assert_eq!(expired(at(0), 10, 100).await, 0);
    assert_eq!(expired(at(3), 100, 2).await, 2);
    assert_eq!(expired(at(3), 100, 100).await, 1);
    assert_eq!(expired(at(4), 4, 2).await, 2);
    assert_eq!(expired(at(4), 4, 100).await, 1);
    assert_eq!(expired(at(4), 4, 100).await, 0);
    assert_eq!(ids(&world.oldest_waiting(hook.id, 100).await.unwrap()), events[6..]);
    assert_eq!(world.waiting_count(other.id).await.unwrap(), 10);
    let filter = |state| DeliveryFilter {
        project: Some(world.project.id),
        state: Some(state),
        hook: Some(hook.id),
        ..DeliveryFilter::default()
    };
    let rows = (*world).deliveries(filter("expired"), wigwag_base::Page::default()).await.unwrap().rows;
    let reasons: Vec<_> = rows.iter().rev().map(|row| row.state).collect();
    let (old, many) = (DeliveryState::Expired(EndReason::TooOld), DeliveryState::Expired(EndReason::TooMany));
    assert_eq!(reasons, [old, old, old, old, many, many]);
    assert_eq!(expired(at(100), 0, 100).await, 4);
}

async fn a_chain_tells_its_earlier_events(world: World) {
    let (chain, other) = ([7; 16], [8; 16]);
    let mut events = Vec::new();
    for (s, chain) in [(0, None), (1, Some(chain)), (2, Some(other)), (3, Some(chain)), (4, Some(chain))] {
        let new = NewEvent { chain, accepted_at: at(s), ..new_event(world.project.id, "{}") };
        let Appended::New(id) = world.append(vec![new]).await.unwrap()[0] else { panic!("it is new") };
        events.push(id);
    }
    let [root, a, _, b, c] = events[..] else { unreachable!() };
    let all = ChainQuery { chain, root: Some(root), before: c, since: at(0), limit: 10 };
    let found = async |query| {
        let found = world.chain(query).await.unwrap();
        found.iter().map(|link| (link.event, link.accepted_at)).collect::<Vec<_>>()
    };
    assert_eq!(found(all).await, [(root, at(0)), (a, at(1)), (b, at(3))]);
    assert_eq!(found(ChainQuery { root: None, ..all }).await, [(a, at(1)), (b, at(3))]);
    assert_eq!(found(ChainQuery { since: at(1), ..all }).await, [(a, at(1)), (b, at(3))]);
    assert_eq!(found(ChainQuery { limit: 2, ..all }).await, [(root, at(0)), (a, at(1))]);
    assert_eq!(found(ChainQuery { before: a, ..all }).await, [(root, at(0))]);
    assert_eq!(found(ChainQuery { chain: [9; 16], root: None, ..all }).await, []);
    let link = &world.chain(all).await.unwrap()[0];
    assert_eq!((link.project, link.event_type.as_str()), (world.project.id, "push"));
}
