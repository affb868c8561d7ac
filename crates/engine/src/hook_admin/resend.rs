//! Sending once more, by hand, what was sent before: the same bytes under the same id.

use crate::deliver::{Again, Body};
use crate::dispatch::Message;
use crate::rates::TestedAt;
use crate::recorder::Moving;
use crate::rights::ADMINISTER_HOOKS;
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_base::{AttemptId, HookId};
use wigwag_hooks::health::Signal;
use wigwag_hooks::{Attempt, Hook, HookScope, Outcome, SentBody, masked_url};
use wigwag_ports::deliveries::{DeliveryChange, Record};

impl Engine {
    /// Sends what an attempt sent once more, now, under the same id, so that a receiver that has it already can tell.
    /// A success ends the delivery, wherever it stood, and re-enables the hook; a failure changes no counter.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Invalid`] if the hook's URL is another one by now, or what was sent is
    /// not kept any more; [`EngineError::TooMany`] above five tests and resends a minute.
    pub async fn resend(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        attempt: AttemptId,
    ) -> Result<Attempt, EngineError> {
        let hook = self.hook_for(principal, ADMINISTER_HOOKS, scope, id).await?;
        super::url::filled(&hook)?;
        let sent = self.attempt(principal, scope, id, attempt).await?;
        let again = self.again(&hook, sent).await?;
        self.inner
            .rates
            .hook_tests
            .take(&TestedAt { user: principal.user, scope }, self.inner.clock.now())?;
        let attempt = self.send_again(&hook, again).await;
        let (signal, arrived) = match &attempt.outcome {
            Outcome::Success(_) => (Signal::TestSucceeded, attempt.event),
            Outcome::Failure(failure) => (Signal::TestFailed(failure), None),
        };
        let record = Record {
            attempt: Some(attempt.clone()),
            delivery: arrived.map(|event| DeliveryChange::Delivered { hook: id, event }),
            ..Record::default()
        };
        let Moving { attempt: stored, waited, .. } = self.move_health(id, signal, record).await?;
        if let Some(event) = arrived {
            self.inner.dispatch.tell(Message::Arrived { hook: id, event, waited });
        }
        Ok(Attempt { id: stored.unwrap_or(attempt.id), ..attempt })
    }

    /// What to send again, if it may be.
    async fn again(&self, hook: &Hook, sent: Attempt) -> Result<Again, EngineError> {
        let refused = |field, rule: &str| Err(EngineError::Invalid { field, rule: rule.into() });
        // The address of a URL with secret parts is not in the log; when it last became another one is on the hook.
        let moved = hook.redirected_at.filter(|_| !hook.url_variables.is_empty());
        if masked_url(hook.url.expose()) != sent.url || moved.is_some_and(|at| sent.started_at < at) {
            return refused(
                "url",
                "has changed since, and what was meant for one address is not sent to another; test the hook, or publish the event again",
            );
        }
        let event = match sent.event {
            Some(event) => self.inner.store.event(event).await?,
            None => None,
        };
        if sent.event.is_some() && event.is_none() {
            return refused(
                "event_id",
                "is too old: what was sent is not kept any more; publish the event again",
            );
        }
        let chain = event.as_ref().and_then(|event| event.chain);
        let body = match (&sent.request_body, event) {
            (SentBody::Own(body), _) => Body::Made(body.clone()),
            (SentBody::Payload, Some(event)) => Body::Made(event.payload),
            // What could not be made was never sent; perhaps it can now.
            (SentBody::Unmade, Some(event)) => Body::Payload(event.payload),
            (SentBody::Payload | SentBody::Unmade, None) => {
                return refused("event_id", "was a test whose body could not be made; test the hook again");
            }
        };
        Ok(Again { sent, chain, body })
    }
}
