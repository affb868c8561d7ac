use crate::common::house::House;
use crate::common::receiver::Receiver;
use bytes::Bytes;
use std::time::Duration;
use wigwag_access::Project;
use wigwag_base::{EventId, Page, Secret};
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{AttemptQuery, DeliveryQuery, Settings};
use wigwag_hooks::HookScope;

/// A project with one hook that wants everything, and its receiver.
pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) project: Project,
    pub(crate) hook: HookView,
    pub(crate) receiver: Receiver,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(HookFields::default()).await
    }

    pub(crate) async fn with(fields: HookFields) -> Self {
        Self::under(Settings::default(), fields).await
    }

    pub(crate) async fn under(settings: Settings, fields: HookFields) -> Self {
        let house = House::with(settings).await;
        let project = house.project("shop", &house.group("acme", None).await).await;
        let receiver = Receiver::start().await;
        let fields = HookFields {
            url: Some(Secret::new(receiver.url.clone())),
            event_types: Some(vec!["*".into()]),
            ..fields
        };
        let scope = HookScope::Project(project.id);
        let hook = house.engine.create_hook(&house.root, scope, fields).await.unwrap();
        Self { house, project, hook, receiver }
    }

    /// One more hook of the project that wants everything.
    pub(crate) async fn hook_to(&self, url: &str) -> HookView {
        let fields = HookFields {
            url: Some(Secret::new(url.to_owned())),
            event_types: Some(vec!["*".into()]),
            ..HookFields::default()
        };
        self.house.engine.create_hook(&self.house.root, self.scope(), fields).await.unwrap()
    }

    /// Changes a hook of the project.
    pub(crate) async fn edit(&self, hook: &HookView, fields: HookFields) {
        let (engine, root) = (&self.house.engine, &self.house.root);
        engine.update_hook(root, self.scope(), hook.hook.id, fields).await.unwrap();
    }

    pub(crate) async fn enable(&self) {
        let (engine, root) = (&self.house.engine, &self.house.root);
        engine.enable_hook(root, self.scope(), self.hook.hook.id).await.unwrap();
    }

    pub(crate) fn scope(&self) -> HookScope {
        HookScope::Project(self.project.id)
    }

    pub(crate) async fn publish(&self, payload: &str) -> EventId {
        self.house.engine.publish(self.project.id, vec![incoming(payload)]).await.unwrap()[0].id
    }

    /// Publishes in one request.
    pub(crate) async fn publish_all(&self, payloads: impl Iterator<Item = String>) {
        let events = payloads.map(|payload| incoming(&payload)).collect();
        self.house.engine.publish(self.project.id, events).await.unwrap();
    }

    /// The hook as the store has it once everything has come to rest.
    pub(crate) async fn settled(&self) -> HookView {
        self.house.engine.settle().await;
        self.house.engine.hook(&self.house.root, self.scope(), self.hook.hook.id).await.unwrap()
    }

    /// Moves the clock and lets the engine look at it.
    pub(crate) fn later(&self, by: Duration) {
        self.house.clock.advance(by);
        self.house.engine.look();
    }

    /// Once everything has come to rest, the hook's health has this word and so many of its deliveries wait.
    pub(crate) async fn comes_to(&self, health: &str, waiting: u64) {
        let hook = self.settled().await;
        assert_eq!(
            (hook.hook.health.state.name(), hook.waiting),
            (health, waiting),
            "{:?}",
            hook.hook.health
        );
    }

    /// How many attempts the log has.
    pub(crate) async fn attempts(&self) -> u64 {
        self.house.engine.settle().await;
        let (scope, hook) = (self.scope(), self.hook.hook.id);
        let page = self
            .house
            .engine
            .attempts(&self.house.root, scope, hook, AttemptQuery::default(), Page::default())
            .await;
        page.unwrap().total
    }

    /// The words of the project's deliveries, newest event first.
    pub(crate) async fn states(&self) -> Vec<&'static str> {
        self.house.engine.settle().await;
        let query = DeliveryQuery::default();
        let page = self
            .house
            .engine
            .deliveries(&self.house.root, self.project.id, query, Page::default())
            .await
            .unwrap();
        page.rows.iter().map(|row| row.state.name()).collect()
    }
}

pub(crate) fn incoming(payload: &str) -> Incoming {
    Incoming {
        event_type: "invoice.paid".into(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        idempotency_key: None,
        chain: None,
    }
}
