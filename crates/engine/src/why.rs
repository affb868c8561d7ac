//! Why a delivery stands where it stands: a word for programs, a sentence for people, and until when, if a time decides.
//! Of hooks that the asking person may not see, only what the delivery itself says is told.

use crate::dispatch::{RateOf, Throttling};
use crate::hook_admin::HookView;
use crate::rights::READ_HOOKS;
use crate::{Engine, EngineError, Settings};
use std::collections::HashMap;
use wigwag_access::Principal;
use wigwag_base::{HookId, Page, Timestamp};
use wigwag_hooks::health::Health;
use wigwag_hooks::{Delivery, DeliveryState, EndReason, Ordering, Outcome};
use wigwag_ports::log::AttemptFilter;

/// A delivery with the reason of its state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// The delivery.
    pub delivery: Delivery,
    /// Why it stands there; none where it arrived.
    pub why: Option<Why>,
}

/// A reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// The stable word.
    pub reason: &'static str,
    /// A sentence without its full stop.
    pub text: String,
    /// Until when it waits, if a time decides.
    pub until: Option<Timestamp>,
}

/// What is known of the hook of a delivery.
#[derive(Clone)]
enum Known {
    /// All of it.
    Hook(Box<HookView>),
    /// The asking person may not see it.
    Hidden,
    /// It was deleted.
    Gone,
}

impl Engine {
    /// Tells why each of these deliveries stands where it stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn explained(
        &self,
        principal: &Principal,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<Explained>, EngineError> {
        let mut hooks: HashMap<HookId, Known> = HashMap::new();
        let mut explained = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            let hook = match hooks.get(&delivery.hook) {
                Some(known) => known.clone(),
                None => {
                    let known = self.known(principal, delivery.hook).await?;
                    hooks.insert(delivery.hook, known.clone());
                    known
                }
            };
            let why = self.why(&delivery, &hook).await?;
            explained.push(Explained { delivery, why });
        }
        Ok(explained)
    }

    async fn known(&self, principal: &Principal, id: HookId) -> Result<Known, EngineError> {
        let Some(hook) = self.inner.store.hook(id).await? else { return Ok(Known::Gone) };
        match self.allow_hooks(principal, READ_HOOKS, hook.scope).await {
            // How many wait says nothing here, but that this one does.
            Ok(()) => Ok(Known::Hook(Box::new(self.view(hook, 1)))),
            Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => Ok(Known::Hidden),
            Err(other) => Err(other),
        }
    }

    async fn why(&self, delivery: &Delivery, hook: &Known) -> Result<Option<Why>, EngineError> {
        let now = self.inner.clock.now();
        let settings = &self.inner.settings;
        Ok(match (delivery.state, hook) {
            (DeliveryState::Delivered, _) => None,
            (DeliveryState::GivenUp, Known::Hook(_)) => {
                let error = self.last_error(delivery).await?;
                Some(given_up(delivery.attempts, error.as_deref()))
            }
            (DeliveryState::GivenUp, _) => Some(given_up(delivery.attempts, None)),
            (DeliveryState::Skipped(reason) | DeliveryState::Expired(reason), _) => {
                Some(ended(reason, settings))
            }
            (DeliveryState::Cancelled, _) | (_, Known::Gone) => {
                Some(said("hook_deleted", "its hook was deleted"))
            }
            (_, Known::Hidden) => Some(said("waits", "it waits for a hook that you may not see")),
            (state, Known::Hook(view)) => match (waits_for_hook(view, settings, now), state) {
                (Some(why), _) => Some(why),
                (None, DeliveryState::Retrying { due }) if due > now => {
                    let error = self.last_error(delivery).await?;
                    Some(retrying(delivery.attempts, error.as_deref(), due))
                }
                (None, DeliveryState::Held) => {
                    Some(said("after_recovery", "what was held goes out now, oldest first"))
                }
                (None, _) if view.hook.ordering == Ordering::Strict => Some(said(
                    "in_order",
                    "it goes out once every older event has arrived or was given up: the hook keeps their order",
                )),
                (None, _) => Some(said("queued", "it goes out as soon as there is a free slot")),
            },
        })
    }

    /// What the newest attempt came to, while it is kept.
    async fn last_error(&self, delivery: &Delivery) -> Result<Option<String>, EngineError> {
        let (hook, event) = (Some(delivery.hook), Some(delivery.event));
        let filter = AttemptFilter { hook, event, ..AttemptFilter::default() };
        let newest = self.inner.store.attempts(filter, Page::new(1, 1)).await?.rows.pop();
        Ok(newest.and_then(|attempt| match attempt.outcome {
            Outcome::Failure(failure) => Some(failure.text),
            Outcome::Success(_) => None,
        }))
    }
}

fn said(reason: &'static str, text: &str) -> Why {
    Why { reason, text: text.to_owned(), until: None }
}

/// What of the hook itself keeps a delivery from going out now.
fn waits_for_hook(view: &HookView, settings: &Settings, now: Timestamp) -> Option<Why> {
    let until = |reason, text: &str, at| Some(Why { until: Some(at), ..said(reason, text) });
    if !view.hook.enabled.is_on() {
        return Some(said(
            "switched_off",
            "its hook is switched off; it goes out when somebody switches it on",
        ));
    }
    match view.hook.health.state {
        Health::Disabled => {
            return Some(said(
                "hook_disabled",
                "its hook is disabled because it failed; it goes out when somebody enables the hook",
            ));
        }
        Health::Paused { until: at, .. } if at > now => {
            return until("hook_paused", "its hook is paused because it failed", at);
        }
        Health::Unhealthy { not_before: Some(at) } if at > now => {
            return until("asked_to_wait", "the receiver asked to wait", at);
        }
        Health::Paused { .. } | Health::HalfOpen => {
            return Some(said(
                "hook_half_open",
                "its hook failed and is tried with one request at a time until one succeeds",
            ));
        }
        Health::Healthy | Health::Unhealthy { .. } => {}
    }
    match view.throttling? {
        Throttling { until: at, by: RateOf::Hook } => {
            let rate = view.hook.rate_per_minute.unwrap_or_default();
            until("throttled_by_hook", &format!("its hook may get {rate} deliveries a minute, and has"), at)
        }
        Throttling { until: at, by: RateOf::Namespace } => {
            let rate = settings.namespace_rate_per_minute.unwrap_or_default();
            let text = format!("the hooks of its namespace may get {rate} deliveries a minute, and have");
            until("throttled_by_namespace", &text, at)
        }
    }
}

fn retrying(attempts: u32, error: Option<&str>, due: Timestamp) -> Why {
    let text = format!("{} failed; it is tried again{}", tries(attempts), last(error));
    Why { reason: "failed", text, until: Some(due) }
}

fn given_up(attempts: u32, error: Option<&str>) -> Why {
    let text = format!("{} failed; no retries are left{}", tries(attempts), last(error));
    Why { reason: "retries_used_up", text, until: None }
}

fn tries(attempts: u32) -> String {
    if attempts == 1 { "1 try".into() } else { format!("{attempts} tries") }
}

/// What the last attempt came to, a sentence or more of its own.
fn last(error: Option<&str>) -> String {
    error.map_or_else(String::new, |error| format!(". {}", error.trim_end_matches('.')))
}

fn ended(reason: EndReason, settings: &Settings) -> Why {
    let text = match reason {
        EndReason::HookPaused => "its hook was paused, and skips what comes meanwhile".to_owned(),
        EndReason::HookDisabled => "its hook was disabled, and skips what comes meanwhile".to_owned(),
        EndReason::SwitchedOff => "its hook was switched off".to_owned(),
        EndReason::TooMany => {
            let most = settings.waiting_per_hook_max;
            format!("more than {most} deliveries waited for its hook, and this was the oldest")
        }
        EndReason::TooOld => {
            let hours = settings.waiting_age_max.as_secs() / 3_600;
            let age = if hours >= 48 { format!("{} days", hours / 24) } else { format!("{hours} hours") };
            format!("it waited longer than {age}")
        }
        EndReason::Recursion => {
            "its hook had heard an earlier event of the same chain: it would have heard itself".to_owned()
        }
        EndReason::ChainFull => {
            let most = crate::limits::CHAIN_HOOKS_MAX;
            format!("{most} hooks had heard earlier events of the same chain, or it has too many events")
        }
    };
    Why { reason: reason.name(), text, until: None }
}
