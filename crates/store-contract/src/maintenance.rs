//! Identity, lease, clock, retention, readiness, closing.

use crate::suite;
use crate::world::{World, at, attempted, new_event, settled, success};
use wigwag_access::{Session, SessionLimit};
use wigwag_base::{AttemptId, EventId, PARTITIONS, Page, Timestamp};
use wigwag_hooks::{DeliveryState, NewEvent, SentBody};
use wigwag_ports::StoreError;
use wigwag_ports::credentials::SessionCall;
use wigwag_ports::log::AttemptFilter;

suite!(
    a_store_knows_itself,
    time_never_runs_backwards,
    retention_takes_what_is_old_and_over,
    retention_goes_on_past_what_must_stay,
    a_store_that_works_is_ready,
    a_closed_store_says_so,
);

async fn a_store_knows_itself(world: World) {
    let identity = world.identity().await.unwrap();
    assert_ne!(identity.instance, [0; 16]);
    assert_eq!(world.identity().await.unwrap(), identity);
    let lease = world.lease().await.unwrap();
    assert_eq!(lease.epoch, world.epoch);
    assert!(!lease.partitions.is_empty() && lease.partitions.is_sorted());
    assert!(lease.partitions.iter().all(|partition| partition.0 < PARTITIONS));
}

async fn time_never_runs_backwards(world: World) {
    for (now, kept) in [(at(5), at(5)), (at(3), at(5)), (at(6), at(6)), (Timestamp::from_millis(0), at(6))] {
        assert_eq!(world.time_high_water(now).await.unwrap(), kept);
    }
}

/// Until nothing goes any more.
async fn prune_all(world: &World, before: Timestamp) {
    while world.prune(before).await.unwrap() > 0 {}
}

async fn retention_takes_what_is_old_and_over(world: World) {
    let hook = world.project_hook().await;
    let mut events = Vec::new();
    for n in 0..6 {
        events.push(world.event("{}", n * 10).await);
    }
    let [waits, open, over, ended, logged, young] = events[..] else { unreachable!() };
    world.put(&hook, waits, DeliveryState::Held).await;
    world.put(&hook, ended, DeliveryState::GivenUp).await;
    let attempt =
        |event, s| wigwag_hooks::Attempt { started_at: at(s), ..world.attempt(&hook, event, success()) };
    world.write(vec![attempted(attempt(over, 20)), attempted(attempt(logged, 90))]).await;
    world.write([waits, over, ended, logged, young].map(settled).to_vec()).await;
    let keyed = NewEvent {
        idempotency_key: Some("k".into()),
        accepted_at: at(500),
        ..new_event(world.project.id, "{}")
    };
    world.append(vec![keyed]).await.unwrap();
    let over_session = Session {
        hash: [1; 32],
        user: world.user.id,
        limit: SessionLimit::Unlimited,
        created_at: at(0),
        expires_at: at(10),
    };
    world.create_session(over_session).await.unwrap();

    prune_all(&world, at(50)).await;
    let there = async |id| (*world).event(id).await.unwrap().is_some();
    assert!(there(waits).await, "a delivery of it waits");
    assert!(there(open).await, "it is not settled");
    assert!(!there(over).await, "settled, and its attempt is old");
    assert!(there(logged).await, "an attempt of it is young");
    assert!(there(young).await);
    let body = (*world).attempt(AttemptId(2)).await.unwrap().unwrap().request_body;
    assert_eq!(body, SentBody::Own("{}".into()), "the log still knows what was sent");
    assert_eq!((*world).attempts(AttemptFilter::default(), Page::default()).await.unwrap().total, 1);
    assert_eq!(world.waiting_count(hook.id).await.unwrap(), 1);
    assert_eq!(world.session([1; 32], SessionCall::Read).await.unwrap(), None);

    prune_all(&world, at(1000)).await;
    assert!(there(waits).await && there(open).await);
    assert!(!there(ended).await && !there(logged).await && !there(young).await);
    assert_eq!(world.unsettled(EventId(0), 10).await.unwrap().len(), 2);
    assert!(world.event("{}", 2000).await > young, "ids are never given out twice");
}

async fn retention_goes_on_past_what_must_stay(world: World) {
    let batch = |s, count| vec![NewEvent { accepted_at: at(s), ..new_event(world.project.id, "{}") }; count];
    world.append(batch(0, 1000)).await.unwrap();
    world.append(batch(1, 1000)).await.unwrap();
    world.write((1001..=2000).map(|id| settled(EventId(id))).collect()).await;
    // More calls than it can take, because a call may find nothing while it passes what must stay.
    for _ in 0..200 {
        world.prune(at(100)).await.unwrap();
    }
    assert!((*world).event(EventId(1)).await.unwrap().is_some());
    for id in [1001, 1500, 2000] {
        assert_eq!((*world).event(EventId(id)).await.unwrap(), None, "{id}");
    }
    assert!(world.event("{}", 0).await.0 > 2000);
}

async fn a_store_that_works_is_ready(world: World) {
    let status = world.ready().await.unwrap();
    assert!(status.disk_free_bytes <= status.disk_bytes, "{status:?}");
}

async fn a_closed_store_says_so(world: World) {
    let event = world.event("{}", 0).await;
    world.close().await.unwrap();
    let closed = |error: StoreError| assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    closed((*world).event(event).await.unwrap_err());
    closed(world.record(world.epoch, vec![settled(event)]).await.unwrap_err());
    closed(world.ready().await.unwrap_err());
    closed(world.close().await.unwrap_err());
}
