//! The file: whose it is, who has it, what is left of it after a close, a crash, a full disk.

#![allow(clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Folder, append, at, event, options, project, settle, unsettled};
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, NodeEpoch, Secret};
use wigwag_hooks::{
    Attempt, AttemptKind, EventType, Hook, HookScope, HookUuid, NamedSecret, NewEvent, Outcome, Response,
    SentBody, SigningKey,
};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{Deliveries, Record};
use wigwag_ports::flags::{AuditEntry, Flags};
use wigwag_ports::hooks::Hooks;
use wigwag_ports::intake::{AppendError, Appended, Intake};
use wigwag_ports::maintenance::Maintenance;
use wigwag_store_sqlite::{DataKey, OpenError, Options, SqliteStore};

fn secret_hook() -> Hook {
    let canary = |name: &str| NamedSecret { name: name.into(), value: Secret::new(format!("canary-{name}")) };
    let url = Secret::new("https://canary-url.example.org/{variable}".into());
    Hook {
        url_variables: vec![canary("variable")],
        token: Some(Secret::new("canary-token".into())),
        signing_keys: vec![SigningKey::hmac(b"canary-key-canary-key-24".to_vec())],
        custom_headers: vec![canary("header")],
        ..Hook::new(HookScope::System, HookUuid([1; 16]), url, at(0))
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let hook = store.create_hook(secret_hook(), 9, None).await.unwrap();
    let keyed = NewEvent {
        idempotency_key: Some("k".into()),
        digest: [1; 32],
        event_type: EventType::new("job").unwrap(),
        ..event(project, b"{}".to_vec())
    };
    let first = append(&store, keyed.clone()).await.unwrap();
    for n in 0..400 {
        let id = append(&store, event(project, vec![b'x'; n])).await.unwrap();
        if n != 200 {
            settle(&store, [id]).await;
        }
    }
    let identity = store.identity().await.unwrap();
    store.time_high_water(at(50)).await.unwrap();
    let lease = store.lease().await.unwrap();
    assert_eq!((lease.epoch, lease.accepted_until), (NodeEpoch(1), EventId(401)));
    drop(store);
    for epoch in 2..4 {
        let store = folder.open();
        let lease = store.lease().await.unwrap();
        assert_eq!((lease.epoch, lease.accepted_until), (NodeEpoch(epoch), EventId(401)));
        assert_eq!(store.identity().await.unwrap(), identity);
        assert_eq!(unsettled(&store).await, [first, EventId(202)]);
        assert_eq!(store.append(vec![keyed.clone()]).await, Ok(vec![Appended::Repeated(first)]));
        assert_eq!(store.event(EventId(300)).await.unwrap().unwrap().payload.len(), 298);
        assert_eq!(store.hook(hook.id).await.unwrap(), Some(hook.clone()));
        assert_eq!(store.time_high_water(at(0)).await.unwrap(), at(50));
        let old = store.record(NodeEpoch(epoch - 1), Vec::new()).await;
        assert_eq!(old, Err(StoreError::Stale), "a writer of the start before");
    }
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_that_only_its_user_reads() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    append(&store, event(project, vec![b'x'; 100_000])).await.unwrap();
    assert!(std::fs::metadata(folder.beside("-wal")).unwrap().len() > 100_000);
    store.close().await.unwrap();
    assert!(std::fs::metadata(folder.beside("-wal")).map_or(0, |wal| wal.len()) == 0);
    assert!(std::fs::metadata(folder.file()).unwrap().len() > 100_000);
    assert_eq!(std::fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
    // The lock is let go of, although the value still lives.
    let again = folder.open();
    assert_eq!(unsettled(&again).await, [EventId(1)]);
}

#[tokio::test]
async fn a_file_belongs_to_one_process() {
    let folder = Folder::new();
    let store = folder.open();
    assert!(matches!(folder.try_open(), Err(OpenError::InUse { .. })));
    store.ready().await.unwrap();
    drop(store);
    folder.open();
}

#[test]
fn what_is_no_store_is_left_alone() {
    let check = |content: &[u8], refused: fn(&OpenError) -> bool| {
        let folder = Folder::new();
        std::fs::write(folder.file(), content).unwrap();
        let error = folder.try_open().unwrap_err();
        assert!(refused(&error), "{error:?}");
        assert_eq!(std::fs::read(folder.file()).unwrap(), content, "it was written to");
    };
    let no_store = |error: &OpenError| matches!(error, OpenError::NotAStore { .. });
    check(b"not a database at all", no_store);
    check(&[0xff; 8192], no_store);
    check(&database("CREATE TABLE t (a)"), no_store);
    check(&database("PRAGMA user_version = 1"), no_store);
    check(&database("PRAGMA application_id = 5; CREATE TABLE t (a)"), no_store);
    let wigwag = i32::from_be_bytes(*b"WIGW");
    let other = |error: &OpenError| matches!(error, OpenError::OtherVersion { found: 5, known: 4, .. });
    check(
        &database(&format!("PRAGMA application_id = {wigwag}; PRAGMA user_version = 5; CREATE TABLE t (a)")),
        other,
    );
}

/// The bytes of a SQLite file made so.
fn database(sql: &str) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = Folder::new();
    std::fs::write(folder.file(), b"").unwrap();
    folder.open();
}

#[test]
fn another_data_key_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    let other = Options::new(DataKey::new([8; 32]));
    let error = SqliteStore::open(&folder.file(), &other).unwrap_err();
    assert!(matches!(error, OpenError::WrongKey { .. }), "{error:?}");
    folder.open();
}

#[test]
fn a_path_that_cannot_be_written_says_so() {
    let folder = Folder::new();
    let check = |path: &Path| {
        let error = SqliteStore::open(path, &options()).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, OpenError::Unwritable { .. }) && told.contains("make its folder"), "{told}");
    };
    check(&folder.path().join("missing/wigwag.db"));
    std::fs::create_dir(folder.file()).unwrap();
    check(&folder.file());
}

#[tokio::test]
async fn secrets_do_not_lie_in_the_file() {
    let folder = Folder::new();
    let store = folder.open();
    let hook = store.create_hook(secret_hook(), 9, None).await.unwrap();
    store.update_hook(hook, None, None).await.unwrap();
    let open = std::fs::read(folder.beside("-wal")).unwrap();
    drop(store);
    for bytes in [open, std::fs::read(folder.file()).unwrap()] {
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_gone_when_there_is_room() {
    let folder = Folder::new();
    let small = Options { pages_max: Some(400), ..options() };
    let store = SqliteStore::open(&folder.file(), &small).unwrap();
    let project = project(&store).await;
    let big = || event(project, vec![b'x'; 50_000]);
    let full = AppendError::Store(StoreError::Full);
    let mut ids = Vec::new();
    let error = loop {
        match append(&store, big()).await {
            Ok(id) => ids.push(id),
            Err(error) => break error,
        }
    };
    assert_eq!(error, full);
    assert!(ids.len() > 10);
    // Everybody in the group is told; nobody is told yes.
    let calls = (0..20).map(|_| append(&store, big())).collect::<Vec<_>>();
    for call in calls {
        assert_eq!(call.await, Err(full.clone()));
    }
    assert_eq!(unsettled(&store).await, ids, "reading goes on");
    settle(&store, ids).await;
    while store.prune(at(1)).await.unwrap() > 0 {}
    store.ready().await.unwrap();
    append(&store, big()).await.unwrap();
    drop(store);
    assert_eq!(unsettled(&folder.open()).await.len(), 1);
}

#[tokio::test]
async fn a_cut_off_cancelling_is_finished() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    append(&store, event(project, b"{}".to_vec())).await.unwrap();
    store.close().await.unwrap();
    let raw = Connection::open(folder.file()).unwrap();
    let cut_off = "INSERT INTO cancellations VALUES (9); \
                   INSERT INTO waiting VALUES (9, 1, 1, 1, 0, 0, NULL)";
    raw.execute_batch(cut_off).unwrap();
    drop(raw);
    let store = folder.open();
    assert_eq!(store.waiting_hooks().await.unwrap(), []);
    store.prune(at(-1)).await.unwrap();
    store.close().await.unwrap();
    let raw = Connection::open(folder.file()).unwrap();
    let count = |table: &str| {
        raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((count("waiting"), count("cancellations"), count("ended")), (0, 0, 1));
}

#[tokio::test]
async fn damage_is_fatal_and_not_a_panic() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let id = append(&store, event(project, vec![b'x'; 300_000])).await.unwrap();
    drop(store);
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let after_header = 4096;
    bytes[after_header..].fill(0xa5);
    std::fs::write(folder.file(), &bytes).unwrap();
    match folder.try_open() {
        Err(error) => assert!(matches!(error, OpenError::Other { .. }), "{error:?}"),
        Ok(store) => {
            let error = store.event(id).await.unwrap_err();
            assert!(matches!(error, StoreError::Fatal(_)), "{error:?}");
        }
    }
}

#[tokio::test]
async fn an_audit_row_that_was_changed_taken_out_or_put_in_breaks_the_chain() {
    let entry = |flag: &str| AuditEntry {
        at: at(0),
        author: "ada".into(),
        sudo_by: None,
        via: "api".into(),
        flag: Some(flag.into()),
        environment: None,
        before: "off".into(),
        after: "on".into(),
        reason: None,
    };
    let broken_by = async |sql: &str| {
        let folder = Folder::new();
        let store = folder.open();
        store.append_audit(vec![entry("a"), entry("b"), entry("c")]).await.unwrap();
        let head = store.verify_audit(None).await.unwrap().head;
        store.close().await.unwrap();
        Connection::open(folder.file()).unwrap().execute_batch(sql).unwrap();
        let check = folder.open().verify_audit(Some(head)).await.unwrap();
        (check.rows, check.broken_at, check.kept_at)
    };
    assert_eq!(broken_by("").await, (3, None, Some(3)));
    assert_eq!(broken_by("UPDATE audit SET author = 'bob' WHERE id = 2").await, (1, Some(2), None));
    assert_eq!(broken_by("UPDATE audit SET reason = '' WHERE id = 1").await, (0, Some(1), None));
    assert_eq!(broken_by("DELETE FROM audit WHERE id = 2").await, (1, Some(3), None));
    assert_eq!(broken_by("UPDATE audit SET hash = zeroblob(32) WHERE id = 3").await, (2, Some(3), None));
    // Cut off at its end the chain is whole in itself; only the hash that was kept elsewhere tells.
    assert_eq!(broken_by("DELETE FROM audit WHERE id = 3").await, (2, None, None));
}

#[tokio::test]
async fn what_an_attempt_sent_is_not_kept_beside_the_payload() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let hook = store.create_hook(secret_hook(), 9, None).await.unwrap();
    let id = append(&store, event(project, b"{\"n\":1}".to_vec())).await.unwrap();
    let epoch = store.lease().await.unwrap().epoch;
    for body in ["{\"n\":1}", "made by a template", "{\"n\":1}"] {
        let attempt = Attempt {
            id: AttemptId(0),
            event: Some(id),
            hook: hook.id,
            project: Some(project),
            event_type: EventType::new("push").unwrap(),
            kind: AttemptKind::Retry,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: SentBody::Own(body.into()),
            started_at: at(0),
            duration: Duration::ZERO,
            outcome: Outcome::Success(Response { status: 200, headers: Vec::new(), body: Bytes::new() }),
        };
        let record = Record { attempt: Some(attempt), ..Record::default() };
        store.record(epoch, vec![record]).await.unwrap();
    }
    drop(store);
    let connection = Connection::open(folder.file()).unwrap();
    let mut statement = connection.prepare("SELECT length(request_body) FROM attempts ORDER BY id").unwrap();
    let kept: Vec<Option<i64>> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(kept, [None, Some(18), None]);
}

#[tokio::test]
async fn an_old_chain_is_asked_for_as_fast_as_a_new_one() {
    let folder = Folder::new();
    drop(folder.with_project().await);
    let connection = Connection::open(folder.file()).unwrap();
    let plan: Vec<String> = connection
        .prepare(
            "EXPLAIN QUERY PLAN SELECT id FROM events INDEXED BY events_chain \
             WHERE chain = ?1 AND id < ?2 AND accepted_at >= ?3 ORDER BY accepted_at, id LIMIT 100",
        )
        .unwrap()
        .query_map([vec![7_u8; 16].into(), 9.into(), rusqlite::types::Value::from(9)], |row| {
            row.get("detail")
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        plan,
        ["SEARCH events USING COVERING INDEX events_chain (chain=? AND accepted_at>?)"],
        "no sorting"
    );
}
