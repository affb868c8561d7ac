//! A store in a folder of its own, and events for it.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use wigwag_access::{Namespace, UserRole};
use wigwag_base::{EventId, ProjectId, Timestamp};
use wigwag_hooks::{EventType, NewEvent};
use wigwag_ports::deliveries::{Deliveries, Record};
use wigwag_ports::intake::{AppendError, Appended, Intake};
use wigwag_ports::maintenance::Maintenance;
use wigwag_ports::registry::{NewProject, NewUser, Registry};
use wigwag_store_sqlite::{DataKey, OpenError, Options, SqliteStore};

pub fn options() -> Options {
    Options::new(DataKey::new([7; 32]))
}

/// A folder that goes with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self) -> PathBuf {
        self.0.path().join("wigwag.db")
    }

    pub fn beside(&self, ending: &str) -> PathBuf {
        self.0.path().join(format!("wigwag.db{ending}"))
    }

    pub fn open(&self) -> SqliteStore {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(&self.file(), &options())
    }

    /// A new store with one project in it.
    pub async fn with_project(&self) -> (SqliteStore, ProjectId) {
        let store = self.open();
        let project = project(&store).await;
        (store, project)
    }
}

pub fn at(s: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + s)
}

pub async fn project(store: &SqliteStore) -> ProjectId {
    let user = NewUser {
        username: "ada".into(),
        name: "Ada".into(),
        email: "ada@example.org".into(),
        role: UserRole::Regular,
        password_hash: None,
        created_at: at(0),
    };
    let user = store.create_user(user).await.unwrap().id;
    let namespace = Namespace::User(user);
    let new = NewProject { name: "web".into(), path: "web".into(), namespace, created_at: at(0) };
    store.create_project(new).await.unwrap().id
}

pub fn event(project: ProjectId, payload: Vec<u8>) -> NewEvent {
    NewEvent {
        project,
        event_type: EventType::new("push").unwrap(),
        payload: payload.into(),
        idempotency_key: None,
        digest: [0; 32],
        chain: None,
        accepted_at: at(0),
    }
}

pub async fn append(store: &SqliteStore, event: NewEvent) -> Result<EventId, AppendError> {
    let answers = store.append(vec![event]).await?;
    let [Appended::New(id)] = answers[..] else { panic!("{answers:?}") };
    Ok(id)
}

/// Marks events as settled.
pub async fn settle(store: &SqliteStore, ids: impl IntoIterator<Item = EventId>) {
    let epoch = store.lease().await.unwrap().epoch;
    let record = |id| Record { settled: Some(id), ..Record::default() };
    store.record(epoch, ids.into_iter().map(record).collect()).await.unwrap();
}

pub async fn unsettled(store: &SqliteStore) -> Vec<EventId> {
    store.unsettled(EventId(0), 100_000).await.unwrap().iter().map(|unsettled| unsettled.event.id).collect()
}
