//! What another policy would have done with a hook's past attempts: a form, and beside what happened what would have.

use crate::answer::{Outcome, page_with};
use crate::ask::Ask;
use crate::page::hook_form::{failure_policy, refusal, retry_policy};
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::{When, hook_title, word_badge};
use crate::words::{count, number, span};
use askama::Template;
use axum::http::StatusCode;
use std::time::Duration;
use wigwag_base::{HookId, Timestamp};
use wigwag_engine::history::{Cut, PolicyTrial, TriedPolicy};
use wigwag_engine::{EngineError, Settings};
use wigwag_hooks::health::{DryRun, Policy};
use wigwag_hooks::{FailurePolicy, Hook, PolicyChoice, RetryPolicy};

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    shell: Shell,
    title: String,
    href: String,
    form: TrialForm,
    found: Option<Found>,
}

/// The form's fields as they stand.
#[derive(Clone)]
pub(super) struct TrialForm {
    pub(super) is_off: bool,
    pub(super) threshold: String,
    pub(super) first_pause_s: String,
    pub(super) factor: String,
    pub(super) max_pause_s: String,
    pub(super) permanent_at: String,
    pub(super) delays: String,
}

/// What came of it.
struct Found {
    answer: String,
    from: When,
    attempts: String,
    is_cut: bool,
    rows: Vec<Row>,
}

/// One figure: tried, present, happened.
struct Row {
    name: &'static str,
    tried: Cell,
    present: Cell,
    happened: Cell,
}

impl Row {
    /// The three with what they are.
    fn cells(&self) -> [(&'static str, &Cell); 3] {
        [
            ("This policy", &self.tried),
            ("The present one", &self.present),
            ("Really happened", &self.happened),
        ]
    }
}

enum Cell {
    Text(String),
    Time(When),
}

/// The page; with what was found once the form was sent.
pub(crate) async fn show(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let is_sent = ask.query.get("failures").is_some();
    let (status, notice, found) = match is_sent {
        false => (StatusCode::OK, None, None),
        true => match asked(ask) {
            Ok(tried) => {
                let trial = ask.engine.try_policy(&ask.principal, place.scope, id, tried).await?;
                (StatusCode::OK, None, Some(found(&trial, ask.now)))
            }
            Err(error) => {
                let (_, text) = refusal(error)?;
                (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice { tone: Tone::Bad, text }), None)
            }
        },
    };
    let (href, title) = (place.hook_href(id), hook_title(&view.hook));
    let crumbs =
        place.crumbs_to(&[(&title, Some(href.clone())), ("Another policy", Some(format!("{href}/policy")))]);
    let form = match is_sent {
        true => TrialForm::sent(ask),
        false => TrialForm::of(&view.hook, ask.engine.settings()),
    };
    let shell = Shell::of(ask, place.nav()).at(&crumbs).telling(notice);
    Ok(page_with(status, &PolicyPage { shell, title, href, form, found }))
}

fn asked(ask: &Ask) -> Result<TriedPolicy, EngineError> {
    Ok(TriedPolicy {
        failures: Some(failure_policy(&ask.query)?),
        retries: retry_policy(&ask.query)?.map(Some),
    })
}

impl TrialForm {
    /// What holds for a hook now.
    pub(super) fn of(hook: &Hook, settings: &Settings) -> Self {
        let policy: FailurePolicy = match hook.failure_policy {
            PolicyChoice::Own(policy) => policy,
            PolicyChoice::Inherit | PolicyChoice::Off => settings.failure_policy,
        };
        Self {
            is_off: hook.failure_policy == PolicyChoice::Off,
            threshold: policy.threshold.to_string(),
            first_pause_s: policy.first_pause.as_secs().to_string(),
            factor: policy.factor.to_string(),
            max_pause_s: policy.max_pause.as_secs().to_string(),
            permanent_at: policy.permanent_at.map_or_else(String::new, |n| n.to_string()),
            delays: String::new(),
        }
    }

    /// What was sent.
    fn sent(ask: &Ask) -> Self {
        let sent = |name: &str| ask.query.get(name).unwrap_or_default().to_owned();
        Self {
            is_off: sent("failures") == "off",
            threshold: sent("threshold"),
            first_pause_s: sent("first_pause_s"),
            factor: sent("factor"),
            max_pause_s: sent("max_pause_s"),
            permanent_at: sent("permanent_at"),
            delays: sent("delays"),
        }
    }
}

fn found(trial: &PolicyTrial, now: Timestamp) -> Found {
    let (tried, present) = (&trial.tried.run, &trial.present.run);
    let row = |name, of: &dyn Fn(&DryRun) -> Cell| Row {
        name,
        tried: of(tried),
        present: of(present),
        happened: of(&trial.happened),
    };
    let of_runs = |name, of: &dyn Fn(&DryRun) -> u64| Row {
        name,
        tried: counted(of(tried)),
        present: counted(of(present)),
        happened: Cell::Text("–".into()),
    };
    let policies = Row {
        name: "Policy",
        tried: Cell::Text(words(&trial.tried.failures)),
        present: Cell::Text(words(&trial.present.failures)),
        happened: Cell::Text("what held then".into()),
    };
    let retries = Row {
        name: "Retries",
        tried: Cell::Text(delays(&trial.tried.retries)),
        present: Cell::Text(delays(&trial.present.retries)),
        happened: Cell::Text("what held then".into()),
    };
    Found {
        answer: answer(tried, present),
        from: When::new(trial.from, now),
        attempts: count(trial.attempts, "attempt", "attempts"),
        is_cut: trial.cut == Cut::Oldest,
        rows: vec![
            policies,
            retries,
            row("Attempts sent", &|run| counted(run.sent)),
            of_runs("Spared: would have waited", &|run| run.would_have_waited),
            of_runs("Spared: retries not made", &|run| run.left_out),
            of_runs("Deliveries given up by that", &|run| run.given_up),
            row("Pauses", &|run| counted(run.pauses)),
            row("Paused for", &|run| lasted(run.paused)),
            row("Disabled first", &|run| match run.disabled_at {
                Some(at) => Cell::Time(When::new(at, now)),
                None => Cell::Text("never".into()),
            }),
            row("Disabled for", &|run| lasted(run.disabled)),
            row("At the end", &|run| Cell::Text(word_badge(run.health).word.into())),
        ],
    }
}

/// The difference in one sentence.
fn answer(tried: &DryRun, present: &DryRun) -> String {
    let attempts = match (tried.sent, present.sent) {
        (tried, present) if tried < present => {
            format!("It would have spared {} more", count(present - tried, "attempt", "attempts"))
        }
        (tried, present) if tried > present => {
            format!("It would have sent {} more", count(tried - present, "attempt", "attempts"))
        }
        _ => "It would have sent as many attempts".to_owned(),
    };
    let pauses = match (tried.pauses, present.pauses) {
        (same, present) if same == present => "as many pauses".to_owned(),
        (tried, present) => format!("{} instead of {}", count(tried, "pause", "pauses"), number(present)),
    };
    let disabled = match (tried.disabled_at, present.disabled_at) {
        (Some(_), None) => "; the hook would have been disabled",
        (None, Some(_)) => "; the hook would not have been disabled",
        _ => "",
    };
    format!("{attempts} than the present policy, with {pauses}{disabled}.")
        .replace("as many attempts than", "as many attempts as")
}

fn counted(n: u64) -> Cell {
    Cell::Text(number(n))
}

fn lasted(time: Duration) -> Cell {
    Cell::Text(span(time))
}

fn words(policy: &Policy) -> String {
    match policy {
        Policy::Off => "counted, never paused".into(),
        Policy::On(policy) => {
            let last = policy.permanent_at.map_or_else(|| "never".to_owned(), |n| format!("at {n}"));
            format!(
                "paused at {}, first for {}, each {} times longer up to {}, disabled {last}",
                policy.threshold,
                span(policy.first_pause),
                policy.factor,
                span(policy.max_pause)
            )
        }
    }
}

fn delays(policy: &RetryPolicy) -> String {
    match policy.delays.as_slice() {
        [] => "none".into(),
        delays => delays.iter().map(|delay| span(*delay)).collect::<Vec<_>>().join(", "),
    }
}
