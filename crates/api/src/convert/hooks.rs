use axum::http::StatusCode;
use wigwag_engine::hook_admin::HookView;
use wigwag_hooks::health::AlertStatus;
use wigwag_hooks::{
    Attempt, FailurePolicy, HookScope, NamedSecret, Outcome, PolicyChoice, RetryPolicy, Template, Trigger,
    WhilePaused, masked_url,
};
use wigwag_wire::{Time, hooks};

/// A hook as answers show it: what is secret is only told to be there.
pub(crate) fn hook(view: &HookView) -> hooks::Hook {
    let hook = &view.hook;
    let (project_id, group_id) = match hook.scope {
        HookScope::Project(id) => (Some(id.0), None),
        HookScope::Group(id) => (None, Some(id.0)),
        HookScope::System => (None, None),
    };
    let mut triggers = hooks::Triggers::default();
    for trigger in Trigger::of_kind(hook.scope.kind()) {
        if let Some(field) = triggers.field(trigger.api_name()) {
            *field = Some(hook.triggers.contains(trigger));
        }
    }
    let last_failure = hook.health.last_failure.as_ref();
    hooks::Hook {
        id: hook.id.0,
        url: masked_url(hook.url.expose()).into_owned(),
        name: hook.name.clone(),
        description: hook.description.clone(),
        created_at: Time(hook.created_at),
        project_id,
        group_id,
        triggers,
        enable_ssl_verification: hook.certificate_check.is_on(),
        alert_status: alert_word(view.alert_status),
        disabled_until: view.disabled_until.map(Time),
        url_variables: keys(&hook.url_variables),
        custom_headers: keys(&hook.custom_headers),
        custom_webhook_template: hook.template.as_ref().map_or("", Template::as_str).to_owned(),
        push_events_branch_filter: hook.branch_filter.pattern.clone(),
        branch_filter_strategy: hook.branch_filter.strategy.name(),
        token_present: hook.token.is_some(),
        signing_token_present: !hook.signing_keys.is_empty(),
        client_certificate: view.client_certificate.as_ref().map(|own| hooks::ClientCertificate {
            subject: own.subject.clone(),
            expires_at: Time(own.expires_at),
        }),
        ordering: hook.ordering.name(),
        enabled: hook.enabled.is_on(),
        event_types: hook.event_types.iter().map(|glob| glob.as_str().to_owned()).collect(),
        health: hook.health.state.name(),
        recent_failures: hook.health.failures,
        last_failure_at: last_failure.map(|failure| Time(failure.at)),
        last_error: last_failure.map(|failure| failure.text.clone()),
        waiting_deliveries: view.waiting,
        rate_per_minute: hook.rate_per_minute,
        throttled_until: view.throttling.map(|throttling| Time(throttling.until)),
        while_paused: match hook.while_paused {
            WhilePaused::Hold => "hold",
            WhilePaused::Drop => "drop",
        },
        failure_policy: failure_policy(hook.failure_policy),
        retry_policy: hook.retry_policy.as_ref().map(retry_policy),
    }
}

fn keys(secrets: &[NamedSecret]) -> Vec<hooks::Key> {
    secrets.iter().map(|secret| hooks::Key { key: secret.name.clone() }).collect()
}

pub(super) const fn alert_word(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::Executable => "executable",
        AlertStatus::TemporarilyDisabled => "temporarily_disabled",
        AlertStatus::Disabled => "disabled",
    }
}

pub(super) fn failure_policy(choice: PolicyChoice) -> Option<hooks::FailurePolicy> {
    match choice {
        PolicyChoice::Inherit => None,
        PolicyChoice::Off => Some(hooks::FailurePolicy::Word("off")),
        PolicyChoice::Own(FailurePolicy { threshold, first_pause, factor, max_pause, permanent_at }) => {
            Some(hooks::FailurePolicy::Policy {
                threshold,
                first_pause_s: first_pause.as_secs(),
                factor,
                max_pause_s: max_pause.as_secs(),
                permanent_at,
            })
        }
    }
}

pub(super) fn retry_policy(policy: &RetryPolicy) -> hooks::RetryPolicy {
    hooks::RetryPolicy { delays_s: policy.delays.iter().map(std::time::Duration::as_secs).collect() }
}

/// What a test brought: 201 if the receiver said 2xx, else 422 with its words.
pub(crate) fn test_result(attempt: &Attempt) -> (StatusCode, hooks::TestResult) {
    let response_status = attempt.outcome.response().map(|response| response.status);
    match &attempt.outcome {
        Outcome::Success(_) => {
            (StatusCode::CREATED, hooks::TestResult { message: "201 Created".into(), response_status })
        }
        Outcome::Failure(failure) => {
            let message = failure.text.clone();
            (StatusCode::UNPROCESSABLE_ENTITY, hooks::TestResult { message, response_status })
        }
    }
}

/// An attempt as GitLab lists it.
pub(crate) fn hook_event(attempt: &Attempt) -> hooks::HookEvent {
    let pairs = |headers: &[(String, String)]| headers.iter().cloned().collect();
    let response = attempt.outcome.response();
    let lossy = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    let response_body = match (&attempt.outcome, response) {
        (_, Some(response)) => lossy(&response.body),
        (Outcome::Failure(failure), None) => failure.text.clone(),
        (Outcome::Success(_), None) => String::new(),
    };
    let event_type = attempt.event_type.as_str();
    hooks::HookEvent {
        id: attempt.id.0,
        url: attempt.url.clone(),
        trigger: match Trigger::of_event_type(event_type) {
            Some(_) => format!("{event_type}_hooks"),
            None => event_type.to_owned(),
        },
        request_headers: pairs(&attempt.request_headers),
        // What was sent is JSON.
        request_data: attempt.request_body.bytes().and_then(|body| serde_json::from_slice(body).ok()),
        response_headers: response.map(|response| pairs(&response.headers)).unwrap_or_default(),
        response_body,
        execution_duration: attempt.duration.as_secs_f64(),
        response_status: match response {
            Some(response) => response.status.to_string(),
            None => "internal error".into(),
        },
        created_at: Time(attempt.started_at),
    }
}
