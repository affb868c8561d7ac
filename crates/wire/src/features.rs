//! `/api/v4/features`, as GitLab has it.

use crate::lenient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A flag to set. Lists are texts with commas.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct FeatureInput {
    /// `true`, `false`, `opt_out`, `remove_opt_out`, or a percentage.
    #[serde(deserialize_with = "lenient::text")]
    pub value: Option<String>,
    /// `percentage_of_actors` or `percentage_of_time` (a percentage without a key is one of time).
    #[serde(deserialize_with = "lenient::text")]
    pub key: Option<String>,
    /// Named groups of actors.
    #[serde(deserialize_with = "lenient::text")]
    pub feature_group: Option<String>,
    /// Usernames.
    #[serde(deserialize_with = "lenient::text")]
    pub user: Option<String>,
    /// Groups' full paths.
    #[serde(deserialize_with = "lenient::text")]
    pub group: Option<String>,
    /// Namespaces' full paths.
    #[serde(deserialize_with = "lenient::text")]
    pub namespace: Option<String>,
    /// Projects' full paths or ids.
    #[serde(deserialize_with = "lenient::text")]
    pub project: Option<String>,
    /// Repositories.
    #[serde(deserialize_with = "lenient::text")]
    pub repository: Option<String>,
    /// Takes a name that is not defined.
    #[serde(deserialize_with = "lenient::switch")]
    pub force: Option<bool>,
}

/// A flag with what is stored of it.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// `on`, `conditional` or `off`.
    pub state: &'static str,
    /// What is stored.
    pub gates: Vec<Gate>,
    /// What its owner wrote down.
    pub definition: Option<Definition>,
}

/// One gate.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Gate {
    /// `boolean`, `actors`, `percentage_of_actors`, `percentage_of_time` or `groups`.
    pub key: &'static str,
    /// A truth value, a number or a list of texts.
    pub value: GateValue,
}

/// The value of a gate.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
#[serde(untagged)]
pub enum GateValue {
    /// Of `boolean`.
    Switch(bool),
    /// Of a percentage; a whole one is written without a point.
    Share(#[serde(serialize_with = "short")] f64),
    /// Of `actors` and `groups`.
    List(Vec<String>),
}

/// GitLab writes whole percentages without a point.
fn short<S: serde::Serializer>(share: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if share.fract() == 0.0 {
        serializer.serialize_u32(*share as u32)
    } else {
        serializer.serialize_f64(*share)
    }
}

/// A flag's definition.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The feature's issue.
    pub feature_issue_url: Option<String>,
    /// The change that brought it.
    pub introduced_by_url: String,
    /// The issue that its rollout is run by.
    pub rollout_issue_url: Option<String>,
    /// The release that it came with.
    pub milestone: String,
    /// Whether changes of its state are logged.
    pub log_state_changes: Option<bool>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The team's label.
    pub group: String,
    /// The answer while nothing is stored.
    pub default_enabled: bool,
    /// The release by which it should be on for everyone.
    pub intended_to_rollout_by: Option<String>,
    /// What it does.
    pub description: String,
    /// Flags that must be enabled at the same time.
    pub depends_on: Vec<String>,
}
