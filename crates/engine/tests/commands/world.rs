//! A platform with its flags, a chat, a source of the production check, and people of every role in the chat.

use crate::chat::{self, HandChat, said};
use crate::common::ground::{Ground, HandClock};
use crate::common::watched_store::WatchedStore;
use crate::outside::{HandCharts, HandSource};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use wigwag_access::{ChatRole, Principal, SessionLimit, User, UserRole};
use wigwag_base::Timestamp;
use wigwag_definitions::FolderSource;
use wigwag_engine::{ActorGroup, ChatSettings, Engine, GroupMembers, Settings};
use wigwag_hooks::Switch;
use wigwag_ports::Repository;
use wigwag_ports::flags::{AuditFilter, AuditRow, Flags};
use wigwag_ports::monitors::WhenSilent;
use wigwag_ports::registry::{NewUser, Registry};

/// The flags of this platform: `checkout` needs `basket`, which needs `stock`; `slow_lane` and
/// `narrow` refuse large steps.
const FLAGS: [(&str, &str); 5] = [
    ("checkout", "depends_on: [basket]\nchannel: '#checkout'\n"),
    ("basket", "depends_on: [stock]\n"),
    ("stock", ""),
    ("slow_lane", "large_steps: refuse\n"),
    ("narrow", "large_steps: refuse\ndepends_on: [stock]\n"),
];

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) chat: Arc<HandChat>,
    pub(crate) source: Arc<HandSource>,
    pub(crate) charts: Arc<HandCharts>,
    admin: User,
    ground: Ground,
    _flags: TempDir,
}

/// How a world differs from the usual one.
pub(crate) struct Made {
    pub(crate) settings: ChatSettings,
    pub(crate) when_silent: WhenSilent,
    pub(crate) repository: Option<Arc<dyn Repository>>,
}

impl Default for Made {
    fn default() -> Self {
        // What hangs does so until a test lets it go; nothing else is ever late here.
        let settings = ChatSettings {
            answer_within: Duration::from_secs(600),
            log_channel: Some("#log".into()),
            ..ChatSettings::default()
        };
        Self { settings, when_silent: WhenSilent::Refuse, repository: None }
    }
}

impl Made {
    /// What asks a source that hangs is answered late, and nothing else: people are known by their e-mail, so that nobody
    /// has to say anything before.
    pub(crate) fn hurried() -> Self {
        let settings = ChatSettings {
            answer_within: Duration::from_millis(1),
            link_by_email: Switch::On,
            ..Self::default().settings
        };
        Self { settings, ..Self::default() }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::made(Made::default()).await
    }

    pub(crate) async fn made(made: Made) -> Self {
        let flags = tempfile::tempdir().unwrap();
        for (name, more) in FLAGS {
            define(flags.path(), name, more);
        }
        let staff = GroupMembers::Actors(vec!["User:1".parse().unwrap()]);
        let actor_groups = vec![ActorGroup { name: "staff".into(), members: staff }];
        let settings = Settings { chat: made.settings, actor_groups, ..Settings::default() };
        let mut ground = Ground::with(Timestamp::from_secs(1_000_000), settings);
        let chat = Arc::new(HandChat::new());
        let source = Arc::new(HandSource::new(made.when_silent));
        let charts = Arc::new(HandCharts::default());
        ground.definitions.push(Arc::new(FolderSource::new(flags.path())));
        ground.outside.platforms.push(chat.clone());
        ground.outside.production_checks.push(source.clone());
        ground.outside.annotations = Some(charts.clone());
        ground.outside.repository = made.repository;
        let store = ground.store.clone();
        let admin = user(&store, "ann", UserRole::Admin).await;
        let (engine, clock) = (ground.engine().await, ground.clock.clone());
        Self { engine, store, clock, chat, source, charts, admin, ground, _flags: flags }
    }

    /// Another engine on the same store and chat, as another node or after a restart.
    pub(crate) async fn another(&self) -> Engine {
        self.ground.engine().await
    }

    /// An engine on the same file, after the first was stopped.
    pub(crate) async fn reopened(&mut self) -> Engine {
        self.ground.reopen();
        self.ground.engine().await
    }

    pub(crate) fn as_admin(&self) -> Principal {
        Principal::of_session(&self.admin, SessionLimit::Unlimited)
    }

    /// A user of the registry with this role, linked to the chat user of the same name.
    pub(crate) async fn person(&self, name: &str, role: ChatRole) -> Principal {
        let user = self.user(name).await;
        self.engine.set_chat_role(&self.as_admin(), name, role, "api").await.unwrap();
        self.chat.knows(name, &user.email);
        let user = User { chat_role: role, ..user };
        let principal = Principal::of_session(&user, SessionLimit::Unlimited);
        if self.engine.settings().chat.link_by_email.is_on() {
            return principal;
        }
        let code = self.engine.make_link_code(&principal).await.unwrap().code;
        let linked = self.says(name, "#general", &format!("link {code}")).await;
        assert!(linked.contains(&format!("You are {name} here")), "{linked}");
        principal
    }

    /// A user of the registry that no chat knows.
    pub(crate) async fn user(&self, name: &str) -> User {
        user(&self.store, name, UserRole::Regular).await
    }

    /// What a chat user is answered.
    pub(crate) async fn says(&self, user: &str, channel: &str, text: &str) -> String {
        self.sends(&said(user, channel, &format!("run {text}"))).await.1
    }

    /// Presses a button; what comes back by the address that came along, since nothing is shown of the answer itself.
    pub(crate) async fn presses(&self, user: &str, channel: &str, value: &str) -> String {
        let number = crate::common::ground::number();
        let request = chat::request("proven", number, user, channel, ("press", value));
        assert_eq!(self.sends(&request).await, (200, String::new()));
        self.answer().await
    }

    /// The value of the button with this label below the newest answer.
    pub(crate) fn button(&self, label: &str) -> String {
        let buttons = self.chat.buttons();
        let found = buttons.iter().find(|button| button.label == label);
        found.unwrap_or_else(|| panic!("no button {label} among {buttons:?}")).value.clone()
    }

    /// The next answer that comes later than its request.
    pub(crate) async fn answer(&self) -> String {
        self.hears_at("answer-to-").await
    }

    /// What is said next where the place begins so.
    pub(crate) async fn hears_at(&self, place: &str) -> String {
        self.chat.hears_at(place).await.text
    }

    /// Nothing waits to be said, and nothing that was said is looked at any more.
    pub(crate) async fn quiet(&self) {
        self.engine.send_outbox().await.unwrap();
        self.chat.heard().await;
        self.charts.0.lock().unwrap().clear();
    }

    /// Sends a request of the chat; status and text of the answer.
    pub(crate) async fn sends(&self, request: &str) -> (u16, String) {
        sends_to(&self.engine, request).await
    }

    /// What the admin gets to read in a terminal.
    pub(crate) async fn command(&self, text: &str) -> String {
        self.command_as(&self.as_admin(), text).await
    }

    pub(crate) async fn command_as(&self, principal: &Principal, text: &str) -> String {
        let reply = self.engine.run_command(principal, text, None, "cli").await.unwrap();
        let mark = if reply.ok { "" } else { "refused\n" };
        format!("{mark}{}", reply.to_text())
    }

    /// Runs a command that must be done.
    pub(crate) async fn done(&self, text: &str) {
        let told = self.command(text).await;
        assert!(!told.starts_with("refused"), "{text}\n{told}");
    }

    /// `on`, `conditional` or `off`.
    pub(crate) async fn state(&self, flag: &str, environment: &str) -> String {
        let told = self.command(&format!("feature get {flag} --env={environment}")).await;
        let word = told.split_once(": ").unwrap().1;
        word.split_once('.').unwrap().0.to_owned()
    }

    /// Every audit row, newest first.
    pub(crate) async fn audit(&self) -> Vec<AuditRow> {
        let page = wigwag_base::Page::new(1, 100);
        self.store.audit(AuditFilter::default(), page).await.unwrap().rows
    }
}

pub(crate) async fn sends_to(engine: &Engine, request: &str) -> (u16, String) {
    let answer = engine.receive_chat(chat::NAME, &[], request.as_bytes()).await;
    (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
}

fn define(folder: &Path, name: &str, more: &str) {
    let text = format!(
        "name: {name}\ndescription: What {name} does.\nintroduced_by_url: https://git.example/1\nmilestone: '1.0'\ntype: beta\n\
         group: group::shop\ndefault_enabled: false\n{more}"
    );
    std::fs::create_dir_all(folder.join("beta")).unwrap();
    std::fs::write(folder.join("beta").join(format!("{name}.yml")), text).unwrap();
}

async fn user(store: &WatchedStore, username: &str, role: UserRole) -> User {
    let user = NewUser {
        username: username.into(),
        name: username.into(),
        email: format!("{username}@platform.example"),
        role,
        password_hash: None,
        created_at: Timestamp::from_secs(0),
    };
    store.create_user(user).await.unwrap()
}
