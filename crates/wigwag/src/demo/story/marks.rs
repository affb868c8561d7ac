use crate::demo::facts::{Facts, Health, PlaceFacts};
use crate::demo::harbor::{Place, Viewer};
use std::collections::BTreeSet;

/// Something that happens in the story.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Mark {
    /// Events of both projects arrived.
    Delivered,
    /// Lighthouse's receiver is broken and refused an event.
    Broken,
    /// The first failure.
    Unhealthy,
    /// The threshold.
    Paused,
    /// The permanent limit.
    Disabled,
    /// The flag is on in dev and staging.
    Staged,
    /// The hook fails and nobody is told: the flag is off in production.
    Hidden,
    /// The banner is there.
    Shown,
    /// The reporter looked and saw none.
    NotForReporter,
    /// The maintainer looked at Ferry and saw none.
    NotOnFerry,
    /// The maintainer looked at the hooks page, which is quiet.
    Quiet,
    /// Both projects' hooks fail, and both banners are there.
    OnBoth,
    /// Closed on Ferry, there on Lighthouse.
    Closed,
    /// Lighthouse's receiver works again.
    Mended,
    /// Its hook does too.
    Enabled,
    /// What waited has arrived.
    CaughtUp,
    /// The banner is gone by itself.
    Gone,
    /// The flag is off again.
    TakenBack,
    /// Ferry's receiver works again.
    FerryMended,
    /// Everything that was ever published has arrived.
    Whole,
}

impl Mark {
    /// All marks with their names on disk and on the page.
    pub(crate) const ALL: [(Mark, &'static str); 20] = [
        (Self::Delivered, "delivered"),
        (Self::Broken, "broken"),
        (Self::Unhealthy, "unhealthy"),
        (Self::Paused, "paused"),
        (Self::Disabled, "disabled"),
        (Self::Staged, "staged"),
        (Self::Hidden, "hidden"),
        (Self::Shown, "shown"),
        (Self::NotForReporter, "not-for-reporter"),
        (Self::NotOnFerry, "not-on-ferry"),
        (Self::Quiet, "quiet"),
        (Self::OnBoth, "on-both"),
        (Self::Closed, "closed"),
        (Self::Mended, "mended"),
        (Self::Enabled, "enabled"),
        (Self::CaughtUp, "caught-up"),
        (Self::Gone, "gone"),
        (Self::TakenBack, "taken-back"),
        (Self::FerryMended, "ferry-mended"),
        (Self::Whole, "whole"),
    ];

    /// The name on disk and on the page.
    pub(crate) const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// By name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(mark, _)| mark)
    }
}

/// A page that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct View {
    /// By whom.
    pub(crate) viewer: Viewer,
    /// Of which project.
    pub(crate) place: Place,
    /// Which of its pages.
    pub(crate) page: Page,
}

/// A project's pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Page {
    /// What goes on.
    Activity,
    /// Its hooks: a quiet path.
    Hooks,
}

/// Whether `mark` happens, given what happened before.
pub(crate) fn happens(mark: Mark, facts: &Facts, view: Option<View>, before: &BTreeSet<Mark>) -> bool {
    let lighthouse = facts.places.of(Place::Lighthouse);
    let ferry = facts.places.of(Place::Ferry);
    let told = |place: &PlaceFacts| place.banner(Viewer::Maintainer).is_some();
    let looked = |viewer, place, page| view == Some(View { viewer, place, page });
    match mark {
        Mark::Delivered => facts.places.0.iter().all(|place| place.arrived >= 3),
        Mark::Broken => lighthouse.broken && lighthouse.refused > 0,
        Mark::Unhealthy => before.contains(&Mark::Broken) && lighthouse.failures > 0,
        Mark::Paused => before.contains(&Mark::Unhealthy) && lighthouse.health.is_failing(),
        Mark::Disabled => before.contains(&Mark::Paused) && lighthouse.health == Health::Disabled,
        Mark::Staged => facts.flag_before_production == [true, true],
        Mark::Hidden => lighthouse.health.is_failing() && !lighthouse.flag_on && !told(lighthouse),
        Mark::Shown => lighthouse.flag_on && told(lighthouse),
        Mark::NotForReporter => {
            looked(Viewer::Reporter, Place::Lighthouse, Page::Activity)
                && told(lighthouse)
                && lighthouse.banner(Viewer::Reporter).is_none()
        }
        Mark::NotOnFerry => {
            looked(Viewer::Maintainer, Place::Ferry, Page::Activity) && told(lighthouse) && !told(ferry)
        }
        Mark::Quiet => looked(Viewer::Maintainer, Place::Lighthouse, Page::Hooks) && told(lighthouse),
        Mark::OnBoth => told(lighthouse) && told(ferry),
        Mark::Closed => {
            before.contains(&Mark::OnBoth)
                && ferry.health.is_failing()
                && ferry.flag_on
                && told(lighthouse)
                && !told(ferry)
        }
        Mark::Mended => before.contains(&Mark::Paused) && !lighthouse.broken,
        Mark::Enabled => before.contains(&Mark::Mended) && lighthouse.health == Health::Healthy,
        Mark::CaughtUp => before.contains(&Mark::Enabled) && lighthouse.complete(),
        Mark::Gone => before.contains(&Mark::Shown) && before.contains(&Mark::Enabled) && !told(lighthouse),
        Mark::TakenBack => before.contains(&Mark::Gone) && !lighthouse.flag_on && !ferry.flag_on,
        Mark::FerryMended => before.contains(&Mark::OnBoth) && !ferry.broken,
        Mark::Whole => {
            before.contains(&Mark::TakenBack)
                && facts.places.0.iter().all(|place| place.complete() && place.health == Health::Healthy)
        }
    }
}
