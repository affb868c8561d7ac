//! Flags for programs that evaluate them by themselves: the whole of one environment, then what changes, then what
//! their evaluations came to.
//!
//! `GET /v1/flags/snapshot` gives a [`Snapshot`]. `GET /v1/flags/stream` is a server-sent event stream: an event
//! `snapshot` with a [`Snapshot`] first (unless `Last-Event-ID` names a version that can be resumed from), then an event
//! `change` with a [`Change`] for each version, each with the version as its id.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Every flag of one environment at one version.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct Snapshot {
    /// The environment.
    pub environment: String,
    /// The version: opaque, and different after every change.
    pub version: String,
    /// Every flag that is defined or stored, by name.
    pub flags: Vec<Flag>,
    /// The members of each named group of actors, as actor ids.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Flags that an operator switched off on the node, whatever is stored.
    #[serde(default)]
    pub overrides: Vec<String>,
}

/// What one version changed. Fields that are missing did not change.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct Change {
    /// The version before; a client at another one asks for a snapshot.
    pub since: String,
    /// The version now.
    pub version: String,
    /// Flags that are new or different, whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Flags that are neither defined nor stored any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// All groups with all their members, if any of them changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<BTreeMap<String, Vec<String>>>,
    /// All flags that are overridden, if that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<String>>,
}

/// What evaluation needs of one flag.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// The answer while nothing is stored.
    #[serde(default)]
    pub default_enabled: bool,
    /// Flags that must be enabled for the same actors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// What is stored, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// The gates that are stored of a flag; without any it is off, and its default does not count.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct State {
    /// On for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boolean: Option<bool>,
    /// On for these, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<String>,
    /// Off for these whatever else is set, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opt_outs: Vec<String>,
    /// On for this share of actors, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage_of_actors: Option<f64>,
    /// On for this share of calls, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage_of_time: Option<f64>,
    /// On for these named groups of actors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// `PUT /v1/flags/:name/state`: stores exactly this, whatever was stored.
#[derive(Deserialize, Serialize, ToSchema, Default, Debug)]
pub struct StateInput {
    /// The environment; the token's or the server's own if missing.
    #[serde(default)]
    pub environment: Option<String>,
    /// What is to be stored; null forgets what is stored.
    #[serde(default)]
    pub state: Option<State>,
    /// Why, for the audit log.
    #[serde(default)]
    pub reason: Option<String>,
    /// Takes a name that is not defined.
    #[serde(default)]
    pub force: bool,
}

/// `POST /v1/flags/exposures`: how often a program was given which answer since its last report.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct Exposures {
    /// The environment; the token's or the server's own if missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The counts; those of unknown flags are left out.
    pub exposures: Vec<Exposure>,
}

/// One count.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Default, Debug)]
pub struct Exposure {
    /// The flag.
    pub flag: String,
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word, such as `boolean`, `actors`, `percentage_of_actors`, `default`.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// `PUT /v1/flags/:name/override`: switches a flag off on the node that is asked, with or without a database.
#[derive(Deserialize, Serialize, ToSchema, Default, Debug)]
pub struct OverrideInput {
    /// The environment; the token's or the server's own if missing.
    #[serde(default)]
    pub environment: Option<String>,
    /// Why, for the audit log.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Where a request is meant.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EnvironmentQuery {
    /// The environment; the token's or the server's own if missing.
    pub environment: Option<String>,
}

/// A flag that is switched off on this node, whatever is stored.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Default, Debug)]
pub struct Override {
    /// The flag.
    pub flag: String,
    /// The environment.
    #[serde(default)]
    pub environment: String,
    /// Who did it.
    #[serde(default)]
    pub author: String,
    /// Why, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when, in milliseconds since 1970.
    #[serde(default)]
    pub since_ms: i64,
    /// Whether the database and its audit log know of it yet.
    #[serde(default)]
    pub recorded: bool,
    /// Why it would not survive a restart of the node, if its file could not be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_kept: Option<String>,
    /// Other nodes that were told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Other nodes that could not be reached: tell them yourself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_reached: Vec<String>,
}

/// The file `overrides.json` in the data folder, and the one that a client of the feed may be given: flags that are off,
/// whatever else is known. A row needs `flag` alone.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Default, Debug)]
pub struct OverrideFile {
    /// The rows.
    #[serde(default)]
    pub overrides: Vec<Override>,
}
