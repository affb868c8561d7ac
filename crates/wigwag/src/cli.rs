//! What can be typed. Every option of `serve` can also be set in the environment or in `wigwag.toml`.

use crate::verbs::flags::options::FlagsVerb;
use crate::verbs::hooks::options::HooksVerb;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Delivers a platform's web-hooks, tells the right people when one fails, and rolls features out behind flags.
#[derive(Parser)]
#[command(name = "wigwag", version, max_term_width = 100)]
#[command(
    after_help = "Examples:\n  wigwag demo\n  wigwag serve --listen 127.0.0.1:8080 --data ./wigwag-data\n  wigwag \
                        chatops run feature set webhooks_failed_callout true --dev --staging"
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What an operator copies.
const SERVE_EXAMPLES: &str = "Examples:
  wigwag serve
  wigwag serve --listen 0.0.0.0:8080 --data /var/lib/wigwag --external-url https://wigwag.example
  wigwag serve --allow-network 10.0.0.0/8 --embed-origin https://platform.example

WIGWAG_DATA_KEY (64 hexadecimal digits) is the data key itself, in the place of a file.
WIGWAG_ROOT_TOKEN (32 characters or more) sets the token of user root; else one is made at the first start and
printed once. WIGWAG_LOG says more than warnings: info, debug.";

/// What whoever signs in or automates copies.
const LOGIN_EXAMPLE: &str = "Example:\n  WIGWAG_TOKEN=... wigwag token login root";
const CREATE_EXAMPLE: &str = "Examples:
  wigwag token create ann --name ci --scope read_api,events:write
  wigwag token create ann --name kill-switch --scope flags:off --environment production";
const EMBED_KEY_EXAMPLE: &str = "Example:\n  wigwag token embed-key --json > embed-key.json";

/// What a platform's engineer copies.
const PUBLISH_EXAMPLES: &str = "Examples:
  wigwag events publish acme/rockets push '{\"ref\":\"main\"}'
  wigwag events publish acme/rockets push - --idempotency-key build-17 < event.json";

/// The verbs.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Runs the server.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeOptions),
    /// Shows in a browser, within a minute and on a real database, what Wigwag is for.
    #[command(after_help = "Examples:\n  wigwag demo\n  wigwag demo --reset --listen 127.0.0.1:9000")]
    Demo(DemoOptions),
    /// The demo's receiver, in a process of its own.
    #[command(hide = true)]
    DemoReceiver(ReceiverOptions),
    /// Runs a chat command from the terminal.
    #[command(subcommand)]
    Chatops(ChatopsVerb),
    /// Links chats, gives roles, shows what waits to be said.
    #[command(subcommand)]
    Chat(ChatVerb),
    /// Shows what runs where, and reports deployments.
    #[command(after_help = DEPLOYMENTS_EXAMPLES)]
    Deployments(DeploymentsOptions),
    /// Prints a script that completes commands in a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// Which shell
        #[arg(value_parser = ["bash", "zsh", "fish"])]
        shell: String,
    },
    /// Makes login links, tokens and embed keys.
    #[command(subcommand)]
    Token(TokenVerb),
    /// Publishes events.
    #[command(subcommand)]
    Events(EventsVerb),
    /// Lists hooks, shows what was sent, sends it again, and moves hooks here.
    #[command(subcommand)]
    Hooks(HooksVerb),
    /// Lists, changes and looks after feature flags.
    #[command(subcommand)]
    Flags(FlagsVerb),
    /// Looks after the audit log.
    #[command(subcommand)]
    Audit(AuditVerb),
    /// Gives the database another key.
    #[command(subcommand)]
    DataKey(DataKeyVerb),
}

/// What the operator of a server sets.
#[derive(Args, Clone, Default)]
pub(crate) struct ServeOptions {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "WIGWAG_LISTEN", value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// Folder for the database and the data key [default: ./wigwag-data]
    #[arg(long, env = "WIGWAG_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// The file with the data key, made at the first start [default: data.key in the data folder]
    #[arg(long, env = "WIGWAG_DATA_KEY_FILE", value_name = "FILE")]
    pub(crate) data_key_file: Option<PathBuf>,
    /// The data key itself
    #[arg(long, env = "WIGWAG_DATA_KEY", hide_env_values = true, hide = true)]
    pub(crate) data_key: Option<String>,
    /// Opens a private network to hooks, such as 10.0.0.0/8 or 127.0.0.1:9000; repeat for several
    #[arg(long, env = "WIGWAG_ALLOW_NETWORK", value_name = "CIDR[:PORT]", value_delimiter = ',')]
    pub(crate) allow_network: Vec<String>,
    /// Where people reach this server [default: http:// and the listen address]
    #[arg(long, env = "WIGWAG_EXTERNAL_URL", value_name = "URL")]
    pub(crate) external_url: Option<String>,
    /// The environment that this server is itself [default: production]
    #[arg(long, env = "WIGWAG_ENVIRONMENT", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Folder of flag definitions, read again when a file changes
    #[arg(long, env = "WIGWAG_FLAGS", value_name = "FOLDER")]
    pub(crate) flags: Option<PathBuf>,
    /// Origin whose pages show the banner, such as https://platform.example; repeat for several
    #[arg(long, env = "WIGWAG_EMBED_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub(crate) embed_origin: Vec<String>,
    /// Name server to ask instead of the system's; repeat for several
    #[arg(long, env = "WIGWAG_NAME_SERVER", value_name = "ADDRESS:PORT", value_delimiter = ',')]
    pub(crate) name_server: Vec<String>,
    /// Most deliveries a minute of all hooks under one root namespace; what is more waits [default: no limit]
    #[arg(long, env = "WIGWAG_NAMESPACE_RATE_PER_MINUTE", value_name = "N")]
    pub(crate) namespace_rate_per_minute: Option<String>,
    /// The configuration file [default: wigwag.toml, if there is one]
    #[arg(long, env = "WIGWAG_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The token of the user root; else one is made at the first start and printed once
    #[arg(long, env = "WIGWAG_ROOT_TOKEN", hide_env_values = true, hide = true)]
    pub(crate) root_token: Option<String>,
}

/// How the demo runs.
#[derive(Args)]
pub(crate) struct DemoOptions {
    /// Address and port of the Wigwag server; the make-believe platform takes the next port
    #[arg(long, env = "WIGWAG_DEMO_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub(crate) listen: String,
    /// Folder for the demo's data
    #[arg(long, default_value = "./wigwag-demo", value_name = "FOLDER")]
    pub(crate) data: PathBuf,
    /// Empties the data folder first
    #[arg(long)]
    pub(crate) reset: bool,
}

/// How the demo's receiver runs.
#[derive(Args)]
pub(crate) struct ReceiverOptions {
    /// Port on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// File that keeps what arrived, one line a request
    #[arg(long)]
    pub(crate) ledger: PathBuf,
}

/// Where the client verbs go.
#[derive(Args, Clone)]
pub(crate) struct Server {
    /// The server
    #[arg(long, env = "WIGWAG_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub(crate) url: String,
    /// An API token
    #[arg(long, env = "WIGWAG_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Chat commands.
#[derive(Subcommand)]
pub(crate) enum ChatopsVerb {
    /// Runs one command, as `/chatops run` does in chat
    #[command(
        after_help = "Examples:\n  wigwag chatops run feature get webhooks_failed_callout\n  wigwag chatops run feature set \
                      webhooks_failed_callout true --project=acme/rockets\n  wigwag chatops run help"
    )]
    Run {
        #[command(flatten)]
        server: Server,
        /// The command and its options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        words: Vec<String>,
    },
    /// What could stand in place of the last word, one a line: for a shell's completion
    #[command(hide = true)]
    Complete {
        #[command(flatten)]
        server: Server,
        /// The words so far, the last of them being written
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

/// Credentials.
#[derive(Subcommand)]
pub(crate) enum TokenVerb {
    /// Makes a one-time link that signs a user in
    #[command(after_help = LOGIN_EXAMPLE)]
    Login {
        #[command(flatten)]
        server: Server,
        /// The username
        user: String,
    },
    /// Makes an API token for a user
    #[command(after_help = CREATE_EXAMPLE)]
    Create {
        #[command(flatten)]
        server: Server,
        /// The username
        user: String,
        /// What to call it
        #[arg(long, default_value = "cli")]
        name: String,
        /// A scope, such as api or events:write; repeat for several
        #[arg(long = "scope", default_values_t = ["api".to_owned()], value_delimiter = ',')]
        scopes: Vec<String>,
        /// Binds it to the flags of an environment, such as production; repeat for several
        #[arg(long = "environment", value_name = "NAME", value_delimiter = ',')]
        environments: Vec<String>,
    },
    /// Makes a key with which a platform signs embed tokens; the private half is printed once
    #[command(after_help = EMBED_KEY_EXAMPLE)]
    EmbedKey {
        #[command(flatten)]
        server: Server,
    },
}

/// Events.
#[derive(Subcommand)]
pub(crate) enum EventsVerb {
    /// Publishes one event
    #[command(after_help = PUBLISH_EXAMPLES)]
    Publish {
        #[command(flatten)]
        server: Server,
        /// The project, by id or full path
        project: String,
        /// The event's type
        event_type: String,
        /// The payload, JSON; `-` reads standard input
        payload: String,
        /// Makes a repetition harmless
        #[arg(long)]
        idempotency_key: Option<String>,
    },
}

/// What whoever looks after deployments copies.
const DEPLOYMENTS_EXAMPLES: &str = "Examples:
  wigwag deployments
  wigwag deployments report --environment staging --sha $(git rev-parse HEAD) --ref main";
const REPORT_EXAMPLES: &str = "Examples:
  wigwag deployments report --environment staging --sha $(git rev-parse HEAD) --ref main
  wigwag deployments report --environment production --sha $CI_COMMIT_SHA --ref $CI_COMMIT_REF_NAME --status running";

/// What whoever types much copies.
const COMPLETIONS_EXAMPLES: &str = "Examples:
  source <(wigwag completions bash)      (in ~/.bashrc)
  source <(wigwag completions zsh)       (in ~/.zshrc, behind compinit)
  wigwag completions fish > ~/.config/fish/completions/wigwag.fish

The words of `wigwag chatops run ...` are completed too; names of flags and projects come from the server that WIGWAG_URL
names, if WIGWAG_TOKEN is set and it answers within 0.3 s.";

/// Chats.
#[derive(Subcommand)]
pub(crate) enum ChatVerb {
    /// Makes a one-time code by which you prove in a chat who you are
    #[command(after_help = "Example:\n  wigwag chat link\n  (and in the chat) /chatops run link CODE")]
    Link {
        #[command(flatten)]
        server: Server,
    },
    /// Lists your links, or everybody's
    #[command(after_help = "Examples:\n  wigwag chat links\n  wigwag chat links --all --json")]
    Links {
        #[command(flatten)]
        server: Server,
        /// Those of all users, for those who may give roles
        #[arg(long)]
        all: bool,
    },
    /// Ends a link
    #[command(after_help = "Example:\n  wigwag chat unlink slack T0123 U0456")]
    Unlink {
        #[command(flatten)]
        server: Server,
        /// `slack` or `mattermost`
        platform: String,
        /// The workspace's or team's id
        team: String,
        /// The user's id there
        id: String,
    },
    /// Lists users with another role than viewer
    #[command(after_help = "Example:\n  wigwag chat roles")]
    Roles {
        #[command(flatten)]
        server: Server,
    },
    /// Gives a user a role in commands
    #[command(
        after_help = "viewer     reads\ndeveloper  changes flags where no users are, and turns off anywhere\nrelease    changes \
                      flags in production\nadmin      gives roles\n\nExample:\n  wigwag chat role mara release"
    )]
    Role {
        #[command(flatten)]
        server: Server,
        /// The username
        user: String,
        /// `viewer`, `developer`, `release` or `admin`
        role: String,
    },
    /// Shows what waits to be said in channels, in charts and to hooks, and what was given up
    #[command(after_help = "Example:\n  wigwag chat outbox")]
    Outbox {
        #[command(flatten)]
        server: Server,
    },
}

/// Deployments.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DeploymentsOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(subcommand)]
    pub(crate) verb: Option<DeploymentsVerb>,
}

/// What is done with deployments.
#[derive(Subcommand)]
pub(crate) enum DeploymentsVerb {
    /// Reports one, as a pipeline does
    #[command(after_help = REPORT_EXAMPLES)]
    Report {
        #[command(flatten)]
        server: Server,
        /// The environment
        #[arg(long, value_name = "NAME")]
        environment: String,
        /// The full id of the commit
        #[arg(long)]
        sha: String,
        /// The branch or tag that it came by
        #[arg(long = "ref", value_name = "REF")]
        reference: String,
        /// `created`, `running`, `success`, `failed` or `canceled`
        #[arg(long, default_value = "success")]
        status: String,
        /// The ref is a tag
        #[arg(long)]
        tag: bool,
    },
}

/// What whoever must stop a feature copies.
pub(crate) const OVERRIDE_EXAMPLES: &str = "Examples:
  wigwag flags override new_checkout --reason 'errors rise'
  wigwag flags override new_checkout --lift
  wigwag flags override new_checkout --data /var/lib/wigwag    (server stopped, or login gone)
  wigwag flags override --list

An override switches off on the node that is asked, whatever is stored, and survives restarts. The database and the
audit log are told as soon as they answer; then the flag is stored off.";

/// What an override is about.
#[derive(Args)]
pub(crate) struct OverrideOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The flag
    #[arg(required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// The environment [default: the server's own]
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Ends the override: what is stored decides again
    #[arg(long, conflicts_with_all = ["list", "reason"])]
    pub(crate) lift: bool,
    /// Lists what is switched off
    #[arg(long)]
    pub(crate) list: bool,
    /// Changes the file in this data folder instead of asking the server: it works with the server stopped, and a running
    /// one takes it up at once
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

/// What can be done about the data key.
#[derive(Subcommand)]
pub(crate) enum DataKeyVerb {
    /// Seals every secret in a stopped server's database under a new key, all of them or none
    #[command(after_help = "Examples:
  wigwag data-key rotate --data /var/lib/wigwag
  WIGWAG_DATA_KEY=$OLD WIGWAG_NEW_DATA_KEY=$NEW wigwag data-key rotate --data /var/lib/wigwag

Without WIGWAG_NEW_DATA_KEY a key is made. A rotation that was cut off is ended by the next one, or by the next start.
API tokens, sessions and embed keys stay valid.")]
    Rotate {
        /// Where the data is.
        #[command(flatten)]
        options: DataOptions,
        /// The new key.
        #[arg(long, env = "WIGWAG_NEW_DATA_KEY", hide_env_values = true, hide = true)]
        new_key: Option<String>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
}

/// Where a stopped server's data is.
#[derive(Args)]
pub(crate) struct DataOptions {
    /// Folder with the database [default: ./wigwag-data]
    #[arg(long, env = "WIGWAG_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// The file with the data key [default: data.key in the data folder]
    #[arg(long, env = "WIGWAG_DATA_KEY_FILE", value_name = "FILE")]
    pub(crate) data_key_file: Option<PathBuf>,
    /// The data key itself
    #[arg(long, env = "WIGWAG_DATA_KEY", hide_env_values = true, hide = true)]
    pub(crate) data_key: Option<String>,
    /// The configuration file [default: wigwag.toml, if there is one]
    #[arg(long, env = "WIGWAG_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The audit log.
#[derive(Subcommand)]
pub(crate) enum AuditVerb {
    /// Shows that no row was changed, put in or taken out
    #[command(
        after_help = "Examples:\n  wigwag audit verify\n  wigwag audit verify --head 6f1c...\n\nKeep the head that it prints \
                      elsewhere: a log that was cut off at its end is noticed by that alone."
    )]
    Verify {
        #[command(flatten)]
        server: Server,
        /// A head that an earlier run printed, to be found again
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
    },
}
