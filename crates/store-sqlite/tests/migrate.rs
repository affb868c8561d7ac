//! A store of an older version is brought up to ours, with everything that is in it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, at};
use rusqlite::Connection;
use wigwag_access::ChatRole;
use wigwag_base::{Page, TransitionId, UserId};
use wigwag_flags::FlagState;
use wigwag_ports::chat_users::ChatUsers;
use wigwag_ports::flags::{AuditEntry, AuditFilter, FlagWrite, Flags};
use wigwag_ports::notices::Notices;
use wigwag_ports::outbox::Outbox;
use wigwag_ports::registry::{Registry, UserKey};
use wigwag_store_sqlite::{DataKey, OpenError, Options, SqliteStore};

/// The tables of version 1 as that version made them.
const SCHEMA_1: &str = include_str!("fixtures/schema_1.sql");

/// Turns a store of ours into what version 1 would have left: its tables, with the rows of ours in them.
fn back_to_version_1(folder: &Folder) {
    let new = folder.beside(".new");
    std::fs::rename(folder.file(), &new).unwrap();
    let old = Connection::open(folder.file()).unwrap();
    old.execute_batch(SCHEMA_1).unwrap();
    old.execute("ATTACH ?1 AS new", [new.to_str().unwrap()]).unwrap();
    let mut statement = old.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for table in tables.iter().filter(|name| !name.starts_with("sqlite_")) {
        let mut columns = old.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        let columns: Vec<String> =
            columns.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let columns = columns.join(", ");
        old.execute_batch(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"))
            .unwrap();
    }
    old.pragma_update(None, "application_id", i32::from_be_bytes(*b"WIGW")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
}

fn entry(after: &str) -> AuditEntry {
    AuditEntry {
        at: at(0),
        author: "ada".into(),
        sudo_by: None,
        via: "api".into(),
        flag: Some("f".into()),
        environment: Some("production".into()),
        before: "off".into(),
        after: after.into(),
        reason: None,
    }
}

#[tokio::test]
async fn what_version_1_kept_is_in_place() {
    let folder = Folder::new();
    let (store, _) = folder.with_project().await;
    let state = Some(FlagState { boolean: Some(true), ..FlagState::default() });
    let write = FlagWrite {
        environment: "production".into(),
        name: "f".parse().unwrap(),
        seen_version: 0,
        after: state.clone(),
    };
    store.write_flags(vec![write], vec![entry("on"), entry("on again")], Vec::new()).await.unwrap();
    let user = store.user(UserKey::Id(UserId(1))).await.unwrap().unwrap();
    drop(store);
    back_to_version_1(&folder);
    for _ in 0..2 {
        let store = folder.open();
        assert_eq!(store.stored_flags().await.unwrap()[0].state, state.clone().unwrap());
        let known = store.user(UserKey::Id(UserId(1))).await.unwrap().unwrap();
        assert_eq!((&known.username, known.chat_role), (&user.username, ChatRole::Viewer));
        let check = store.verify_audit(None).await.unwrap();
        assert_eq!((check.rows, check.broken_at), (2, None));
        assert_eq!(store.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 2);
        assert_eq!(store.messages(Page::default()).await.unwrap().total, 0);
        drop(store);
    }
    let store = folder.open();
    store.append_audit(vec![entry("off")]).await.unwrap();
    store.set_chat_role(user.id, ChatRole::Release, entry("release")).await.unwrap();
    let check = store.verify_audit(None).await.unwrap();
    assert_eq!((check.rows, check.broken_at), (4, None), "the chain goes on where it was");
    assert_eq!(store.user(UserKey::Id(user.id)).await.unwrap().unwrap().chat_role, ChatRole::Release);
}

#[test]
fn the_tables_are_those_of_a_new_store() {
    // Columns, references and indexes; their texts differ where a column was added.
    let tables = |folder: &Folder| -> Vec<(String, String)> {
        let connection = Connection::open(folder.file()).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT m.name || '.' || i.cid || i.name, \
                     i.type || i.\"notnull\" || i.pk || coalesce(i.dflt_value, '') \
                     FROM sqlite_schema m, pragma_table_info(m.name) i WHERE m.type = 'table' \
                 UNION ALL SELECT m.name || ' to ' || k.\"table\", k.\"from\" || k.\"to\" || k.on_delete \
                     FROM sqlite_schema m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table' \
                 UNION ALL SELECT name, coalesce(sql, tbl_name) FROM sqlite_schema WHERE type = 'index' \
                 ORDER BY 1, 2",
            )
            .unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let (fresh, old) = (Folder::new(), Folder::new());
    drop(fresh.open());
    drop(old.open());
    back_to_version_1(&old);
    drop(old.open());
    assert_eq!(tables(&old), tables(&fresh));
}

/// The version in the file, and whether it has this table.
fn version_and_has(folder: &Folder, table: &str) -> (i32, bool) {
    let connection = Connection::open(folder.file()).unwrap();
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let count = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
    let count: i64 = connection.query_row(count, [table], |row| row.get(0)).unwrap();
    (version, count > 0)
}

#[test]
fn a_step_that_fails_leaves_the_version_before_whole() {
    let folder = Folder::new();
    drop(folder.open());
    back_to_version_1(&folder);
    let in_the_way = "CREATE TABLE rollout_log (a)";
    Connection::open(folder.file()).unwrap().execute_batch(in_the_way).unwrap();
    let error = folder.try_open().unwrap_err();
    assert!(matches!(error, OpenError::Other { .. }), "{error:?}");
    assert_eq!(version_and_has(&folder, "outbox"), (1, false));
    Connection::open(folder.file()).unwrap().execute_batch("DROP TABLE rollout_log").unwrap();
    drop(folder.open());
    assert_eq!(version_and_has(&folder, "outbox"), (4, true));
    assert_eq!(version_and_has(&folder, "callout_episodes"), (4, true));
}

#[test]
fn under_another_data_key_nothing_is_changed() {
    let folder = Folder::new();
    drop(folder.open());
    back_to_version_1(&folder);
    let other = Options::new(DataKey::new([8; 32]));
    let error = SqliteStore::open(&folder.file(), &other).unwrap_err();
    assert!(matches!(error, OpenError::WrongKey { .. }), "{error:?}");
    assert_eq!(version_and_has(&folder, "outbox"), (1, false));
    drop(folder.open());
}

#[tokio::test]
async fn the_past_is_told_to_nobody() {
    let folder = Folder::new();
    drop(folder.open());
    back_to_version_1(&folder);
    let past = "INSERT INTO transitions (id, hook_id, kind, was, becomes, at, failures, got_worse) \
                VALUES (41, 1, 1, 1, 2, 0, 4, 1), (42, 1, 3, 2, 4, 0, 40, 1)";
    Connection::open(folder.file()).unwrap().execute_batch(past).unwrap();
    let untold = folder.open().untold(10).await.unwrap();
    assert_eq!((untold.cursor, untold.changes), (TransitionId(42), Vec::new()));
}

#[test]
fn a_newer_version_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 5).unwrap();
    let refused = folder.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::OtherVersion { found: 5, known: 4, .. }), "{refused}");
}
