//! What the cases start from: a user, a group, a project in it, and makers of everything else.

use bytes::Bytes;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use wigwag_access::{Group, Namespace, Project, User, UserRole};
use wigwag_base::{AttemptId, EventId, GroupId, HookId, NodeEpoch, ProjectId, Secret, Timestamp, UserId};
use wigwag_hooks::health::{FailureNote, Health, HealthRecord, Transition, TransitionKind};
use wigwag_hooks::{
    Attempt, AttemptKind, Delivery, DeliveryState, EventType, Failure, FailureClass, Hook, HookScope,
    HookUuid, NewEvent, Outcome, Response, SentBody,
};
use wigwag_ports::Store;
use wigwag_ports::deliveries::{DeliveryChange, HealthChange, Record, Recorded};
use wigwag_ports::intake::Appended;
use wigwag_ports::registry::{NewGroup, NewProject, NewUser};

/// The time of the cases, in seconds; everything happens around it.
pub(crate) const NOON_S: i64 = 1_800_000_000;

/// Seconds after noon.
pub(crate) const fn at(s: i64) -> Timestamp {
    Timestamp::from_secs(NOON_S + s)
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) epoch: NodeEpoch,
    pub(crate) user: User,
    pub(crate) group: Group,
    pub(crate) project: Project,
}

impl Deref for World {
    type Target = dyn Store;
    fn deref(&self) -> &Self::Target {
        self.store.as_ref()
    }
}

impl World {
    pub(crate) async fn new(store: Arc<dyn Store>) -> Self {
        let epoch = store.lease().await.unwrap().epoch;
        let user = store.create_user(new_user("ada")).await.unwrap();
        let group = store.create_group(new_group("acme", None, user.id)).await.unwrap();
        let project = store.create_project(new_project("web", Namespace::Group(group.id))).await.unwrap();
        Self { store, epoch, user, group, project }
    }

    pub(crate) async fn hook(&self, scope: HookScope) -> Hook {
        self.create_hook(new_hook(scope), 100, None).await.unwrap()
    }

    pub(crate) async fn project_hook(&self) -> Hook {
        self.hook(HookScope::Project(self.project.id)).await
    }

    /// Appends one event of the project, accepted so many seconds after noon.
    pub(crate) async fn event(&self, payload: &str, s: i64) -> EventId {
        let event = NewEvent { accepted_at: at(s), ..new_event(self.project.id, payload) };
        match self.append(vec![event]).await.unwrap()[..] {
            [Appended::New(id)] => id,
            ref other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn write(&self, records: Vec<Record>) -> Vec<Recorded> {
        self.record(self.epoch, records).await.unwrap()
    }

    /// Puts a delivery of an event of the project.
    pub(crate) async fn put(&self, hook: &Hook, event: EventId, state: DeliveryState) -> Delivery {
        let delivery = self.delivery(hook, event, state).await;
        self.write(vec![put(&delivery)]).await;
        delivery
    }

    pub(crate) async fn delivery(&self, hook: &Hook, event: EventId, state: DeliveryState) -> Delivery {
        let event = (**self).event(event).await.unwrap().unwrap();
        Delivery {
            event: event.id,
            hook: hook.id,
            project: event.project,
            event_type: event.event_type,
            body: event.payload,
            chain: event.chain,
            accepted_at: event.accepted_at,
            state,
            attempts: 1,
        }
    }

    pub(crate) fn attempt(&self, hook: &Hook, event: EventId, outcome: Outcome) -> Attempt {
        Attempt { outcome, event: Some(event), hook: hook.id, ..attempt(self.project.id) }
    }
}

pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.into(),
        name: username.to_uppercase(),
        email: format!("{username}@example.org"),
        role: UserRole::Regular,
        password_hash: None,
        created_at: at(0),
    }
}

pub(crate) fn new_group(path: &str, parent: Option<GroupId>, creator: UserId) -> NewGroup {
    NewGroup { name: path.to_uppercase(), path: path.into(), parent, creator, created_at: at(0) }
}

pub(crate) fn new_project(path: &str, namespace: Namespace) -> NewProject {
    NewProject { name: path.to_uppercase(), path: path.into(), namespace, created_at: at(0) }
}

pub(crate) fn new_event(project: ProjectId, payload: &str) -> NewEvent {
    NewEvent {
        project,
        event_type: event_type("push"),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        idempotency_key: None,
        digest: [0; 32],
        chain: None,
        accepted_at: at(0),
    }
}

pub(crate) fn event_type(text: &str) -> EventType {
    EventType::new(text).unwrap()
}

pub(crate) fn new_hook(scope: HookScope) -> Hook {
    Hook::new(scope, HookUuid([7; 16]), Secret::new("https://example.org/hook".into()), at(0))
}

fn attempt(project: ProjectId) -> Attempt {
    Attempt {
        id: AttemptId(0),
        event: None,
        hook: HookId(0),
        project: Some(project),
        event_type: event_type("push"),
        kind: AttemptKind::First,
        url: "https://example.org/hook".into(),
        request_headers: Vec::new(),
        request_body: SentBody::Payload,
        started_at: at(1),
        duration: Duration::from_micros(1234),
        outcome: success(),
    }
}

pub(crate) fn success() -> Outcome {
    Outcome::Success(Response { status: 204, headers: Vec::new(), body: Bytes::new() })
}

/// A failure with an answer, or without one where the status is 0.
pub(crate) fn failure(class: FailureClass, status: u16) -> Outcome {
    let response = (status > 0).then(|| Response {
        status,
        headers: vec![("x".into(), "y".into())],
        body: Bytes::from_static(b"no"),
    });
    Outcome::Failure(Failure { class, text: "it failed; try again".into(), response, retry_after: None })
}

pub(crate) fn put(delivery: &Delivery) -> Record {
    Record { delivery: Some(DeliveryChange::Put(delivery.clone())), ..Record::default() }
}

pub(crate) fn attempted(attempt: Attempt) -> Record {
    Record { attempt: Some(attempt), ..Record::default() }
}

pub(crate) fn settled(event: EventId) -> Record {
    Record { settled: Some(event), ..Record::default() }
}

/// A change of a hook's health to `state`, computed from `seen_version`.
pub(crate) fn health_change(hook: &Hook, seen_version: i64, state: Health) -> HealthChange {
    let last_failure = Some(FailureNote { at: at(2), text: "it failed; try again".into() });
    let record = HealthRecord { state, failures: 4, since: at(2), last_failure, version: seen_version + 1 };
    HealthChange { hook: hook.id, seen_version, record, transition: None }
}

pub(crate) fn transition(to: &'static str, got_worse: bool) -> Transition {
    Transition {
        kind: TransitionKind::Paused,
        from: "unhealthy",
        to,
        at: at(2),
        failures: 4,
        error: Some("it failed; try again".into()),
        got_worse,
    }
}
