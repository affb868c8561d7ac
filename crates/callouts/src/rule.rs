//! Whether a banner shows. The question is asked on every page, so the cheapest answer comes first:
//!
//! ```text
//! quiet page? -> nothing fails? -> flag off? -> no right? -> dismissed? -> shown
//! ```

use crate::{Dismissals, Failing, FailingIndex, Feature, QuietPaths, Scope};
use wigwag_base::UserId;

/// Who looks at which page of what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked<'a> {
    /// The viewer.
    pub user: UserId,
    /// The project or group that the page belongs to.
    pub scope: Scope,
    /// The page's path, if the platform told it.
    pub page: Option<&'a str>,
    /// Which callout.
    pub feature: Feature,
}

/// What is kept in memory for the answer.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Where banners never show.
    pub quiet: &'a QuietPaths,
    /// What fails; none until it was read from the store.
    pub index: Option<&'a FailingIndex>,
    /// Who closed what.
    pub dismissals: &'a Dismissals,
}

/// What the flag says to this viewer in this project or group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlagAnswer {
    /// On.
    On,
    /// Off, opted out, or a flag that it depends on is off.
    Off,
    /// It could not be asked.
    Unknown,
}

/// The rule's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict<'a> {
    /// The banner shows and tells of these hooks.
    Shown(&'a Failing),
    /// No banner.
    NotShown(Why),
}

/// Why no banner shows: the first reason in the rule's order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The page is a hooks page.
    QuietPage,
    /// No hook of the project or group is failing.
    NothingFails,
    /// It is not known yet what fails.
    IndexUnknown,
    /// The flag is off for this viewer and place.
    FlagOff,
    /// The flag could not be asked.
    FlagUnknown,
    /// The viewer may not administer the hooks.
    NoRight,
    /// The viewer closed it, and nothing got worse since.
    Dismissed,
}

/// Whether the banner shows. `flag` and `level` (the viewer's effective level in GitLab's numbers, none for who is no
/// member, blocked or unknown) are asked in their turn and not before.
pub fn show<'a>(
    asked: &Asked<'_>,
    known: &Known<'a>,
    flag: impl FnOnce() -> FlagAnswer,
    level: impl FnOnce() -> Option<i64>,
) -> Verdict<'a> {
    if asked.page.is_some_and(|page| known.quiet.hold(page)) {
        return Verdict::NotShown(Why::QuietPage);
    }
    let Some(index) = known.index else { return Verdict::NotShown(Why::IndexUnknown) };
    let Some(failing) = index.failing(asked.scope) else { return Verdict::NotShown(Why::NothingFails) };
    match flag() {
        FlagAnswer::On => {}
        FlagAnswer::Off => return Verdict::NotShown(Why::FlagOff),
        FlagAnswer::Unknown => return Verdict::NotShown(Why::FlagUnknown),
    }
    if level().is_none_or(|level| level < asked.scope.level_min()) {
        return Verdict::NotShown(Why::NoRight);
    }
    match known.dismissals.noted(asked.user, asked.scope, asked.feature) {
        Some(noted) if noted >= failing.worse_count() => Verdict::NotShown(Why::Dismissed),
        Some(_) | None => Verdict::Shown(failing),
    }
}

#[cfg(test)]
mod tests;
