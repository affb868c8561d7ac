//! Flags beyond GitLab's API: why one is on or off, what is stored of it, how often it was asked.

use crate::flag_feed::State;
use crate::lenient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a flag decides, and why.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// The gate that opened.
    pub gate: Option<&'static str>,
    /// The actors' bucket, 0 to 99,999.
    pub bucket: Option<u32>,
    /// All of it as a sentence.
    pub text: String,
}

/// For whom and where.
#[derive(utoipa::IntoParams, Debug)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// An id such as `Project:1`; may be given several times.
    pub actor: Option<Vec<String>>,
    /// The environment; the server's own if missing.
    pub environment: Option<String>,
}

/// Where.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EnvironmentQuery {
    /// The environment; the token's or the server's own if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub environment: Option<String>,
}

/// What a write came to.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct StateWritten {
    /// The flag.
    pub name: String,
    /// The environment that keeps it: the one that was asked for, or the one whose flags that one reads.
    pub environment: String,
    /// What was stored; null is nothing.
    pub before: Option<State>,
    /// What is stored now.
    pub after: Option<State>,
}
