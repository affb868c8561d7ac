//! Why a flag is on or off.

use serde::Serialize;
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
