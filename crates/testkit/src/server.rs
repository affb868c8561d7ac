use crate::Client;
use crate::clock::{HandClock, TestEntropy};
use axum::Router;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wigwag_base::{Secret, Timestamp};
use wigwag_engine::{Engine, Outside, Parts, Settings};
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

/// The token of user `root`.
pub const ROOT_TOKEN: &str = "root-token-of-a-test-server-0123456789";

/// When the clock of every test server begins: 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp::from_secs(1_767_225_600);

/// How a server is to be.
#[derive(Default)]
pub struct Setup {
    /// What the operator set, chats too; `external_url` is filled in.
    pub settings: Settings,
    /// Chats, production checks, charts and the repository.
    pub outside: Outside,
    /// Routes beside the API's, such as the pages'.
    pub pages: Option<fn(Engine) -> Router>,
}

/// A whole server in this process.
pub struct Server {
    /// Its engine.
    pub engine: Engine,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its clock.
    pub clock: Arc<HandClock>,
    served: JoinHandle<()>,
    _folder: TempDir,
}

impl Server {
    /// Starts one as it comes.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// Starts one as `setup` says.
    pub async fn with(setup: Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::at(BEGINNING));
        let key = Secret::new([7; 32]);
        let store =
            SqliteStore::open(&folder.path().join("wigwag.db"), &Options::new(DataKey::new(*key.expose())))
                .unwrap();
        let egress = wigwag_egress::Client::new(&wigwag_egress::Config {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            listen_addresses: vec![address],
            ..wigwag_egress::Config::default()
        });
        let settings = Settings { external_url: format!("http://{address}"), ..setup.settings };
        let parts = Parts {
            store: Arc::new(store),
            egress: Arc::new(egress.unwrap()),
            clock: clock.clone(),
            entropy: Arc::new(TestEntropy::new()),
            settings,
            definitions: Vec::new(),
            overrides: None,
            outside: setup.outside,
            root_key: key,
        };
        let engine = Engine::start(parts).await.unwrap();
        engine.ensure_root(Some(Secret::new(ROOT_TOKEN.to_owned()))).await.unwrap();
        let mut routes = wigwag_api::router(engine.clone());
        if let Some(pages) = setup.pages {
            routes = routes.merge(pages(engine.clone()));
        }
        let service = wigwag_api::finish(routes).into_make_service_with_connect_info::<SocketAddr>();
        let served = tokio::spawn(async move {
            axum::serve(listener, service).await.unwrap();
        });
        Self { engine, address, clock, served, _folder: folder }
    }

    /// A client with the root token.
    pub fn root(&self) -> Client {
        Client::new(self.address, Some(ROOT_TOKEN.to_owned()))
    }

    /// Makes a user with a token of scope `api`; its client.
    pub async fn user(&self, username: &str) -> Client {
        self.user_with(username, &["api"]).await
    }

    /// Makes a user with a token of these scopes; its client.
    pub async fn user_with(&self, username: &str, scopes: &[&str]) -> Client {
        let root = self.root();
        let email = format!("{username}@example.com");
        let input = json!({ "username": username, "name": username, "email": email });
        root.post("/api/v4/users", input).await.created();
        self.token_of(username, scopes).await
    }

    /// Makes a token of these scopes for a user; its client.
    pub async fn token_of(&self, username: &str, scopes: &[&str]) -> Client {
        let path = format!("/api/v4/users/{username}/personal_access_tokens");
        let made = self.root().post(&path, json!({ "name": "test", "scopes": scopes })).await.created();
        self.root().with_token(made["token"].as_str().unwrap())
    }

    /// Moves the clock ahead and lets everything that waits for a time look at it.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.engine.look();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.served.abort();
    }
}
