//! Intake: durable, all or none, once per idempotency key.

use crate::suite;
use crate::world::{World, at, event_type, new_event};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use wigwag_access::Namespace;
use wigwag_base::{EventId, ProjectId, Timestamp};
use wigwag_hooks::{Event, NewEvent};
use wigwag_ports::StoreError;
use wigwag_ports::intake::{AppendError, Appended};

suite!(
    events_come_back_byte_for_byte,
    ids_rise,
    a_key_makes_one_event,
    a_key_is_forgotten_after_a_day,
    keys_belong_to_a_project,
    one_batch_is_checked_against_itself,
    a_batch_is_all_or_nothing,
    of_racing_calls_with_one_key_one_wins,
    racing_calls_get_ids_of_their_own,
    nothing_is_nothing,
);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn keyed(world: &World, key: &str, digest: u8) -> NewEvent {
    let event = new_event(world.project.id, "{}");
    NewEvent { idempotency_key: Some(key.into()), digest: [digest; 32], ..event }
}

async fn unsettled_count(world: &World) -> usize {
    world.unsettled(EventId(0), 1000).await.unwrap().len()
}

async fn events_come_back_byte_for_byte(world: World) {
    let odd: [Bytes; 4] =
        [Bytes::new(), Bytes::from_static(b"\0\xff'\""), "é{}".into(), vec![b'x'; 2 << 20].into()];
    for payload in odd {
        let new = NewEvent {
            payload: payload.clone(),
            event_type: event_type("a.B:c-d_9"),
            chain: Some([9; 16]),
            accepted_at: Timestamp::from_millis(1_800_000_000_123),
            ..new_event(world.project.id, "")
        };
        let answers = world.append(vec![new.clone()]).await.unwrap();
        let [Appended::New(id)] = answers[..] else { panic!("{answers:?}") };
        let NewEvent { project, event_type, chain, accepted_at, .. } = new;
        let is = Event { id, project, event_type, payload, chain, accepted_at };
        assert_eq!((*world).event(id).await.unwrap(), Some(is));
    }
    assert_eq!((*world).event(EventId(999)).await.unwrap(), None);
}

async fn ids_rise(world: World) {
    let batch = (0..50).map(|n| new_event(world.project.id, &n.to_string())).collect();
    let answers = world.append(batch).await.unwrap();
    let mut last = 0;
    for (n, answer) in answers.iter().enumerate() {
        let Appended::New(id) = answer else { panic!("{answer:?}") };
        assert!(id.0 > last);
        last = id.0;
        assert_eq!((*world).event(*id).await.unwrap().unwrap().payload, n.to_string());
    }
    assert!(world.event("{}", 0).await.0 > last);
}

async fn a_key_makes_one_event(world: World) {
    let first = world.append(vec![keyed(&world, "k", 1)]).await.unwrap();
    let [Appended::New(id)] = first[..] else { panic!("{first:?}") };
    assert_eq!(world.append(vec![keyed(&world, "k", 1)]).await, Ok(vec![Appended::Repeated(id)]));
    let reused = world.append(vec![keyed(&world, "other", 1), keyed(&world, "k", 2)]).await;
    assert_eq!(reused, Err(AppendError::KeyReused { index: 1 }));
    assert_eq!(unsettled_count(&world).await, 1);
    // The refused batch left no key behind, and odd keys are keys.
    for key in ["other", "K", "", "k\0", "'; --", "ключ"] {
        let answers = world.append(vec![keyed(&world, key, 3)]).await.unwrap();
        assert!(matches!(answers[..], [Appended::New(_)]), "{key:?}");
    }
}

async fn a_key_is_forgotten_after_a_day(world: World) {
    let later = |ms: i64, digest| NewEvent {
        accepted_at: Timestamp::from_millis(at(0).as_millis() + ms),
        ..keyed(&world, "k", digest)
    };
    let first = world.append(vec![later(0, 1)]).await.unwrap();
    let [Appended::New(id)] = first[..] else { panic!("{first:?}") };
    assert_eq!(world.append(vec![later(DAY_MS - 1, 1)]).await, Ok(vec![Appended::Repeated(id)]));
    assert_eq!(world.append(vec![later(DAY_MS - 1, 2)]).await, Err(AppendError::KeyReused { index: 0 }));
    let again = world.append(vec![later(DAY_MS, 2)]).await.unwrap();
    let [Appended::New(second)] = again[..] else { panic!("{again:?}") };
    assert_eq!(world.append(vec![later(DAY_MS + 1, 2)]).await, Ok(vec![Appended::Repeated(second)]));
}

async fn keys_belong_to_a_project(world: World) {
    let namespace = Namespace::User(world.user.id);
    let other = world.create_project(crate::world::new_project("other", namespace)).await.unwrap();
    world.append(vec![keyed(&world, "k", 1)]).await.unwrap();
    let there = NewEvent { project: other.id, ..keyed(&world, "k", 2) };
    assert!(matches!(world.append(vec![there]).await.unwrap()[..], [Appended::New(_)]));
}

async fn one_batch_is_checked_against_itself(world: World) {
    let batch = vec![keyed(&world, "a", 1), keyed(&world, "b", 1), keyed(&world, "a", 1)];
    let answers = world.append(batch).await.unwrap();
    let [Appended::New(a), Appended::New(_), Appended::Repeated(again)] = answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(a, again);
    let clash = vec![keyed(&world, "c", 1), keyed(&world, "c", 2)];
    assert_eq!(world.append(clash).await, Err(AppendError::KeyReused { index: 1 }));
    assert_eq!(unsettled_count(&world).await, 2);
}

async fn a_batch_is_all_or_nothing(world: World) {
    let nowhere = new_event(ProjectId(999), "{}");
    let batch = vec![keyed(&world, "k", 1), nowhere, keyed(&world, "l", 1)];
    let refused = world.append(batch).await;
    assert_eq!(refused, Err(AppendError::Store(StoreError::NotFound("project"))));
    assert_eq!(unsettled_count(&world).await, 0);
    assert!(matches!(world.append(vec![keyed(&world, "k", 2)]).await.unwrap()[..], [Appended::New(_)]));
}

async fn of_racing_calls_with_one_key_one_wins(world: World) {
    let calls = (0..20).map(|_| {
        let (store, event) = (Arc::clone(&world.store), keyed(&world, "k", 1));
        tokio::spawn(async move { store.append(vec![event]).await.unwrap()[0] })
    });
    let (mut new, mut ids) = (0, BTreeSet::new());
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Appended::New(id) => {
                new += 1;
                ids.insert(id);
            }
            Appended::Repeated(id) => {
                ids.insert(id);
            }
        }
    }
    assert_eq!((new, ids.len()), (1, 1));
}

async fn racing_calls_get_ids_of_their_own(world: World) {
    // One in ten is bad: it alone is refused.
    let calls = (0..200_i64).map(|n| {
        let project = if n % 10 == 7 { ProjectId(999) } else { world.project.id };
        let (store, event) = (Arc::clone(&world.store), new_event(project, &n.to_string()));
        (n, tokio::spawn(async move { store.append(vec![event]).await }))
    });
    let mut ids = BTreeSet::new();
    for (n, call) in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(answers) => {
                let [Appended::New(id)] = answers[..] else { panic!("{answers:?}") };
                assert_eq!((*world).event(id).await.unwrap().unwrap().payload, n.to_string());
                ids.insert(id);
            }
            Err(error) => {
                assert_eq!((n % 10, error), (7, AppendError::Store(StoreError::NotFound("project"))));
            }
        }
    }
    assert_eq!(ids.len(), 180);
    assert_eq!(unsettled_count(&world).await, 180);
}

async fn nothing_is_nothing(world: World) {
    assert_eq!(world.append(Vec::new()).await, Ok(Vec::new()));
    assert_eq!(unsettled_count(&world).await, 0);
}
