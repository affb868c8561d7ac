//! The embedded store: one SQLite file, one writer that commits in groups, readers beside it.
//!
//! ```text
//!   callers --> lanes --> writer --COMMIT, fsync--> answers        file, write-ahead log
//!      |                     +--> checkpointer (copies the log into the file)
//!      +------> readers (each read in one transaction)
//! ```

mod audit_chain;
mod codec;
mod connection;
mod error;
#[cfg(feature = "planted-faults")]
mod faults;
pub mod limits;
mod meta;
mod migrate;
mod open;
mod ports;
mod readers;
mod rotate;
mod seal;
mod settled;
mod store;
mod writer;

pub use open::{OpenError, Options};
pub use seal::DataKey;
pub use store::SqliteStore;
