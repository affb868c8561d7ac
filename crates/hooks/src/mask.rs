//! What may be kept of a text in which a hook's secrets may stand: a receiver's answer that sends back what it got, an
//! error that names an address.

use crate::hook_url::credentials;
use crate::{Hook, NamedSecret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::borrow::Cow;
use std::fmt;

/// Shortest value that is masked in a text: a shorter one stands in too many words that are no secret.
const MASKED_BYTES_MIN: usize = 4;
/// Shortest part of a value, and shortest user's name, that is masked by itself.
const PART_BYTES_MIN: usize = 8;
/// Texts that are shorter were kept whole: the end of a longer one may be the beginning of a secret.
const CUT_BYTES_MIN: usize = 1_000;

/// The secrets of one hook, in every form in which they are sent or usually come back: as they are, percent-encoded as in
/// a URL, escaped as in JSON, in base64 as in basic authentication, and the long parts of those with other letters.
#[derive(Default)]
pub struct SecretMask(Vec<Form>);

struct Form {
    text: String,
    shown: String,
}

impl fmt::Debug for SecretMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl SecretMask {
    /// That of a hook's token, headers, variables and credentials. Signing keys are never sent.
    pub fn of(hook: &Hook) -> Self {
        let mut forms = Vec::new();
        for NamedSecret { name, value } in hook.url_variables.iter().chain(&hook.custom_headers) {
            add(&mut forms, name, value.expose());
        }
        if let Some(token) = &hook.token {
            add(&mut forms, "token", token.expose());
        }
        if let Some((_, pair, _)) = credentials(hook.url.expose()) {
            let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
            let [user, password] = [user, password].map(percent_decoded);
            add_base64(&mut forms, "credentials", &format!("{user}:{password}"));
            add(&mut forms, "password", &password);
            if user.len() >= PART_BYTES_MIN {
                add(&mut forms, "user", &user);
            }
        }
        // What holds another goes first.
        forms.sort_by_key(|form: &Form| std::cmp::Reverse(form.text.len()));
        Self(forms)
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text in which each secret is replaced by its `{name}`.
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let may_be_cut = text.len() >= CUT_BYTES_MIN;
        let mut masked = Cow::Borrowed(text);
        for Form { text, shown } in &self.0 {
            if masked.contains(text.as_str()) {
                masked = Cow::Owned(masked.replace(text.as_str(), shown));
            }
        }
        if may_be_cut && let Some((length, shown)) = self.cut_at_end(&masked) {
            masked = Cow::Owned(format!("{}{shown}", &masked[..masked.len() - length]));
        }
        masked
    }

    /// The longest beginning of a secret that a text ends with.
    fn cut_at_end(&self, text: &str) -> Option<(usize, &str)> {
        let cut = |form: &'_ Form| {
            let lengths = (MASKED_BYTES_MIN..form.text.len()).rev();
            lengths
                .filter(|length| form.text.is_char_boundary(*length))
                .find(|l| text.ends_with(&form.text[..*l]))
        };
        let found = self.0.iter().filter_map(|form| cut(form).map(|length| (length, form.shown.as_str())));
        found.max_by_key(|(length, _)| *length)
    }
}

/// Every form of one value.
fn add(forms: &mut Vec<Form>, name: &str, value: &str) {
    if value.len() < MASKED_BYTES_MIN {
        return;
    }
    let mut push = |text: String| {
        if !forms.iter().any(|form| form.text == text) {
            forms.push(Form { text, shown: format!("{{{name}}}") });
        }
    };
    push(value.to_owned());
    push(percent_encoded(value, b"\"#<> "));
    push(percent_encoded(value, b"\"#<> ?`{}"));
    let json = serde_json::Value::from(value).to_string();
    push(json[1..json.len() - 1].to_owned());
    for part in value.split(|c: char| !c.is_ascii_alphanumeric()) {
        // A word that anybody uses has no digit.
        if part.len() >= PART_BYTES_MIN && part.bytes().any(|byte| byte.is_ascii_digit()) {
            push(part.to_owned());
        }
    }
    add_base64(forms, name, value);
}

/// Base64 of a text that begins with a value, or in which it stands at any place.
fn add_base64(forms: &mut Vec<Form>, name: &str, value: &str) {
    if value.len() < PART_BYTES_MIN {
        return;
    }
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], value.as_bytes()].concat());
        // The letters at both ends depend on what stands beside it.
        let from = if before == 0 { 0 } else { 4 };
        let to = (before + value.len()) / 3 * 4;
        if let Some(text) = encoded.get(from..to).filter(|text| text.len() >= PART_BYTES_MIN) {
            forms.push(Form { text: text.to_owned(), shown: format!("{{{name}}}") });
        }
    }
}

/// As a URL's path or query has it.
fn percent_encoded(text: &str, reserved: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if !byte.is_ascii_graphic() || reserved.contains(&byte) {
            encoded.push_str(&format!("%{byte:02X}"));
        } else {
            encoded.push(char::from(byte));
        }
    }
    encoded
}

/// Without its percent signs; what is none stays.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::SecretMask;
    use crate::testing::hook;
    use crate::{Hook, HookScope, NamedSecret};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use wigwag_base::{ProjectId, Secret};

    fn mask(url: &str, token: &str, pairs: &[(&str, &str)]) -> SecretMask {
        let named = |(name, value): &(&str, &str)| NamedSecret {
            name: (*name).to_owned(),
            value: Secret::new((*value).to_owned()),
        };
        SecretMask::of(&Hook {
            url: Secret::new(url.to_owned()),
            token: Some(Secret::new(token.to_owned())),
            url_variables: pairs.iter().map(named).collect(),
            ..hook(HookScope::Project(ProjectId(1)))
        })
    }

    #[test]
    fn values_are_masked_where_they_stand() {
        let mask =
            mask("https://a.example/", "t0k3n", &[("key", "s3cr3t"), ("one", "1"), ("host", "deep.example")]);
        let check = |text, masked| assert_eq!(mask.masked(text), masked);
        check("deep.example does not answer 1 s3cr3t, s3cr3t", "{host} does not answer 1 {key}, {key}");
        check("X-Gitlab-Token: t0k3n", "X-Gitlab-Token: {token}");
        check("nothing", "nothing");
    }

    #[test]
    fn a_value_with_other_letters_is_masked_however_it_is_written() {
        let mask = mask("https://a.example/", "", &[("odd", "a\"b<ü>{?"), ("long", "abcdefgh1\"<x>")]);
        let check = |text, masked| assert_eq!(mask.masked(text), masked);
        check("/a%22b%3C%C3%BC%3E%7B%3F", "/{odd}");
        check("?q=a%22b%3C%C3%BC%3E{?", "?q={odd}");
        check(r#"{"q": "a\"b<ü>{?"}"#, r#"{"q": "{odd}"}"#);
        check("abcdefgh1&quot;&lt;x&gt;", "{long}&quot;&lt;x&gt;");
    }

    #[test]
    fn basic_authentication_and_other_base64_are_masked() {
        let mask = mask("https://user-name:p%40ssw0rd@a.example/", "a-long-token", &[]);
        let sent = STANDARD.encode("user-name:p@ssw0rd");
        assert!(!mask.masked(&format!("Basic {sent}")).contains(&sent[..sent.len() - 4]));
        assert_eq!(mask.masked("user-name p@ssw0rd"), "{user} {password}");
        for before in ["", "x", "xx", "xxx"] {
            let text = STANDARD.encode(format!("{before}a-long-token, and more"));
            assert!(mask.masked(&text).contains("{token}"), "{text}");
        }
    }

    #[test]
    fn what_a_cut_left_of_a_secret_is_masked() {
        let mask = mask("https://a.example/", "a-long-token", &[]);
        let padded = |text: &str| format!("{}{text}", "p".repeat(1_000));
        assert_eq!(mask.masked(&padded("a-long-t")), padded("{token}"));
        assert_eq!(mask.masked(&padded("a-lo")), padded("{token}"));
        assert_eq!(mask.masked(&padded("a-l")), padded("a-l"));
        assert_eq!(mask.masked("a-long-t"), "a-long-t", "a short text was kept whole");
    }
}
