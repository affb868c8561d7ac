//! The platform's repository, as a bare mirror in the data folder that `git` keeps fresh and answers from.
//!
//! ```text
//! source (path or URL) -- fetch, every minute --> mirror -- git, read-only --> answers
//!                                                    `----- export on a new head --> folder of flag definitions
//! ```
//!
//! git itself is called (docs/adr/0017): it is the one implementation of its transports, of credentials and of partial
//! clones that everybody's servers speak to. It is called without a shell, without anybody's configuration, with hooks off,
//! with a deadline, and with nothing in its arguments that was not checked.

mod ask;
mod config;
mod export;
mod git;
pub mod limits;
mod merge;
mod mirror;
mod picks;
mod tags;

pub use ask::GitRepository;
pub use config::RepositoryConfig;
