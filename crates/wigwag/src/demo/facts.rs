//! What is so, as Wigwag's API and the receiver tell it: nothing here is assumed.

use super::harbor::{PerPlace, Place, Viewer};
use super::http::{Http, part};
use super::setup::{FLAG, Known};
use super::world::World;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::collections::HashSet;

/// A hook's health, as its API names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Health {
    /// The last request succeeded.
    #[default]
    Healthy,
    /// A few failures; still called.
    Unhealthy,
    /// Not called for a while.
    Paused,
    /// One request tries.
    HalfOpen,
    /// Not called until somebody enables it.
    Disabled,
}

impl Health {
    const NAMES: [(Health, &'static str); 5] = [
        (Self::Healthy, "healthy"),
        (Self::Unhealthy, "unhealthy"),
        (Self::Paused, "paused"),
        (Self::HalfOpen, "half_open"),
        (Self::Disabled, "disabled"),
    ];

    /// The API's word.
    pub(crate) const fn name(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::HalfOpen => "half open",
            other => other.name(),
        }
    }

    /// Paused, half open or disabled: what a banner tells of.
    pub(crate) const fn is_failing(self) -> bool {
        matches!(self, Self::Paused | Self::HalfOpen | Self::Disabled)
    }

    fn find(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(health, _)| health)
    }
}

/// What is so in one project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PlaceFacts {
    /// Its hook's health.
    pub(crate) health: Health,
    /// Failures in a row.
    pub(crate) failures: u64,
    /// The last error in words.
    pub(crate) last_error: Option<String>,
    /// Deliveries that wait.
    pub(crate) waiting: u64,
    /// Whether the banner's flag is on for it in production.
    pub(crate) flag_on: bool,
    /// The banner that each viewer gets, by its title.
    pub(crate) banners: [Option<String>; 2],
    /// Whether its receiver is broken.
    pub(crate) broken: bool,
    /// Events that Wigwag acknowledged.
    pub(crate) published: u64,
    /// Events that the receiver took, each counted once.
    pub(crate) arrived: u64,
    /// Requests that it answered with 500.
    pub(crate) refused: u64,
    /// Events that came twice, or under two ids.
    pub(crate) irregular: u64,
}

impl PlaceFacts {
    /// The banner that `viewer` gets.
    pub(crate) fn banner(&self, viewer: Viewer) -> Option<&str> {
        self.banners[viewer as usize].as_deref()
    }

    /// Whether everything that was published has arrived.
    pub(crate) const fn complete(&self) -> bool {
        self.arrived >= self.published && self.waiting == 0
    }
}

/// What is so.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Facts {
    /// In each project.
    pub(crate) places: PerPlace<PlaceFacts>,
    /// Whether the flag is on in dev and in staging.
    pub(crate) flag_before_production: [bool; 2],
    /// Those of the newest events that arrived.
    pub(crate) arrived: HashSet<String>,
}

/// Asks everybody.
pub(crate) fn gather(world: &World) -> Result<Facts> {
    let published = PerPlace(Place::ALL.map(|place| world.outbox(place).acknowledged()));
    let keys: Vec<String> =
        Place::ALL.iter().flat_map(|place| world.outbox(*place).recent()).map(|event| event.key).collect();
    let state = world.receiver.get(&format!("/-/state?keys={}", keys.join(",")))?.success();
    let state = state.context("the receiver does not tell its state")?;
    let places = PerPlace::try_make(|place| -> Result<PlaceFacts> {
        let wigwag = in_wigwag(&world.platform, &world.operator, place, world.known.of(place))?;
        let received = &state["services"][place as usize];
        let count = |field: &str| received[field].as_u64().unwrap_or_default();
        Ok(PlaceFacts {
            broken: received["broken"] == true,
            published: *published.of(place),
            arrived: count("arrived"),
            refused: count("refused"),
            irregular: count("repeated") + count("other_id"),
            ..wigwag
        })
    })?;
    let lighthouse = world.known.of(Place::Lighthouse);
    let dev = flag_on(&world.operator, lighthouse, "dev")?;
    let staging = flag_on(&world.operator, lighthouse, "staging")?;
    let arrived = state["arrived"].as_array().into_iter().flatten().filter_map(|key| key.as_str());
    Ok(Facts {
        places,
        flag_before_production: [dev, staging],
        arrived: arrived.map(str::to_owned).collect(),
    })
}

fn in_wigwag(platform: &Http, operator: &Http, place: Place, known: &Known) -> Result<PlaceFacts> {
    let hook =
        platform.get(&format!("/api/v4/projects/{}/hooks/{}", known.project, known.hook))?.success()?;
    let health = hook["health"].as_str().and_then(Health::find);
    let mut banners = [None, None];
    for viewer in Viewer::ALL {
        banners[viewer as usize] = banner(platform, place, known.project, viewer)?;
    }
    Ok(PlaceFacts {
        health: health.ok_or_else(|| anyhow!("a hook without health: {hook}"))?,
        failures: hook["recent_failures"].as_u64().unwrap_or_default(),
        last_error: hook["last_error"].as_str().map(str::to_owned),
        waiting: hook["waiting_deliveries"].as_u64().unwrap_or_default(),
        flag_on: flag_on(operator, known, "production")?,
        banners,
        ..PlaceFacts::default()
    })
}

/// The title of the banner that `viewer` would see on the project's page.
fn banner(http: &Http, place: Place, project: i64, viewer: Viewer) -> Result<Option<String>> {
    let (user, page) = (viewer.username(), part(&place.full_path()));
    let path = format!("/v1/projects/{project}/callouts?user={user}&page=%2F{page}");
    let callouts = http.get(&path)?.success()?;
    Ok(callouts["callouts"][0]["title"].as_str().map(str::to_owned))
}

/// For the project itself, or by way of its group.
fn flag_on(http: &Http, known: &Known, environment: &str) -> Result<bool> {
    let actors = format!("actor=Project:{}&actor=Group:{}", known.project, known.group);
    let path = format!("/v1/flags/{FLAG}/explain?{actors}&environment={environment}");
    let explained: Value = http.get(&path)?.success()?;
    Ok(explained["enabled"] == true)
}
