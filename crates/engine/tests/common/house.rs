//! A server on a fresh ground with nobody in it but root.

use super::ground::{Ground, HandClock};
use super::watched_store::WatchedStore;
use std::sync::Arc;
use wigwag_access::{
    AccessLevel, Group, Membership, Principal, Project, Scope, Scopes, Source, User, UserRole,
};
use wigwag_base::{GroupId, Secret, Timestamp};
use wigwag_engine::{
    Credential, Engine, EngineError, GroupInput, NewToken, Outside, ProjectInput, Settings, TokenInput,
    UserInput,
};

pub(crate) const ROOT_TOKEN: &str = "root-token-of-the-tests-0123456789";

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) root: Principal,
    ground: Ground,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self::reaching(settings, Outside::default()).await
    }

    /// The same, with something outside.
    pub(crate) async fn reaching(settings: Settings, outside: Outside) -> Self {
        let mut ground = Ground::with(Timestamp::from_secs(1_000_000), settings);
        ground.outside = outside;
        let (store, clock, engine) = (ground.store.clone(), ground.clock.clone(), ground.engine().await);
        engine.ensure_root(Some(Secret::new(ROOT_TOKEN.to_owned()))).await.unwrap();
        let root = engine.authenticate(&token(ROOT_TOKEN)).await.unwrap();
        Self { engine, store, clock, root, ground }
    }

    /// Stops, and starts anew from the same file.
    pub(crate) async fn restart(&mut self) {
        self.engine.stop().await.unwrap();
        self.ground.reopen();
        (self.store, self.engine) = (self.ground.store.clone(), self.ground.engine().await);
    }

    /// Another engine on the same store, as after a restart.
    pub(crate) async fn restarted(&self) -> Engine {
        self.ground.engine().await
    }

    /// The same, with other settings.
    pub(crate) async fn restarted_with(&self, settings: Settings) -> Result<Engine, EngineError> {
        self.ground.engine_with(settings).await
    }

    pub(crate) async fn user(&self, username: &str) -> User {
        self.engine.create_user(&self.root, user_input(username)).await.unwrap()
    }

    pub(crate) async fn user_with_password(&self, username: &str, password: &str) -> User {
        let password = Some(Secret::new(password.to_owned()));
        self.engine.create_user(&self.root, UserInput { password, ..user_input(username) }).await.unwrap()
    }

    pub(crate) async fn group(&self, path: &str, parent: Option<GroupId>) -> Group {
        let input = GroupInput { name: path.into(), path: path.into(), parent };
        self.engine.create_group(&self.root, input).await.unwrap()
    }

    pub(crate) async fn project(&self, path: &str, group: &Group) -> Project {
        let input = ProjectInput { name: path.into(), path: None, namespace: Some(group.id) };
        self.engine.create_project(&self.root, input).await.unwrap()
    }

    pub(crate) async fn member(&self, user: &User, source: Source, level: AccessLevel) {
        let membership = Membership { user: user.id, source, level };
        self.engine.add_member(&self.root, membership).await.unwrap();
    }

    /// A token of `user`, made by root.
    pub(crate) async fn token(&self, user: &User, scopes: &[Scope]) -> NewToken {
        self.engine.create_token(&self.root, user.id, token_input(scopes)).await.unwrap()
    }

    /// `user` with a token of these scopes in hand.
    pub(crate) async fn with_token(&self, user: &User, scopes: &[Scope]) -> Principal {
        let made = self.token(user, scopes).await;
        self.engine.authenticate(&Credential::PrivateToken(made.text)).await.unwrap()
    }
}

pub(crate) fn user_input(username: &str) -> UserInput {
    UserInput {
        username: username.into(),
        name: username.into(),
        email: format!("{username}@example.com"),
        role: UserRole::Regular,
        password: None,
    }
}

pub(crate) fn token_input(scopes: &[Scope]) -> TokenInput {
    let scopes: Scopes = scopes.iter().copied().collect();
    TokenInput { name: "test".into(), scopes, expires_at: None, project: None, environments: None }
}

pub(crate) fn token(text: &str) -> Credential {
    Credential::PrivateToken(Secret::new(text.to_owned()))
}

/// What kind of refusal this is, with its text; `ok` if it is none.
pub(crate) fn verdict<T>(result: Result<T, EngineError>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(EngineError::Unauthorized) => "unauthorized".into(),
        Err(EngineError::Forbidden(_)) => "forbidden".into(),
        Err(EngineError::TooMany { retry_after }) => format!("too many, {} s", retry_after.as_secs()),
        Err(other) => other.to_string(),
    }
}
