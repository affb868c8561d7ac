//! The chat grammar: one specification per command gives parser, help, completion and the reference page.
//!
//! Chat, terminal and web page speak it alike. [`parse()`] is a pure function from a line to a [`Command`] or a
//! [`ParseError`] that points at the place; what comes back to the author is a [`Reply`]. Whether a command may
//! run, and what it does, is not known here. A new command is a file in `commands/` and a line in its list.
//!
//! ```
//! use wigwag_chat::{Command, Environment, parse};
//!
//! let environments = [Environment { name: "production", is_production: true }];
//! let command = parse("/chatops run feature set my_flag true --project=a/b", &environments).unwrap();
//! assert!(matches!(command, Command::FeatureSet(set) if set.name == "my_flag"));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod checks;
mod command;
mod commands;
mod complete;
mod dashes;
mod environments;
mod error;
mod help;
mod lex;
pub mod limits;
mod lookalike;
mod names;
mod nearest;
mod parse;
mod parsed;
mod print;
mod reference;
mod references;
pub mod render;
mod reply;
mod spec;
mod text;

pub use command::{
    Audiences, AutoDeployStatus, Command, FeatureDelete, FeatureGet, FeatureList, FeatureSet, HooksFailing,
    IgnoredCheck, Link, ReleaseCheck, Rollout, RolloutVerb, ShareOf, Target, TargetKind, Value,
};
pub use complete::{Completion, Names, complete, complete_words};
pub use environments::{Environment, check_environment};
pub use error::ParseError;
pub use help::help;
pub use nearest::nearest;
pub use parse::parse;
pub use reference::reference_page;
pub use references::{MergeRequestUrl, Version};
pub use reply::{Block, Button, ButtonStyle, Reply};
