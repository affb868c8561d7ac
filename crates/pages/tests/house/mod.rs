//! A whole engine on a fresh store with a clock that is moved by hand, and a receiver that answers as its path says:
//! `/200`, `/404`, `/503-retry` and so on; `/switch` answers what was last set.

#![allow(clippy::unwrap_used, dead_code, reason = "what several tests and the gallery share; none uses all")]

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::net::TcpListener;
use wigwag_access::{AccessLevel, Principal, Project, SessionLimit, Source, User, UserRole};
use wigwag_base::{GroupId, ProjectId, Secret, Timestamp};
use wigwag_definitions::FolderSource;
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{
    ActorGroup, ChatSettings, Engine, GroupInput, GroupMembers, Parts, ProjectInput, Settings, UserInput,
};
use wigwag_hooks::{FailurePolicy, HookScope};
use wigwag_ports::registry::UserKey;
use wigwag_ports::{Clock, Entropy};
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

pub(crate) const PASSWORD: &str = "a long enough password";

/// The machine's time, moved by what a test says.
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        Timestamp::from_millis(machine + self.0.load(Ordering::SeqCst))
    }
}

struct Dice(AtomicU64);

impl Entropy for Dice {
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).unwrap();
        bytes
    }

    fn uniform(&self) -> f64 {
        (self.0.fetch_add(1, Ordering::Relaxed) * 37 % 100) as f64 / 100.0
    }
}

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) receiver: SocketAddr,
    pub(crate) switch: Arc<AtomicU16>,
    pub(crate) root: Principal,
    folder: TempDir,
}

impl House {
    /// A house whose clock stands `back` behind the machine's, reached at `external_url`.
    pub(crate) async fn new(external_url: &str, back: Duration) -> Self {
        Self::with(external_url, back, |_| {}).await
    }

    /// The same, with other settings.
    pub(crate) async fn with(external_url: &str, back: Duration, set: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(DataKey::new([7; 32]));
        let store = SqliteStore::open(&folder.path().join("wigwag.db"), &options).unwrap();
        let definitions = folder.path().join("feature_flags");
        std::fs::create_dir(&definitions).unwrap();
        let egress = wigwag_egress::Config {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..wigwag_egress::Config::default()
        };
        let mut settings = Settings {
            external_url: external_url.into(),
            failure_policy: FailurePolicy { permanent_at: Some(6), ..FailurePolicy::REFERENCE },
            actor_groups: vec![ActorGroup {
                name: "staff".into(),
                members: GroupMembers::Actors(["User:1".parse().unwrap()].into()),
            }],
            // Each environment is by itself here; that staging comes first is tried where checks are.
            chat: ChatSettings { consistency_environment: "(none)".into(), ..ChatSettings::default() },
            ..Settings::default()
        };
        set(&mut settings);
        let clock = Arc::new(MovedClock(AtomicI64::new(-(back.as_millis() as i64))));
        let engine = Engine::start(Parts {
            store: Arc::new(store),
            egress: Arc::new(wigwag_egress::Client::new(&egress).unwrap()),
            clock: clock.clone(),
            entropy: Arc::new(Dice(AtomicU64::new(1))),
            settings,
            definitions: vec![Arc::new(FolderSource::new(definitions))],
            overrides: None,
            outside: wigwag_engine::Outside::default(),
            root_key: Secret::new([7; 32]),
        })
        .await
        .unwrap();
        engine.ensure_root(None).await.unwrap();
        let root = engine.find_user(UserKey::Username("root".into())).await.unwrap().unwrap();
        let root = signed_in(&root);
        engine.set_password(&root, root.user, &Secret::new(PASSWORD.into())).await.unwrap();
        let switch = Arc::new(AtomicU16::new(200));
        let receiver = receive(switch.clone()).await;
        Self { engine, clock, receiver, switch, root, folder }
    }

    pub(crate) fn router(&self) -> Router {
        wigwag_pages::router(self.engine.clone())
    }

    pub(crate) async fn user(&self, username: &str, name: &str) -> User {
        let input = UserInput {
            username: username.into(),
            name: name.into(),
            email: format!("{username}@platform.example"),
            role: UserRole::Regular,
            password: Some(Secret::new(PASSWORD.into())),
        };
        self.engine.create_user(&self.root, input).await.unwrap()
    }

    pub(crate) async fn group(&self, path: &str, name: &str) -> GroupId {
        let input = GroupInput { name: name.into(), path: path.into(), parent: None };
        self.engine.create_group(&self.root, input).await.unwrap().id
    }

    pub(crate) async fn project(&self, group: GroupId, path: &str, name: &str) -> Project {
        let input = ProjectInput { name: name.into(), path: Some(path.into()), namespace: Some(group) };
        self.engine.create_project(&self.root, input).await.unwrap()
    }

    pub(crate) async fn member(&self, user: &User, source: Source, level: AccessLevel) {
        let membership = wigwag_access::Membership { user: user.id, source, level };
        self.engine.add_member(&self.root, membership).await.unwrap();
    }

    /// A hook whose receiver answers as `path` says.
    pub(crate) async fn hook(&self, scope: HookScope, name: &str, path: &str) -> HookView {
        let fields = HookFields {
            url: Some(Secret::new(format!("http://{}/{path}", self.receiver))),
            name: Some(name.into()),
            ..HookFields::default()
        };
        self.engine.create_hook(&self.root, scope, fields).await.unwrap()
    }

    pub(crate) async fn publish(&self, project: ProjectId, event_type: &str, payload: &str) {
        let event = Incoming {
            event_type: event_type.into(),
            payload: payload.to_owned().into(),
            idempotency_key: None,
            chain: None,
        };
        self.engine.publish(project, vec![event]).await.map_err(|refused| refused.error).unwrap();
    }

    /// Writes a file of definitions, and has it read. `more` are lines beside what every definition needs.
    pub(crate) async fn define(&self, kind: &str, name: &str, more: &str) {
        let folder = self.folder.path().join("feature_flags").join(kind);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "---\nname: {name}\ntype: {kind}\nintroduced_by_url: https://code.example/acme/shop/-/merge_requests/1\n\
             {more}"
        );
        std::fs::write(folder.join(format!("{name}.yml")), text).unwrap();
        self.engine.look_at_definitions().await;
    }

    /// Runs a command as root; it must do what it says.
    pub(crate) async fn run(&self, text: &str, via: &str) {
        let reply = self.engine.run_command(&self.root, text, None, via).await.unwrap();
        assert!(reply.ok, "{text}: {reply:?}");
    }

    /// Looks again and again until `true`; gives up after ten seconds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Engine) -> bool) {
        let begun = std::time::Instant::now();
        while !holds(&self.engine).await {
            assert!(begun.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a hook's health has this word.
    pub(crate) async fn until_health(&self, scope: HookScope, hook: &HookView, word: &str) {
        let root = self.root.clone();
        self.until(word, async |engine| {
            let view = engine.hook(&root, scope, hook.hook.id).await.unwrap();
            view.hook.health.state.name() == word
        })
        .await;
    }
}

pub(crate) fn signed_in(user: &User) -> Principal {
    Principal::of_session(user, SessionLimit::Unlimited)
}

async fn receive(switch: Arc<AtomicU16>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/{path}", post(answer)).with_state(switch);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn answer(
    State(switch): State<Arc<AtomicU16>>,
    Path(path): Path<String>,
) -> (StatusCode, HeaderMap, String) {
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", "7f3c9a51d2".parse().unwrap());
    let digits: String = path.chars().take_while(char::is_ascii_digit).collect();
    let status = match digits.parse() {
        Ok(status) => status,
        Err(_) => switch.load(Ordering::SeqCst),
    };
    if path.ends_with("-retry") {
        headers.insert("retry-after", "5400".parse().unwrap());
    }
    let body = match status {
        200..=299 => r#"{"ok":true,"queued":1}"#.to_owned(),
        404 => {
            "<!doctype html><title>404</title><h1>Not found</h1><script>alert('receiver')</script>".to_owned()
        }
        _ => format!(r#"{{"error":"status {status}","trace":"7f3c9a51d2"}}"#),
    };
    (StatusCode::from_u16(status).unwrap(), headers, body)
}
