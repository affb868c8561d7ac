//! How a hook's health came about: each change with the attempts behind it, and what another policy would have made of the
//! same attempts.

use crate::limits::{
    ATTEMPTS_PER_CHANGE_MAX, DRY_RUN_ATTEMPTS_MAX, DRY_RUN_CHANGES_MAX, TIMELINE_ATTEMPTS_MAX,
    TIMELINE_ENTRIES_MAX,
};
use crate::rights::READ_HOOKS;
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_base::{HookId, Timestamp, TransitionId};
use wigwag_hooks::health::{self, DryRun, Past, Policy, Transition, causes, dry_run, what_happened};
use wigwag_hooks::{Hook, HookScope, PastAttempt, PolicyChoice, RetryPolicy};

/// A change of a hook's health.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Rising.
    pub id: TransitionId,
    /// What changed.
    pub transition: Transition,
    /// The last attempts that led to it, oldest first; at most [`ATTEMPTS_PER_CHANGE_MAX`].
    pub attempts: Vec<PastAttempt>,
    /// How many led to it, of those that are looked at.
    pub attempts_count: u64,
}

/// How a hook's health came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// The newest changes, newest first.
    pub changes: Vec<Change>,
    /// When the newest request that succeeded began, of those that are looked at.
    pub last_success: Option<Timestamp>,
}

/// What is tried instead of what holds. What is not given stays as it is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TriedPolicy {
    /// When failures pause and disable.
    pub failures: Option<PolicyChoice>,
    /// Which retries are made; `Some(None)` for the instance's.
    pub retries: Option<Option<RetryPolicy>>,
}

/// What another policy would have done, beside what the present one would have and what happened.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyTrial {
    /// From when on attempts are known.
    pub from: Timestamp,
    /// Up to when.
    pub until: Timestamp,
    /// How many of them there are.
    pub attempts: u64,
    /// Whether there are more, older ones, that were left out.
    pub cut: Cut,
    /// The tried policy.
    pub tried: PolicyRun,
    /// The policy that holds now, over the same attempts.
    pub present: PolicyRun,
    /// What really happened, under whatever policies held then.
    pub happened: DryRun,
}

/// A policy with what it came to.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyRun {
    /// When failures pause and disable.
    pub failures: Policy,
    /// Which retries are made.
    pub retries: RetryPolicy,
    /// What it came to.
    pub run: DryRun,
}

/// Whether something older was left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Everything that is kept was looked at.
    Whole,
    /// The oldest was not.
    Oldest,
}

impl Engine {
    /// The newest changes of a hook's health with the attempts behind each, newest first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn timeline(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
    ) -> Result<Timeline, EngineError> {
        self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        let (ids, changes): (Vec<TransitionId>, Vec<Transition>) =
            self.inner.store.timeline(hook, TIMELINE_ENTRIES_MAX).await?.into_iter().unzip();
        let recent = self.inner.store.past_attempts(hook, None, TIMELINE_ATTEMPTS_MAX).await?;
        let behind = causes(&changes, &recent);
        let named = |attempts: &[&PastAttempt]| {
            let last = attempts.len().saturating_sub(ATTEMPTS_PER_CHANGE_MAX);
            attempts[last..].iter().map(|attempt| (*attempt).clone()).collect()
        };
        let lines = ids.into_iter().zip(&changes).zip(behind);
        let changes = lines
            .map(|((id, transition), attempts)| Change {
                id,
                transition: transition.clone(),
                attempts: named(&attempts),
                attempts_count: attempts.len() as u64,
            })
            .collect();
        let last_success = recent.iter().find(|attempt| attempt.outcome.is_success());
        Ok(Timeline { changes, last_success: last_success.map(|attempt| attempt.started_at) })
    }

    /// What another policy would have done with the attempts that are kept of a hook. Nothing is changed.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn try_policy(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        tried: TriedPolicy,
    ) -> Result<PolicyTrial, EngineError> {
        let hook = self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        let until = self.inner.clock.now();
        let since = (until - self.inner.settings.retention).max(hook.created_at);
        // One more than is looked at tells whether there are more.
        let store = &self.inner.store;
        let mut attempts = store.past_attempts(hook.id, Some(since), DRY_RUN_ATTEMPTS_MAX + 1).await?;
        let mut changes: Vec<Transition> =
            store.timeline(hook.id, DRY_RUN_CHANGES_MAX + 1).await?.into_iter().map(|(_, one)| one).collect();
        let (mut from, mut cut) = (since, Cut::Whole);
        if attempts.len() > DRY_RUN_ATTEMPTS_MAX as usize {
            attempts.pop();
            from = attempts.last().map_or(from, |oldest| oldest.started_at).max(from);
            cut = Cut::Oldest;
        }
        if changes.len() > DRY_RUN_CHANGES_MAX as usize {
            changes.pop();
            from = changes.last().map_or(from, |oldest| oldest.at).max(from);
            cut = Cut::Oldest;
        }
        attempts.retain(|attempt| attempt.started_at >= from);
        let past = Past { attempts: &attempts, changes: &changes, from, until };
        Ok(PolicyTrial {
            from,
            until,
            attempts: attempts.len() as u64,
            cut,
            tried: self.tried(&hook, tried, &past),
            present: self.tried(&hook, TriedPolicy::default(), &past),
            happened: what_happened(&past, hook.health.state.name()),
        })
    }

    fn tried(&self, hook: &Hook, tried: TriedPolicy, past: &Past<'_>) -> PolicyRun {
        let failures = match tried.failures {
            None => self.policy(hook),
            // Whether the flag lets anything pause now does not matter to what is only tried.
            Some(choice) => {
                let instance = PolicyChoice::Own(self.inner.settings.failure_policy);
                health::effective([choice, instance], wigwag_hooks::Switch::On)
            }
        };
        let of_hook = || self.retry_policy(hook).clone();
        let retries = match &tried.retries {
            None => of_hook(),
            Some(None) => self.inner.settings.retry_policy.clone(),
            Some(Some(policy)) => policy.clone(),
        };
        // The present retries made what is in the log: only other ones leave something out.
        let other = (retries != of_hook()).then_some(&retries);
        PolicyRun { failures, run: dry_run(past, &failures, other), retries }
    }
}
