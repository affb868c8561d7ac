//! The platform's repository, as a bare mirror in the data folder that `git` keeps fresh and answers from.
//!
//! ```text
//! source (path or URL) -- fetch, every minute --> mirror -- git, without the network --> answers
//!                                                    `----- export of a new tree --> folder of flag definitions
//! ```
//!
//! git itself is called (docs/adr/0017-repository-by-git.md): it is the one implementation of its transports, of
//! credentials and of partial clones that everybody's servers speak to. It is called without a shell, without anybody's
//! configuration, with hooks off, with a deadline, and with nothing in its arguments that was not checked. What it
//! prints are strangers' words: bounded, and made fit for people before anybody sees them.
//!
//! The last good state answers while the source is away; [`GitRepository::open`] keeps trying, ever more rarely.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod commits;
mod config;
mod export;
mod git;
mod keeper;
pub mod limits;
mod merge;
mod messages;
mod mirror;
mod picks;
mod repository;
mod source;
mod tags;
mod text;

pub use config::{OpenError, RepositoryConfig};
pub use repository::GitRepository;
