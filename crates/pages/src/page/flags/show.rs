//! One flag: its state in a sentence, gate by gate, what it decides for somebody, who changed it, how often it is asked.

use crate::answer::{Outcome, page_with};
use crate::ask::Ask;
use crate::fields::Fields;

use crate::page::flags::exposure::{Exposure, exposure};
use crate::page::flags::facts::{Facts, facts};
use crate::page::flags::gates::{GateLine, gate_lines};
use crate::page::flags::history::{History, history};
use crate::page::flags::places::{Here, Knowledge, Overridden, Place, Remote, overrides};
use crate::page::flags::preview::console;
use crate::page::flags::rollout::{Told, told};
use crate::page::flags::trial::{Answer, Trial, trial};
use crate::page::flags::{FLAGS, href, words};
use crate::shell::{Crumb, Nav, Notice, Shell, Tone};
use crate::view::Badge;
use askama::Template;
use axum::http::StatusCode;
use std::sync::Arc;
use wigwag_engine::EngineError;
use wigwag_flags::{Definition, FlagName, State};

#[derive(Template)]
#[template(path = "flag.html")]
struct FlagPage {
    shell: Shell,
    name: String,
    href: String,
    eyebrow: String,
    tone: Tone,
    sentence: String,
    /// What makes the sentence not the whole truth.
    warnings: Vec<String>,
    overrides: Vec<Overridden>,
    places: Vec<Place>,
    rows: Vec<PlaceRow>,
    facts: Option<Facts>,
    trial: Trial,
    exposure: Exposure,
    history: Option<History>,
    rollout: Option<Told>,
    command: String,
    console: String,
}

/// The flag in one environment that keeps state.
struct PlaceRow {
    environment: String,
    readers: Option<String>,
    is_production: bool,
    badge: Badge,
    gates: Vec<GateLine>,
    /// Where no gate is set: why it is as it is.
    empty: &'static str,
    may_turn_off: bool,
    remote: Option<Remote>,
}

/// The flag of this name and the environments that keep state.
///
/// # Errors
/// [`EngineError::Forbidden`]; [`EngineError::NotFound`] if no environment knows it.
pub(super) fn find(ask: &Ask, name: &str) -> Result<(FlagName, Vec<Place>), EngineError> {
    let places = Place::all(ask)?;
    let Ok(flag) = name.parse::<FlagName>() else {
        // Who may not read flags is told that, whatever was asked for.
        ask.engine.flags(&ask.principal, &ask.engine.settings().environment)?;
        return Err(EngineError::NotFound("feature flag"));
    };
    let here = everywhere(ask, &flag, &places)?;
    if here.iter().flatten().all(|here| here.knowledge == Knowledge::Unread) {
        return Err(EngineError::NotFound("feature flag"));
    }
    Ok((flag, places))
}

/// The flag in every environment that keeps state; `None` where nobody knows it.
///
/// # Errors
/// As the engine's.
pub(super) fn everywhere(
    ask: &Ask,
    flag: &FlagName,
    places: &[Place],
) -> Result<Vec<Option<Here>>, EngineError> {
    let rows = overrides(ask)?;
    let mut here = Vec::new();
    for place in places {
        let is_this = |row: &&Overridden| row.environment == place.name && row.flag == flag.as_str();
        let overridden = rows.iter().find(is_this).cloned();
        here.push(match ask.engine.flag(&ask.principal, &place.name, flag.as_str()) {
            Ok(view) => Some(Here { view, overridden, knowledge: Knowledge::Known }),
            Err(EngineError::NotFound(_)) => None,
            Err(EngineError::Unavailable { .. }) => {
                Some(Here { overridden, ..Here::never_set(flag, Knowledge::Unread) })
            }
            Err(other) => return Err(other),
        });
    }
    Ok(here)
}

pub(crate) async fn show(ask: &Ask, name: &str) -> Outcome {
    let notice = notice(&ask.query);
    render(ask, name, notice, StatusCode::OK).await
}

/// What the button that led here did.
fn notice(query: &Fields) -> Option<Notice> {
    let at = query.get("at").unwrap_or_default();
    let place = if at.is_empty() { String::new() } else { format!(" in {at}") };
    let text = match query.get("done")? {
        "changed" => format!("Changed{place}. The history below can take it back."),
        "off" => format!("Turned off for everyone{place}. The history below can take it back."),
        "undone" => format!("Taken back{place}: what was stored before is stored again."),
        "overridden" => format!("Switched off{place} on this node, whatever is stored."),
        "rolled-back" => "Rolled back: off in every environment, until somebody acknowledges it.".to_owned(),
        "acknowledged" => "Acknowledged: it may be turned on again.".to_owned(),
        "noted" => "Kept below.".to_owned(),
        "lifted" => format!("The override{place} is lifted: what is stored decides again."),
        _ => return None,
    };
    Some(Notice { tone: Tone::Good, text })
}

/// The flag's page, with something to tell.
pub(super) async fn render(ask: &Ask, name: &str, notice: Option<Notice>, status: StatusCode) -> Outcome {
    let (flag, places) = find(ask, name)?;
    let here: Vec<Here> = everywhere(ask, &flag, &places)?
        .into_iter()
        .map(|here| here.unwrap_or_else(|| Here::never_set(&flag, Knowledge::Known)))
        .collect();
    let definition: Option<Arc<Definition>> = here.iter().find_map(|here| here.view.definition.clone());
    let definition = definition.as_deref();
    let facts = facts(ask, &flag, definition, &places)?;
    let named: Vec<(&str, &Here)> = places.iter().map(|place| place.name.as_str()).zip(&here).collect();
    let mut rows = Vec::new();
    for (place, here) in places.iter().zip(&here) {
        rows.push(place_row(ask, place, here).await?);
    }
    let history = history(ask, &flag, definition, &places).await?;
    let href = href(flag.as_str());
    let crumbs = [
        Crumb { text: "Flags".into(), href: Some(FLAGS.into()) },
        Crumb { text: flag.to_string(), href: Some(href.clone()) },
    ];
    let command = format!("feature get {flag} --env={}", all_names(&places));
    let view = FlagPage {
        shell: Shell::of(ask, Nav::Flags).at(&crumbs).telling(notice),
        eyebrow: eyebrow(definition),
        tone: tone(&here),
        sentence: words::sentence(&named),
        warnings: warnings(ask, definition, &named),
        overrides: here.iter().filter_map(|here| here.overridden.clone()).collect(),
        rows,
        facts,
        trial: trial(ask, &flag, &places).await?,
        exposure: exposure(ask, &flag)?,
        history,
        rollout: told(ask, &flag).await?,
        console: console(&command),
        command,
        places,
        name: flag.to_string(),
        href,
    };
    Ok(page_with(status, &view))
}

fn all_names(places: &[Place]) -> String {
    let names: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
    names.join(",")
}

fn eyebrow(definition: Option<&Definition>) -> String {
    match definition {
        Some(definition) => format!("{} flag · {}", definition.kind.as_str(), definition.owner()),
        None => "feature flag · not defined: nothing but its stored state keeps it".into(),
    }
}

fn tone(here: &[Here]) -> Tone {
    let states = || here.iter().map(Here::state);
    if here.iter().any(|here| here.overridden.is_some()) {
        Tone::Bad
    } else if states().all(|state| state == Some(State::On)) {
        Tone::Good
    } else if states().all(|state| state == Some(State::Off)) {
        Tone::Plain
    } else {
        Tone::Part
    }
}

/// Where nobody gets it although it is on: a flag that it depends on is off there.
pub(super) fn warnings(ask: &Ask, definition: Option<&Definition>, named: &[(&str, &Here)]) -> Vec<String> {
    let mut warnings = Vec::new();
    let needs = definition.map_or(&[][..], |definition| &definition.depends_on);
    for (place, here) in named {
        if here.overridden.is_some() || matches!(here.state(), None | Some(State::Off)) {
            continue;
        }
        let Some(snapshot) = ask.engine.flag_board().of(place) else { continue };
        let is_off = |needed: &&FlagName| {
            let flag = snapshot.flag(needed.as_str());
            let state = flag.map_or(State::Off, |flag| match (&flag.state, flag.default_enabled()) {
                (Some(state), _) => state.state(),
                (None, true) => State::On,
                (None, false) => State::Off,
            });
            state == State::Off || snapshot.overridden(needed.as_str())
        };
        for needed in needs.iter().filter(is_off) {
            warnings.push(format!("In {place} nobody gets it: it depends on {needed}, which is off there."));
        }
    }
    warnings
}

async fn place_row(ask: &Ask, place: &Place, here: &Here) -> Result<PlaceRow, EngineError> {
    let view = &here.view;
    let gates = match view.stored.as_deref() {
        Some(state) => gate_lines(ask, place, state).await?,
        None => Vec::new(),
    };
    let empty = match (&view.stored, &view.definition) {
        _ if here.knowledge == Knowledge::Unread => "Unknown: its server was never read.",
        (Some(_), _) => "Off: stored, and no gate is set.",
        (None, Some(definition)) if definition.default_enabled => "On by default: nothing is set.",
        (None, Some(_)) => "Off by default: nothing is set.",
        (None, None) => "Off: it was never set here.",
    };
    Ok(PlaceRow {
        environment: place.name.clone(),
        readers: place.readers_text(),
        is_production: place.is_production && !place.name.contains("production"),
        badge: here.badge(),
        gates,
        empty,
        may_turn_off: here.state() != Some(State::Off),
        remote: place.remote.clone(),
    })
}
