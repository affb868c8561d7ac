//! One attempt: what was sent and what came back, side by side; why it failed, and what happens next.

use crate::answer::{Outcome, page_with, retry_after};
use crate::ask::{Ask, done};
use crate::limits::ADDRESS_CHARACTERS_MAX;
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::{AttemptRow, Body, When, attempt_row, body, hook_title};
use crate::words::{cut_middle, sentence, took};
use askama::Template;
use axum::http::StatusCode;
use wigwag_base::{AttemptId, HookId, Page};
use wigwag_engine::hook_admin::HookView;
use wigwag_engine::{AttemptQuery, DeliveryQuery, EngineError};
use wigwag_hooks::health::Health;
use wigwag_hooks::{
    Attempt, AttemptKind, Delivery, DeliveryState, FailureClass, Outcome as Came, SentBody, Trigger,
};

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    shell: Shell,
    id: String,
    row: AttemptRow,
    hook_href: String,
    headline: String,
    why: Option<String>,
    next: Next,
    address: String,
    whole_address: String,
    request_headers: Vec<(String, String)>,
    request_body: Option<Body>,
    /// No body could be made, and nothing was sent.
    is_unmade: bool,
    answered: Option<Answered>,
    took: String,
    event: Option<String>,
    /// What another test of the same kind sends.
    trigger: String,
    others: Vec<(String, AttemptRow)>,
}

/// What came back.
struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    body: Option<Body>,
}

/// What happens next, in words around a time.
struct Next {
    before: String,
    at: Option<When>,
}

pub(crate) async fn show(ask: &Ask, place: &Place, hook: HookId, id: AttemptId) -> Outcome {
    render(ask, place, hook, id, None, StatusCode::OK).await
}

/// Sends what it sent once more, and leads to the new attempt; a refusal is told here.
pub(crate) async fn resend(ask: &Ask, place: &Place, hook: HookId, id: AttemptId) -> Outcome {
    let error = match ask.engine.resend(&ask.principal, place.scope, hook, id).await {
        Ok(attempt) => return done(&place.attempt_href(hook, attempt.id)),
        Err(error) => error,
    };
    let (status, text) = match &error {
        EngineError::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, sentence(&error.to_string())),
        EngineError::Invalid { field: "url", rule } => {
            (StatusCode::UNPROCESSABLE_ENTITY, format!("The hook's URL {rule}."))
        }
        EngineError::Invalid { rule, .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, format!("The request {rule}."))
        }
        _ => return Err(error),
    };
    let answer = render(ask, place, hook, id, Some(Notice { tone: Tone::Bad, text }), status).await?;
    Ok(retry_after(answer, &error))
}

async fn render(
    ask: &Ask,
    place: &Place,
    hook: HookId,
    id: AttemptId,
    notice: Option<Notice>,
    status: StatusCode,
) -> Outcome {
    let attempt = ask.engine.attempt(&ask.principal, place.scope, hook, id).await?;
    let view = ask.engine.hook(&ask.principal, place.scope, hook).await?;
    let (href, title) = (place.hook_href(hook), hook_title(&view.hook));
    let others = others(ask, place, hook, &attempt).await?;
    let is_newest = others.iter().all(|other| other.id <= attempt.id);
    let delivery = delivery(ask, place, hook, &attempt).await?;
    let name = format!("Attempt {id}");
    let crumbs =
        place.crumbs_to(&[(&title, Some(href.clone())), (&name, Some(format!("{href}/attempts/{id}")))]);
    let answered = attempt.outcome.response().map(|response| Answered {
        status: response.status,
        headers: response.headers.clone(),
        body: body(&response.body),
    });
    let template = AttemptPage {
        shell: Shell::of(ask, place.nav()).at(&crumbs).telling(notice),
        id: id.to_string(),
        row: attempt_row(&attempt, &href, ask.now),
        headline: headline(&attempt),
        why: match &attempt.outcome {
            Came::Success(_) => None,
            Came::Failure(failure) => Some(sentence(&failure.text)),
        },
        next: next(ask, &view, &attempt, delivery.as_ref(), is_newest),
        address: cut_middle(&attempt.url, ADDRESS_CHARACTERS_MAX),
        whole_address: attempt.url.clone(),
        request_headers: attempt.request_headers.clone(),
        request_body: attempt.request_body.bytes().and_then(|bytes| body(bytes)),
        is_unmade: attempt.request_body == SentBody::Unmade,
        answered,
        took: took(attempt.duration),
        event: attempt.event.map(|event| event.to_string()),
        trigger: match Trigger::of_event_type(attempt.event_type.as_str()) {
            Some(trigger) => trigger.api_name().to_owned(),
            None => attempt.event_type.to_string(),
        },
        others: others
            .iter()
            .filter(|other| other.id != attempt.id)
            .map(|other| (other.id.to_string(), attempt_row(other, &href, ask.now)))
            .collect(),
        hook_href: href,
    };
    Ok(page_with(status, &template))
}

/// The other attempts of the same delivery, newest first.
async fn others(
    ask: &Ask,
    place: &Place,
    hook: HookId,
    attempt: &Attempt,
) -> Result<Vec<Attempt>, EngineError> {
    let Some(event) = attempt.event else { return Ok(Vec::new()) };
    let query = AttemptQuery { event: Some(event), ..AttemptQuery::default() };
    Ok(ask
        .engine
        .attempts(&ask.principal, place.scope, hook, query, Page::new(1, Page::PER_PAGE_MAX))
        .await?
        .rows)
}

/// Where the delivery stands, while the log still tells.
async fn delivery(
    ask: &Ask,
    place: &Place,
    hook: HookId,
    attempt: &Attempt,
) -> Result<Option<Delivery>, EngineError> {
    let Some(event) = attempt.event else { return Ok(None) };
    let query = DeliveryQuery { event: Some(event), ..DeliveryQuery::default() };
    let one = Page::new(1, 1);
    Ok(ask.engine.hook_deliveries(&ask.principal, place.scope, hook, query, one).await?.rows.pop())
}

fn headline(attempt: &Attempt) -> String {
    let what = match attempt.kind {
        AttemptKind::Test => "The test",
        AttemptKind::Probe => "The probe",
        AttemptKind::Retry => "The retry",
        AttemptKind::Resend => "The resend",
        AttemptKind::First => "The request",
    };
    match &attempt.outcome {
        Came::Success(_) => format!("{what} was taken"),
        Came::Failure(failure) => match (&failure.response, failure.class) {
            (Some(response), _) => format!("{what} was answered {}", response.status),
            (None, FailureClass::Timeout) => format!("{what} got no answer in time"),
            (None, FailureClass::Forbidden) => format!("{what} was not sent: the address is forbidden"),
            (None, FailureClass::BadRequest | FailureClass::Ours) => format!("{what} could not be sent"),
            (None, _) => format!("{what} got no answer"),
        },
    }
}

fn next(ask: &Ask, view: &HookView, attempt: &Attempt, delivery: Option<&Delivery>, is_newest: bool) -> Next {
    let said = |text: &str| Next { before: text.to_owned(), at: None };
    if attempt.outcome.is_success() {
        return said(match attempt.kind {
            AttemptKind::Test => "Nothing more: a test that succeeds also makes its hook healthy.",
            _ => "Nothing more: the event is delivered.",
        });
    }
    match attempt.kind {
        AttemptKind::Test => {
            return said("Nothing more: a test that fails is not tried again and counts for nothing.");
        }
        AttemptKind::Resend => return said("Nothing more: a resend is not tried again."),
        _ => {}
    }
    if !is_newest {
        return said("It was tried again; see the other attempts of this event below.");
    }
    match delivery.map(|delivery| delivery.state) {
        Some(DeliveryState::Retrying { due }) => at_due(ask, view, due),
        Some(DeliveryState::Held | DeliveryState::Pending | DeliveryState::InFlight) => held(ask, view),
        Some(DeliveryState::Delivered) => said("Nothing more: the event was delivered by another attempt."),
        Some(DeliveryState::GivenUp) => said("Nothing more: its retries are used up, the event is given up."),
        Some(DeliveryState::Expired(_)) => said("Nothing more: it waited too long and expired."),
        Some(DeliveryState::Skipped(_)) => said("Nothing more: the event was skipped."),
        Some(DeliveryState::Cancelled) => said("Nothing more: its hook was deleted, the event is cancelled."),
        None => said("Whether it is tried again is told on the hook's page, under what waits."),
    }
}

/// A retry goes out when it is due, or when the hook may be called, whichever is later.
fn at_due(ask: &Ask, view: &HookView, due: wigwag_base::Timestamp) -> Next {
    match view.hook.health.state {
        Health::Disabled => {
            Next { before: "It waits: the hook is disabled until somebody enables it.".into(), at: None }
        }
        Health::Paused { until, .. } if until > due => Next {
            before: "It waits for the end of the hook's pause,".into(),
            at: Some(When::new(until, ask.now)),
        },
        _ => Next { before: "It is tried again".into(), at: Some(When::new(due, ask.now)) },
    }
}

fn held(ask: &Ask, view: &HookView) -> Next {
    match view.hook.health.state {
        Health::Disabled => {
            Next { before: "It waits: the hook is disabled until somebody enables it.".into(), at: None }
        }
        Health::Paused { until, .. } => Next {
            before: "It waits for the end of the hook's pause,".into(),
            at: Some(When::new(until, ask.now)),
        },
        _ => Next { before: "It waits for its turn and goes out soon.".into(), at: None },
    }
}
