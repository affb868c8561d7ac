//! A project with people of every level, receivers that can fail, a mail server and a chat.

use crate::common::house::{House, user_input};
use crate::common::receiver::Receiver;
use crate::sink::Sink;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use wigwag_access::{AccessLevel, Group, Membership, Principal, Project, Scope, Source, User, UserRole};
use wigwag_base::{HookId, Page, Secret};
use wigwag_egress::{Smtp, SmtpConfig, SmtpTls};
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{NoticeSettings, Outside, Settings, UserInput};
use wigwag_hooks::{FailurePolicy, HookScope, PolicyChoice, RetryPolicy};
use wigwag_ports::notices::{Notices, Told, ToldOf};
use wigwag_ports::outbox::Message;

/// Longer than lines gather.
pub(crate) const GATHERED: Duration = Duration::from_secs(15);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) group: Group,
    pub(crate) project: Project,
    /// Where hooks go.
    pub(crate) receiver: Receiver,
    pub(crate) mail: Sink,
    pub(crate) chat: Receiver,
}

impl World {
    /// Every way of telling is configured, and its flag is on for everything.
    pub(crate) async fn new() -> Self {
        Self::with_waiting_max(Settings::default().waiting_per_hook_max).await
    }

    /// The same, where so many deliveries may wait for a hook.
    pub(crate) async fn with_waiting_max(waiting_per_hook_max: u64) -> Self {
        let world = Self::under(Settings { waiting_per_hook_max, ..Settings::default() }).await;
        for channel in ["mail", "chat", "events"] {
            world.flag(&format!("feature set hook_notices_{channel} true")).await;
        }
        world
    }

    /// The same, with every flag as it comes.
    pub(crate) async fn silent() -> Self {
        Self::under(Settings::default()).await
    }

    async fn under(settings: Settings) -> Self {
        let (mail, chat) = (Sink::start().await, Receiver::start().await);
        let config = SmtpConfig {
            host: "127.0.0.1".into(),
            port: mail.address.port(),
            tls: SmtpTls::None,
            login: None,
            from: "Wigwag <wigwag@example.org>".into(),
            hello: "wigwag.example".into(),
        };
        let mailer = Smtp::new(config, &wigwag_egress::Config::default()).unwrap();
        let outside = Outside { mailer: Some(Arc::new(mailer)), ..Outside::default() };
        let notices = NoticeSettings { chat_url: Some(Secret::new(chat.url.clone())) };
        let settings = Settings { notices, project_hooks_max: 1_000, ..settings };
        let house = House::reaching(settings, outside).await;
        let group = house.group("acme", None).await;
        let project = house.project("shop", &group).await;
        Self { house, group, project, receiver: Receiver::start().await, mail, chat }
    }

    pub(crate) async fn flag(&self, command: &str) {
        let engine = &self.house.engine;
        let command = &format!("{command} --ignore-feature-flag-consistency-check");
        let reply = engine.run_command(&self.house.root, command, None, "test").await.unwrap();
        assert!(reply.ok, "{command}: {reply:?}");
    }

    /// A user with this level in the project.
    pub(crate) async fn member(&self, name: &str, level: AccessLevel) -> User {
        let user = self.house.user(name).await;
        self.house.member(&user, Source::Project(self.project.id), level).await;
        user
    }

    pub(crate) async fn leaves(&self, user: &User) {
        let engine = &self.house.engine;
        engine.remove_member(&self.house.root, Source::Project(self.project.id), user.id).await.unwrap();
    }

    pub(crate) async fn changes_level(&self, user: &User, level: AccessLevel) {
        let membership = Membership { user: user.id, source: Source::Project(self.project.id), level };
        self.house.engine.change_member(&self.house.root, membership).await.unwrap();
    }

    pub(crate) async fn admin(&self, name: &str) -> User {
        let input = UserInput { role: UserRole::Admin, ..user_input(name) };
        self.house.engine.create_user(&self.house.root, input).await.unwrap()
    }

    pub(crate) async fn as_user(&self, user: &User) -> Principal {
        self.house.with_token(user, &[Scope::Api]).await
    }

    pub(crate) fn scope(&self) -> HookScope {
        HookScope::Project(self.project.id)
    }

    /// A hook of the project for `order.paid` that is paused at its first failure and tries nothing again.
    pub(crate) async fn hook(&self, name: &str) -> HookView {
        self.hook_at(self.scope(), name, &self.receiver.url, &["order.paid"], 1).await
    }

    /// So many hooks as [`World::hook`] makes, made at once.
    pub(crate) async fn hooks(&self, count: usize) {
        let mut making = tokio::task::JoinSet::new();
        for n in 0..count {
            let fields = fields(&format!("hook {n}"), &self.receiver.url, &["order.paid"], 1);
            let (engine, root, scope) = (self.house.engine.clone(), self.house.root.clone(), self.scope());
            making.spawn(async move { engine.create_hook(&root, scope, fields).await.unwrap().hook.id });
        }
        assert_eq!(making.join_all().await.len(), count);
    }

    pub(crate) async fn hook_at(
        &self,
        scope: HookScope,
        name: &str,
        url: &str,
        types: &[&str],
        threshold: u32,
    ) -> HookView {
        let fields = fields(name, url, types, threshold);
        self.house.engine.create_hook(&self.house.root, scope, fields).await.unwrap()
    }

    /// Something happens, and every delivery of it comes to its end.
    pub(crate) async fn pays(&self) {
        let event = Incoming {
            event_type: "order.paid".into(),
            payload: Bytes::from_static(b"{}"),
            idempotency_key: None,
            chain: None,
        };
        self.house.engine.publish(self.project.id, vec![event]).await.unwrap();
        self.house.engine.settle().await;
    }

    /// The project's hooks fail at an event.
    pub(crate) async fn fails(&self) {
        self.receiver.answer_with(500);
        self.pays().await;
    }

    pub(crate) async fn enables(&self, hook: &HookView) {
        let engine = &self.house.engine;
        engine.enable_hook(&self.house.root, hook.hook.scope, hook.hook.id).await.unwrap();
    }

    /// What changed is taken, and what is due is sent.
    pub(crate) async fn tells(&self) {
        self.house.engine.settle().await;
        self.house.engine.take_changes().await.unwrap();
        self.house.engine.send_outbox().await.unwrap();
        self.house.engine.settle().await;
    }

    pub(crate) async fn tells_after(&self, by: Duration) {
        self.tells().await;
        self.house.clock.advance(by);
        self.house.engine.look();
        self.tells().await;
    }

    pub(crate) async fn told(&self, hook: &HookView) -> Vec<Told> {
        self.told_of(hook.hook.id).await
    }

    pub(crate) async fn told_of(&self, hook: HookId) -> Vec<Told> {
        self.house.store.told(ToldOf::Hooks(vec![hook]), 1_000).await.unwrap()
    }

    /// `channel state`, newest first.
    pub(crate) async fn states(&self, hook: &HookView) -> Vec<String> {
        let told = self.told(hook).await;
        told.iter().map(|one| format!("{} {}", one.channel.name(), one.state.name())).collect()
    }

    pub(crate) async fn outbox(&self) -> Vec<Message> {
        self.house.engine.outbox(&self.house.root, Page::new(1, 100)).await.unwrap().rows
    }

    /// The texts that the chat got.
    pub(crate) fn said(&mut self) -> Vec<String> {
        let text = |body: &[u8]| -> String {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
            body["text"].as_str().unwrap().to_owned()
        };
        self.chat.seen().iter().map(|arrived| text(&arrived.body)).collect()
    }
}

fn fields(name: &str, url: &str, types: &[&str], threshold: u32) -> HookFields {
    let policy = FailurePolicy { threshold, ..FailurePolicy::REFERENCE };
    HookFields {
        name: Some(name.into()),
        url: Some(Secret::new(url.to_owned())),
        event_types: Some(types.iter().map(|text| (*text).to_owned()).collect()),
        failure_policy: Some(PolicyChoice::Own(policy)),
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        ..HookFields::default()
    }
}
