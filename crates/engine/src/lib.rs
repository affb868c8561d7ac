//! Use cases and background loops. The engine knows the ports, never an adapter; it reads no clock and no dice of
//! its own. One file per job.
//!
//! An event's way: [`intake`] appends it and hands it on in memory; [`dispatch`] fans it out into one lane per hook
//! and decides what goes out when; [`deliver`] sends one request; [`recorder`] writes results in groups; [`watch`]
//! keeps the failing-hook index; [`recover`] takes up after a restart what was unsettled.

mod accounts;
mod authenticate;
pub mod callouts;
pub mod chat;
pub mod command;
mod completed;
pub mod deliver;
pub mod deployments;
pub mod dispatch;
mod embed;
mod emergency;
mod engine;
mod error;
mod exact;
#[cfg(feature = "planted-faults")]
mod faults;
pub mod flags;
pub mod history;
pub mod hook_admin;
pub mod hooks_health;
mod inspect;
pub mod intake;
pub mod limits;
mod log;
mod notices;
mod rates;
pub mod recorder;
pub mod recover;
mod replay;
mod rights;
mod room;
mod session_cookie;
mod settings;
mod sign_in;
mod story;
mod sweep;
mod tokens;
pub mod watch;
mod why;

pub use accounts::{GroupInput, Member, MemberReach, PlacedProject, ProjectInput, RootToken, UserInput};
pub use authenticate::Credential;
pub use embed::{EmbedClaims, NewEmbedKey, NewEmbedToken};
pub use engine::{Engine, Outside, Parts};
pub use error::EngineError;
pub use log::{AttemptQuery, DeliveryQuery, FailingSummary, Overview};
pub use notices::{NoticePreferences, NoticeWish};
pub use replay::{ReplayMode, ReplayQuery, Replayed};
pub use rights::allow;
pub use settings::{
    ActorGroup, ChatSettings, Environment, EnvironmentKind, GroupMembers, InFlightMax, LargeSteps,
    NoticeSettings, Redirects, Remote, Settings, Source,
};
pub use sign_in::{NewLoginLink, NewSession};
pub use story::{EventStory, Fate, HookStory};
pub use tokens::{NewToken, TokenInput};
pub use why::{Explained, Why};
