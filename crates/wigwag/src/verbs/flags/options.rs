//! What can be typed behind `wigwag flags`.

use crate::cli::{OverrideOptions, Server};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const LIST_EXAMPLES: &str = "Examples:
  wigwag flags list
  wigwag flags list --environment staging --state conditional
  wigwag flags list --match webhook --json";

const GET_EXAMPLES: &str = "Examples:
  wigwag flags get webhooks_failed_callout
  wigwag flags get webhooks_failed_callout --dev --staging";

const SET_EXAMPLES: &str = "Examples:
  wigwag flags set webhooks_failed_callout true --staging
  wigwag flags set webhooks_failed_callout true --project=acme/rockets --reason='asked for it'
  wigwag flags set webhooks_failed_callout 25 --actors
  wigwag flags set webhooks_failed_callout false --dry-run

The options are those of `feature set` in chat, with the same checks; `wigwag chatops run help feature set` lists them.";

const DELETE_EXAMPLES: &str = "Examples:
  wigwag flags delete webhooks_failed_callout --staging
  wigwag flags delete webhooks_failed_callout --dry-run";

const EXPLAIN_EXAMPLES: &str = "Examples:
  wigwag flags explain webhooks_failed_callout --actor Project:1
  wigwag flags explain webhooks_failed_callout --actor Project:1 --actor User:5 --environment staging";

const LINT_EXAMPLES: &str = "Examples:
  wigwag flags lint feature_flags
  wigwag flags lint . --json        (a code base: every folder called feature_flags)

Each finding is FILE:LINE: FIELD and the rule it breaks. The exit code is 1 if there is any.";

const STALE_EXAMPLES: &str = "Examples:
  wigwag flags stale feature_flags
  wigwag flags stale feature_flags --milestone 17.5 --json

Life in milestones: derisk 2, wip 4, beta 6, experiment 6, ops reviewed at 12; worker and development live as long as
they are wanted.";

const REFS_EXAMPLES: &str = "Examples:
  wigwag flags refs webhooks_failed_callout
  wigwag flags refs webhooks_failed_callout --in app --in spec --json

Files that version control ignores are left out. The name is found as a whole word, with hyphens for underscores too.";

const RELEASE_EXAMPLES: &str = "Examples:
  wigwag flags release webhooks_failed_callout --flags feature_flags --changelog CHANGELOG.md
  wigwag flags release webhooks_failed_callout --flags feature_flags --patch > release.patch

Asks the server first in which environments something else is stored than what the code will say: somebody may have
switched it off on purpose.";

const CLEANUP_EXAMPLES: &str = "Examples:
  wigwag flags cleanup webhooks_failed_callout --flags feature_flags --in .
  wigwag flags cleanup webhooks_failed_callout --flags feature_flags --in . --changelog CHANGELOG.md --yes
  wigwag flags cleanup risky_query --flags feature_flags --in . --keep on --yes
  wigwag flags cleanup webhooks_failed_callout --flags feature_flags --in . --patch > cleanup.patch

Lists what is left to remove. With --yes it deletes the stored state in every environment and, once no code refers to
the flag any more, the definition too. While anything could not be searched, all of it stays. --keep says which branch
stays in the code: a flag that is on everywhere but off by default leaves `on`.";

const IMPORT_EXAMPLES: &str = "Examples:
  wigwag flags import --from-gitlab https://gitlab.example --token glpat-... --dry-run
  wigwag flags import --from-flipper https://app.example/flipper/api --environment staging
  wigwag flags import --from-flipper flipper-export.json --replace

WIGWAG_URL and WIGWAG_TOKEN say where the flags go; --token is for where they come from. Every gate is taken over as it
is, so everybody keeps what they have. A flag with a gate that cannot be taken over is left out whole, and the exit code
is 1.";

/// Feature flags.
#[derive(Subcommand)]
pub(crate) enum FlagsVerb {
    /// Lists flags with their state
    #[command(after_help = LIST_EXAMPLES)]
    List(ListOptions),
    /// Shows a flag's state, gates and definition
    #[command(after_help = GET_EXAMPLES)]
    Get(CommandOptions),
    /// Sets a flag
    #[command(after_help = SET_EXAMPLES)]
    Set(CommandOptions),
    /// Forgets what is stored of a flag: back to its default
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(CommandOptions),
    /// Says what a flag decides for somebody, and why
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainOptions),
    /// Switches a flag off on this node at once, with or without a database
    #[command(after_help = crate::cli::OVERRIDE_EXAMPLES)]
    Override(OverrideOptions),
    /// Checks a folder of definitions
    #[command(after_help = LINT_EXAMPLES)]
    Lint(LintOptions),
    /// Lists flags that have outlived their type, with whom to ask
    #[command(after_help = STALE_EXAMPLES)]
    Stale(StaleOptions),
    /// Finds where a code base refers to a flag
    #[command(after_help = REFS_EXAMPLES)]
    Refs(RefsOptions),
    /// Makes a flag on by default in its definition and writes the changelog entry
    #[command(after_help = RELEASE_EXAMPLES)]
    Release(ReleaseOptions),
    /// Lists what a released flag leaves to remove, and removes what is stored of it
    #[command(after_help = CLEANUP_EXAMPLES)]
    Cleanup(CleanupOptions),
    /// Takes over what GitLab or Flipper has stored
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportOptions),
}

/// Which flags to list.
#[derive(Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The environment [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Only names that hold this
    #[arg(long = "match", value_name = "TEXT")]
    pub(crate) matching: Option<String>,
    /// Only flags in this state, in the environment or in any
    #[arg(long)]
    pub(crate) state: Option<StateWord>,
}

/// A flag's state in one word.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateWord {
    /// For everyone
    On,
    /// For some
    Conditional,
    /// For nobody
    Off,
}

/// A chat command's words behind its name.
#[derive(Args)]
pub(crate) struct CommandOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The flag, then what belongs to the command
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "NAME")]
    pub(crate) words: Vec<String>,
}

/// For whom to explain.
#[derive(Args)]
pub(crate) struct ExplainOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The flag
    pub(crate) name: String,
    /// Whom to ask for, such as Project:1; repeat for several together
    #[arg(long = "actor", value_name = "TYPE:ID")]
    pub(crate) actors: Vec<String>,
    /// The environment [default: the server's own]
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
}

/// What to check.
#[derive(Args)]
pub(crate) struct LintOptions {
    /// The folder, or a code base with folders called feature_flags
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to count the ages of.
#[derive(Args)]
pub(crate) struct StaleOptions {
    /// The folder of definitions
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The milestone now [default: the newest in the folder]
    #[arg(long, value_name = "X.Y")]
    pub(crate) milestone: Option<String>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to look for, and where.
#[derive(Args)]
pub(crate) struct RefsOptions {
    /// The flag
    pub(crate) name: String,
    /// A file or folder to look in; repeat for several
    #[arg(long = "in", value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What both ends of a flag's life need.
#[derive(Args)]
pub(crate) struct EndOptions {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The flag
    pub(crate) name: String,
    /// The folder of definitions
    #[arg(long = "flags", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The changelog to write the entry into; else a trailer for the commit message is printed
    #[arg(long, value_name = "FILE")]
    pub(crate) changelog: Option<PathBuf>,
    /// Goes on although something else is stored somewhere, or nobody can be asked
    #[arg(long)]
    pub(crate) accept_change: bool,
    /// Prints a patch instead of changing anything
    #[arg(long)]
    pub(crate) patch: bool,
}

/// What to release.
#[derive(Args)]
pub(crate) struct ReleaseOptions {
    #[command(flatten)]
    pub(crate) end: EndOptions,
    /// Only says what would happen
    #[arg(long, conflicts_with = "patch")]
    pub(crate) dry_run: bool,
}

/// What to clean up.
#[derive(Args)]
pub(crate) struct CleanupOptions {
    #[command(flatten)]
    pub(crate) end: EndOptions,
    /// A file or folder to look in for what refers to the flag; repeat for several
    #[arg(long = "in", value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The branch that stays in the code; needed where something else is stored than the default [default: the default]
    #[arg(long, value_name = "BRANCH")]
    pub(crate) keep: Option<Branch>,
    /// Deletes what is stored and, if no code refers to it, the definition; else it is only listed
    #[arg(long, conflicts_with = "patch")]
    pub(crate) yes: bool,
}

/// The side of a flag's condition that stays.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Branch {
    /// Everyone has the feature
    On,
    /// Nobody has it
    Off,
}

/// Where flags come from and where they go.
#[derive(Args)]
pub(crate) struct ImportOptions {
    /// A GitLab, or another server with its features API
    #[arg(
        long,
        value_name = "URL",
        conflicts_with = "from_flipper",
        required_unless_present = "from_flipper"
    )]
    pub(crate) from_gitlab: Option<String>,
    /// Flipper's HTTP API, or a file with its JSON export
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) from_flipper: Option<String>,
    /// The token for where the flags come from
    #[arg(long, env = "WIGWAG_IMPORT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// The environment that they go to [default: the token's or the server's own]
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Takes over flags of which something else is stored here
    #[arg(long)]
    pub(crate) replace: bool,
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
