//! What the engine asks of the outside: small traits by intent, and their errors. Adapters implement them.
//!
//! A store method is one intent and one transaction; only the stores know SQL. All times are passed in.

pub mod callouts;
pub mod clock;
pub mod credentials;
pub mod definitions;
pub mod deliveries;
pub mod egress;
pub mod flags;
pub mod hooks;
pub mod intake;
pub mod log;
pub mod maintenance;
pub mod overrides;
pub mod registry;
mod store;

pub use clock::{Clock, Entropy};
pub use definitions::DefinitionSource;
pub use egress::Egress;
pub use overrides::OverrideFile;
pub use store::{Store, StoreError};
