//! A hook: its health in one sentence, what to press, how its state came about, and its delivery log.

mod timeline;

use crate::answer::{Outcome, page_with};
use crate::ask::Ask;
use crate::fields::Fields;
use crate::limits::{ADDRESS_CHARACTERS_MAX, ATTEMPTS_PER_PAGE, TIMELINE_ATTEMPTS_MAX, WAITING_SHOWN_MAX};
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::{AttemptRow, HealthLines, Pager, When, attempt_row, health_lines, hook_title};
use crate::words::{count, cut_middle, number, span};
use askama::Template;
use axum::http::StatusCode;
use std::time::Duration;
use wigwag_base::{HookId, Page, Timestamp};
use wigwag_engine::hook_admin::HookView;
use wigwag_engine::{AttemptQuery, DeliveryQuery, EngineError};
use wigwag_hooks::health::{Health, Transition};
use wigwag_hooks::{DeliveryState, Hook, HookScope, PolicyChoice, Trigger, WhilePaused, masked_url};
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
    timeline: Vec<timeline::Change>,
    waiting: u64,
    waiting_text: String,
    waits: Vec<Waiting>,
    waits_more: u64,
    log: Vec<AttemptRow>,
    pager: Pager,
    filter: LogFilter,
    is_filtered: bool,
}

/// A delivery that waits.
struct Waiting {
    event: String,
    event_type: String,
    accepted: When,
    state: &'static str,
    next: Option<When>,
    attempts: String,
}

/// What the log shows, as the form says it.
struct LogFilter {
    statuses: Vec<(&'static str, &'static str, bool)>,
    spans: Vec<(&'static str, &'static str, bool)>,
    event_type: String,
}

const STATUSES: [(&str, &str); 4] = [
    ("", "all"),
    ("successful", "delivered"),
    ("client_failure", "answered 4xx"),
    ("server_failure", "answered 5xx or not at all"),
];

const SPANS: [(&str, &str, u64); 4] = [
    ("", "all times", 0),
    ("1h", "the last hour", 3_600),
    ("1d", "the last day", 86_400),
    ("7d", "the last week", 604_800),
];

pub(crate) async fn show(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    render(ask, place, view, notice(&ask.query), StatusCode::OK).await
}

/// What the button that led here did.
fn notice(query: &Fields) -> Option<Notice> {
    let text = match query.get("done")? {
        "created" => "The hook is made. Send a test to see whether its receiver takes it.",
        "saved" => "Saved.",
        "enabled" => "The hook is enabled; what waited goes out now.",
        "on" => "The hook is on again and starts healthy.",
        "off" => "The hook is off: new events are skipped. Its secrets and its log stay.",
        _ => return None,
    };
    Some(Notice { tone: Tone::Good, text: text.to_owned() })
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
    let recent = Page::new(1, TIMELINE_ATTEMPTS_MAX);
    let recent =
        ask.engine.attempts(&ask.principal, place.scope, id, AttemptQuery::default(), recent).await?;
    let last_success = recent.rows.iter().find(|attempt| attempt.outcome.is_success());
    let timeline = ask.engine.timeline(&ask.principal, place.scope, id).await?;
    let transitions: Vec<Transition> = timeline.into_iter().map(|(_, transition)| transition).collect();
    let (query, fields) = log_query(&ask.query, ask.now);
    let is_filtered = !fields.iter().all(|(_, value)| value.is_empty());
    let page = ask.query.page(ATTEMPTS_PER_PAGE);
    let log = ask.engine.attempts(&ask.principal, place.scope, id, query, page).await?;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (waits, waits_more) = waits(ask, hook).await?;
    let address = masked_url(hook.url.expose());
    let title = hook_title(hook);
    let crumbs = place.crumbs_to(&[(&title, Some(href.clone()))]);
    let template = HookPage {
        shell: Shell::of(ask, place.nav()).at(&crumbs).telling(notice),
        title,
        description: hook.description.clone(),
        address: cut_middle(&address, ADDRESS_CHARACTERS_MAX),
        whole_address: address.clone().into_owned(),
        health: health_lines(&ask.engine, &view, last_success.map(|attempt| attempt.started_at), ask.now),
        tests: tests(hook),
        is_on: hook.enabled.is_on(),
        may_enable: hook.enabled.is_on() && !matches!(hook.health.state, Health::Healthy),
        facts: facts(hook),
        timeline: timeline::changes(&transitions, &recent.rows, &href, ask.now),
        waiting: view.waiting,
        waiting_text: number(view.waiting),
        waits,
        waits_more,
        pager: Pager::new(&log, "Pages of the delivery log", &href, &fields, "#log"),
        log: log.rows.iter().map(|attempt| attempt_row(attempt, &href, ask.now)).collect(),
        filter: log_filter(&ask.query),
        is_filtered,
        href,
    };
    Ok(page_with(status, &template))
}

/// The filter of the log, and the fields that make it, for links to its other pages. What is no filter filters nothing.
fn log_query(query: &Fields, now: Timestamp) -> (AttemptQuery, [(&'static str, String); 3]) {
    let status = query.filled("status").unwrap_or_default();
    let class = match status {
        "successful" => Some(StatusClass::Successful),
        "client_failure" => Some(StatusClass::ClientFailure),
        "server_failure" => Some(StatusClass::ServerFailure),
        code => code.parse().ok().map(StatusClass::Code),
    };
    let since = query.filled("since").unwrap_or_default();
    let seconds = SPANS.iter().find(|(word, _, _)| *word == since).map_or(0, |(_, _, seconds)| *seconds);
    let event_type = query.filled("event_type").filter(|text| wigwag_hooks::EventType::new(text).is_some());
    let asked = AttemptQuery {
        status: class,
        event: None,
        event_type: event_type.map(ToOwned::to_owned),
        since: (seconds > 0).then(|| now - Duration::from_secs(seconds)),
        until: None,
    };
    let kept = |text: &str, holds: bool| if holds { text.to_owned() } else { String::new() };
    let fields = [
        ("status", kept(status, class.is_some())),
        ("event_type", event_type.unwrap_or_default().to_owned()),
        ("since", kept(since, seconds > 0)),
    ];
    (asked, fields)
}

fn log_filter(query: &Fields) -> LogFilter {
    let (status, since) = (query.get("status").unwrap_or_default(), query.get("since").unwrap_or_default());
    LogFilter {
        statuses: STATUSES.iter().map(|(value, words)| (*value, *words, *value == status)).collect(),
        spans: SPANS.iter().map(|(value, words, _)| (*value, *words, *value == since)).collect(),
        event_type: query.filled("event_type").unwrap_or_default().to_owned(),
    }
}

/// The oldest deliveries that wait for a project's hook, and how many more there are.
async fn waits(ask: &Ask, hook: &Hook) -> Result<(Vec<Waiting>, u64), EngineError> {
    let HookScope::Project(project) = hook.scope else { return Ok((Vec::new(), 0)) };
    let (mut rows, mut total) = (Vec::new(), 0);
    for state in ["held", "retrying", "pending"] {
        let query =
            DeliveryQuery { state: Some(state.into()), hook: Some(hook.id), ..DeliveryQuery::default() };
        let page = |number| Page::new(number, WAITING_SHOWN_MAX);
        let mut found = ask.engine.deliveries(&ask.principal, project, query.clone(), page(1)).await?;
        total += found.total;
        let pages = found.total.div_ceil(u64::from(WAITING_SHOWN_MAX));
        // The listing begins with the newest event; the next to go out are on its last two pages.
        if pages > 1 {
            let last = u32::try_from(pages).unwrap_or(u32::MAX);
            found = ask.engine.deliveries(&ask.principal, project, query.clone(), page(last)).await?;
            let before = ask.engine.deliveries(&ask.principal, project, query, page(last - 1)).await?;
            rows.extend(before.rows);
        }
        rows.extend(found.rows);
    }
    rows.sort_by_key(|delivery| delivery.event);
    rows.truncate(WAITING_SHOWN_MAX as usize);
    let more = total.saturating_sub(rows.len() as u64);
    Ok((rows.iter().map(|delivery| waiting(delivery, ask.now)).collect(), more))
}

fn waiting(delivery: &wigwag_hooks::Delivery, now: Timestamp) -> Waiting {
    Waiting {
        event: delivery.event.to_string(),
        event_type: delivery.event_type.to_string(),
        accepted: When::new(delivery.accepted_at, now),
        state: match delivery.state {
            DeliveryState::Held => "held for the hook",
            DeliveryState::Retrying { .. } => "between two tries",
            _ => "about to go out",
        },
        next: match delivery.state {
            DeliveryState::Retrying { due } if due > now => Some(When::new(due, now)),
            _ => None,
        },
        attempts: number(u64::from(delivery.attempts)),
    }
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
fn facts(hook: &Hook) -> Vec<(&'static str, String)> {
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
