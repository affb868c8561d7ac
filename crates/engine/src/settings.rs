use std::time::Duration;
pub use wigwag_access::EnvironmentKind;
use wigwag_base::Secret;
use wigwag_flags::ActorId;
pub use wigwag_hooks::Redirects;
use wigwag_hooks::{FailurePolicy, RetryPolicy, Switch};

/// What the operator sets and the engine goes by. Every field has the design's default.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this server, without a trailing slash: `http://127.0.0.1:8080`.
    pub external_url: String,
    /// The environments, in deployment order.
    pub environments: Vec<Environment>,
    /// The server's own environment: Wigwag's own flags, the bare `/api/v4/features`.
    pub environment: String,
    /// The instance's failure policy.
    pub failure_policy: FailurePolicy,
    /// The instance's retry policy.
    pub retry_policy: RetryPolicy,
    /// The prefix of delivery headers, `X-Gitlab-`.
    pub header_prefix: String,
    /// The `User-Agent` of deliveries.
    pub user_agent: String,
    /// Whether a 3xx answer counts as success.
    pub redirects: Redirects,
    /// The time for connecting and the whole answer.
    pub delivery_deadline: Duration,
    /// Requests under way on this node, to one host (address and port), to one hook.
    pub in_flight_max: InFlightMax,
    /// Most deliveries a minute of all hooks under one root namespace (a group without a parent, or a user's own); none for no
    /// limit. What is more waits.
    pub namespace_rate_per_minute: Option<u32>,
    /// How many deliveries of one hook may wait.
    pub waiting_per_hook_max: u64,
    /// How long a delivery may wait.
    pub waiting_age_max: Duration,
    /// How long attempts, ended deliveries and settled events are kept.
    pub retention: Duration,
    /// Bytes of one event's payload.
    pub event_bytes_max: usize,
    /// Hooks of one project.
    pub project_hooks_max: u64,
    /// Hooks of one group.
    pub group_hooks_max: u64,
    /// Pages on which no callout shows.
    pub quiet_paths: Vec<String>,
    /// Named groups of actors, for the groups gate.
    pub actor_groups: Vec<ActorGroup>,
    /// Origins whose pages may use the banner's component, such as `https://platform.example`.
    pub embed_origins: Vec<String>,
    /// How chats and commands go together.
    pub chat: ChatSettings,
    /// Where failing hooks are told of.
    pub notices: NoticeSettings,
}

/// Where failing hooks are told of, besides mail and events.
#[derive(Clone, Debug, Default)]
pub struct NoticeSettings {
    /// A chat's incoming web-hook that takes `{"text": ...}`, if there is one; its address is a secret.
    pub chat_url: Option<Secret<String>>,
}

/// How many requests may be under way at once.
#[derive(Clone, Copy, Debug)]
pub struct InFlightMax {
    /// On this node.
    pub node: usize,
    /// To one host (address and port).
    pub host: usize,
    /// To one hook.
    pub hook: usize,
}

/// One environment of the platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Its name: the chat option and the path segment.
    pub name: String,
    /// The environment whose flag state it reads, if not its own.
    pub flags_of: Option<String>,
    /// Whether users are on it.
    pub kind: EnvironmentKind,
    /// Where its flags are kept; without meaning where `flags_of` says whose they are.
    pub source: Source,
    /// What becomes of a step there that is too large at once.
    pub large_steps: LargeSteps,
}

/// What becomes of a step in production by which too many get a feature at once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum LargeSteps {
    /// It is made, with a warning.
    #[default]
    Warn,
    /// It is refused unless the author says `--large-step`.
    Refuse,
}

/// How chats and commands go together.
#[derive(Clone, Debug)]
pub struct ChatSettings {
    /// The channel from which production is changed, by name (`#production`) or id.
    pub production_channel: String,
    /// Where every change is told, if anywhere.
    pub log_channel: Option<String>,
    /// Where support is told of announcements, if anywhere.
    pub support_channel: Option<String>,
    /// The environment that must be as enabled before production is.
    pub consistency_environment: String,
    /// Whether a member of the configured team whose e-mail is a user's is that user without a code.
    pub link_by_email: Switch,
    /// What `rollout announce` says; `{flag}`, `{description}`, `{state}`, `{time}`, `{author}`, `{url}` are filled in.
    pub announcement: String,
    /// The project in which every change is published as an event `feature_flag`, by full path, if in any.
    pub change_events_project: Option<String>,
    /// How long a chat waits for an answer before it is told that the rest follows: Slack gives up after 3 s.
    pub answer_within: Duration,
}

impl Default for ChatSettings {
    fn default() -> Self {
        Self {
            production_channel: "#production".into(),
            log_channel: None,
            support_channel: None,
            consistency_environment: "staging".into(),
            link_by_email: Switch::Off,
            announcement:
                "{flag} will be enabled {time}. {description} Now: {state}. Questions go to {author}; {url}"
                    .into(),
            change_events_project: None,
            answer_within: Duration::from_millis(2_000),
        }
    }
}

/// Where an environment's flags are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// Here.
    Local,
    /// By another server.
    Remote(Remote),
}

/// A server that speaks `/api/v4/features`: another Wigwag, or a GitLab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// What stands before `/api/v4` there, without a slash at its end: `https://gitlab.example`.
    pub url: String,
    /// What it is shown as `PRIVATE-TOKEN`.
    pub token: Secret<String>,
}

/// A named group of actors, such as `staff`: a flag can be on for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActorGroup {
    /// The name that a flag's groups gate holds.
    pub name: String,
    /// Who belongs to it.
    pub members: GroupMembers,
}

/// Who belongs to a named group of actors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupMembers {
    /// The members of a group of the registry, by full path; those of the groups above it too.
    Group(String),
    /// These.
    Actors(Vec<ActorId>),
}

impl Default for Settings {
    fn default() -> Self {
        use EnvironmentKind::{NonProduction, Production};
        let environment = |name: &str, flags_of: Option<&str>, kind| Environment {
            name: name.into(),
            flags_of: flags_of.map(Into::into),
            kind,
            source: Source::Local,
            large_steps: LargeSteps::Warn,
        };
        Self {
            external_url: "http://127.0.0.1:8080".into(),
            environments: vec![
                environment("dev", None, NonProduction),
                environment("staging-canary", Some("staging"), NonProduction),
                environment("staging", None, NonProduction),
                environment("production-canary", Some("production"), Production),
                environment("production", None, Production),
            ],
            environment: "production".into(),
            failure_policy: FailurePolicy::REFERENCE,
            retry_policy: RetryPolicy::reference(),
            header_prefix: "X-Gitlab-".into(),
            user_agent: concat!("Wigwag/", env!("CARGO_PKG_VERSION")).into(),
            redirects: Redirects::Refuse,
            delivery_deadline: Duration::from_secs(10),
            in_flight_max: InFlightMax { node: 1_024, host: 128, hook: 64 },
            namespace_rate_per_minute: None,
            waiting_per_hook_max: 1_000_000,
            waiting_age_max: Duration::from_secs(7 * 86_400),
            retention: Duration::from_secs(7 * 86_400),
            event_bytes_max: 1 << 20,
            project_hooks_max: 100,
            group_hooks_max: 50,
            quiet_paths: vec!["*/-/hooks*".into()],
            actor_groups: Vec::new(),
            embed_origins: Vec::new(),
            chat: ChatSettings::default(),
            notices: NoticeSettings::default(),
        }
    }
}
