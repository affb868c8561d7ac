//! The form that makes or changes a hook. What was typed stays when a field is refused; secrets alone are typed anew.

use crate::answer::{Outcome, page, page_with};
use crate::ask::{Ask, done};
use crate::fields::Fields;
use crate::place::Place;
use crate::shell::Shell;
use crate::view::hook_title;
use crate::words::{sentence, span};
use askama::Template;
use axum::http::StatusCode;
use std::time::Duration;
use wigwag_base::{HookId, Secret};
use wigwag_engine::EngineError;
use wigwag_engine::hook_admin::{HookFields, HookView, NamedEdit};
use wigwag_hooks::{
    BranchStrategy, FailurePolicy, Hook, Ordering, PolicyChoice, PolicyError, RetryPolicy, Switch,
    Template as Body, Trigger, TriggerSet, WhilePaused, masked_url,
};

#[derive(Template)]
#[template(path = "hook_form.html")]
struct FormPage {
    shell: Shell,
    title: String,
    action: String,
    back: String,
    values: Values,
    is_new: bool,
    has_token: bool,
    has_signing_token: bool,
    /// Whom the certificate that is shown names.
    certificate_of: Option<String>,
    /// The names of the URL's secret parts, and of the headers of the owner's own.
    variables: Vec<String>,
    headers: Vec<String>,
    /// What the server says where the hook says nothing.
    server_failures: String,
    server_retries: String,
    /// The field that was refused, and why.
    refused: Option<(String, String)>,
}

impl FormPage {
    /// What was refused about the field with this name, if something was.
    fn error(&self, field: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(refused, _)| refused == field).map(|(_, rule)| rule.as_str())
    }
}

/// What stands in the form.
#[derive(Default)]
struct Values {
    url: String,
    name: String,
    description: String,
    event_types: String,
    template: String,
    branch_strategy: String,
    branch_filter: String,
    /// API name, event type, whether it is ticked.
    triggers: Vec<(&'static str, &'static str, bool)>,
    rate: String,
    delays: String,
    checks_certificate: bool,
    client_certificate: String,
    keeps_order: bool,
    holds: bool,
    /// `inherit`, `off` or `own`.
    failures: String,
    threshold: String,
    first_pause_s: String,
    factor: String,
    max_pause_s: String,
    permanent_at: String,
}

/// The form for a new hook.
pub(crate) async fn new(ask: &Ask, place: &Place) -> Outcome {
    // Who may not make one is told before anything is typed.
    ask.engine.hooks(&ask.principal, place.scope, wigwag_base::Page::new(1, 1)).await?;
    Ok(page(&new_page(ask, place, Values::new_hook(place), None)))
}

/// Makes a hook.
pub(crate) async fn create(ask: &Ask, place: &Place) -> Outcome {
    let made = match hook_fields(&ask.form, place, None) {
        Ok(fields) => ask.engine.create_hook(&ask.principal, place.scope, fields).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(view) => done(&format!("{}?done=created", place.hook_href(view.hook.id))),
        Err(error) => {
            let (field, rule) = refusal(error)?;
            let page = new_page(ask, place, Values::typed(&ask.form, place), Some((field, rule)));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// The form for a hook that is there.
pub(crate) async fn edit(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    Ok(page(&edit_page(ask, place, &view, Values::of(&view.hook), None)))
}

/// Changes a hook.
pub(crate) async fn save(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let saved = match hook_fields(&ask.form, place, Some(&view.hook)) {
        Ok(fields) => ask.engine.update_hook(&ask.principal, place.scope, id, fields).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => done(&format!("{}?done=saved", place.hook_href(id))),
        Err(error) => {
            let (field, rule) = refusal(error)?;
            let page = edit_page(ask, place, &view, Values::typed(&ask.form, place), Some((field, rule)));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// What the form can show; everything else goes on as it is.
pub(super) fn refusal(error: EngineError) -> Result<(String, String), EngineError> {
    match error {
        EngineError::Invalid { field, rule } => {
            Ok((field.to_owned(), sentence(&format!("{} {rule}", label(field)))))
        }
        EngineError::Conflict(text) => Ok((String::new(), sentence(&text))),
        other => Err(other),
    }
}

/// What the form calls a field.
fn label(field: &str) -> &str {
    match field {
        "url" => "The URL",
        "name" => "The name",
        "description" => "The description",
        "token" => "The token",
        "signing_token" => "The signing token",
        "event_types" => "Your own event types",
        "url_variables" => "The secret parts of the URL",
        "custom_headers" => "Your own headers",
        "custom_webhook_template" => "The template",
        "push_events_branch_filter" => "The branch filter",
        "client_certificate" => "The client certificate",
        "client_key" => "The client certificate's key",
        "rate_per_minute" => "Most deliveries a minute",
        "retry_policy.delays_s" => "The retries' delays",
        "failure_policy.threshold" => "“Pause at”",
        "failure_policy.first_pause_s" => "The first pause",
        "failure_policy.factor" => "The factor",
        "failure_policy.max_pause_s" => "The longest pause",
        "failure_policy.permanent_at" => "“Disable at”",
        other => other,
    }
}

fn new_page(ask: &Ask, place: &Place, values: Values, refused: Option<(String, String)>) -> FormPage {
    let crumbs = place.crumbs_to(&[("New hook", Some(format!("{}/new", place.hooks_href())))]);
    FormPage {
        title: "Add a hook".into(),
        action: place.hooks_href(),
        back: place.href(),
        is_new: true,
        has_token: false,
        has_signing_token: false,
        ..form_page(ask, Shell::of(ask, place.nav()).at(&crumbs), values, refused)
    }
}

fn edit_page(
    ask: &Ask,
    place: &Place,
    view: &HookView,
    values: Values,
    refused: Option<(String, String)>,
) -> FormPage {
    let (href, title) = (place.hook_href(view.hook.id), hook_title(&view.hook));
    let crumbs = place.crumbs_to(&[(&title, Some(href.clone())), ("Edit", Some(format!("{href}/edit")))]);
    FormPage {
        title: format!("Edit {title}"),
        action: format!("{href}/edit"),
        back: href,
        is_new: false,
        has_token: view.hook.token.is_some(),
        has_signing_token: !view.hook.signing_keys.is_empty(),
        certificate_of: view.client_certificate.as_ref().map(|own| own.subject.clone()),
        variables: view.hook.url_variables.iter().map(|variable| variable.name.clone()).collect(),
        headers: view.hook.custom_headers.iter().map(|header| header.name.clone()).collect(),
        ..form_page(ask, Shell::of(ask, place.nav()).at(&crumbs), values, refused)
    }
}

fn form_page(ask: &Ask, shell: Shell, values: Values, refused: Option<(String, String)>) -> FormPage {
    let settings = ask.engine.settings();
    let policy = settings.failure_policy;
    let last = policy.permanent_at.map_or_else(|| "never".to_owned(), |n| format!("at {n}"));
    FormPage {
        shell,
        title: String::new(),
        action: String::new(),
        back: String::new(),
        values,
        is_new: true,
        has_token: false,
        has_signing_token: false,
        certificate_of: None,
        variables: Vec::new(),
        headers: Vec::new(),
        server_failures: format!(
            "paused at {} failures in a row, first for {}, each pause {} times the one before, disabled {last}",
            policy.threshold,
            span(policy.first_pause),
            policy.factor
        ),
        server_retries: settings
            .retry_policy
            .delays
            .iter()
            .map(|delay| span(*delay))
            .collect::<Vec<_>>()
            .join(", "),
        refused,
    }
}

impl Values {
    fn new_hook(place: &Place) -> Self {
        Self { checks_certificate: true, holds: true, ..Self::of_policies(place, TriggerSet::NEW_HOOK) }
    }

    fn of_policies(place: &Place, triggers: TriggerSet) -> Self {
        let reference = FailurePolicy::REFERENCE;
        Self {
            triggers: triggers_of(place.scope.kind(), |trigger| triggers.contains(trigger)),
            failures: "inherit".into(),
            branch_strategy: BranchStrategy::default().name().into(),
            ..Self::default().with_policy(&reference)
        }
    }

    fn with_policy(self, policy: &FailurePolicy) -> Self {
        Self {
            threshold: policy.threshold.to_string(),
            first_pause_s: policy.first_pause.as_secs().to_string(),
            factor: policy.factor.to_string(),
            max_pause_s: policy.max_pause.as_secs().to_string(),
            permanent_at: policy.permanent_at.map_or_else(String::new, |n| n.to_string()),
            ..self
        }
    }

    fn of(hook: &Hook) -> Self {
        let policy = match hook.failure_policy {
            PolicyChoice::Own(policy) => policy,
            PolicyChoice::Inherit | PolicyChoice::Off => FailurePolicy::REFERENCE,
        };
        let seconds = |delay: &Duration| delay.as_secs().to_string();
        let delays = hook.retry_policy.as_ref().map(|policy| match policy.delays.as_slice() {
            [] => "none".to_owned(),
            delays => delays.iter().map(seconds).collect::<Vec<_>>().join(", "),
        });
        Self {
            url: masked_url(hook.url.expose()).into_owned(),
            name: hook.name.clone(),
            description: hook.description.clone(),
            event_types: hook.event_types.iter().map(|glob| glob.as_str()).collect::<Vec<_>>().join(", "),
            template: hook.template.as_ref().map_or("", Body::as_str).to_owned(),
            branch_strategy: hook.branch_filter.strategy.name().into(),
            branch_filter: hook.branch_filter.pattern.clone(),
            triggers: triggers_of(hook.scope.kind(), |trigger| hook.triggers.contains(trigger)),
            rate: hook.rate_per_minute.map_or_else(String::new, |n| n.to_string()),
            delays: delays.unwrap_or_default(),
            checks_certificate: hook.certificate_check.is_on(),
            keeps_order: hook.ordering == Ordering::Strict,
            holds: hook.while_paused == WhilePaused::Hold,
            failures: match hook.failure_policy {
                PolicyChoice::Inherit => "inherit",
                PolicyChoice::Off => "off",
                PolicyChoice::Own(_) => "own",
            }
            .into(),
            ..Self::default().with_policy(&policy)
        }
    }

    /// What was typed, as it was typed.
    fn typed(form: &Fields, place: &Place) -> Self {
        let text = |name| form.get(name).unwrap_or_default().to_owned();
        Self {
            url: text("url"),
            name: text("name"),
            description: text("description"),
            event_types: text("event_types"),
            template: text("template"),
            branch_strategy: text("branch_strategy"),
            branch_filter: text("branch_filter"),
            triggers: triggers_of(place.scope.kind(), |trigger| form.ticked("trigger", trigger.api_name())),
            rate: text("rate_per_minute"),
            delays: text("delays"),
            checks_certificate: form.ticked("certificate", "check"),
            client_certificate: text("client_certificate"),
            keeps_order: form.ticked("ordering", "strict"),
            holds: !form.ticked("while_paused", "drop"),
            failures: text("failures"),
            threshold: text("threshold"),
            first_pause_s: text("first_pause_s"),
            factor: text("factor"),
            max_pause_s: text("max_pause_s"),
            permanent_at: text("permanent_at"),
        }
    }
}

fn triggers_of(
    kind: wigwag_hooks::ScopeKind,
    ticked: impl Fn(Trigger) -> bool,
) -> Vec<(&'static str, &'static str, bool)> {
    Trigger::of_kind(kind).map(|one| (one.api_name(), one.event_type(), ticked(one))).collect()
}

/// The form as the engine takes it. `before` is the hook that is changed.
///
/// # Errors
/// [`EngineError::Invalid`] names the first field that is no number where one belongs.
fn hook_fields(form: &Fields, place: &Place, before: Option<&Hook>) -> Result<HookFields, EngineError> {
    let text = |name| Some(form.get(name).unwrap_or_default().trim().to_owned());
    let split = |text: &str| -> Vec<String> {
        let parts = text.split([',', ' ', '\n', '\r', '\t']).filter(|part| !part.is_empty());
        parts.map(ToOwned::to_owned).collect()
    };
    let triggers = Trigger::of_kind(place.scope.kind())
        .map(|one| (one, Switch::from_bool(form.ticked("trigger", one.api_name()))))
        .collect();
    // An empty secret of a form means "as before"; a box says "remove".
    let secret = |name: &'static str, remove: &str| match form.ticked("remove", remove) {
        true if before.is_some() => Some(Secret::new(String::new())),
        _ => form.secret(name),
    };
    Ok(HookFields {
        url: text("url").map(Secret::new),
        name: text("name"),
        description: text("description"),
        token: secret("token", "token"),
        signing_token: secret("signing_token", "signing_token"),
        triggers,
        event_types: Some(split(form.get("event_types").unwrap_or_default())),
        url_variables: named(form, "url_variables", "=", "remove_variable")?,
        custom_headers: named(form, "custom_headers", ":", "remove_header")?,
        template: template(form, before),
        branch_strategy: form
            .get("branch_strategy")
            .and_then(|word| BranchStrategy::ALL.into_iter().find(|strategy| strategy.name() == word)),
        branch_filter: text("branch_filter"),
        certificate_check: Some(Switch::from_bool(form.ticked("certificate", "check"))),
        client_certificate: match form.ticked("remove", "client_certificate") {
            true if before.is_some() => Some(String::new()),
            _ => form.filled("client_certificate").map(ToOwned::to_owned),
        },
        client_key: form.secret("client_key"),
        ordering: Some(match form.ticked("ordering", "strict") {
            true => Ordering::Strict,
            false => Ordering::Any,
        }),
        enabled: None,
        rate_per_minute: Some(match form.filled("rate_per_minute") {
            None => None,
            Some(text) => Some(whole(text, "rate_per_minute")?),
        }),
        while_paused: Some(if form.ticked("while_paused", "drop") {
            WhilePaused::Drop
        } else {
            WhilePaused::Hold
        }),
        failure_policy: Some(failure_policy(form)?),
        retry_policy: Some(retry_policy(form)?),
    })
}

/// The template, if it is another one. Browsers send each line's end as CR and LF, and leave out a first empty line: a form
/// that was sent for another field's sake must not change it.
fn template(form: &Fields, before: Option<&Hook>) -> Option<String> {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
    let typed = lines(form.get("template").unwrap_or_default());
    let stored = before.map(|hook| lines(hook.template.as_ref().map_or("", Body::as_str)));
    (stored.as_ref() != Some(&typed)).then_some(typed)
}

/// `name = value` or `Name: value`, one a line; and the names whose boxes say "remove".
fn named(
    form: &Fields,
    field: &'static str,
    sign: &str,
    remove: &str,
) -> Result<Vec<NamedEdit>, EngineError> {
    let removed = form.all(remove).map(|name| NamedEdit::Remove(name.to_owned()));
    let mut edits: Vec<NamedEdit> = removed.collect();
    let lines = form.get(field).unwrap_or_default().lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(sign) else {
            let rule = format!("must have one name and value a line, such as name{sign} value");
            return Err(EngineError::Invalid { field, rule });
        };
        edits.push(NamedEdit::Set(name.trim().to_owned(), Secret::new(value.trim().to_owned())));
    }
    Ok(edits)
}

pub(super) fn failure_policy(form: &Fields) -> Result<PolicyChoice, EngineError> {
    match form.get("failures") {
        Some("off") => return Ok(PolicyChoice::Off),
        Some("own") => {}
        _ => return Ok(PolicyChoice::Inherit),
    }
    let field = |name: &'static str, label: &'static str| -> Result<u64, EngineError> {
        let number = whole(form.filled(name).unwrap_or_default(), label)?;
        u64::try_from(number).map_err(|_| not_a_number(label))
    };
    let threshold = field("threshold", "failure_policy.threshold")?;
    let first = field("first_pause_s", "failure_policy.first_pause_s")?;
    let longest = field("max_pause_s", "failure_policy.max_pause_s")?;
    let factor = form.filled("factor").and_then(|text| text.parse::<f64>().ok());
    let factor = factor.ok_or_else(|| EngineError::Invalid {
        field: "failure_policy.factor",
        rule: "must be a number such as 2 or 1.5".into(),
    })?;
    let last = match form.filled("permanent_at") {
        None => None,
        Some(_) => Some(saturated(field("permanent_at", "failure_policy.permanent_at")?)),
    };
    let seconds = Duration::from_secs;
    FailurePolicy::new(saturated(threshold), seconds(first), factor, seconds(longest), last)
        .map(PolicyChoice::Own)
        .map_err(refused_policy)
}

/// `5, 30, 120` seconds; `none` for no retries; nothing for the server's.
pub(super) fn retry_policy(form: &Fields) -> Result<Option<RetryPolicy>, EngineError> {
    let Some(text) = form.filled("delays") else { return Ok(None) };
    if text.eq_ignore_ascii_case("none") {
        return Ok(Some(RetryPolicy { delays: Vec::new() }));
    }
    let mut delays = Vec::new();
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        let s = u64::try_from(whole(part, "retry_policy.delays_s")?);
        delays.push(Duration::from_secs(s.map_err(|_| not_a_number("retry_policy.delays_s"))?));
    }
    RetryPolicy::new(delays).map(Some).map_err(refused_policy)
}

fn refused_policy(error: PolicyError) -> EngineError {
    let text = error.to_string();
    let rule = text.strip_prefix(error.field()).unwrap_or(&text).trim().to_owned();
    EngineError::Invalid { field: error.field(), rule }
}

fn whole(text: &str, field: &'static str) -> Result<i64, EngineError> {
    text.trim().parse().map_err(|_| not_a_number(field))
}

fn not_a_number(field: &'static str) -> EngineError {
    EngineError::Invalid { field, rule: "must be a whole number, 0 or more".into() }
}

fn saturated(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
