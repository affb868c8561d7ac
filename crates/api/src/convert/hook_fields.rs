use std::time::Duration;
use wigwag_base::Secret;
use wigwag_engine::history::TriedPolicy;
use wigwag_engine::hook_admin::{HookFields, NamedEdit};
use wigwag_engine::{EngineError, Settings};
use wigwag_hooks::{
    BranchStrategy, FailurePolicy, Ordering, PolicyChoice, PolicyError, RetryPolicy, Switch, Trigger,
    WhilePaused,
};
use wigwag_wire::hooks::{
    FailurePolicyFields, FailurePolicyInput, HookInput, NamedInput, PolicyDryRunInput, RetryPolicyInput,
};

/// What a client says about a hook, in the engine's words.
///
/// # Errors
/// [`EngineError::Invalid`] names the field.
pub(crate) fn hook_fields(mut input: HookInput, settings: &Settings) -> Result<HookFields, EngineError> {
    let mut triggers = Vec::new();
    for trigger in Trigger::ALL {
        if let Some(Some(on)) = input.triggers.field(trigger.api_name()) {
            triggers.push((trigger, Switch::from_bool(*on)));
        }
    }
    let strategy = input.branch_filter_strategy.as_deref().filter(|word| !word.is_empty());
    let text = |text: Option<Option<String>>| text.map(Option::unwrap_or_default);
    let secret = |text: Option<Option<String>>| text.map(|text| Secret::new(text.unwrap_or_default()));
    Ok(HookFields {
        url: input.url.map(Secret::new),
        url_variables: named("url_variables", input.url_variables)?,
        custom_headers: named("custom_headers", input.custom_headers)?,
        template: text(input.custom_webhook_template),
        branch_strategy: strategy.map(branch_strategy).transpose()?,
        branch_filter: text(input.push_events_branch_filter),
        name: input.name,
        description: input.description,
        token: secret(input.token),
        signing_token: secret(input.signing_token),
        triggers,
        event_types: input.event_types,
        certificate_check: input.enable_ssl_verification.map(Switch::from_bool),
        client_certificate: text(input.client_certificate),
        client_key: secret(input.client_key),
        ordering: input.ordering.as_deref().map(ordering).transpose()?,
        enabled: input.enabled.map(Switch::from_bool),
        rate_per_minute: input.rate_per_minute,
        while_paused: input.while_paused.as_deref().map(while_paused).transpose()?,
        failure_policy: input
            .failure_policy
            .map(|choice| choice.map_or(Ok(PolicyChoice::Inherit), |choice| failure_policy(choice, settings)))
            .transpose()?,
        retry_policy: input.retry_policy.map(|policy| policy.map(retry_policy).transpose()).transpose()?,
    })
}

/// A policy that is tried, in the engine's words.
///
/// # Errors
/// [`EngineError::Invalid`] names the field; so does nothing to try at all.
pub(crate) fn tried_policy(
    input: PolicyDryRunInput,
    settings: &Settings,
) -> Result<TriedPolicy, EngineError> {
    let PolicyDryRunInput { failure_policy: failures, retry_policy: retries } = input;
    if failures.is_none() && retries.is_none() {
        let rule = "is missing; give it, or a retry_policy, to try".into();
        return Err(EngineError::Invalid { field: "failure_policy", rule });
    }
    Ok(TriedPolicy {
        failures: failures
            .map(|choice| choice.map_or(Ok(PolicyChoice::Inherit), |choice| failure_policy(choice, settings)))
            .transpose()?,
        retries: retries.map(|policy| policy.map(retry_policy).transpose()).transpose()?,
    })
}

fn named(field: &'static str, input: Option<Vec<NamedInput>>) -> Result<Vec<NamedEdit>, EngineError> {
    let edit = |NamedInput { key, value }: NamedInput| match (key, value) {
        (None, _) => Err(EngineError::Invalid { field, rule: "must each have a key".into() }),
        // What answers show has no values; a client that sends it back changes nothing.
        (Some(key), None) => Ok(NamedEdit::Keep(key)),
        (Some(key), Some(value)) => Ok(NamedEdit::Set(key, Secret::new(value))),
    };
    input.unwrap_or_default().into_iter().map(edit).collect()
}

fn branch_strategy(word: &str) -> Result<BranchStrategy, EngineError> {
    BranchStrategy::ALL.into_iter().find(|strategy| strategy.name() == word).ok_or(EngineError::Invalid {
        field: "branch_filter_strategy",
        rule: "must be wildcard, regex or all_branches".into(),
    })
}

fn ordering(word: &str) -> Result<Ordering, EngineError> {
    Ordering::ALL
        .into_iter()
        .find(|ordering| ordering.name() == word)
        .ok_or(EngineError::Invalid { field: "ordering", rule: "must be any or strict".into() })
}

fn while_paused(word: &str) -> Result<WhilePaused, EngineError> {
    match word {
        "hold" => Ok(WhilePaused::Hold),
        "drop" => Ok(WhilePaused::Drop),
        _ => Err(EngineError::Invalid { field: "while_paused", rule: "must be hold or drop".into() }),
    }
}

fn failure_policy(input: FailurePolicyInput, settings: &Settings) -> Result<PolicyChoice, EngineError> {
    let fields = match input {
        FailurePolicyInput::Word(word) if word == "off" => return Ok(PolicyChoice::Off),
        FailurePolicyInput::Word(_) => {
            let rule = "must be an object, off, or null for the next level's".into();
            return Err(EngineError::Invalid { field: "failure_policy", rule });
        }
        FailurePolicyInput::Policy(fields) => fields,
    };
    let FailurePolicyFields { threshold, first_pause_s, factor, max_pause_s, permanent_at } = fields;
    let instance = settings.failure_policy;
    let count = |number: i64| u32::try_from(number).unwrap_or(0);
    let seconds = |s: Option<i64>, else_: Duration| {
        s.map_or(else_, |s| Duration::from_secs(u64::try_from(s).unwrap_or(0)))
    };
    let policy = FailurePolicy::new(
        threshold.map_or(instance.threshold, count),
        seconds(first_pause_s, instance.first_pause),
        factor.unwrap_or(instance.factor),
        seconds(max_pause_s, instance.max_pause),
        permanent_at.map_or(instance.permanent_at, |at| at.map(count)),
    );
    policy.map(PolicyChoice::Own).map_err(refused)
}

fn retry_policy(input: RetryPolicyInput) -> Result<RetryPolicy, EngineError> {
    let delays: Result<Vec<Duration>, _> =
        input.delays_s.into_iter().map(|s| u64::try_from(s).map(Duration::from_secs)).collect();
    let delays = delays.map_err(|_| refused(PolicyError::RetryDelay))?;
    RetryPolicy::new(delays).map_err(refused)
}

fn refused(error: PolicyError) -> EngineError {
    let text = error.to_string();
    let rule = text.strip_prefix(error.field()).unwrap_or(&text).trim_start().to_owned();
    EngineError::Invalid { field: error.field(), rule }
}
