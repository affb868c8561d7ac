//! What the engine asks of the outside: small traits by intent, and their errors. Adapters implement them.
//!
//! A store method is one intent and one transaction; only the stores know SQL. All times are passed in.

pub mod callout_outcomes;
pub mod callouts;
pub mod chat_platform;
pub mod chat_users;
pub mod clock;
pub mod credentials;
pub mod definitions;
pub mod deliveries;
pub mod deployments;
pub mod egress;
pub mod flags;
pub mod hooks;
pub mod intake;
pub mod log;
pub mod mail;
pub mod maintenance;
pub mod monitors;
pub mod notices;
pub mod outbox;
pub mod overrides;
pub mod registry;
pub mod repository;
pub mod rollout_log;
mod store;

pub use chat_platform::ChatPlatform;
pub use clock::{Clock, Entropy};
pub use definitions::DefinitionSource;
pub use egress::Egress;
pub use mail::Mailer;
pub use monitors::{Annotations, ProductionCheck};
pub use overrides::OverrideFile;
pub use repository::Repository;
pub use store::{Store, StoreError};
