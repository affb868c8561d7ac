//! A small platform on a fresh store: acme with two projects, a group beside it, and people of every kind.

use crate::common::ground::{Ground, HandClock, number};
use crate::common::hand_file::HandFile;
use crate::common::watched_store::WatchedStore;
use std::sync::Arc;
use wigwag_access::{
    AccessLevel, Group, Membership, Namespace, Principal, Project, Scope, Scopes, SessionLimit, Source, User,
    UserRole, Via,
};
use wigwag_base::{Secret, Timestamp};
use wigwag_engine::{ChatSettings, Engine, EngineError, Settings};
use wigwag_hooks::health::{Health, HealthRecord, PauseReason, Transition, TransitionKind};
use wigwag_hooks::{Hook, HookScope, HookUuid};
use wigwag_ports::Store;
use wigwag_ports::deliveries::{Deliveries, HealthChange, Record, Recorded};
use wigwag_ports::hooks::Hooks;
use wigwag_ports::maintenance::Maintenance;
use wigwag_ports::registry::{MemberCall, NewGroup, NewProject, NewUser, Registry};

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<WatchedStore>,
    /// Above `shop` and `blog`.
    pub(crate) acme: Group,
    pub(crate) shop: Project,
    pub(crate) blog: Project,
    pub(crate) admin: User,
    /// Maintainer of `shop` alone.
    pub(crate) mia: User,
    /// Reporter of `shop`.
    pub(crate) rex: User,
    /// Owner of `acme`.
    pub(crate) olive: User,
    /// Member of nothing.
    pub(crate) stranger: User,
    pub(crate) file: Arc<HandFile>,
    ground: Ground,
}

impl House {
    pub(crate) async fn new() -> Self {
        // Here every environment is by itself; that staging comes first is the suite `commands`'s.
        let chat = ChatSettings { consistency_environment: "(none)".into(), ..ChatSettings::default() };
        let settings = Settings { chat, ..Settings::default() };
        let ground = Ground::with(Timestamp::from_secs(1_000), settings);
        let store = ground.store.clone();
        let admin = user(&*store, "ann", UserRole::Admin).await;
        let [mia, rex, olive, stranger] = [
            user(&*store, "mia", UserRole::Regular).await,
            user(&*store, "rex", UserRole::Regular).await,
            user(&*store, "olive", UserRole::Regular).await,
            user(&*store, "stranger", UserRole::Regular).await,
        ];
        let acme = NewGroup {
            name: "Acme".into(),
            path: "acme".into(),
            parent: None,
            creator: olive.id,
            created_at: Timestamp::from_secs(0),
        };
        let acme = store.create_group(acme).await.unwrap();
        let shop = project(&*store, "shop", &acme).await;
        let blog = project(&*store, "blog", &acme).await;
        for (user, level) in [(&mia, AccessLevel::Maintainer), (&rex, AccessLevel::Reporter)] {
            let membership = Membership { user: user.id, source: Source::Project(shop.id), level };
            store.members(MemberCall::Add(membership)).await.unwrap();
        }
        let engine = ground.engine().await;
        Self {
            engine,
            store,
            acme,
            shop,
            blog,
            admin,
            mia,
            rex,
            olive,
            stranger,
            file: ground.file.clone(),
            ground,
        }
    }

    /// Another engine on the same store, as after a restart.
    pub(crate) async fn restarted(&self) -> Engine {
        self.ground.engine().await
    }

    /// The same, for a start that may be refused.
    pub(crate) async fn start_again(&self) -> Result<Engine, EngineError> {
        self.ground.try_engine().await
    }

    pub(crate) fn clock(&self) -> &HandClock {
        &self.ground.clock
    }

    pub(crate) fn as_admin(&self) -> Principal {
        signed_in(&self.admin)
    }

    /// A hook of `scope`, healthy.
    pub(crate) async fn hook(&self, scope: HookScope) -> Hook {
        let at = Timestamp::from_secs(0);
        let uuid = HookUuid(number().to_be_bytes().repeat(2).try_into().unwrap());
        let url = Secret::new("https://billing.example/hook".to_owned());
        let hook = Hook { revision: 1, ..Hook::new(scope, uuid, url, at) };
        self.store.create_hook(hook, 100, None).await.unwrap()
    }

    /// Moves the hook's health as the recorder does: the store first, then the watch.
    pub(crate) async fn moves(&self, hook: &Hook, to: Health) -> Hook {
        self.moves_since(hook, to, hook.health.since).await
    }

    /// The same, at this time.
    pub(crate) async fn moves_since(&self, hook: &Hook, to: Health, since: Timestamp) -> Hook {
        let seen = self.store.hook(hook.id).await.unwrap().unwrap();
        let fails = |health: Health| health.is_failing();
        let (from, rests) = (seen.health.state, !fails(to));
        let got_worse = match to {
            Health::Disabled => from != Health::Disabled,
            Health::Paused { .. } => !fails(from),
            _ => false,
        };
        let version = seen.health.version + 1;
        let record = HealthRecord { state: to, version, since, ..seen.health.clone() };
        let kind = if rests { TransitionKind::Recovered } else { TransitionKind::Paused };
        let at = Timestamp::from_secs(0);
        let transition =
            Transition { kind, from: from.name(), to: to.name(), at, failures: 4, error: None, got_worse };
        let health = HealthChange {
            hook: hook.id,
            seen_version: seen.health.version,
            record,
            transition: Some(transition),
        };
        let epoch = self.store.lease().await.unwrap().epoch;
        let record = Record { health: Some(health), ..Record::default() };
        let recorded = self.store.record(epoch, vec![record]).await.unwrap();
        let [Recorded::Written { worse_count, .. }] = recorded[..] else { panic!("{recorded:?}") };
        let now = self.store.hook(hook.id).await.unwrap().unwrap();
        self.engine.watch().hook_moved(&now, 0, worse_count);
        now
    }

    /// A failing hook of `shop`.
    pub(crate) async fn failing_in_shop(&self) -> Hook {
        let hook = self.hook(HookScope::Project(self.shop.id)).await;
        self.moves(&hook, PAUSED).await
    }

    /// Runs a command as the admin, from a terminal; its reply as text.
    pub(crate) async fn command(&self, text: &str) -> String {
        self.command_as(&self.as_admin(), text).await
    }

    pub(crate) async fn command_as(&self, principal: &Principal, text: &str) -> String {
        let reply = self.engine.run_command(principal, text, None, "cli").await.unwrap();
        let mark = if reply.ok { "" } else { "refused\n" };
        format!("{mark}{}", reply.to_text())
    }
}

pub(crate) const PAUSED: Health =
    Health::Paused { until: Timestamp::from_secs(5_000), reason: PauseReason::Failures };

pub(crate) fn signed_in(user: &User) -> Principal {
    Principal::of_session(user, SessionLimit::Unlimited)
}

/// A token of this user with these scopes.
pub(crate) fn with_token(user: &User, scopes: &[Scope]) -> Principal {
    let scopes: Scopes = scopes.iter().copied().collect();
    let via = Via::Token { id: None, scopes, project: None };
    let (role, chat_role) = (user.role, user.chat_role);
    Principal { user: user.id, role, chat_role, via, environments: None, sudo_by: None }
}

async fn user(store: &dyn Store, username: &str, role: UserRole) -> User {
    let user = NewUser {
        username: username.into(),
        name: username.into(),
        email: format!("{username}@acme.example"),
        role,
        password_hash: None,
        created_at: Timestamp::from_secs(0),
    };
    store.create_user(user).await.unwrap()
}

async fn project(store: &dyn Store, path: &str, group: &Group) -> Project {
    let project = NewProject {
        name: path.into(),
        path: path.into(),
        namespace: Namespace::Group(group.id),
        created_at: Timestamp::from_secs(0),
    };
    store.create_project(project).await.unwrap()
}
