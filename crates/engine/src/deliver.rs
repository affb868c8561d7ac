//! One request: its headers, its answer, its outcome. The slot that it uses is given back whatever happens.

use crate::dispatch::{Finished, HookFacts, Job, Message, Reach};
use crate::engine::Inner;
use crate::{Engine, EngineError};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, ProjectId, Timestamp};
use wigwag_hooks::health::Signal;
use wigwag_hooks::{
    Attempt, AttemptKind, EventType, Failure, FailureClass, Hook, HookScope, MESSAGE_ID_HEADER, Outcome,
    RequestFacts, Response, chain_id, masked_url, message_id, uuid_text,
};
use wigwag_ports::deliveries::Record;
use wigwag_ports::egress::{Answer, CertificateCheck, EgressError, Keep, Method, Outgoing};

/// Sends one delivery in the background and tells the dispatcher what came of it.
pub(crate) fn spawn(engine: Engine, facts: Arc<HookFacts>, job: Job, kind: AttemptKind) {
    tokio::spawn(async move {
        let mut slot = Slot {
            engine,
            finished: Some(Finished { facts, job, kind, attempt: None, reach: Reach::NotTried }),
        };
        if let Some(finished) = &mut slot.finished {
            let (attempt, reach) = send_job(&slot.engine.inner, finished).await;
            finished.attempt = Some(attempt);
            finished.reach = reach;
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
    body: Bytes,
    chain: [u8; 16],
    id: String,
    kind: AttemptKind,
}

async fn send_job(inner: &Inner, finished: &Finished) -> (Attempt, Reach) {
    let hook = &finished.facts.hook;
    let (event, project, body, chain) = match &finished.job {
        Job::Fresh(open) => (open.event.id, open.event.project, open.event.payload.clone(), open.event.chain),
        Job::Row(row) => (row.event, row.project, row.body.clone(), row.chain),
    };
    let instance = inner.identity.instance;
    let message = Sending {
        event: Some(event),
        project: Some(project),
        event_type: finished.job.event_type(),
        body,
        chain: chain.unwrap_or_else(|| chain_id(instance, event)),
        id: message_id(instance, event, hook.id),
        kind: finished.kind,
    };
    send(inner, &finished.facts, message).await
}

async fn send(inner: &Inner, facts: &HookFacts, message: Sending<'_>) -> (Attempt, Reach) {
    let hook = &facts.hook;
    let started_at = inner.clock.now();
    let request = RequestFacts {
        event_type: message.event_type,
        chain: message.chain,
        message_id: &message.id,
        body: &message.body,
        now: started_at,
    };
    let headers = inner.header_style.headers(&facts.headers, &request);
    let request_headers = inner.header_style.logged_headers(&headers);
    let begun = std::time::Instant::now();
    let answer = match &facts.target {
        Err(error) => Err(error.clone()),
        Ok(target) => {
            let outgoing = Outgoing {
                method: Method::Post,
                target: target.clone(),
                headers,
                custom_headers: Vec::new(),
                body: message.body.clone(),
                keep: Keep::Beginning,
                certificate: if hook.certificate_check.is_on() {
                    CertificateCheck::Verify
                } else {
                    CertificateCheck::Skip
                },
                deadline: inner.settings.delivery_deadline,
            };
            inner.egress.send(outgoing).await
        }
    };
    let reach = reach_of(&answer);
    let duration = answer.as_ref().map_or_else(|_| begun.elapsed(), |answer| answer.duration);
    let attempt = Attempt {
        id: AttemptId(0),
        event: message.event,
        hook: hook.id,
        project: message.project,
        event_type: message.event_type.clone(),
        kind: message.kind,
        url: masked_url(hook.url.expose()).into_owned(),
        request_headers,
        request_body: if message.event.is_some() { Bytes::new() } else { message.body },
        started_at,
        duration,
        outcome: judge(inner, answer, started_at, duration),
    };
    (attempt, reach)
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

fn judge(
    inner: &Inner,
    answer: Result<Answer, EgressError>,
    started_at: Timestamp,
    duration: Duration,
) -> Outcome {
    match answer {
        Ok(answer) => {
            let response = Response { status: answer.status, headers: answer.headers, body: answer.body };
            Outcome::of_answer(response, inner.settings.redirects, started_at + duration)
        }
        Err(error) => Outcome::Failure(Failure::without_answer(class_of(&error), error.to_string())),
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
        EgressError::Tls(_) => FailureClass::Tls,
        _ => FailureClass::Connection,
    }
}

/// What is sent again.
pub(crate) struct Again {
    /// The attempt that sent it before, with its whole body.
    pub(crate) sent: Attempt,
    /// Its event's chain, if it came with one.
    pub(crate) chain: Option<[u8; 16]>,
}

impl Engine {
    /// Sends once more what was sent before, under the same id. Nothing is recorded yet.
    pub(crate) async fn send_again(&self, hook: &Hook, again: Again) -> Attempt {
        let Again { sent, chain } = again;
        let instance = self.inner.identity.instance;
        let (chain, id) = match sent.event {
            Some(event) => {
                (chain.unwrap_or_else(|| chain_id(instance, event)), message_id(instance, event, hook.id))
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
            body: sent.request_body,
            chain,
            id,
            kind: AttemptKind::Resend,
        };
        send(&self.inner, &HookFacts::new(&self.inner, hook.clone()), message).await.0
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
            body: payload,
            chain: self.fresh_uuid(),
            id: uuid_text(self.fresh_uuid()),
            kind: AttemptKind::Test,
        };
        let (attempt, _) = send(&self.inner, &facts, message).await;
        let signal = match &attempt.outcome {
            Outcome::Success(_) => Signal::TestSucceeded,
            Outcome::Failure(failure) => Signal::TestFailed(failure),
        };
        let record = Record { attempt: Some(attempt.clone()), ..Record::default() };
        let (_, id) = self.move_health(hook.id, signal, record).await?;
        Ok(Attempt { id: id.unwrap_or(attempt.id), ..attempt })
    }
}
