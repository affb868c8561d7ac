//! A hook's row. What is an owner's secret is sealed, and whatever a URL carries.

use super::{codes, push_bytes, push_varint, take_bytes, take_varint, time};
use crate::codec::health;
use crate::error::{Outcome, odd};
use crate::seal::{Place, Sealer};
use rusqlite::{Result, Row, types::Value as Column};
use serde_json::{Value, json};
use std::time::Duration;
use wigwag_base::{GroupId, HookId, ProjectId, Secret, Timestamp};
use wigwag_hooks::{
    BranchFilter, BranchStrategy, ClientIdentity, EventGlob, FailurePolicy, Hook, HookScope, HookUuid,
    NamedSecret, Ordering, PolicyChoice, RetryPolicy, SigningKey, SigningScheme, Switch, Template,
    TriggerSet, WhilePaused,
};

codes!(while_paused_code, while_paused, WhilePaused { WhilePaused::Hold = 0, WhilePaused::Drop = 1 });

codes!(ordering_code, ordering, Ordering { Ordering::Any = 0, Ordering::Strict = 1 });

codes!(branch_strategy_code, branch_strategy, BranchStrategy {
    BranchStrategy::Wildcard = 0,
    BranchStrategy::Regex = 1,
    BranchStrategy::AllBranches = 2,
});

/// The stored kind and id of a scope.
pub(crate) const fn scope_columns(scope: HookScope) -> (i64, i64) {
    match scope {
        HookScope::Project(id) => (0, id.0),
        HookScope::Group(id) => (1, id.0),
        HookScope::System => (2, 0),
    }
}

/// The scope under a kind and id.
pub(crate) fn scope(kind: i64, id: i64) -> Result<HookScope> {
    match kind {
        0 => Ok(HookScope::Project(ProjectId(id))),
        1 => Ok(HookScope::Group(GroupId(id))),
        2 => Ok(HookScope::System),
        _ => Err(odd("scope")),
    }
}

/// The columns that are sealed.
pub(crate) const SEALED: [&str; 6] =
    ["url", "token", "signing_keys", "url_variables", "custom_headers", "client_identity"];

fn place(id: HookId, column: &'static str) -> Place {
    Place { table: "hooks", row: id.0, column }
}

/// What an owner sets, in the order of `url, name, description, triggers, event_types, token, signing_keys,
/// certificate_check, enabled, rate_per_minute, while_paused, failure_policy, retry_policy, url_variables,
/// redirected_at, custom_headers, template, branch_strategy, branch_filter, client_identity, ordering`.
pub(crate) fn owner_columns(sealer: &Sealer, id: HookId, hook: &Hook) -> Outcome<[Column; 21]> {
    let token = hook.token.as_ref();
    let token = token.map(|token| sealer.seal(place(id, "token"), token.expose().as_bytes())).transpose()?;
    let keys = (!hook.signing_keys.is_empty()).then(|| keys_blob(&hook.signing_keys));
    let keys = keys.map(|keys| sealer.seal(place(id, "signing_keys"), &keys)).transpose()?;
    let named = |column, secrets: &[NamedSecret]| {
        let blob = (!secrets.is_empty()).then(|| named_blob(secrets));
        blob.map(|blob| sealer.seal(place(id, column), &blob)).transpose()
    };
    let identity = hook.client_identity.as_ref().map(identity_blob);
    let identity = identity.map(|blob| sealer.seal(place(id, "client_identity"), &blob)).transpose()?;
    let globs: Vec<&str> = hook.event_types.iter().map(EventGlob::as_str).collect();
    Ok([
        sealer.seal(place(id, "url"), hook.url.expose().as_bytes())?.into(),
        hook.name.clone().into(),
        hook.description.clone().into(),
        i64::from(hook.triggers.0).into(),
        globs.join("\n").into(),
        token.into(),
        keys.into(),
        i64::from(hook.certificate_check.is_on()).into(),
        i64::from(hook.enabled.is_on()).into(),
        hook.rate_per_minute.map(i64::from).into(),
        while_paused_code(hook.while_paused).into(),
        failure_policy_text(hook.failure_policy).into(),
        hook.retry_policy.as_ref().map(retry_policy_text).into(),
        named("url_variables", &hook.url_variables)?.into(),
        hook.redirected_at.map(Timestamp::as_millis).into(),
        named("custom_headers", &hook.custom_headers)?.into(),
        hook.template.as_ref().map(|template| template.as_str().to_owned()).into(),
        branch_strategy_code(hook.branch_filter.strategy).into(),
        hook.branch_filter.pattern.clone().into(),
        identity.into(),
        ordering_code(hook.ordering).into(),
    ])
}

/// Reads a row of `hooks` joined with `hook_health`.
pub(crate) fn hook(sealer: &Sealer, row: &Row<'_>) -> Outcome<Hook> {
    let id = HookId(row.get("id")?);
    let open = |column: &'static str| -> Outcome<Option<Vec<u8>>> {
        let sealed = row.get_ref(column)?.as_blob_or_null().map_err(|_| odd("sealed value"))?;
        sealed.map(|sealed| sealer.open(place(id, column), sealed)).transpose()
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map(Secret::new).map_err(|_| odd("secret"));
    let event_types: String = row.get("event_types")?;
    Ok(Hook {
        id,
        uuid: HookUuid(row.get("uuid")?),
        scope: scope(row.get("scope")?, row.get("scope_id")?)?,
        url: text(open("url")?.ok_or_else(|| odd("url"))?)?,
        name: row.get("name")?,
        description: row.get("description")?,
        triggers: TriggerSet(row.get("triggers")?),
        event_types: event_types.lines().map(glob).collect::<Result<_>>()?,
        token: open("token")?.map(text).transpose()?,
        signing_keys: open("signing_keys")?.map(|bytes| keys(&bytes)).transpose()?.unwrap_or_default(),
        certificate_check: Switch::from_bool(row.get("certificate_check")?),
        client_identity: open("client_identity")?.map(|bytes| identity(&bytes)).transpose()?,
        enabled: Switch::from_bool(row.get("enabled")?),
        ordering: ordering(row.get("ordering")?)?,
        rate_per_minute: row.get("rate_per_minute")?,
        while_paused: while_paused(row.get("while_paused")?)?,
        failure_policy: failure_policy(row.get("failure_policy")?)?,
        retry_policy: row
            .get::<_, Option<String>>("retry_policy")?
            .map(|text| retry_policy(&text))
            .transpose()?,
        url_variables: open("url_variables")?.map(|bytes| named(&bytes)).transpose()?.unwrap_or_default(),
        redirected_at: row.get::<_, Option<i64>>("redirected_at")?.map(Timestamp::from_millis),
        custom_headers: open("custom_headers")?.map(|bytes| named(&bytes)).transpose()?.unwrap_or_default(),
        template: row.get::<_, Option<String>>("template")?.map(|text| template(&text)).transpose()?,
        branch_filter: BranchFilter {
            strategy: branch_strategy(row.get("branch_strategy")?)?,
            pattern: row.get("branch_filter")?,
        },
        created_at: time(row, "created_at")?,
        revision: row.get("revision")?,
        health: health::record(row)?,
    })
}

fn identity_blob(identity: &ClientIdentity) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_bytes(&mut bytes, identity.certificate.as_bytes());
    push_bytes(&mut bytes, identity.key.expose().as_bytes());
    bytes
}

fn identity(mut bytes: &[u8]) -> Result<ClientIdentity> {
    let mut text = || String::from_utf8(take_bytes(&mut bytes)?.to_vec()).map_err(|_| odd("client identity"));
    Ok(ClientIdentity { certificate: text()?, key: Secret::new(text()?) })
}

fn glob(text: &str) -> Result<EventGlob> {
    EventGlob::new(text).ok_or_else(|| odd("event type pattern"))
}

fn template(text: &str) -> Result<Template> {
    Template::parse(text).map_err(|_| odd("template"))
}

fn named_blob(secrets: &[NamedSecret]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for NamedSecret { name, value } in secrets {
        push_bytes(&mut bytes, name.as_bytes());
        push_bytes(&mut bytes, value.expose().as_bytes());
    }
    bytes
}

fn named(mut bytes: &[u8]) -> Result<Vec<NamedSecret>> {
    let text =
        |bytes: &mut &[u8]| String::from_utf8(take_bytes(bytes)?.to_vec()).map_err(|_| odd("named secret"));
    let mut secrets = Vec::new();
    while !bytes.is_empty() {
        secrets.push(NamedSecret { name: text(&mut bytes)?, value: Secret::new(text(&mut bytes)?) });
    }
    Ok(secrets)
}

/// What lies before an ed25519 seed: longer, with it, than any HMAC key.
const ED25519_MARK: &[u8] = b"ed25519 seed, which is no key of HMAC: ";

fn keys_blob(keys: &[SigningKey]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for key in keys {
        // No HMAC key is as long as a marked seed.
        match key.scheme {
            SigningScheme::Hmac => push_bytes(&mut bytes, key.key.expose()),
            SigningScheme::Ed25519 => push_bytes(&mut bytes, &[ED25519_MARK, key.key.expose()].concat()),
        }
        // 0 is no expiry; times before 1970 do not occur.
        push_varint(&mut bytes, key.expires_at.map_or(0, |at| at.as_millis().unsigned_abs() + 1));
    }
    bytes
}

fn keys(mut bytes: &[u8]) -> Result<Vec<SigningKey>> {
    let mut keys = Vec::new();
    while !bytes.is_empty() {
        let stored = take_bytes(&mut bytes)?;
        let key = match stored.strip_prefix(ED25519_MARK) {
            Some(seed) => SigningKey::ed25519(seed.try_into().map_err(|_| odd("seed"))?),
            None => SigningKey::hmac(stored.to_vec()),
        };
        let expiry = i64::try_from(take_varint(&mut bytes)?).map_err(|_| odd("expiry"))?;
        keys.push(SigningKey { expires_at: (expiry > 0).then(|| Timestamp::from_millis(expiry - 1)), ..key });
    }
    Ok(keys)
}

const POLICY_OFF: &str = "off";

fn failure_policy_text(choice: PolicyChoice) -> Option<String> {
    match choice {
        PolicyChoice::Inherit => None,
        PolicyChoice::Off => Some(POLICY_OFF.into()),
        PolicyChoice::Own(policy) => {
            let FailurePolicy { threshold, first_pause, factor, max_pause, permanent_at } = policy;
            let (first_pause, max_pause) = (ms(first_pause), ms(max_pause));
            Some(json!([threshold, first_pause, factor, max_pause, permanent_at]).to_string())
        }
    }
}

fn failure_policy(text: Option<String>) -> Result<PolicyChoice> {
    let Some(text) = text else {
        return Ok(PolicyChoice::Inherit);
    };
    if text == POLICY_OFF {
        return Ok(PolicyChoice::Off);
    }
    own_policy(&text).map(PolicyChoice::Own).ok_or_else(|| odd("failure policy"))
}

fn own_policy(text: &str) -> Option<FailurePolicy> {
    let Ok(Value::Array(list)) = serde_json::from_str(text) else {
        return None;
    };
    let [threshold, first_pause, factor, max_pause, permanent_at] = list.as_slice() else {
        return None;
    };
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let permanent_at = if permanent_at.is_null() { None } else { Some(number(permanent_at)?) };
    Some(FailurePolicy {
        threshold: number(threshold)?,
        first_pause: Duration::from_millis(first_pause.as_u64()?),
        factor: factor.as_f64()?,
        max_pause: Duration::from_millis(max_pause.as_u64()?),
        permanent_at,
    })
}

fn retry_policy_text(policy: &RetryPolicy) -> String {
    policy.delays.iter().map(|delay| ms(*delay).to_string()).collect::<Vec<_>>().join(" ")
}

fn retry_policy(text: &str) -> Result<RetryPolicy> {
    let delay = |text: &str| text.parse().map(Duration::from_millis).map_err(|_| odd("retry policy"));
    Ok(RetryPolicy { delays: text.split_ascii_whitespace().map(delay).collect::<Result<_>>()? })
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
