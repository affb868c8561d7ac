//! What another policy would have done.

use super::{FailurePolicy, FailurePolicyInput, RetryPolicy, RetryPolicyInput};
use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The policy to try: at least one of the two.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct PolicyDryRunInput {
    /// An object, or `off`; null tries the next level's.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<FailurePolicyInput>)]
    pub failure_policy: Option<Option<FailurePolicyInput>>,
    /// An object; null tries the instance's.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<RetryPolicyInput>)]
    pub retry_policy: Option<Option<RetryPolicyInput>>,
}

/// What a policy would have done with the attempts that are kept, beside the present policy and what happened.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct PolicyDryRun {
    /// From when on attempts are known.
    pub from: Time,
    /// Up to when.
    pub until: Time,
    /// How many there are.
    pub attempts: u64,
    /// Whether older ones were left out, because there are too many.
    pub cut: bool,
    /// What cannot be known from past attempts.
    pub unknown: &'static str,
    /// The policy that was asked for.
    pub tried: PolicyRun,
    /// The one that holds now, over the same attempts.
    pub present: PolicyRun,
    /// What really happened.
    pub happened: WhatHappened,
}

/// A policy with what it would have done.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct PolicyRun {
    /// An object, or `off`.
    pub failure_policy: FailurePolicy,
    /// When a failed delivery is tried again.
    pub retry_policy: RetryPolicy,
    /// Attempts that would have gone out when they did.
    pub sent: u64,
    /// Attempts that would have been spared at that time: the next two together.
    pub spared: u64,
    /// Of those, what falls into a pause, or behind the disabling: it would have waited.
    pub would_have_waited: u64,
    /// Of those, retries that the retry policy does not make.
    pub retries_left_out: u64,
    /// Deliveries that arrived by such a retry: they would have been given up.
    pub given_up: u64,
    /// Pauses that would have begun.
    pub pauses: u64,
    /// How long the hook would have been paused, in seconds.
    pub paused_s: u64,
    /// When it would have been disabled first.
    pub disabled_at: Option<Time>,
    /// How long it would have been disabled, in seconds.
    pub disabled_s: u64,
    /// Its health at the end.
    pub health: &'static str,
}

/// What really happened in that time.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct WhatHappened {
    /// Attempts that went out.
    pub sent: u64,
    /// Pauses that began.
    pub pauses: u64,
    /// How long the hook was paused, in seconds.
    pub paused_s: u64,
    /// When it was disabled first.
    pub disabled_at: Option<Time>,
    /// How long it was disabled, in seconds.
    pub disabled_s: u64,
    /// Its health now.
    pub health: &'static str,
}
