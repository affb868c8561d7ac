//! Accepting events: checked, appended, durable, then handed to the dispatcher in memory.

use crate::limits::{BATCH_EVENTS_MAX, IDEMPOTENCY_KEY_CHARACTERS_MAX, RETRY_AFTER_UNAVAILABLE};
use crate::{Engine, EngineError};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use wigwag_base::{EventId, ProjectId};
use wigwag_hooks::{Event, EventType, NewEvent};
use wigwag_ports::StoreError;
use wigwag_ports::intake::{AppendError, Appended};

/// An event as it came in: the payload is JSON (the face has checked it) and is kept byte for byte.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What happened.
    pub event_type: String,
    /// The JSON that hooks receive.
    pub payload: Bytes,
    /// Makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// The chain that it came in with (`X-Gitlab-Event-UUID`).
    pub chain: Option<[u8; 16]>,
}

/// What became of one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// Its id.
    pub id: EventId,
    /// Whether it is new.
    pub novelty: Novelty,
}

/// Whether an accepted event is new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Novelty {
    /// It will be delivered.
    New,
    /// Its key was used for the same event before; nothing is sent.
    Repeated,
}

/// Why events were refused; none of them was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The event that is at fault, from 0, if one is.
    pub index: Option<usize>,
    /// Why.
    pub error: EngineError,
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        Self { index: None, error }
    }
}

impl Engine {
    /// Accepts events of one project, all or none; returns when they are durable. The caller has judged that the
    /// principal may publish there.
    ///
    /// # Errors
    /// [`Refused`] names the event at fault and the rule, or what is wrong here and when to come back.
    pub async fn publish(&self, project: ProjectId, events: Vec<Incoming>) -> Result<Vec<Accepted>, Refused> {
        self.may_accept()?;
        if events.len() > BATCH_EVENTS_MAX {
            let text =
                format!("a request may hold {BATCH_EVENTS_MAX} events; send {} in several", events.len());
            return Err(EngineError::TooLarge(text).into());
        }
        let mut new = Vec::with_capacity(events.len());
        for (index, event) in events.into_iter().enumerate() {
            let checked = self.check(project, event);
            new.push(checked.map_err(|error| Refused { index: Some(index), error })?);
        }
        self.inner.dispatch.room().await;
        // In a task of its own: a caller that goes away after the commit must not keep the events from the dispatcher.
        let engine = self.clone();
        let appended = tokio::spawn(async move { engine.append(new).await });
        appended.await.unwrap_or_else(|_| Err(interrupted().into()))
    }

    /// Makes the events durable and hands the new ones on.
    async fn append(&self, new: Vec<NewEvent>) -> Result<Vec<Accepted>, Refused> {
        let appended = self.inner.store.append(new.clone()).await.map_err(|error| {
            if let AppendError::Store(StoreError::Fatal(reason)) = &error {
                self.inner.recorder.distrust(reason);
            }
            refused(error)
        })?;
        let mut fresh = Vec::with_capacity(new.len());
        let mut accepted = Vec::with_capacity(new.len());
        for (event, appended) in new.into_iter().zip(appended) {
            accepted.push(match appended {
                Appended::New(id) => {
                    fresh.push(stored(id, event));
                    Accepted { id, novelty: Novelty::New }
                }
                Appended::Repeated(id) => Accepted { id, novelty: Novelty::Repeated },
            });
        }
        if !fresh.is_empty() {
            self.inner.dispatch.accept(fresh);
        }
        Ok(accepted)
    }

    fn may_accept(&self) -> Result<(), EngineError> {
        let unavailable =
            |reason: String| EngineError::Unavailable { reason, retry_after: RETRY_AFTER_UNAVAILABLE };
        if self.inner.stopping.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(unavailable("the server is stopping".into()));
        }
        if let Some(reason) = self.inner.healthy_store.borrow().as_ref() {
            return Err(unavailable(reason.clone()));
        }
        match self.inner.room.borrow().as_ref() {
            Some(reason) => Err(unavailable(reason.clone())),
            None => Ok(()),
        }
    }

    fn check(&self, project: ProjectId, event: Incoming) -> Result<NewEvent, EngineError> {
        let Some(event_type) = EventType::new(&event.event_type) else {
            return Err(EngineError::Invalid {
                field: "type",
                rule: "must be 1 to 128 characters of A-Z a-z 0-9 _ . : -, such as push or invoice.paid"
                    .into(),
            });
        };
        if event.payload.len() > self.inner.settings.event_bytes_max {
            let (size, max) = (event.payload.len(), self.inner.settings.event_bytes_max);
            return Err(EngineError::TooLarge(format!(
                "the payload has {size} bytes; an event may have {max}"
            )));
        }
        let key = event.idempotency_key;
        let key_fits =
            |key: &String| !key.is_empty() && key.chars().count() <= IDEMPOTENCY_KEY_CHARACTERS_MAX;
        if key.as_ref().is_some_and(|key| !key_fits(key)) {
            return Err(EngineError::Invalid {
                field: "idempotency_key",
                rule: format!("must be 1 to {IDEMPOTENCY_KEY_CHARACTERS_MAX} characters"),
            });
        }
        let digest = match &key {
            Some(_) => Sha256::new()
                .chain_update(event_type.as_str())
                .chain_update([0])
                .chain_update(&event.payload)
                .finalize()
                .into(),
            None => [0; 32],
        };
        Ok(NewEvent {
            project,
            event_type,
            payload: event.payload,
            idempotency_key: key,
            digest,
            chain: event.chain,
            accepted_at: self.inner.clock.now(),
        })
    }
}

fn interrupted() -> EngineError {
    let reason = "the request was interrupted; repeat it with the same idempotency_key".into();
    EngineError::Unavailable { reason, retry_after: RETRY_AFTER_UNAVAILABLE }
}

fn stored(id: EventId, event: NewEvent) -> Event {
    Event {
        id,
        project: event.project,
        event_type: event.event_type,
        payload: event.payload,
        chain: event.chain,
        accepted_at: event.accepted_at,
    }
}

fn refused(error: AppendError) -> Refused {
    match error {
        AppendError::KeyReused { index } => Refused {
            index: Some(index),
            error: EngineError::Conflict(
                "this idempotency_key was used for another event within 24 hours; send a new key".into(),
            ),
        },
        AppendError::Store(error) => EngineError::from(error).into(),
    }
}
