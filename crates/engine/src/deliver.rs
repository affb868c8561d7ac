//! One request: its headers, its answer, its outcome. The slot that it uses is given back whatever happens.

use crate::dispatch::{Finished, HookFacts, Job, Message, Reach};
use crate::engine::Inner;
use crate::{Engine, EngineError};
use bytes::Bytes;
use std::sync::Arc;
use wigwag_base::{AttemptId, EventId, ProjectId, Timestamp};
use wigwag_hooks::health::Signal;
use wigwag_hooks::limits::FAILURE_TEXT_BYTES_MAX;
use wigwag_hooks::{
    Attempt, AttemptKind, EventType, Failure, FailureClass, Hook, HookScope, MESSAGE_ID_HEADER, NamedSecret,
    Outcome, RequestFacts, Response, SentBody, chain_id, masked_url, message_id, uuid_text,
};
use wigwag_ports::deliveries::Record;
use wigwag_ports::egress::{Answer, CertificateCheck, EgressError, Keep, Method, Outgoing, Target};

/// Sends one delivery in the background and tells the dispatcher what came of it.
pub(crate) fn spawn(engine: Engine, facts: Arc<HookFacts>, job: Job, kind: AttemptKind) {
    tokio::spawn(async move {
        let mut slot = Slot {
            engine,
            finished: Some(Finished {
                facts,
                job,
                kind,
                body: Bytes::new(),
                attempt: None,
                reach: Reach::NotTried,
            }),
        };
        if let Some(finished) = &mut slot.finished {
            send_job(&slot.engine.inner, finished).await;
        }
    });
}

/// Gives the slot back when the request ends, or when its task dies.
struct Slot {
    engine: Engine,
    finished: Option<Finished>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(finished) = self.finished.take() {
            self.engine.inner.dispatch.tell(Message::Finished(Box::new(finished)));
        }
    }
}

/// What is sent, wherever it comes from.
struct Sending<'a> {
    event: Option<EventId>,
    project: Option<ProjectId>,
    event_type: &'a EventType,
    body: Body,
    chain: [u8; 16],
    id: String,
    kind: AttemptKind,
}

/// What a request's body is made of.
pub(crate) enum Body {
    /// A payload, of which the hook's template, if it has one, makes the body.
    Payload(Bytes),
    /// The bytes themselves, made before.
    Made(Bytes),
    /// Neither is at hand, by our own fault.
    Missing(String),
}

/// What came of a request.
struct Done {
    attempt: Attempt,
    /// Its bytes; empty if there were none.
    body: Bytes,
    reach: Reach,
}

async fn send_job(inner: &Inner, finished: &mut Finished) {
    let facts = finished.facts.clone();
    let (event, project, body, chain) = match &finished.job {
        Job::Fresh(open) => {
            (open.event.id, open.event.project, Body::Payload(open.event.payload.clone()), open.event.chain)
        }
        Job::Row(row) => {
            let body = match row.body.is_empty() {
                true => payload_of(inner, row.event).await,
                false => Body::Made(row.body.clone()),
            };
            (row.event, row.project, body, row.chain)
        }
    };
    let instance = inner.identity.instance;
    let message = Sending {
        event: Some(event),
        project: Some(project),
        event_type: finished.job.event_type(),
        body,
        chain: chain.unwrap_or_else(|| chain_id(instance, event, facts.hook.id)),
        id: message_id(instance, event, facts.hook.id),
        kind: finished.kind,
    };
    let Done { attempt, body, reach } = send(inner, &facts, message).await;
    finished.attempt = Some(attempt);
    finished.body = body;
    finished.reach = reach;
}

/// The payload of a delivery whose template made nothing of it before.
async fn payload_of(inner: &Inner, event: EventId) -> Body {
    match inner.store.event(event).await {
        Ok(Some(event)) => Body::Payload(event.payload),
        Ok(None) => Body::Missing("the event is not kept any more".into()),
        Err(error) => Body::Missing(error.to_string()),
    }
}

async fn send(inner: &Inner, facts: &Arc<HookFacts>, message: Sending<'_>) -> Done {
    let hook = &facts.hook;
    let started_at = inner.clock.now();
    let begun = std::time::Instant::now();
    let is_payload = matches!(message.body, Body::Payload(_)) && hook.template.is_none();
    let made = made_body(facts, message.body).await;
    let body = made.clone().unwrap_or_default();
    let request_body = match &made {
        Err(_) => SentBody::Unmade,
        // It is kept with its event.
        Ok(_) if is_payload && message.event.is_some() => SentBody::Payload,
        Ok(body) => SentBody::Own(body.clone()),
    };
    let request = RequestFacts {
        event_type: message.event_type,
        chain: message.chain,
        message_id: &message.id,
        body: &body,
        now: started_at,
    };
    let headers = inner.header_style.headers(&facts.headers, &request);
    let request_headers = inner.header_style.logged_headers(&headers, &hook.custom_headers);
    let (outcome, reach, duration) = match (made, &facts.target) {
        (Err(failure), _) => (Outcome::Failure(failure), Reach::NotTried, begun.elapsed()),
        (Ok(_), Err(error)) => {
            let reach = reach_of(&Err(error.clone()));
            (judge(inner, facts, Err(error.clone()), started_at), reach, begun.elapsed())
        }
        (Ok(body), Ok(target)) => {
            let answer = inner.egress.send(outgoing(inner, facts, target, headers, body)).await;
            let reach = reach_of(&answer);
            let duration = answer.as_ref().map_or_else(|_| begun.elapsed(), |answer| answer.duration);
            (judge(inner, facts, answer, started_at + duration), reach, duration)
        }
    };
    let attempt = Attempt {
        id: AttemptId(0),
        event: message.event,
        hook: hook.id,
        project: message.project,
        event_type: message.event_type.clone(),
        kind: message.kind,
        url: masked_url(hook.url.expose()).into_owned(),
        request_headers,
        request_body,
        started_at,
        duration,
        outcome,
    };
    Done { attempt, body, reach }
}

/// The bytes to send, or why there are none.
async fn made_body(facts: &Arc<HookFacts>, body: Body) -> Result<Bytes, Failure> {
    match body {
        Body::Made(body) => Ok(body),
        Body::Payload(payload) => facts.body(&payload).await.map_err(|error| {
            let text = format!("The hook's template {error}. Mend it, and what waits goes out");
            Failure::without_answer(FailureClass::BadRequest, text)
        }),
        Body::Missing(why) => {
            Err(Failure::without_answer(FailureClass::Ours, format!("The payload could not be read: {why}")))
        }
    }
}

fn outgoing(
    inner: &Inner,
    facts: &HookFacts,
    target: &Arc<Target>,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
) -> Outgoing {
    let hook = &facts.hook;
    let own = |header: &NamedSecret| (header.name.clone(), header.value.expose().clone());
    Outgoing {
        method: Method::Post,
        target: target.clone(),
        headers,
        custom_headers: hook.custom_headers.iter().map(own).collect(),
        body,
        keep: Keep::Beginning,
        certificate: match hook.certificate_check.is_on() {
            true => CertificateCheck::Verify,
            false => CertificateCheck::Skip,
        },
        identity: facts.identity.clone(),
        deadline: inner.settings.delivery_deadline,
    }
}

/// Whether a request came as far as a connection.
fn reach_of(answer: &Result<Answer, EgressError>) -> Reach {
    match answer {
        Ok(_) => Reach::Reached,
        Err(error) if error.is_connect_failure() => Reach::Unreached,
        Err(EgressError::BadUrl(_) | EgressError::BadHeader(_) | EgressError::Forbidden { .. }) => {
            Reach::NotTried
        }
        Err(error) if error.is_ours() => Reach::NotTried,
        Err(_) => Reach::Reached,
    }
}

/// What came of a request that ended at `now`, as it may be kept: what a receiver repeats of the hook's secrets, and what
/// an error says of its address, is masked.
fn judge(inner: &Inner, facts: &HookFacts, answer: Result<Answer, EgressError>, now: Timestamp) -> Outcome {
    match answer {
        Ok(answer) => {
            let response = Response { status: answer.status, headers: answer.headers, body: answer.body };
            Outcome::of_answer(response, inner.settings.redirects, now, facts.masks())
        }
        Err(error) => {
            let text = error.to_string();
            let text = facts.masks().text(&text, FAILURE_TEXT_BYTES_MAX).into_owned();
            Outcome::Failure(Failure::without_answer(class_of(&error), text))
        }
    }
}

/// The class under which a failure without an answer is counted.
fn class_of(error: &EgressError) -> FailureClass {
    if error.is_ours() {
        return FailureClass::Ours;
    }
    match error {
        EgressError::BadUrl(_) | EgressError::BadHeader(_) => FailureClass::BadRequest,
        EgressError::Forbidden { .. } => FailureClass::Forbidden,
        EgressError::NameNotFound { .. } => FailureClass::Dns,
        EgressError::TimedOut { .. } => FailureClass::Timeout,
        EgressError::Tls(_) | EgressError::NoTls => FailureClass::Tls,
        _ => FailureClass::Connection,
    }
}

/// What is sent again.
pub(crate) struct Again {
    /// The attempt that sent it before, with its whole body.
    pub(crate) sent: Attempt,
    /// Its event's chain, if it came with one.
    pub(crate) chain: Option<[u8; 16]>,
    /// What is sent.
    pub(crate) body: Body,
}

impl Engine {
    /// Sends once more what was sent before, under the same id. Nothing is recorded yet.
    pub(crate) async fn send_again(&self, hook: &Hook, again: Again) -> Attempt {
        let Again { sent, chain, body } = again;
        let instance = self.inner.identity.instance;
        let (chain, id) = match sent.event {
            Some(event) => {
                let chain = chain.unwrap_or_else(|| chain_id(instance, event, hook.id));
                (chain, message_id(instance, event, hook.id))
            }
            // A test: its id is known by what was logged of it.
            None => {
                let logged = sent.request_headers.iter().find(|(name, _)| name == MESSAGE_ID_HEADER);
                let id = logged.map_or_else(|| uuid_text(self.fresh_uuid()), |(_, id)| id.clone());
                (self.fresh_uuid(), id)
            }
        };
        let message = Sending {
            event: sent.event,
            project: sent.project,
            event_type: &sent.event_type,
            body,
            chain,
            id,
            kind: AttemptKind::Resend,
        };
        send(&self.inner, &HookFacts::new(&self.inner, hook.clone()), message).await.attempt
    }

    /// A random (version 4) UUID.
    pub(crate) fn fresh_uuid(&self) -> [u8; 16] {
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&self.inner.entropy.secret()[..16]);
        uuid[6] = uuid[6] & 0x0F | 0x40;
        uuid[8] = uuid[8] & 0x3F | 0x80;
        uuid
    }

    /// Sends one made-up event to a hook now, records the attempt, and moves its health: a success re-enables it, a
    /// failure changes no counter.
    pub(crate) async fn send_test(
        &self,
        hook: &Hook,
        event_type: EventType,
        payload: Bytes,
    ) -> Result<Attempt, EngineError> {
        let facts = HookFacts::new(&self.inner, hook.clone());
        let project = match hook.scope {
            HookScope::Project(project) => Some(project),
            HookScope::Group(_) | HookScope::System => None,
        };
        let message = Sending {
            event: None,
            project,
            event_type: &event_type,
            body: Body::Payload(payload),
            chain: self.fresh_uuid(),
            id: uuid_text(self.fresh_uuid()),
            kind: AttemptKind::Test,
        };
        let Done { attempt, .. } = send(&self.inner, &facts, message).await;
        let signal = match &attempt.outcome {
            Outcome::Success(_) => Signal::TestSucceeded,
            Outcome::Failure(failure) => Signal::TestFailed(failure),
        };
        let record = Record { attempt: Some(attempt.clone()), ..Record::default() };
        let moving = self.move_health(hook.id, signal, record).await?;
        Ok(Attempt { id: moving.attempt.unwrap_or(attempt.id), ..attempt })
    }
}
