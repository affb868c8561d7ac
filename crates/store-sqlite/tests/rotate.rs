//! The data key becomes another one: everything opens under the new one and nothing under the old.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, at, options};
use rusqlite::Connection;
use wigwag_base::Secret;
use wigwag_hooks::{ClientIdentity, Hook, HookScope, HookUuid, NamedSecret, SigningKey};
use wigwag_ports::hooks::Hooks;
use wigwag_ports::maintenance::Maintenance;
use wigwag_store_sqlite::{DataKey, OpenError, Options, SqliteStore};

fn full(n: u8) -> Hook {
    let named = |name: &str| NamedSecret { name: name.into(), value: Secret::new(format!("{name}-{n}")) };
    Hook {
        url_variables: vec![named("variable")],
        token: Some(Secret::new(format!("token-{n}"))),
        signing_keys: vec![SigningKey::hmac(vec![n; 24])],
        custom_headers: vec![named("header")],
        client_identity: Some(ClientIdentity {
            certificate: "c".into(),
            key: Secret::new(format!("key-{n}")),
        }),
        ..Hook::new(
            HookScope::System,
            HookUuid([n; 16]),
            Secret::new("https://a.example/{variable}".into()),
            at(0),
        )
    }
}

fn under(key: u8) -> Options {
    Options::new(DataKey::new([key; 32]))
}

fn rotate(folder: &Folder, from: u8, to: u8) -> Result<u64, OpenError> {
    SqliteStore::rotate_key(&folder.file(), &DataKey::new([from; 32]), &DataKey::new([to; 32]))
}

/// Every sealed value in the file.
fn sealed(folder: &Folder) -> Vec<Vec<u8>> {
    let connection = Connection::open(folder.file()).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT value FROM meta WHERE name IN ('key_check', 'root_key') \
             UNION ALL SELECT url FROM hooks UNION ALL SELECT token FROM hooks \
             UNION ALL SELECT signing_keys FROM hooks UNION ALL SELECT url_variables FROM hooks \
             UNION ALL SELECT custom_headers FROM hooks UNION ALL SELECT client_identity FROM hooks",
        )
        .unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn everything_opens_under_the_new_key_alone() {
    let folder = Folder::new();
    let store = folder.open();
    let mut hooks = Vec::new();
    for n in 1..4 {
        hooks.push(store.create_hook(full(n), 9, None).await.unwrap());
    }
    let root_key = store.root_key().clone();
    assert!(matches!(rotate(&folder, 7, 8), Err(OpenError::InUse { .. })), "somebody has the store");
    store.close().await.unwrap();
    let before = sealed(&folder);
    assert_eq!(before.len(), 20);
    assert!(matches!(rotate(&folder, 9, 8), Err(OpenError::WrongKey { .. })));
    assert_eq!(sealed(&folder), before);
    assert_eq!(rotate(&folder, 7, 8).unwrap(), 20);
    assert_eq!(rotate(&folder, 7, 8).unwrap(), 0, "it was done");
    let after = sealed(&folder);
    assert!(after.iter().all(|value| value[0] == 2) && before.iter().all(|value| value[0] == 1));
    let bytes = std::fs::read(folder.file()).unwrap();
    for value in &before {
        assert!(!bytes.windows(value.len()).any(|window| window == value), "the old one lies there still");
    }
    let wal = std::fs::metadata(folder.beside("-wal")).map_or(0, |wal| wal.len());
    assert_eq!(wal, 0);
    assert!(matches!(SqliteStore::open(&folder.file(), &options()), Err(OpenError::WrongKey { .. })));
    let store = SqliteStore::open(&folder.file(), &under(8)).unwrap();
    for hook in &hooks {
        assert_eq!(store.hook(hook.id).await.unwrap().as_ref(), Some(hook));
    }
    assert_eq!(store.root_key(), &root_key);
    let made = store.create_hook(full(9), 9, None).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(rotate(&folder, 8, 7).unwrap(), 26);
    let store = folder.open();
    assert_eq!(store.hook(made.id).await.unwrap(), Some(made));
}

#[test]
fn a_value_that_does_not_open_leaves_everything_as_it_was() {
    let folder = Folder::new();
    drop(folder.open());
    let connection = Connection::open(folder.file()).unwrap();
    connection.execute("UPDATE meta SET value = x'0102' WHERE name = 'root_key'", []).unwrap();
    drop(connection);
    let error = rotate(&folder, 7, 8).unwrap_err();
    assert!(matches!(&error, OpenError::Other { .. }), "{error}");
    assert_eq!(rotate(&folder, 8, 7).unwrap(), 0, "everything is under the old key still");
}

#[test]
fn what_is_no_store_is_left_alone() {
    let folder = Folder::new();
    assert!(rotate(&folder, 7, 8).is_err());
    assert!(!folder.file().exists());
    std::fs::write(folder.file(), b"words").unwrap();
    assert!(matches!(rotate(&folder, 7, 8), Err(OpenError::NotAStore { .. })));
    assert_eq!(std::fs::read(folder.file()).unwrap(), b"words");
}

#[test]
fn a_store_that_was_made_before_keeps_what_was_derived_from_its_data_key() {
    let folder = Folder::new();
    drop(folder.open());
    let connection = Connection::open(folder.file()).unwrap();
    connection.execute("DELETE FROM meta WHERE name = 'root_key'", []).unwrap();
    drop(connection);
    assert_eq!(rotate(&folder, 7, 8).unwrap(), 2);
    let store = SqliteStore::open(&folder.file(), &under(8)).unwrap();
    assert_eq!(store.root_key().expose(), &[7; 32]);
}
