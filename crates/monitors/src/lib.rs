//! What is asked before something is turned on in production (Prometheus, Alertmanager, a tracker's label), and where
//! changes are drawn into charts (Grafana).
//!
//! Each source tells apart what stands in the way from what cannot be told: one that is down, empty, stale, unauthorised or
//! answers nonsense is silent, with a sentence that says which and what to do. What becomes of a change then is the
//! operator's to say; turning off never asks.

mod alertmanager;
mod ask;
mod compare;
mod config;
mod grafana;
pub mod limits;
mod prometheus;
mod tracker;

pub use config::{SourceConfig, SourceKind, Tracker, build};
pub use grafana::{Grafana, GrafanaConfig};
