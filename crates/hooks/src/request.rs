//! The headers of a delivery's request, in two parts: [`HookHeaders`] is made once per revision of a hook, the rest
//! per attempt.

use crate::limits::{HEADER_PREFIX_CHARACTERS_MAX, HEADER_SETTING_CHARACTERS_MAX};
use crate::{EventType, Hook, HookScope, NamedSecret, Signer, event_header};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use wigwag_base::{EventId, HookId, Secret, Timestamp};

/// The header with a message's id, [`message_id`].
pub const MESSAGE_ID_HEADER: &str = "Idempotency-Key";

/// What stands in the log where a secret was sent.
pub const MASK: &str = "[REDACTED]";

/// The id of a delivery's message, a UUID: the same for every attempt and resend, another for every other delivery of
/// this or of another instance. It is sent as `Idempotency-Key` and `webhook-id`.
pub fn message_id(instance: [u8; 16], event: EventId, hook: HookId) -> String {
    uuid_text(hashed(instance, b"message", &[event.0, hook.0]))
}

/// The id of the chain that a hook's requests for an event begin when it came in without one, as GitLab has one for each
/// hook: what another hook causes is another chain. It holds the numbers of both, so that [`chain_root`] finds them
/// again, and a hash tells that it is ours.
pub fn chain_id(instance: [u8; 16], event: EventId, hook: HookId) -> [u8; 16] {
    let mut uuid = hashed(instance, b"chain", &[event.0, hook.0]);
    uuid[..6].copy_from_slice(&event.0.to_be_bytes()[2..]);
    uuid[11..].copy_from_slice(&hook.0.to_be_bytes()[3..]);
    uuid
}

/// What began a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainRoot {
    /// The event.
    pub event: EventId,
    /// The hook that heard it, alone of all: it alone sends this chain.
    pub hook: HookId,
}

/// What began a chain, if it began here.
pub fn chain_root(instance: [u8; 16], chain: [u8; 16]) -> Option<ChainRoot> {
    let (mut event, mut hook) = ([0; 8], [0; 8]);
    event[2..].copy_from_slice(&chain[..6]);
    hook[3..].copy_from_slice(&chain[11..]);
    let root =
        ChainRoot { event: EventId(i64::from_be_bytes(event)), hook: HookId(i64::from_be_bytes(hook)) };
    (chain_id(instance, root.event, root.hook) == chain).then_some(root)
}

/// A UUID's 16 bytes in its text form.
pub fn uuid_text(uuid: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (i, byte) in uuid.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// The first bytes of a SHA-256 as a UUID of version 8 (RFC 9562: a vendor's own).
fn hashed(instance: [u8; 16], purpose: &[u8], ids: &[i64]) -> [u8; 16] {
    let mut hash = Sha256::new().chain_update(instance).chain_update(purpose);
    for id in ids {
        hash.update(id.to_be_bytes());
    }
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&hash.finalize()[..16]);
    uuid[6] = uuid[6] & 0x0F | 0x80;
    uuid[8] = uuid[8] & 0x3F | 0x80;
    uuid
}

/// How this instance's requests introduce themselves; made once at start.
#[derive(Clone, Debug)]
pub struct HeaderStyle {
    names: Names,
    user_agent: String,
    instance_url: String,
}

/// The names that carry the prefix.
#[derive(Clone, Copy, Debug)]
struct Names {
    event: &'static str,
    instance: &'static str,
    webhook_uuid: &'static str,
    event_uuid: &'static str,
    token: &'static str,
}

impl Names {
    /// Those of GitLab.
    const GITLAB: Names = Names {
        event: "X-Gitlab-Event",
        instance: "X-Gitlab-Instance",
        webhook_uuid: "X-Gitlab-Webhook-UUID",
        event_uuid: "X-Gitlab-Event-UUID",
        token: "X-Gitlab-Token",
    };

    /// Those of a platform. They are kept for the life of the process, so that no request copies them.
    fn with_prefix(prefix: &str) -> Self {
        let name = |tail| -> &'static str { Box::leak(format!("{prefix}{tail}").into_boxed_str()) };
        Self {
            event: name("Event"),
            instance: name("Instance"),
            webhook_uuid: name("Webhook-UUID"),
            event_uuid: name("Event-UUID"),
            token: name("Token"),
        }
    }
}

/// Which setting of the headers cannot be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderStyleError {
    /// The prefix of the header names.
    Prefix,
    /// The `User-Agent`.
    UserAgent,
    /// The instance's URL.
    InstanceUrl,
}

impl fmt::Display for HeaderStyleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = |f: &mut fmt::Formatter<'_>, field| {
            write!(f, "{field} must be 1 to {HEADER_SETTING_CHARACTERS_MAX} visible ASCII characters")
        };
        match self {
            Self::Prefix => write!(
                f,
                "header_prefix must be 1 to {HEADER_PREFIX_CHARACTERS_MAX} letters, digits and -, such as X-Gitlab-"
            ),
            Self::UserAgent => visible(f, "user_agent"),
            Self::InstanceUrl => visible(f, "external_url"),
        }
    }
}

impl std::error::Error for HeaderStyleError {}

impl HeaderStyle {
    /// GitLab's prefix, which receivers of a forge know.
    pub const PREFIX_DEFAULT: &'static str = "X-Gitlab-";

    /// Takes the settings. Another prefix than GitLab's keeps a few bytes for the life of the process.
    ///
    /// # Errors
    /// [`HeaderStyleError`] names the setting that cannot be sent.
    pub fn new(prefix: &str, user_agent: &str, instance_url: &str) -> Result<Self, HeaderStyleError> {
        let named = (1..=HEADER_PREFIX_CHARACTERS_MAX).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let visible = |text: &str| {
            (1..=HEADER_SETTING_CHARACTERS_MAX).contains(&text.len())
                && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        };
        if !named {
            return Err(HeaderStyleError::Prefix);
        }
        if !visible(user_agent) {
            return Err(HeaderStyleError::UserAgent);
        }
        if !visible(instance_url) {
            return Err(HeaderStyleError::InstanceUrl);
        }
        let names = if prefix == Self::PREFIX_DEFAULT { Names::GITLAB } else { Names::with_prefix(prefix) };
        Ok(Self { names, user_agent: user_agent.to_owned(), instance_url: instance_url.to_owned() })
    }

    /// The headers of one attempt, in the order in which they are sent.
    pub fn headers(&self, hook: &HookHeaders, facts: &RequestFacts<'_>) -> Vec<(&'static str, String)> {
        let mut headers = Vec::with_capacity(11);
        headers.extend([
            ("Content-Type", "application/json".to_owned()),
            ("User-Agent", self.user_agent.clone()),
            (self.names.event, event_header(facts.event_type, hook.scope).into_owned()),
            (self.names.instance, self.instance_url.clone()),
            (self.names.webhook_uuid, hook.uuid.clone()),
            (self.names.event_uuid, uuid_text(facts.chain)),
            (MESSAGE_ID_HEADER, facts.message_id.to_owned()),
        ]);
        if let Some(token) = &hook.token {
            headers.push((self.names.token, token.expose().clone()));
        }
        let unix_seconds = facts.now.as_secs();
        if let Some(signature) = hook.signer.signature(facts.message_id, unix_seconds, facts.body, facts.now)
        {
            let mut timestamp = String::with_capacity(12);
            write!(timestamp, "{unix_seconds}").expect("writing to a String does not fail");
            headers.extend([
                ("webhook-id", facts.message_id.to_owned()),
                ("webhook-timestamp", timestamp),
                (SIGNATURE, signature),
            ]);
        }
        headers
    }

    /// Whether a header is one that every request carries, which no header of an owner's own may replace. `_` counts as
    /// `-`, as it does for receivers that read headers as variables.
    pub fn is_own(&self, name: &str) -> bool {
        const FIXED: [&str; 3] = ["content-type", "user-agent", MESSAGE_ID_HEADER];
        let prefix = &self.names.event[..self.names.event.len() - "Event".len()];
        let name = name.replace('_', "-");
        FIXED.iter().any(|own| own.eq_ignore_ascii_case(&name))
            || name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// The headers as the delivery log shows them: token, signatures and the owner's own values masked.
    pub fn logged_headers(
        &self,
        sent: &[(&'static str, String)],
        custom: &[NamedSecret],
    ) -> Vec<(String, String)> {
        let logged = |(name, value): &(&'static str, String)| {
            let secret = *name == self.names.token || *name == SIGNATURE;
            ((*name).to_owned(), if secret { MASK.to_owned() } else { value.clone() })
        };
        let own = custom.iter().map(|header| (header.name.clone(), MASK.to_owned()));
        sent.iter().map(logged).chain(own).collect()
    }
}

const SIGNATURE: &str = "webhook-signature";

/// What is the same in every request of one revision of a hook.
#[derive(Clone, Debug)]
pub struct HookHeaders {
    scope: HookScope,
    uuid: String,
    token: Option<Secret<String>>,
    signer: Signer,
}

impl HookHeaders {
    /// Prepares a hook's part.
    pub fn new(hook: &Hook) -> Self {
        Self {
            scope: hook.scope,
            uuid: uuid_text(hook.uuid.0),
            token: hook.token.clone(),
            signer: Signer::new(&hook.signing_keys),
        }
    }
}

/// What one attempt adds.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    /// The event's type.
    pub event_type: &'a EventType,
    /// The event's chain, or the one that the hook begins ([`chain_id`]).
    pub chain: [u8; 16],
    /// See [`message_id`]; a test without an event brings a fresh UUID.
    pub message_id: &'a str,
    /// What is sent.
    pub body: &'a [u8],
    /// When this attempt begins.
    pub now: Timestamp,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{
        ChainRoot, HeaderStyle, HeaderStyleError, HookHeaders, RequestFacts, chain_id, chain_root,
        message_id, uuid_text,
    };
    use crate::limits::{HEADER_PREFIX_CHARACTERS_MAX, HEADER_SETTING_CHARACTERS_MAX};
    use crate::{EventType, Hook, HookScope, NamedSecret, SigningKey, testing::hook};
    use std::fmt::Write;
    use wigwag_base::{EventId, HookId, ProjectId, Secret, Timestamp};

    fn listed<N: AsRef<str>>(headers: &[(N, String)]) -> String {
        headers.iter().fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{}: {value}", name.as_ref()).unwrap();
            text
        })
    }

    /// The headers of one request as they are sent, and as they are logged.
    fn sent_and_logged(hook: &Hook, prefix: &str) -> (String, String) {
        let style = HeaderStyle::new(prefix, "Wigwag/0.1.0", "https://wigwag.example").unwrap();
        let event_type = EventType::new("tag_push").unwrap();
        let facts = RequestFacts {
            event_type: &event_type,
            chain: [1; 16],
            message_id: "msg_1",
            body: b"{\"a\":1}",
            now: Timestamp::from_millis(1_700_000_000_999),
        };
        let sent = style.headers(&HookHeaders::new(hook), &facts);
        (listed(&sent), listed(&style.logged_headers(&sent, &hook.custom_headers)))
    }

    fn secretive() -> Hook {
        let key = SigningKey::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap();
        Hook {
            token: Some(Secret::new("s3cret".to_owned())),
            signing_keys: vec![key],
            custom_headers: vec![NamedSecret {
                name: "X-Team".to_owned(),
                value: Secret::new("s3cret-team".to_owned()),
            }],
            ..hook(HookScope::Project(ProjectId(1)))
        }
    }

    #[test]
    fn a_plain_hook_sends_who_and_what() {
        insta::assert_snapshot!(sent_and_logged(&hook(HookScope::System), "X-Gitlab-").0, @r"
        Content-Type: application/json
        User-Agent: Wigwag/0.1.0
        X-Gitlab-Event: System Hook
        X-Gitlab-Instance: https://wigwag.example
        X-Gitlab-Webhook-UUID: abababab-abab-abab-abab-abababababab
        X-Gitlab-Event-UUID: 01010101-0101-0101-0101-010101010101
        Idempotency-Key: msg_1
        ");
    }

    #[test]
    fn a_hook_with_secrets_sends_them_and_logs_them_masked() {
        let (sent, logged) = sent_and_logged(&secretive(), "X-Acme-");
        insta::assert_snapshot!(sent, @r"
        Content-Type: application/json
        User-Agent: Wigwag/0.1.0
        X-Acme-Event: Tag Push Hook
        X-Acme-Instance: https://wigwag.example
        X-Acme-Webhook-UUID: abababab-abab-abab-abab-abababababab
        X-Acme-Event-UUID: 01010101-0101-0101-0101-010101010101
        Idempotency-Key: msg_1
        X-Acme-Token: s3cret
        webhook-id: msg_1
        webhook-timestamp: 1700000000
        webhook-signature: v1,YOREwC5BRUvI4ezImQEgEteB7JbPr/Iy2YCZe049/5g=
        ");
        insta::assert_snapshot!(logged, @r"
        Content-Type: application/json
        User-Agent: Wigwag/0.1.0
        X-Acme-Event: Tag Push Hook
        X-Acme-Instance: https://wigwag.example
        X-Acme-Webhook-UUID: abababab-abab-abab-abab-abababababab
        X-Acme-Event-UUID: 01010101-0101-0101-0101-010101010101
        Idempotency-Key: msg_1
        X-Acme-Token: [REDACTED]
        webhook-id: msg_1
        webhook-timestamp: 1700000000
        webhook-signature: [REDACTED]
        X-Team: [REDACTED]
        ");
        assert!(!format!("{:?}", HookHeaders::new(&secretive())).contains("s3cret"));
    }

    #[test]
    fn our_own_headers_are_known_by_any_case() {
        let style = |prefix| HeaderStyle::new(prefix, "a", "b").unwrap();
        let own = ["content-TYPE", "User-Agent", "idempotency-key", "x-gitlab-token", "X-Gitlab-Anything"];
        for name in own.into_iter().chain(["X_Gitlab_Token", "x_GITLAB-event", "Idempotency_Key"]) {
            assert!(style("X-Gitlab-").is_own(name), "{name}");
        }
        for name in ["X-Gitlab", "X-Acme-Event", "Authorization", "ü"] {
            assert!(!style("X-Gitlab-").is_own(name), "{name}");
        }
        assert!(style("X-Acme-").is_own("x-acme-event") && !style("X-Acme-").is_own("X-Gitlab-Event"));
    }

    #[test]
    fn settings_that_cannot_be_sent_are_refused() {
        let check = |prefix: &str, agent: &str, url: &str, verdict: Result<(), HeaderStyleError>| {
            assert_eq!(HeaderStyle::new(prefix, agent, url).map(|_| ()), verdict, "{prefix} {agent} {url}");
        };
        let longest = "a".repeat(HEADER_SETTING_CHARACTERS_MAX);
        check(&"X".repeat(HEADER_PREFIX_CHARACTERS_MAX), &longest, &longest, Ok(()));
        check(&"X".repeat(HEADER_PREFIX_CHARACTERS_MAX + 1), "a", "b", Err(HeaderStyleError::Prefix));
        check("", "a", "b", Err(HeaderStyleError::Prefix));
        check("X:", "a", "b", Err(HeaderStyleError::Prefix));
        check("X-", &format!("{longest}a"), "b", Err(HeaderStyleError::UserAgent));
        check("X-", "a\r\nb", "b", Err(HeaderStyleError::UserAgent));
        check("X-", "a", "", Err(HeaderStyleError::InstanceUrl));
    }

    #[test]
    fn ids_are_stable_and_differ_in_every_part() {
        let id = |instance, event, hook| message_id([instance; 16], EventId(event), HookId(hook));
        assert_eq!(id(1, 2, 3), id(1, 2, 3));
        insta::assert_snapshot!(id(1, 2, 3), @"2eda3039-0f07-8c5f-9bac-adb2f384c7e0");
        let mut all = vec![
            id(1, 2, 3),
            id(2, 2, 3),
            id(1, 3, 3),
            id(1, 2, 4),
            id(1, 3, 2),
            uuid_text(chain_id([1; 16], EventId(2), HookId(3))),
            uuid_text(chain_id([1; 16], EventId(2), HookId(4))),
        ];
        for id in &all {
            assert_eq!((id.len(), &id[14..15]), (36, "8"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 7);
        for (event, hook) in [(0, 0), (1, 2), (2, 1), (1 << 40, 7), ((1 << 48) - 1, (1 << 40) - 1)] {
            let root = ChainRoot { event: EventId(event), hook: HookId(hook) };
            let chain = chain_id([1; 16], root.event, root.hook);
            assert_eq!(chain_root([1; 16], chain), Some(root));
            assert_eq!(chain_root([2; 16], chain), None, "another instance's");
            for at in 0..16 {
                let mut other = chain;
                other[at] ^= 1;
                assert_eq!(chain_root([1; 16], other), None, "byte {at}");
            }
        }
        assert_eq!(chain_root([1; 16], [7; 16]), None);
        assert_eq!(uuid_text([0xAF; 16]), "afafafaf-afaf-afaf-afaf-afafafafafaf");
    }
}
