//! A hook: its health in one sentence, what to press, how its state came about, and its delivery log.

mod timeline;

use crate::answer::{Outcome, page_with};
use crate::ask::Ask;
use crate::fields::Fields;
use crate::limits::{ADDRESS_CHARACTERS_MAX, ATTEMPTS_PER_PAGE, WAITING_SHOWN_MAX};
use crate::page::deliveries::{DeliveryRow, delivery_row};
use crate::page::policy::TrialForm;
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::{AttemptRow, HealthLines, Pager, When, attempt_row, health_lines, hook_title};
use crate::words::{count, cut_middle, kept_for, number, span, verb};
use askama::Template;
use axum::http::StatusCode;
use std::time::Duration;
use wigwag_base::{HookId, Page, Timestamp};
use wigwag_engine::dispatch::RateOf;
use wigwag_engine::hook_admin::HookView;
use wigwag_engine::{AttemptQuery, DeliveryQuery, EngineError};
use wigwag_hooks::health::Health;
use wigwag_hooks::{Hook, Ordering, PolicyChoice, Trigger, WhilePaused, masked_url};
use wigwag_ports::log::StatusClass;

#[derive(Template)]
#[template(path = "hook.html")]
struct HookPage {
    shell: Shell,
    title: String,
    description: String,
    address: String,
    whole_address: String,
    health: HealthLines,
    href: String,
    /// What a test may send: value, words, whether it is chosen.
    tests: Vec<(String, String, bool)>,
    is_on: bool,
    may_enable: bool,
    facts: Vec<(&'static str, String)>,
    form: TrialForm,
    timeline: Vec<timeline::Change>,
    waiting: u64,
    waiting_text: String,
    waits: Vec<DeliveryRow>,
    waits_more: Option<String>,
    throttled: Option<(&'static str, When)>,
    lost: Vec<(String, &'static str)>,
    kept: String,
    log: Vec<AttemptRow>,
    pager: Pager,
    filter: LogFilter,
    is_filtered: bool,
}

/// What the log shows, as the form says it.
struct LogFilter {
    statuses: Vec<(&'static str, &'static str, bool)>,
    spans: Vec<(&'static str, &'static str, bool)>,
    ends: Vec<(&'static str, &'static str, bool)>,
    event_type: String,
}

const STATUSES: [(&str, &str); 4] = [
    ("", "all"),
    ("successful", "delivered"),
    ("client_failure", "answered 4xx"),
    ("server_failure", "answered 5xx or not at all"),
];

/// Spans of time up to now, as a word, in words, and in seconds.
pub(crate) const SPANS: [(&str, &str, u64); 5] = [
    ("", "all times", 0),
    ("1h", "the last hour", 3_600),
    ("12h", "the last 12 hours", 43_200),
    ("1d", "the last day", 86_400),
    ("7d", "the last week", 604_800),
];

/// Ends of the log, as a word, in words, and in seconds before now.
const ENDS: [(&str, &str, u64); 4] = [
    ("", "now", 0),
    ("1h", "an hour ago", 3_600),
    ("12h", "12 hours ago", 43_200),
    ("1d", "a day ago", 86_400),
];

/// When a span of this word begins; none for all times, and for a word that is none.
pub(crate) fn span_start(word: &str, now: Timestamp) -> Option<Timestamp> {
    let seconds = SPANS.iter().find(|(known, _, seconds)| *known == word && *seconds > 0);
    seconds.map(|(_, _, seconds)| now - Duration::from_secs(*seconds))
}

pub(crate) async fn show(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    render(ask, place, view, notice(&ask.query), StatusCode::OK).await
}

/// What the button that led here did.
fn notice(query: &Fields) -> Option<Notice> {
    let text = match query.get("done")? {
        "created" => "The hook is made. Send a test to see whether its receiver takes it.",
        "saved" => "Saved.",
        "replayed" => {
            let n = query.get("count").and_then(|count| count.parse().ok()).unwrap_or(0);
            let text = format!("{} once more, to go out as the hook allows.", count_wait(n));
            return Some(Notice { tone: Tone::Good, text });
        }
        "enabled" => "The hook is enabled; what waited goes out now.",
        "on" => "The hook is on again and starts healthy.",
        "off" => "The hook is off: new events are skipped. Its secrets and its log stay.",
        _ => return None,
    };
    Some(Notice { tone: Tone::Good, text: text.to_owned() })
}

fn count_wait(n: u64) -> String {
    format!("{} {}", count(n, "delivery", "deliveries"), verb(n, "waits", "wait"))
}

/// The hook's page, with something to tell.
pub(crate) async fn render(
    ask: &Ask,
    place: &Place,
    view: HookView,
    notice: Option<Notice>,
    status: StatusCode,
) -> Outcome {
    let (hook, id) = (&view.hook, view.hook.id);
    let href = place.hook_href(id);
    let timeline = ask.engine.timeline(&ask.principal, place.scope, id).await?;
    let (query, fields) = log_query(&ask.query, ask.now);
    let is_filtered = !fields.iter().all(|(_, value)| value.is_empty());
    let page = ask.query.page(ATTEMPTS_PER_PAGE);
    let log = ask.engine.attempts(&ask.principal, place.scope, id, query, page).await?;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let waits = waits(ask, place, id).await?;
    let lost = lost(ask, place, id).await?;
    let address = masked_url(hook.url.expose());
    let title = hook_title(hook);
    let crumbs = place.crumbs_to(&[(&title, Some(href.clone()))]);
    let template = HookPage {
        shell: Shell::of(ask, place.nav()).at(&crumbs).telling(notice),
        title,
        description: hook.description.clone(),
        address: cut_middle(&address, ADDRESS_CHARACTERS_MAX),
        whole_address: address.clone().into_owned(),
        health: health_lines(&ask.engine, &view, timeline.last_success, ask.now),
        tests: tests(hook),
        is_on: hook.enabled.is_on(),
        may_enable: hook.enabled.is_on() && !matches!(hook.health.state, Health::Healthy),
        facts: facts(&view),
        form: TrialForm::of(hook, ask.engine.settings()),
        timeline: timeline::changes(&timeline.changes, &href, ask.now),
        waiting: view.waiting,
        waiting_text: number(view.waiting),
        waits_more: view.waiting.checked_sub(waits.len() as u64).filter(|more| *more > 0).map(number),
        waits,
        throttled: throttled(&view, ask.now),
        lost,
        kept: kept_for(ask.engine.settings().retention),
        pager: Pager::new(&log, "Pages of the delivery log", &href, &fields, "#log"),
        log: log.rows.iter().map(|attempt| attempt_row(attempt, &href, ask.now)).collect(),
        filter: log_filter(&ask.query),
        is_filtered,
        href,
    };
    Ok(page_with(status, &template))
}

/// The filter of the log, and the fields that make it, for links to its other pages. What is no filter filters nothing.
fn log_query(query: &Fields, now: Timestamp) -> (AttemptQuery, [(&'static str, String); 4]) {
    let status = query.filled("status").unwrap_or_default();
    let class = match status {
        "successful" => Some(StatusClass::Successful),
        "client_failure" => Some(StatusClass::ClientFailure),
        "server_failure" => Some(StatusClass::ServerFailure),
        code => code.parse().ok().map(StatusClass::Code),
    };
    let since = query.filled("since").unwrap_or_default();
    let begins = span_start(since, now);
    let until = query.filled("until").unwrap_or_default();
    let ends = ENDS.iter().find(|(word, _, seconds)| *word == until && *seconds > 0);
    let event_type = query.filled("event_type").filter(|text| wigwag_hooks::EventType::new(text).is_some());
    let asked = AttemptQuery {
        status: class,
        event: None,
        event_type: event_type.map(ToOwned::to_owned),
        since: begins,
        until: ends.map(|(_, _, seconds)| now - Duration::from_secs(*seconds)),
    };
    let kept = |text: &str, holds: bool| if holds { text.to_owned() } else { String::new() };
    let fields = [
        ("status", kept(status, class.is_some())),
        ("event_type", event_type.unwrap_or_default().to_owned()),
        ("since", kept(since, begins.is_some())),
        ("until", kept(until, ends.is_some())),
    ];
    (asked, fields)
}

fn log_filter(query: &Fields) -> LogFilter {
    let asked = |name: &str| query.get(name).unwrap_or_default();
    let (status, since, until) = (asked("status"), asked("since"), asked("until"));
    LogFilter {
        statuses: STATUSES.iter().map(|(value, words)| (*value, *words, *value == status)).collect(),
        spans: SPANS.iter().map(|(value, words, _)| (*value, *words, *value == since)).collect(),
        ends: ENDS.iter().map(|(value, words, _)| (*value, *words, *value == until)).collect(),
        event_type: query.filled("event_type").unwrap_or_default().to_owned(),
    }
}

/// The oldest deliveries that wait for a hook, each with what for.
async fn waits(ask: &Ask, place: &Place, id: HookId) -> Result<Vec<DeliveryRow>, EngineError> {
    let oldest = ask.engine.oldest_waiting(&ask.principal, place.scope, id, WAITING_SHOWN_MAX).await?;
    let told = ask.engine.explained(&ask.principal, oldest).await?;
    Ok(told.iter().map(|one| delivery_row(one, ask.now)).collect())
}

/// How many deliveries ended without arriving, by state: `12 given up`.
async fn lost(ask: &Ask, place: &Place, id: HookId) -> Result<Vec<(String, &'static str)>, EngineError> {
    let mut lost = Vec::new();
    for (state, words) in [("given_up", "given up"), ("skipped", "skipped"), ("expired", "expired")] {
        let query = DeliveryQuery { state: Some(state.into()), ..DeliveryQuery::default() };
        let one = Page::new(1, 1);
        let found = ask.engine.hook_deliveries(&ask.principal, place.scope, id, query, one).await?;
        if found.total > 0 {
            lost.push((format!("{} {words}", number(found.total)), state));
        }
    }
    Ok(lost)
}

/// What a limit of deliveries a minute holds back, and until when.
fn throttled(view: &HookView, now: Timestamp) -> Option<(&'static str, When)> {
    let throttling = view.throttling?;
    let whose = match throttling.by {
        RateOf::Hook => "This hook has got as many deliveries as it may in a minute",
        RateOf::Namespace => {
            "The hooks of this namespace have got as many deliveries as they may in a minute"
        }
    };
    Some((whose, When::new(throttling.until, now)))
}

/// The events that a test may send: those that the hook wants first.
fn tests(hook: &Hook) -> Vec<(String, String, bool)> {
    let kind = hook.scope.kind();
    let (wanted, others): (Vec<Trigger>, Vec<Trigger>) =
        Trigger::of_kind(kind).partition(|trigger| hook.triggers.contains(*trigger));
    let exact =
        hook.event_types.iter().map(|glob| glob.as_str().to_owned()).filter(|glob| !glob.contains('*'));
    let named = |trigger: Trigger| (trigger.api_name().to_owned(), trigger.event_type().to_owned());
    let all = wanted.into_iter().map(named);
    let all = all.chain(exact.map(|text| (text.clone(), text))).chain(others.into_iter().map(named));
    all.enumerate().map(|(index, (value, words))| (value, words, index == 0)).collect()
}

/// What its owner set, as it differs from nothing.
fn facts(view: &HookView) -> Vec<(&'static str, String)> {
    let hook = &view.hook;
    let triggers: Vec<String> = Trigger::of_kind(hook.scope.kind())
        .filter(|trigger| hook.triggers.contains(*trigger))
        .map(|trigger| trigger.event_type().to_owned())
        .chain(hook.event_types.iter().map(|glob| glob.as_str().to_owned()))
        .collect();
    let yes_no = |there: bool| if there { "set" } else { "none" };
    vec![
        ("Wants", if triggers.is_empty() { "nothing".into() } else { triggers.join(", ") }),
        ("Token", yes_no(hook.token.is_some()).into()),
        (
            "Signing token",
            match hook.signing_keys.len() {
                0 => "none".into(),
                n => count(n as u64, "valid key", "valid keys"),
            },
        ),
        ("Certificate", if hook.certificate_check.is_on() { "checked" } else { "not checked" }.into()),
        (
            "Shows",
            view.client_certificate.as_ref().map_or("no certificate".into(), |own| own.subject.clone()),
        ),
        (
            "Order",
            match hook.ordering {
                Ordering::Any => "any".into(),
                Ordering::Strict => "kept".into(),
            },
        ),
        (
            "While paused",
            match hook.while_paused {
                WhilePaused::Hold => "events are held".into(),
                WhilePaused::Drop => "events are skipped".into(),
            },
        ),
        (
            "Rate",
            hook.rate_per_minute
                .map_or_else(|| "no limit".into(), |n| format!("{} a minute", number(n.into()))),
        ),
        (
            "Failures",
            match hook.failure_policy {
                PolicyChoice::Inherit => "as the server says".into(),
                PolicyChoice::Off => "counted, never paused".into(),
                PolicyChoice::Own(policy) => {
                    format!("paused at {}, first for {}", policy.threshold, span(policy.first_pause))
                }
            },
        ),
        (
            "Retries",
            match &hook.retry_policy {
                None => "as the server says".into(),
                Some(policy) if policy.delays.is_empty() => "none".into(),
                Some(policy) => policy.delays.iter().map(|delay| span(*delay)).collect::<Vec<_>>().join(", "),
            },
        ),
    ]
}
