//! The store's limits: what is long is done in pieces, what is old goes, and what must stay stays.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, append, at, event, unsettled};
use rusqlite::Connection;
use wigwag_base::{EventId, HookId, ProjectId, Secret, Timestamp, UserId};
use wigwag_hooks::health::{Health, HealthRecord, Transition, TransitionKind};
use wigwag_hooks::{Delivery, DeliveryState, Hook, HookScope, HookUuid, NewEvent};
use wigwag_ports::chat_users::ChatUsers;
use wigwag_ports::deliveries::{Deliveries, DeliveryChange, HealthChange, Record};
use wigwag_ports::hooks::Hooks;
use wigwag_ports::intake::{Appended, Intake};
use wigwag_ports::log::DeliveryLog;
use wigwag_ports::maintenance::Maintenance;
use wigwag_ports::notices::{Notices, Telling};
use wigwag_store_sqlite::SqliteStore;
use wigwag_store_sqlite::limits::CHAT_LINKS_MAX;

async fn hook(store: &SqliteStore) -> Hook {
    let url = Secret::new("https://receiver.example/".into());
    let hook = Hook::new(HookScope::System, HookUuid([1; 16]), url, at(0));
    store.create_hook(hook, 9, None).await.unwrap()
}

/// So many deliveries that wait for `hook`.
async fn hold(store: &SqliteStore, project: ProjectId, hook: HookId, count: usize) {
    let epoch = store.lease().await.unwrap().epoch;
    let events: Vec<NewEvent> = (0..count).map(|_| event(project, b"{}".to_vec())).collect();
    for batch in events.chunks(1_000) {
        let appended = store.append(batch.to_vec()).await.unwrap();
        let put = |(event, appended): (&NewEvent, Appended)| {
            let Appended::New(id) = appended else { panic!("{appended:?}") };
            Record {
                delivery: Some(DeliveryChange::Put(Delivery {
                    event: id,
                    hook,
                    project,
                    event_type: event.event_type.clone(),
                    body: event.payload.clone(),
                    chain: None,
                    accepted_at: at(0),
                    state: DeliveryState::Held,
                    attempts: 0,
                })),
                settled: Some(id),
                ..Record::default()
            }
        };
        store.record(epoch, batch.iter().zip(appended).map(put).collect()).await.unwrap();
    }
}

async fn waiting(store: &SqliteStore, hook: HookId) -> usize {
    store.oldest_waiting(hook, 100_000).await.unwrap().len()
}

#[tokio::test]
async fn the_deletion_of_a_hook_does_not_wait_for_all_that_waits_for_it() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let id = hook(&store).await.id;
    hold(&store, project, id, 5_000).await;
    store.delete_hook(id).await.unwrap();
    assert_eq!(store.hook(id).await, Ok(None));
    assert_eq!(waiting(&store, id).await, 1_000);
    assert_eq!(store.waiting_hooks().await, Ok(Vec::new()), "nobody sends what is left");
    while waiting(&store, id).await > 0 {
        store.prune(at(-1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_holds_for_its_window_however_short_retention_is() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let keyed = NewEvent { idempotency_key: Some("k".into()), ..event(project, b"{}".to_vec()) };
    let id = append(&store, keyed.clone()).await.unwrap();
    while store.prune(at(60)).await.unwrap() > 0 {}
    let again = NewEvent { accepted_at: at(3_600), ..keyed };
    assert_eq!(store.append(vec![again]).await, Ok(vec![Appended::Repeated(id)]));
}

#[tokio::test]
async fn changes_of_health_go_with_the_log() {
    let folder = Folder::new();
    let (store, _) = folder.with_project().await;
    let hook = hook(&store).await;
    let epoch = store.lease().await.unwrap().epoch;
    for (version, second) in [(0, 0), (1, 100)] {
        let transition = Transition {
            kind: TransitionKind::Unhealthy,
            from: "healthy",
            to: "unhealthy",
            at: at(second),
            failures: 1,
            error: None,
            got_worse: false,
        };
        let state = Health::Unhealthy { not_before: None };
        let change = HealthChange {
            hook: hook.id,
            seen_version: version,
            record: HealthRecord { state, version: version + 1, ..hook.health.clone() },
            transition: Some(transition),
        };
        store.record(epoch, vec![Record { health: Some(change), ..Record::default() }]).await.unwrap();
    }
    // What nobody was told of yet would stay.
    let untold = store.untold(9).await.unwrap();
    let upto = untold.changes.last().unwrap().id;
    let (notices, recovered, rings) = (Vec::new(), Vec::new(), Vec::new());
    store.tell(Telling { seen: untold.cursor, upto, notices, recovered, rings, at: at(100) }).await.unwrap();
    while store.prune(at(50)).await.unwrap() > 0 {}
    let kept: Vec<Timestamp> =
        store.timeline(hook.id, 10).await.unwrap().into_iter().map(|(_, change)| change.at).collect();
    assert_eq!(kept, [at(100)]);
}

#[tokio::test]
async fn a_page_of_unsettled_events_is_bounded_in_bytes_and_the_next_goes_on() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let large = || event(project, vec![b' '; 5 << 20]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(append(&store, large()).await.unwrap());
    }
    assert_eq!(unsettled(&store).await, ids[..2]);
    let next = store.unsettled(ids[1], 100).await.unwrap();
    assert_eq!(next.iter().map(|unsettled| unsettled.event.id).collect::<Vec<EventId>>(), ids[2..]);
}

#[tokio::test]
async fn links_of_chat_users_are_listed_up_to_their_limit_oldest_first() {
    let folder = Folder::new();
    drop(folder.with_project().await);
    let more = |from: u32, to: u32| {
        let sql = "WITH RECURSIVE n (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2) \
                   INSERT INTO chat_links SELECT 'slack', 'T1', n, '', 1, n FROM n";
        Connection::open(folder.file()).unwrap().execute(sql, [from, to]).unwrap();
    };
    let listed = async || {
        let store = folder.open();
        let (all, own) =
            (store.chat_links(None).await.unwrap(), store.chat_links(Some(UserId(1))).await.unwrap());
        assert_eq!(all, own);
        (all.len(), all[all.len() - 1].linked_at)
    };
    let limit = i64::from(CHAT_LINKS_MAX);
    let all = (CHAT_LINKS_MAX as usize, Timestamp::from_millis(limit));
    more(1, CHAT_LINKS_MAX);
    assert_eq!(listed().await, all);
    more(CHAT_LINKS_MAX + 1, CHAT_LINKS_MAX + 1);
    assert_eq!(listed().await, all);
}
