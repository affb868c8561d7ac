//! Web-hooks as rules: hook, event, delivery, attempt, the health machine, the retry schedule, trigger matching and
//! signatures. Pure: time and randomness come in as values, effects go out as values.

mod attempt;
mod branch_filter;
mod delivery;
mod event;
mod event_glob;
pub mod health;
mod hook;
pub mod hook_input;
mod hook_url;
mod json;
pub mod limits;
mod mask;
mod named_secret;
mod outcome;
mod policy;
mod request;
mod signature;
mod template;
mod trigger;

#[cfg(test)]
mod testing;

pub use attempt::{Attempt, AttemptKind, Failure, FailureClass, Outcome, PastAttempt, Response, SentBody};
pub use branch_filter::{BranchFilter, BranchFilterError, BranchMatcher, BranchStrategy, pushed_branch};
pub use delivery::{AfterFailure, Arrival, Delivery, DeliveryState, EndReason, after_failure, on_arrival};
pub use event::{Event, EventType, NewEvent};
pub use event_glob::EventGlob;
pub use hook::{
    ClientIdentity, Hook, HookScope, HookUuid, Ordering, SigningKey, SigningScheme, Switch, WhilePaused,
};
pub use hook_url::{masked_url, secrets_survive};
pub use mask::Masks;
pub use named_secret::{NamedSecret, filled_url, unfilled_place};
pub use outcome::Redirects;
pub use policy::{FailurePolicy, PolicyChoice, PolicyError, RetryPolicy};
pub use request::{
    ChainRoot, HeaderStyle, HeaderStyleError, HookHeaders, MASK, MESSAGE_ID_HEADER, RequestFacts, chain_id,
    chain_root, message_id, uuid_text,
};
pub use signature::{Signer, SigningKeyError, verify};
pub use template::{Template, TemplateError};
pub use trigger::{ScopeKind, Trigger, TriggerSet, event_header, log_trigger, wants};
