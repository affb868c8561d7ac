//! Changing a flag: the form, what the change would do, and making exactly that.

use crate::answer::{Outcome, page_with};
use crate::ask::{Ask, done};
use crate::fields::query_string;
use crate::page::flags::form::{Complaint, Form};
use crate::page::flags::gates::gate_lines;
use crate::page::flags::places::{Here, Place};
use crate::page::flags::{FLAGS, VIA, href, show, words};
use crate::shell::{Crumb, Nav, Notice, Shell, Tone};
use crate::view::{Badge, Icon, flag_badge};
use crate::words::{and, number, sentence};
use askama::Template;
use axum::http::StatusCode;
use wigwag_base::Percentage;
use wigwag_chat::Command;
use wigwag_engine::EngineError;
use wigwag_engine::command::{Check, Checked, Preview, Verdict};
use wigwag_engine::flags::{FlagReach, FlagView, FlagWritten, ReachBy, StateMark};
use wigwag_flags::{FlagName, FlagState, Note};

#[derive(Template)]
#[template(path = "flag_change.html")]
struct ChangePage {
    shell: Shell,
    name: String,
    href: String,
    form: Form,
    complaint: Option<Complaint>,
    shown: Option<Shown>,
}

impl ChangePage {
    /// What is wrong with a field.
    fn error(&self, field: &str) -> Option<&String> {
        self.complaint.as_ref().filter(|complaint| complaint.field == field).map(|complaint| &complaint.rule)
    }
}

/// What the change would do.
struct Shown {
    environment: String,
    readers: Option<String>,
    is_refused: bool,
    /// Before and after, if the change is possible at all.
    step: Option<Step>,
    checks: Vec<CheckRow>,
    command: String,
    console: String,
}

struct Step {
    is_change: bool,
    before: (Badge, String),
    after: (Badge, String),
    gates: Vec<GateRow>,
    lost: Vec<String>,
    notes: Vec<String>,
    reach: String,
    /// The mark of the state that it begins with.
    seen: String,
}

/// A gate before and after.
struct GateRow {
    label: &'static str,
    before: String,
    after: String,
    differs: bool,
}

/// A check and how it came out.
struct CheckRow {
    badge: Badge,
    question: &'static str,
    reason: String,
    /// Commands that mend it, with the console's address.
    commands: Vec<(String, String)>,
}

/// The form, and what it would do if it is filled in.
pub(crate) async fn ask_change(ask: &Ask, name: &str) -> Outcome {
    let (flag, places) = show::find(ask, name)?;
    let form = Form::read(ask, &ask.query, &places);
    render(ask, &flag, &places, form, None, StatusCode::OK).await
}

/// Makes what was shown.
pub(crate) async fn make(ask: &Ask, name: &str) -> Outcome {
    let (flag, places) = show::find(ask, name)?;
    let form = Form::read(ask, &ask.form, &places);
    let refused = |text: String| Some(Notice { tone: Tone::Bad, text });
    let command = match form.command(ask, &flag) {
        Ok(command) => command,
        Err(_) => return render(ask, &flag, &places, form, None, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let seen: Option<StateMark> = ask.form.get("seen").and_then(|mark| mark.parse().ok());
    let Some(seen) = seen else {
        let text = "Look at what the change does before you make it.".to_owned();
        return render(ask, &flag, &places, form, refused(text), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match ask.engine.make_previewed(&ask.principal, &command, seen, VIA).await {
        Ok(written) => {
            let fields = [("done", "changed"), ("at", written.environment.as_str())];
            done(&format!("{}?{}", href(name), query_string(&fields)))
        }
        Err(error @ EngineError::Conflict(_)) => {
            let text = format!("Nothing was changed: {error}. Below is what the change would do now.");
            render(ask, &flag, &places, form, refused(text), StatusCode::CONFLICT).await
        }
        Err(error @ EngineError::Invalid { .. }) => {
            let text = format!("Nothing was changed. {}", sentence(&error.to_string()));
            render(ask, &flag, &places, form, refused(text), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other),
    }
}

async fn render(
    ask: &Ask,
    flag: &FlagName,
    places: &[Place],
    form: Form,
    notice: Option<Notice>,
    status: StatusCode,
) -> Outcome {
    let mut status = status;
    let (mut complaint, mut shown) = (None, None);
    if form.is_asked {
        match form.command(ask, flag) {
            Ok(command) => shown = Some(preview(ask, flag, places, &form, &command).await?),
            Err(wrong) => {
                complaint = Some(wrong);
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
        }
    }
    let href = href(flag.as_str());
    let crumbs = [
        Crumb { text: "Flags".into(), href: Some(FLAGS.into()) },
        Crumb { text: flag.to_string(), href: Some(href.clone()) },
        Crumb { text: "Change".into(), href: Some(format!("{href}/change")) },
    ];
    let shell = Shell::of(ask, Nav::Flags).at(&crumbs).telling(notice);
    let view = ChangePage { shell, name: flag.to_string(), href, form, complaint, shown };
    Ok(page_with(status, &view))
}

async fn preview(
    ask: &Ask,
    flag: &FlagName,
    places: &[Place],
    form: &Form,
    command: &Command,
) -> Result<Shown, EngineError> {
    let preview = ask.engine.preview_command(&ask.principal, command, VIA).await?;
    let place = places.iter().find(|place| place.name == form.environment());
    let step = match &preview.written {
        Some(written) => Some(step(ask, flag, form, written).await?),
        None => None,
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

async fn step(ask: &Ask, flag: &FlagName, form: &Form, written: &FlagWritten) -> Result<Step, EngineError> {
    let (kind, words_of_kind) = form.counted();
    let reach = ask
        .engine
        .flag_reach(&ask.principal, &written.environment, flag, written.after.clone(), kind)
        .await?;
    let here = |state: &Option<FlagState>| Here {
        view: FlagView {
            name: flag.clone(),
            definition: written.definition.clone(),
            stored: state.clone().map(Into::into),
            stale_since: None,
        },
        overridden: None,
    };
    let side = |here: &Here| {
        let told = match words::note(here).as_str() {
            "set" => "for everyone".into(),
            told => told.to_owned(),
        };
        (flag_badge(here.view.state(), false), told)
    };
    let (before, after) = (here(&written.before), here(&written.after));
    let definition = written.definition.as_deref();
    let notes = written.notes.iter().filter_map(note);
    let warnings = show::warnings(ask, definition, &[(written.environment.as_str(), &after)]);
    let by_chance = [&written.before, &written.after].into_iter().flatten().any(by_chance);
    Ok(Step {
        is_change: written.before != written.after,
        before: side(&before),
        after: side(&after),
        gates: gate_rows(ask, written.before.as_ref(), written.after.as_ref()).await?,
        lost: lost(&written.lost),
        notes: notes.chain(warnings).chain(written.remarks.iter().cloned()).collect(),
        reach: reach_text(&reach, words_of_kind, by_chance),
        seen: StateMark::of(written.before.as_ref()).to_string(),
    })
}

fn by_chance(state: &FlagState) -> bool {
    state.percentage_of_time.is_some_and(|share| share > Percentage::ZERO && share < Percentage::HUNDRED)
}

async fn gate_rows(
    ask: &Ask,
    before: Option<&FlagState>,
    after: Option<&FlagState>,
) -> Result<Vec<GateRow>, EngineError> {
    const LABELS: [&str; 6] =
        ["Everyone", "On for", "Share of actors", "Share of calls", "Named groups", "Opted out"];
    let none = FlagState::default();
    let was = gate_lines(ask, before.unwrap_or(&none)).await?;
    let is = gate_lines(ask, after.unwrap_or(&none)).await?;
    let text = |lines: &[crate::page::flags::gates::GateLine], label: &str| {
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

/// For how many it is, in a sentence or two.
fn reach_text(reach: &FlagReach, kind: &str, by_chance: bool) -> String {
    let FlagReach { total, before, after, gain, lose, by } = *reach;
    let chance = if by_chance { " The share of calls comes on top: it has no actors to count." } else { "" };
    if total == 0 {
        return format!("No {kind} are known here, so nobody can be counted.{chance}");
    }
    let told = |n: u64| match by {
        ReachBy::Counting => number(n),
        ReachBy::Sampling { .. } if n == 0 => "next to none".into(),
        ReachBy::Sampling { .. } => format!("about {}", number(rounded(n))),
    };
    let of = format!("of {} {kind}", number(total));
    let now = format!("It is on for {} now and for {} then.", told(before), told(after));
    let text = match (gain, lose) {
        (0, 0) => {
            let whom = match after {
                0 => "none of them".into(),
                all if all == total => "all of them".into(),
                some => told(some),
            };
            format!("For the {} {kind} known here nothing changes: it is on for {whom}.", number(total))
        }
        (gain, 0) => format!("This turns it on for {} {of}. {now}", told(gain)),
        (0, lose) => format!("This turns it off for {} {of}. {now}", told(lose)),
        (gain, lose) => format!("This turns it on for {} and off for {} {of}. {now}", told(gain), told(lose)),
    };
    let how = match by {
        ReachBy::Counting => String::new(),
        ReachBy::Sampling { asked } => format!(" Estimated from the first {}.", number(asked)),
    };
    format!("{text}{how}{chance}")
}

/// Three figures are as many as an estimate has.
fn rounded(n: u64) -> u64 {
    let mut unit = 1_u64;
    while n / unit >= 1_000 {
        unit = unit.saturating_mul(10);
    }
    (n + unit / 2) / unit * unit
}

fn check_rows(preview: &Preview) -> Vec<CheckRow> {
    let question = |check| match check {
        Check::Names => "The flag, its value and everyone named exist",
        Check::Rights => "You may make this change",
        Check::Override => "No override stands in the way",
        Check::Dependencies => "What it depends on is on",
    };
    let badge = |verdict| match verdict {
        Verdict::Passed => Badge { icon: Icon::Tick, tone: Tone::Good, word: "passed" },
        Verdict::NotNeeded => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "not needed" },
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

#[cfg(test)]
mod tests {
    use super::{reach_text, rounded};
    use wigwag_engine::flags::{FlagReach, ReachBy};

    #[test]
    fn whom_a_change_reaches_is_told_as_well_as_it_is_known() {
        let check = |[total, before, after, gain, lose]: [u64; 5], by, told: &str| {
            let reach = FlagReach { total, before, after, gain, lose, by };
            assert_eq!(reach_text(&reach, "projects", false), told);
        };
        check(
            [98_000, 3, 12_403, 12_400, 0],
            ReachBy::Counting,
            "This turns it on for 12,400 of 98,000 projects. It is on for 3 now and for 12,403 then.",
        );
        check(
            [10, 10, 2, 0, 8],
            ReachBy::Counting,
            "This turns it off for 8 of 10 projects. It is on for 10 now and for 2 then.",
        );
        check(
            [10, 4, 4, 1, 1],
            ReachBy::Counting,
            "This turns it on for 1 and off for 1 of 10 projects. It is on for 4 now and for 4 then.",
        );
        check(
            [10, 0, 0, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for none of them.",
        );
        check(
            [10, 10, 10, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for all of them.",
        );
        check(
            [10, 4, 4, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for 4.",
        );
        check([0; 5], ReachBy::Counting, "No projects are known here, so nobody can be counted.");
        check(
            [1_000_000, 0, 250_123, 250_123, 0],
            ReachBy::Sampling { asked: 200_000 },
            "This turns it on for about 250,000 of 1,000,000 projects. It is on for next to none now and for about 250,000 \
             then. Estimated from the first 200,000.",
        );
    }

    #[test]
    fn an_estimate_has_three_figures() {
        let pairs =
            [(0, 0), (999, 999), (1_004, 1_000), (1_005, 1_010), (12_449, 12_400), (999_950, 1_000_000)];
        for (n, told) in pairs {
            assert_eq!(rounded(n), told);
        }
    }
}
