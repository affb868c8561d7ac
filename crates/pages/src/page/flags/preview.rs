//! What a change would do: before and after, for how many it is, what is lost, and how each check comes out.

use crate::ask::Ask;
use crate::fields::query_string;
use crate::page::flags::form::Form;
use crate::page::flags::gates::{GateLine, gate_lines};
use crate::page::flags::places::{Here, Knowledge, Place};
use crate::page::flags::reach::reach;
use crate::page::flags::{VIA, show, words};
use crate::shell::Tone;
use crate::view::{Badge, Icon};
use crate::words::and;
use wigwag_chat::Command;
use wigwag_engine::EngineError;
use wigwag_engine::command::{Check, Checked, Preview, Verdict};
use wigwag_engine::flags::{FlagView, FlagWritten, StateMark};
use wigwag_flags::{FlagName, FlagState, Note};

/// What the change would do.
pub(crate) struct Shown {
    pub(crate) environment: String,
    pub(crate) readers: Option<String>,
    pub(crate) is_refused: bool,
    /// Before and after, if the change is possible at all.
    pub(crate) step: Option<Step>,
    pub(crate) checks: Vec<CheckRow>,
    pub(crate) command: String,
    pub(crate) console: String,
}

pub(crate) struct Step {
    pub(crate) is_change: bool,
    pub(crate) before: (Badge, String),
    pub(crate) after: (Badge, String),
    pub(crate) gates: Vec<GateRow>,
    pub(crate) lost: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) reach: String,
    /// The mark of the state that it begins with.
    pub(crate) seen: String,
}

/// A gate before and after.
pub(crate) struct GateRow {
    pub(crate) label: &'static str,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) differs: bool,
}

/// A check and how it came out.
pub(crate) struct CheckRow {
    pub(crate) badge: Badge,
    pub(crate) question: &'static str,
    pub(crate) reason: String,
    /// Commands that mend it, with the console's address.
    pub(crate) commands: Vec<(String, String)>,
}

/// What a command would do, with every check.
///
/// # Errors
/// As the engine's; what the checks refuse is no error.
pub(crate) async fn preview(
    ask: &Ask,
    flag: &FlagName,
    places: &[Place],
    form: &Form,
    command: &Command,
) -> Result<Shown, EngineError> {
    let preview = ask.engine.preview_command(&ask.principal, command, VIA).await?;
    let place = places.iter().find(|place| place.name == form.environment());
    let step = match (&preview.written, place) {
        (Some(written), Some(place)) => Some(step(ask, flag, place, form, written).await?),
        _ => None,
    };
    let text = command.to_string();
    Ok(Shown {
        environment: form.environment().to_owned(),
        readers: place.and_then(Place::readers_text),
        is_refused: preview.is_refused(),
        step,
        checks: check_rows(&preview),
        console: console(&text),
        command: text,
    })
}

/// The console with a command in its box.
pub(crate) fn console(command: &str) -> String {
    format!("/-/console?{}", query_string(&[("text", command)]))
}

async fn step(
    ask: &Ask,
    flag: &FlagName,
    place: &Place,
    form: &Form,
    written: &FlagWritten,
) -> Result<Step, EngineError> {
    let here = |state: &Option<FlagState>| Here {
        view: FlagView {
            name: flag.clone(),
            definition: written.definition.clone(),
            stored: state.clone().map(Into::into),
            stale_since: None,
        },
        overridden: None,
        knowledge: Knowledge::Known,
    };
    let side = |here: &Here| {
        let told = match words::note(here).as_str() {
            "set" => "for everyone".into(),
            told => told.to_owned(),
        };
        (here.badge(), told)
    };
    let (before, after) = (here(&written.before), here(&written.after));
    let definition = written.definition.as_deref();
    let notes = written.notes.iter().filter_map(note);
    let warnings = show::warnings(ask, definition, &[(written.environment.as_str(), &after)]);
    Ok(Step {
        is_change: written.before != written.after,
        before: side(&before),
        after: side(&after),
        gates: gate_rows(ask, place, written.before.as_ref(), written.after.as_ref()).await?,
        lost: lost(&written.lost),
        notes: notes.chain(warnings).chain(written.remarks.iter().cloned()).collect(),
        reach: reach(ask, flag, place, form, written).await?,
        seen: StateMark::of(written.before.as_ref()).to_string(),
    })
}

async fn gate_rows(
    ask: &Ask,
    place: &Place,
    before: Option<&FlagState>,
    after: Option<&FlagState>,
) -> Result<Vec<GateRow>, EngineError> {
    const LABELS: [&str; 6] =
        ["Everyone", "On for", "Share of actors", "Share of calls", "Named groups", "Opted out"];
    let none = FlagState::default();
    let was = gate_lines(ask, place, before.unwrap_or(&none)).await?;
    let is = gate_lines(ask, place, after.unwrap_or(&none)).await?;
    let text = |lines: &[GateLine], label: &str| {
        lines.iter().find(|line| line.label == label).map(|line| line.words())
    };
    let row = |label: &'static str| {
        let (before, after) = (text(&was, label), text(&is, label));
        if before.is_none() && after.is_none() {
            return None;
        }
        let shown = |text: Option<String>| text.unwrap_or_else(|| "not set".into());
        let differs = before != after;
        Some(GateRow { label, before: shown(before), after: shown(after), differs })
    };
    Ok(LABELS.into_iter().filter_map(row).collect())
}

/// What is swept away, one a line.
fn lost(lost: &FlagState) -> Vec<String> {
    let mut lines = Vec::new();
    let listed = words::by_kind(lost.actors.iter());
    if !listed.is_empty() {
        lines.push(format!("the list of those it is on for by name: {}", and(&listed)));
    }
    lines.extend(lost.percentage_of_actors.map(|share| format!("the share of {share} % of actors")));
    lines.extend(lost.percentage_of_time.map(|share| format!("the share of {share} % of calls")));
    if !lost.groups.is_empty() {
        let names: Vec<&str> = lost.groups.iter().map(String::as_str).collect();
        lines.push(format!("the named groups {}", and(&names)));
    }
    let out = words::by_kind(lost.opt_outs.iter());
    if !out.is_empty() {
        lines.push(format!("the opt-outs of {}", and(&out)));
    }
    lines
}

fn note(note: &Note) -> Option<String> {
    match note {
        Note::DefaultKept => Some(
            "It is on by default and was never set: it is stored as on for everyone else, so that they keep it."
                .into(),
        ),
        Note::DefaultShadowed => {
            Some("It is on by default: everyone who is not listed loses it by this.".into())
        }
        Note::StillOn(actors) => Some(format!("Still on by name: {}.", and(&words::by_kind(actors.iter())))),
        Note::Unchanged => None,
    }
}

fn check_rows(preview: &Preview) -> Vec<CheckRow> {
    let question = |check| match check {
        Check::Names => "The flag, its value and everyone named exist",
        Check::Rights => "You may make this change",
        Check::Override => "No override stands in the way",
        Check::Random => "A percentage of time was asked for twice",
        Check::Channel => "It was said where everybody sees it",
        Check::Acknowledged => "No roll-back waits for somebody to acknowledge it",
        Check::Production => "Production is well",
        Check::Consistency => "Staging is at least as enabled",
        Check::Dependencies => "What it depends on is on",
        Check::StepSize => "Not too many get it at once",
    };
    let badge = |verdict| match verdict {
        Verdict::Passed => Badge { icon: Icon::Tick, tone: Tone::Good, word: "passed" },
        Verdict::NotNeeded => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "not needed" },
        Verdict::Warned => Badge { icon: Icon::Triangle, tone: Tone::Warning, word: "mind" },
        Verdict::PassedOver => Badge { icon: Icon::Stroke, tone: Tone::Warning, word: "passed over" },
        Verdict::Refused => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "refused" },
        Verdict::NotAsked => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "not asked" },
    };
    let row = |checked: &Checked| CheckRow {
        badge: badge(checked.verdict),
        question: question(checked.check),
        reason: checked.reason.clone(),
        commands: checked.commands.iter().map(|text| (text.clone(), console(text))).collect(),
    };
    preview.checks.iter().map(row).collect()
}
