//! Callouts: the banner as data.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose callouts, on which page.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CalloutQuery {
    /// The viewer's username; the asking user if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub user: Option<String>,
    /// The path of the page that the viewer is on.
    #[serde(deserialize_with = "lenient::text")]
    pub page: Option<String>,
}

/// Who dismisses a callout.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct DismissInput {
    /// The username; the asking user if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub user: Option<String>,
}

/// The callouts that show; none is the usual answer.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Callouts {
    /// The callouts.
    pub callouts: Vec<Callout>,
}

/// One banner.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Callout {
    /// Which kind: `web_hook_disabled`.
    pub feature_name: &'static str,
    /// Whose hooks fail.
    pub scope: CalloutScope,
    /// `warning` or `danger`.
    pub variant: &'static str,
    /// One line.
    pub title: String,
    /// What fails, why, since when, and what comes next.
    pub text: String,
    /// The worst hook's page.
    pub url: String,
    /// Whether it has a close button.
    pub dismissible: bool,
    /// The failing hooks, worst first.
    pub hooks: Vec<CalloutHook>,
}

/// Whose hooks fail.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct CalloutScope {
    /// `project` or `group`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its id.
    pub id: i64,
}

/// One failing hook.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct CalloutHook {
    /// The id.
    pub id: i64,
    /// Its name, else its host.
    pub name: String,
    /// `paused`, `half_open` or `disabled`.
    pub health: &'static str,
    /// `temporarily_disabled`, `executable` or `disabled`.
    pub alert_status: &'static str,
    /// What happened last, and what to do.
    pub last_error: String,
    /// Since when it is in this state.
    pub since: Time,
    /// When it will be tried next, while it is paused.
    pub next_try_at: Option<Time>,
    /// Events that wait for it.
    pub waiting: u64,
}
