//! Limits of the pages: unit, reason, and what happens when they are hit.

use std::time::Duration;

/// Bytes of a form; the largest, a hook's, holds a description and a URL. Above it the answer is 413.
pub const FORM_BYTES_MAX: usize = 64 << 10;

/// Bytes of a request's or response's body that an attempt's page shows; the rest is counted, not shown.
pub const SHOWN_BODY_BYTES_MAX: usize = 64 << 10;

/// Hooks that a project's or group's page lists at once; more are on the next page.
pub const HOOKS_PER_PAGE: u32 = 50;

/// Lines of the delivery log on a hook's page.
pub const ATTEMPTS_PER_PAGE: u32 = 20;

/// Lines of the list of what became of the events for a hook.
pub const DELIVERIES_PER_PAGE: u32 = 50;

/// Waiting deliveries that a hook's page lists, the next to go out first; the others are counted.
pub const WAITING_SHOWN_MAX: u32 = 8;

/// Attempts named behind one change of health; the others are counted.
pub const ATTEMPTS_PER_CHANGE_MAX: usize = 5;

/// Notices of one hook that the page of hooks across projects shows, the newest; the API tells more.
pub const TOLD_SHOWN_MAX: usize = 3;

/// Changes of health that a hook's page shows; the API tells more.
pub const TIMELINE_SHOWN_MAX: usize = 12;

/// Members whom a project's or group's page lists under "who is told"; the others are counted.
pub const MEMBERS_SHOWN_MAX: u32 = 50;

/// Projects and groups that one page of their list shows.
pub const PROJECTS_PER_PAGE: u32 = 50;

/// Projects that the overview lists and looks through for its checklist.
pub const OVERVIEW_PROJECTS_MAX: u32 = 8;

/// Changes that the overview lists.
pub const OVERVIEW_CHANGES_MAX: u32 = 20;

/// How far back "what changed" looks.
pub const CHANGES_SPAN: Duration = Duration::from_secs(60 * 60);

/// One bar of the overview's chart.
pub const CHART_SLICE: Duration = Duration::from_secs(15 * 60);

/// Bars of the overview's chart: twelve hours.
pub const CHART_SLICES: usize = 48;

/// Flags that one page of their list shows.
pub const FLAGS_PER_PAGE: u32 = 100;

/// Mistakes in definitions that the list of flags names; the others are counted.
pub const FINDINGS_SHOWN_MAX: usize = 20;

/// Actors of one gate whom a flag's page names; the others are counted.
pub const ACTORS_NAMED_MAX: usize = 20;

/// Actors that are tried together: as many as anybody asks with in one call.
pub const TRIED_ACTORS_MAX: usize = 10;

/// Changes that one page of a flag's history, or of the audit log, shows.
pub const CHANGES_PER_PAGE: u32 = 20;

/// One bar of the chart of a flag's evaluations.
pub const EXPOSURE_BAR: Duration = Duration::from_secs(30 * 60);

/// Bars of that chart: 24 hours, as long as they are counted.
pub const EXPOSURE_BARS: usize = 48;

/// Deployments that their page lists at once.
pub const DEPLOYMENTS_PER_PAGE: u32 = 20;

/// Messages that wait, or were given up, that the chat page lists at once.
pub const MESSAGES_PER_PAGE: u32 = 20;

/// Users with a role, and linked accounts, that the chat page lists; the command line lists all.
pub const ROLES_SHOWN_MAX: usize = 200;

/// Commands that the console remembers in its form; the oldest go first.
pub const CONSOLE_HISTORY_MAX: usize = 20;

/// Characters of a long address or id before its middle is cut.
pub const ADDRESS_CHARACTERS_MAX: usize = 64;

/// How long a browser keeps a style sheet or script; its address changes with its content.
pub const ASSET_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What was said and done about a rollout that a flag's page shows; the rest is in `rollout status` and the audit log.
pub(crate) const ROLLOUT_ENTRIES_SHOWN: u32 = 10;
