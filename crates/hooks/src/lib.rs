//! Web-hooks as rules: hook, event, delivery, attempt, the health machine, the retry schedule, trigger matching and
//! signatures. Pure: time and randomness come in as values, effects go out as values.

mod attempt;
mod delivery;
mod event;
pub mod health;
mod hook;
pub mod limits;
mod policy;
mod trigger;

pub use attempt::{Attempt, AttemptKind, Failure, FailureClass, Outcome, Response};
pub use delivery::{Delivery, DeliveryState, EndReason};
pub use event::{Event, EventType, NewEvent};
pub use hook::{Hook, HookScope, HookUuid, SigningKey, Switch, WhilePaused};
pub use policy::{FailurePolicy, PolicyChoice, PolicyError, RetryPolicy};
pub use trigger::{EventGlob, Trigger, TriggerSet};
