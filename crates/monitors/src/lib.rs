//! What is asked before something is turned on in production, and where changes are drawn into charts.
//!
//! | source | asks | blocks |
//! |---|---|---|
//! | Prometheus | an instant query | each sample that satisfies a comparison: a red service, a canary that is drained |
//! | Alertmanager | firing alerts with a label | each of them |
//! | GitLab, GitHub | open issues with labels | each of them: incidents, changes in progress |
//!
//! ```text
//! SourceConfig -> build (refuses wrong settings) -> Source -> look
//! look: Ask::ask within one deadline -> Place (one client for one server) -> JSON -> judgement
//!                                        \-> Trouble: no answer, or none that can be understood
//! ```
//! A source is clear only by an answer that was understood as a whole. Whatever else happens is a trouble and makes the
//! source silent, with a sentence that says what it is and what to do. What surely blocks goes before what cannot be
//! told, and that goes before clear.
//!
//! [`Grafana`] draws annotations. Answers are strangers' words: their size is bounded, and texts are made fit for one
//! line before anybody sees them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alertmanager;
mod config;
mod grafana;
pub mod limits;
mod listed;
mod place;
mod prometheus;
mod source;
mod text;
mod tracker;
mod trouble;

pub use config::{GrafanaConfig, SourceConfig, SourceKind, Tracker};
pub use grafana::Grafana;
pub use source::build;
