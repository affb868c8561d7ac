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
    /// Since when it is paused (its first pause counts) or disabled.
    pub since: Time,
    /// When it will be tried next, while it is paused.
    pub next_try_at: Option<Time>,
    /// Events that wait for it.
    pub waiting: u64,
}

/// From when on outcomes are asked for.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CalloutOutcomesQuery {
    /// A day, or a time, whose day (UTC) counts whole; 30 days ago if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
}

/// What banners did and led to.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct CalloutOutcomes {
    /// From when on.
    pub since: Time,
    /// Up to when.
    pub until: Time,
    /// Banners shown: once to each user in each place, and again when it got worse there or the server restarted.
    pub shown: u64,
    /// Banners whose button was used.
    pub followed: u64,
    /// Banners that were closed.
    pub dismissed: u64,
    /// What became of the hooks that banners told of.
    pub hooks: CalloutHookOutcomes,
    /// The time from the first banner about a hook until it was mended.
    pub time_to_mend_s: MendTimes,
}

/// What became of the hooks that banners told of.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct CalloutHookOutcomes {
    /// Works again, or was enabled by somebody.
    pub mended: u64,
    /// Deleted.
    pub deleted: u64,
    /// Switched off by its owner.
    pub switched_off: u64,
    /// Failed still a week after the first banner; one that was mended later is counted there too.
    pub ignored: u64,
    /// Fails still, whenever the first banner was.
    pub failing: u64,
}

/// How long mending took, in seconds; null where nothing was mended.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct MendTimes {
    /// Half took at most so long.
    pub median: Option<u64>,
    /// Nine of ten took at most so long.
    pub p90: Option<u64>,
}
