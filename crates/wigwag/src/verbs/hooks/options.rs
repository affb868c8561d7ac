//! What can be typed behind `wigwag hooks`.

use super::place::Place;
use crate::cli::Server;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const LIST_EXAMPLES: &str = "Examples:
  wigwag hooks list --project acme/shop
  wigwag hooks list --group acme --failing
  wigwag hooks list --system --json";

const SHOW_EXAMPLES: &str = "Examples:
  wigwag hooks show 7 --project acme/shop
  wigwag hooks show 7 --project acme/shop --json";

const LOG_EXAMPLES: &str = "Examples:
  wigwag hooks log 7 --project acme/shop
  wigwag hooks log 7 --project acme/shop --status server_failure --since 12h
  wigwag hooks log 7 --project acme/shop --event-type invoice.paid --since 2026-01-31 --json
  wigwag hooks log 7 --project acme/shop --attempt 4711

Newest first. --since and --until take a day, a time such as 2026-01-31T22:00:00Z, or how long ago: 30m, 12h, 7d.";

const DELIVERIES_EXAMPLES: &str = "Examples:
  wigwag hooks deliveries --project acme/shop --since 12h
  wigwag hooks deliveries --project acme/shop --hook 7 --state held
  wigwag hooks deliveries --project acme/shop --event 4711
  wigwag hooks deliveries --group acme --hook 9 --state given_up --json

Newest event first: each event that a hook was to get, also those that were never sent, and why it stands where it stands.
--since and --until mean when the event was accepted.";

const ENABLE_EXAMPLES: &str = "Example:
  wigwag hooks enable 7 --project acme/shop

It starts healthy, and what waits goes out.";

const TEST_EXAMPLES: &str = "Examples:
  wigwag hooks test 7 --project acme/shop
  wigwag hooks test 7 --project acme/shop --trigger merge_requests_events
  wigwag hooks test 7 --project acme/shop --trigger invoice.paid

Five tests and resends a minute. The exit code is 1 if the receiver did not say 2xx.";

const RESEND_EXAMPLES: &str = "Example:
  wigwag hooks resend 7 4711 --project acme/shop

The second number is an attempt's, as `wigwag hooks log` shows it: the same bytes go out under the same id. The exit code is 1
if the receiver did not say 2xx.";

const REPLAY_EXAMPLES: &str = "Examples:
  wigwag hooks replay --project acme/shop --since 12h
  wigwag hooks replay --project acme/shop --hook 7 --state given_up --since 2026-01-31T22:00:00Z --yes
  wigwag hooks replay --project acme/shop --event-type invoice.paid --dry-run
  wigwag hooks replay --group acme --hook 9 --since 12h

Without --state it means everything that did not arrive: given up, skipped, expired. First it says how many; then it asks, or
goes on at once with --yes. They go out as health and rate of their hooks allow, each under the id that it had.";

const IMPORT_EXAMPLES: &str = "Examples:
  wigwag hooks import --from-gitlab https://gitlab.example --token-file ./gitlab-token --dry-run
  WIGWAG_IMPORT_TOKEN=glpat-... wigwag hooks import --from-gitlab https://gitlab.example --project acme/shop --group acme
  wigwag hooks import --from-gitlab https://gitlab.example --project 42 --into acme/shop --off

WIGWAG_URL and WIGWAG_TOKEN say where the hooks go; the other token is for where they come from. Without --project, --group
and --system it takes the hooks of all projects and groups that the other token may look after. What is here already (the same URL
and name) is left alone, so it can be run again. Secrets cannot be read: each hook says what is left to do.";

/// Hooks.
#[derive(Subcommand)]
pub(crate) enum HooksVerb {
    /// Lists the hooks of a project, a group or the system, with their health
    #[command(after_help = LIST_EXAMPLES)]
    List(ListOptions),
    /// Shows what was sent to a hook and what came back, or one attempt whole
    #[command(after_help = LOG_EXAMPLES)]
    Log(LogOptions),
    /// Shows what became of every event, and why: delivered, held, skipped, given up
    #[command(after_help = DELIVERIES_EXAMPLES)]
    Deliveries(DeliveriesOptions),
    /// Shows a hook: its state, what waits, what it wants
    #[command(after_help = SHOW_EXAMPLES)]
    Show(OneOptions),
    /// Enables a hook that failures paused or disabled
    #[command(after_help = ENABLE_EXAMPLES)]
    Enable(OneOptions),
    /// Sends a made-up event now and says what the receiver answered
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestOptions),
    /// Sends once more what one attempt sent
    #[command(after_help = RESEND_EXAMPLES)]
    Resend(ResendOptions),
    /// Sends many deliveries again, after a count
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayOptions),
    /// Recreates the hooks of a GitLab here
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportOptions),
}

/// Which hooks to list.
#[derive(Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Only those that are paused, half open or disabled
    #[arg(long)]
    pub(crate) failing: bool,
}

/// One hook.
#[derive(Args)]
pub(crate) struct OneOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The hook's number
    pub(crate) hook: i64,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// What of a hook's log to show.
#[derive(Args)]
pub(crate) struct LogOptions {
    #[command(flatten)]
    pub(crate) one: OneOptions,
    /// `successful`, `client_failure`, `server_failure` or a status code
    #[arg(long, value_name = "CLASS|CODE", value_parser = status)]
    pub(crate) status: Option<String>,
    /// Of events of this type, such as push
    #[arg(long, value_name = "TYPE")]
    pub(crate) event_type: Option<String>,
    /// Sent at or after this
    #[arg(long, value_name = "TIME|AGO")]
    pub(crate) since: Option<String>,
    /// Sent before this
    #[arg(long, value_name = "TIME|AGO")]
    pub(crate) until: Option<String>,
    /// Most attempts to list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Shows this attempt whole: request and answer
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["status", "event_type", "since", "until"])]
    pub(crate) attempt: Option<i64>,
}

/// Which deliveries are meant.
#[derive(Args)]
pub(crate) struct Which {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Of this hook alone; needed with --group and --system
    #[arg(long, value_name = "NUMBER", required_unless_present = "project")]
    pub(crate) hook: Option<i64>,
    /// Of events of this type
    #[arg(long, value_name = "TYPE")]
    pub(crate) event_type: Option<String>,
    /// Of events accepted at or after this
    #[arg(long, value_name = "TIME|AGO")]
    pub(crate) since: Option<String>,
    /// Of events accepted before this
    #[arg(long, value_name = "TIME|AGO")]
    pub(crate) until: Option<String>,
}

/// Which deliveries to list.
#[derive(Args)]
pub(crate) struct DeliveriesOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Of this event
    #[arg(long, value_name = "NUMBER")]
    pub(crate) event: Option<i64>,
    /// That stand so
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<StateWord>,
    /// Most deliveries to list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// How a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum StateWord {
    /// It goes out as soon as its turn comes
    Pending,
    /// It failed and is tried again
    Retrying,
    /// Its hook is paused, or must go in order
    Held,
    /// It arrived
    Delivered,
    /// Its retries were used up
    GivenUp,
    /// It was never to be sent: its hook was off, or paused and drops
    Skipped,
    /// It waited too long, or too much waited
    Expired,
    /// Its hook was deleted
    Cancelled,
}

/// What to test.
#[derive(Args)]
pub(crate) struct TestOptions {
    #[command(flatten)]
    pub(crate) one: OneOptions,
    /// A trigger such as push_events, or an event type that the hook wants [default: the first trigger that is on]
    #[arg(long, value_name = "NAME")]
    pub(crate) trigger: Option<String>,
}

/// What to send again.
#[derive(Args)]
pub(crate) struct ResendOptions {
    #[command(flatten)]
    pub(crate) one: OneOptions,
    /// The attempt's number
    pub(crate) attempt: i64,
}

/// How a delivery ended that can be sent again.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EndedWord {
    /// Its retries were used up
    GivenUp,
    /// Its hook was off, or paused and drops
    Skipped,
    /// It waited too long, or too much waited
    Expired,
    /// It arrived
    Delivered,
    /// It came of the hook's own requests, or of too long a chain
    Recursion,
}

/// Which deliveries to send again.
#[derive(Args)]
pub(crate) struct ReplayOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// That ended so; repeat for several [default: given_up, skipped and expired]
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',')]
    pub(crate) states: Vec<EndedWord>,
    /// Goes on without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Only says how many
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// Where hooks come from and where they go.
#[derive(Args)]
pub(crate) struct ImportOptions {
    /// A GitLab, or another server with its hooks API
    #[arg(long, value_name = "URL")]
    pub(crate) from_gitlab: String,
    /// The token for where the hooks come from; other users may see what is typed, so rather set the variable
    #[arg(long, env = "WIGWAG_IMPORT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// A file with that token; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub(crate) token_file: Option<PathBuf>,
    /// A project there, by number or full path; repeat for several
    #[arg(long = "project", value_name = "PROJECT")]
    pub(crate) projects: Vec<String>,
    /// A group there, by number or full path; repeat for several
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// The system hooks there
    #[arg(long)]
    pub(crate) system: bool,
    /// The full path here, if it is another one; for one project or one group
    #[arg(long, value_name = "PATH")]
    pub(crate) into: Option<String>,
    /// Makes every hook switched off, to be switched on when its secrets are given
    #[arg(long)]
    pub(crate) off: bool,
    /// Only says what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The server that they go to
    #[arg(long, env = "WIGWAG_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub(crate) url: String,
    /// The API token of the server that they go to
    #[arg(long, env = "WIGWAG_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) wigwag_token: Option<String>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the server takes as an answer's class or code.
fn status(typed: &str) -> Result<String, String> {
    let is_code = typed.len() == 3 && typed.bytes().all(|digit| digit.is_ascii_digit());
    if is_code || ["successful", "client_failure", "server_failure"].contains(&typed) {
        return Ok(typed.to_owned());
    }
    Err("write successful, client_failure, server_failure or a code such as 404".to_owned())
}
