//! From options, environment and `wigwag.toml` to settings. An option wins over the file, the file over the default;
//! a wrong value is refused with its name, and so is a name that does not exist.

mod chat;
mod checks;
mod entry;
mod environments;
mod grafana;
mod groups;
pub(crate) mod mail;
mod notices;
mod repository;

use crate::cli::{DataOptions, ServeOptions};
use crate::data_key::KeySource;
use crate::limits::SECONDS_MAX;
use anyhow::{Context, Result, anyhow, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};
use wigwag_access::check_root_token;
use wigwag_base::Secret;
use wigwag_callouts::QuietPaths;
use wigwag_chat_platforms::{MattermostConfig, SlackConfig};
use wigwag_engine::{Redirects, Settings};
use wigwag_hooks::{FailurePolicy, HeaderStyle, RetryPolicy};
use wigwag_monitors::{GrafanaConfig, SourceConfig};
use wigwag_repository::RepositoryConfig;

/// Everything that a server needs to know before it starts.
pub(crate) struct Config {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Where the data key comes from.
    pub(crate) data_key: KeySource,
    /// The folder of flag definitions.
    pub(crate) flags: Option<PathBuf>,
    /// Networks opened to hooks.
    pub(crate) allow_network: Vec<wigwag_egress::AllowedNetwork>,
    /// Name servers to ask instead of the system's.
    pub(crate) name_servers: Option<Vec<SocketAddr>>,
    /// The operator's token of root.
    pub(crate) root_token: Option<Secret<String>>,
    /// What the engine goes by.
    pub(crate) settings: Settings,
    /// What it may reach besides hooks.
    pub(crate) outside: OutsideConfig,
}

/// What a server may reach besides hooks.
#[derive(Default)]
pub(crate) struct OutsideConfig {
    /// Slack.
    pub(crate) slack: Option<SlackConfig>,
    /// Mattermost.
    pub(crate) mattermost: Option<MattermostConfig>,
    /// What is asked before something is turned on in production.
    pub(crate) production_checks: Vec<SourceConfig>,
    /// Where changes are drawn.
    pub(crate) grafana: Option<GrafanaConfig>,
    /// The platform's repository.
    pub(crate) repository: Option<RepositoryConfig>,
    /// The mail server.
    pub(crate) mail: Option<mail::MailConfig>,
}

/// Names that `wigwag.toml` knows.
const KEYS: [&str; 31] = [
    "listen",
    "data",
    "data_key_file",
    "flags",
    "allow_network",
    "external_url",
    "environment",
    "environments",
    "groups",
    "quiet_paths",
    "embed_origin",
    "name_server",
    "header_prefix",
    "user_agent",
    "redirects",
    "delivery_deadline_s",
    "namespace_rate_per_minute",
    "waiting_per_hook_max",
    "waiting_age_max_s",
    "retention_s",
    "event_bytes_max",
    "project_hooks_max",
    "group_hooks_max",
    "failure_policy",
    "retry_delays_s",
    "chat",
    "production_checks",
    "grafana",
    "repository",
    "mail",
    "notices",
];

/// Reads everything together.
pub(crate) fn load(options: ServeOptions) -> Result<Config> {
    let file = File::read(options.config.as_deref())?;
    let listen = options.listen.map_or_else(|| file.text("listen"), |listen| Ok(Some(listen)))?;
    let listen = listen.unwrap_or_else(|| "127.0.0.1:8080".into());
    let listen: SocketAddr = listen.parse().map_err(|_| {
        anyhow!("listen: {listen:?} is no address; write ADDRESS:PORT such as 127.0.0.1:8080")
    })?;
    let (data, data_key) = data(&file, options.data, options.data_key_file, options.data_key.as_deref())?;
    let flags = options
        .flags
        .map_or_else(|| file.text("flags").map(|text| text.map(PathBuf::from)), |flags| Ok(Some(flags)))?;
    if let Some(folder) = flags.as_ref().filter(|folder| !folder.is_dir()) {
        bail!("flags: {} is no folder", folder.display());
    }
    let allow = or_file(options.allow_network, &file, "allow_network")?;
    let allow_network = allow
        .iter()
        .map(|text| text.parse().map_err(|error| anyhow!("allow_network: {error}")))
        .collect::<Result<Vec<_>>>()?;
    let name_servers = or_file(options.name_server, &file, "name_server")?
        .iter()
        .map(|text| {
            text.parse().map_err(|_| anyhow!("name_server: {text:?} is no address; write ADDRESS:PORT"))
        })
        .collect::<Result<Vec<SocketAddr>>>()?;
    let mut settings = settings(&file)?;
    if let Some(rate) = namespace_rate(options.namespace_rate_per_minute.as_deref(), &file)? {
        settings.namespace_rate_per_minute = Some(rate);
    }
    if let Some(url) = options.external_url.map_or_else(|| file.text("external_url"), |url| Ok(Some(url)))? {
        settings.external_url = external_url(&url)?;
    } else {
        settings.external_url = format!("http://{listen}");
    }
    let own = options.environment.map_or_else(|| file.text("environment"), |name| Ok(Some(name)))?;
    settings.environment = environment(&settings, own.unwrap_or(settings.environment.clone()))?;
    settings.embed_origins = or_file(options.embed_origin, &file, "embed_origin")?
        .iter()
        .map(|origin| embed_origin(origin))
        .collect::<Result<_>>()?;
    HeaderStyle::new(&settings.header_prefix, &settings.user_agent, &settings.external_url)
        .map_err(|error| anyhow!("header_prefix or user_agent: {error}"))?;
    if let Some(token) = &options.root_token {
        check_root_token(token).map_err(|rule| anyhow!("WIGWAG_ROOT_TOKEN {rule}"))?;
    }
    let outside = outside(&file, &mut settings, &data)?;
    Ok(Config {
        listen,
        data,
        data_key,
        flags,
        allow_network,
        name_servers: (!name_servers.is_empty()).then_some(name_servers),
        root_token: options.root_token.map(Secret::new),
        settings,
        outside,
    })
}

/// What may be reached besides hooks; how chats and commands go together becomes part of `settings`.
/// The folder of a stopped server's data, and its key.
pub(crate) fn data_of(options: DataOptions) -> Result<(PathBuf, KeySource)> {
    let file = File::read(options.config.as_deref())?;
    data(&file, options.data, options.data_key_file, options.data_key.as_deref())
}

fn data(
    file: &File,
    folder: Option<PathBuf>,
    key_file: Option<PathBuf>,
    key: Option<&str>,
) -> Result<(PathBuf, KeySource)> {
    let path = |option: Option<PathBuf>, key: &'static str| match option {
        Some(path) => Ok(Some(path)),
        None => file.text(key).map(|text| text.map(PathBuf::from)),
    };
    let folder = path(folder, "data")?.unwrap_or_else(|| "./wigwag-data".into());
    let key = KeySource::of(key, path(key_file, "data_key_file")?, &folder)?;
    Ok((folder, key))
}

fn outside(file: &File, settings: &mut Settings, data: &Path) -> Result<OutsideConfig> {
    let table = |key: &str| file.0.get(key);
    let chats = chat::chats(table("chat"), &settings.environments)?;
    settings.chat = chats.settings;
    settings.notices = notices::notices(table("notices"))?;
    Ok(OutsideConfig {
        slack: chats.slack,
        mattermost: chats.mattermost,
        production_checks: table("production_checks").map_or(Ok(Vec::new()), checks::checks)?,
        grafana: table("grafana").map(grafana::grafana).transpose()?,
        repository: table("repository").map(|value| repository::repository(value, data)).transpose()?,
        mail: table("mail").map(mail::mail).transpose()?,
    })
}

/// Most deliveries a minute of one root namespace, if there is a limit.
fn namespace_rate(given: Option<&str>, file: &File) -> Result<Option<u32>> {
    const KEY: &str = "namespace_rate_per_minute";
    let given = given.map(str::to_owned).or_else(|| file.0.get(KEY).map(ToString::to_string));
    let Some(text) = given else { return Ok(None) };
    let rate = text.parse().ok().filter(|rate| *rate > 0);
    rate.map(Some).ok_or_else(|| anyhow!("{KEY}: {text} must be a number between 1 and {}", u32::MAX))
}

fn settings(file: &File) -> Result<Settings> {
    let mut settings = Settings::default();
    if let Some(prefix) = file.text("header_prefix")? {
        settings.header_prefix = prefix;
    }
    if let Some(agent) = file.text("user_agent")? {
        settings.user_agent = agent;
    }
    if let Some(redirects) = file.text("redirects")? {
        settings.redirects = match redirects.as_str() {
            "refuse" => Redirects::Refuse,
            "accept" => Redirects::Accept,
            other => bail!("redirects: {other:?} must be refuse or accept"),
        };
    }
    let seconds = |key, default: Duration| -> Result<Duration> {
        match file.number(key, 1)? {
            Some(seconds) if seconds > SECONDS_MAX => bail!("{key}: {seconds} is more than {SECONDS_MAX}"),
            given => Ok(given.map_or(default, Duration::from_secs)),
        }
    };
    settings.delivery_deadline = seconds("delivery_deadline_s", settings.delivery_deadline)?;
    settings.waiting_age_max = seconds("waiting_age_max_s", settings.waiting_age_max)?;
    settings.retention = seconds("retention_s", settings.retention)?;
    settings.waiting_per_hook_max =
        file.number("waiting_per_hook_max", 1)?.unwrap_or(settings.waiting_per_hook_max);
    settings.project_hooks_max = file.number("project_hooks_max", 1)?.unwrap_or(settings.project_hooks_max);
    settings.group_hooks_max = file.number("group_hooks_max", 1)?.unwrap_or(settings.group_hooks_max);
    if let Some(bytes) = file.number("event_bytes_max", 1)? {
        const EVENT_BYTES_MAX: u64 = 25 << 20;
        if bytes > EVENT_BYTES_MAX {
            bail!("event_bytes_max: {bytes} is more than {EVENT_BYTES_MAX} (25 MiB)");
        }
        settings.event_bytes_max = usize::try_from(bytes)?;
    }
    if let Some(value) = file.0.get("environments") {
        settings.environments = environments::environments(value)?;
    }
    if let Some(value) = file.0.get("groups") {
        settings.actor_groups = groups::groups(value)?;
    }
    if file.0.contains_key("quiet_paths") {
        settings.quiet_paths = quiet_paths(file.list("quiet_paths")?)?;
    }
    if let Some(policy) = file.0.get("failure_policy") {
        settings.failure_policy = failure_policy(policy)?;
    }
    if let Some(delays) = file.0.get("retry_delays_s") {
        settings.retry_policy = retry_policy(delays)?;
    }
    Ok(settings)
}

fn failure_policy(value: &Value) -> Result<FailurePolicy> {
    let table = value
        .as_table()
        .context("failure_policy: must be a table such as { threshold = 4, permanent_at = 40 }")?;
    let reference = FailurePolicy::REFERENCE;
    let known = ["threshold", "first_pause_s", "factor", "max_pause_s", "permanent_at"];
    if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
        bail!("failure_policy: there is no {key:?}; there are {}", known.join(", "));
    }
    let number = |key: &str| {
        table
            .get(key)
            .map(|value| {
                value
                    .as_integer()
                    .and_then(|number| u64::try_from(number).ok())
                    .ok_or_else(|| anyhow!("failure_policy.{key}: must be a whole number"))
            })
            .transpose()
    };
    let count = |key: &str, default: u32| {
        let fits = |n| u32::try_from(n).map_err(|_| anyhow!("failure_policy.{key}: {n} is too large"));
        number(key)?.map_or(Ok(default), fits)
    };
    let factor = match table.get("factor") {
        None => reference.factor,
        Some(value) => value
            .as_float()
            .or_else(|| value.as_integer().map(|number| number as f64))
            .context("failure_policy.factor: must be a number")?,
    };
    let permanent = table
        .get("permanent_at")
        .map_or(Ok(reference.permanent_at), |_| count("permanent_at", 0).map(Some))?;
    FailurePolicy::new(
        count("threshold", reference.threshold)?,
        Duration::from_secs(number("first_pause_s")?.unwrap_or(reference.first_pause.as_secs())),
        factor,
        Duration::from_secs(number("max_pause_s")?.unwrap_or(reference.max_pause.as_secs())),
        permanent,
    )
    .map_err(|error| anyhow!("failure_policy: {error}"))
}

fn retry_policy(value: &Value) -> Result<RetryPolicy> {
    let delays = value
        .as_array()
        .context("retry_delays_s: must be a list of seconds such as [5, 30, 120]")?
        .iter()
        .map(|delay| delay.as_integer().and_then(|s| u64::try_from(s).ok()).map(Duration::from_secs))
        .collect::<Option<Vec<_>>>()
        .context("retry_delays_s: every delay must be a whole number of seconds")?;
    RetryPolicy::new(delays).map_err(|error| anyhow!("retry_delays_s: {error}"))
}

/// Pages on which no callout shows; an empty list is one.
fn quiet_paths(paths: Vec<String>) -> Result<Vec<String>> {
    QuietPaths::new(paths.iter().map(String::as_str)).map_err(|error| anyhow!("quiet_paths: {error}"))?;
    Ok(paths)
}

fn external_url(url: &str) -> Result<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest.map(|rest| rest.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(url.trim_end_matches('/').into())
        }
        _ => bail!(
            "external_url: {url:?} must be http:// or https:// and a host, such as https://wigwag.example"
        ),
    }
}

fn embed_origin(origin: &str) -> Result<String> {
    external_url(origin)
        .map_err(|_| anyhow!("embed_origin: {origin:?} must be an origin such as https://platform.example"))
}

fn environment(settings: &Settings, name: String) -> Result<String> {
    if settings.environments.iter().any(|environment| environment.name == name) {
        return Ok(name);
    }
    let names: Vec<&str> =
        settings.environments.iter().map(|environment| environment.name.as_str()).collect();
    bail!("environment: there is no {name:?}; there are {}", names.join(", "))
}

fn or_file(given: Vec<String>, file: &File, key: &str) -> Result<Vec<String>> {
    if given.is_empty() { file.list(key) } else { Ok(given) }
}

/// `wigwag.toml`.
struct File(Table);

impl File {
    fn read(path: Option<&Path>) -> Result<Self> {
        let default = Path::new("wigwag.toml");
        let path = match path {
            Some(path) => path,
            None if default.exists() => default,
            None => return Ok(Self(Table::new())),
        };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let table: Table = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            bail!("{}: there is no setting {key:?}; there are {}", path.display(), KEYS.join(", "));
        }
        Ok(Self(table))
    }

    fn text(&self, key: &str) -> Result<Option<String>> {
        let text =
            |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| anyhow!("{key}: must be a text"));
        self.0.get(key).map(text).transpose()
    }

    fn number(&self, key: &str, min: u64) -> Result<Option<u64>> {
        let number = |value: &Value| {
            let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
            number
                .filter(|number| *number >= min)
                .ok_or_else(|| anyhow!("{key}: must be a whole number from {min}"))
        };
        self.0.get(key).map(number).transpose()
    }

    fn list(&self, key: &str) -> Result<Vec<String>> {
        match self.0.get(key) {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            Some(Value::Array(several)) => several
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| anyhow!("{key}: must be a list of texts")),
            Some(_) => bail!("{key}: must be a text or a list of texts"),
        }
    }
}
