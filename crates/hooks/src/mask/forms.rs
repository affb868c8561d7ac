//! In which forms the secrets of a hook are looked for.

use super::{Form, MASKED_BYTES_MIN};
use crate::hook::host_of;
use crate::hook_url::credentials;
use crate::{Hook, NamedSecret};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// Bytes of all forms of one hook: all values as long as they may be, and some spellings; a hook with values of a hundred
/// bytes has every one. What finds them takes some ten times as much memory.
const FORMS_BYTES_MAX: usize = 128 * 1024;

/// Shortest value whose base64 is looked for: of a shorter one too few letters are its own.
const ENCODED_BYTES_MIN: usize = 8;

/// What stands for the credentials of a URL.
const CREDENTIALS: &str = "***";

/// What a URL's query escapes, as browsers do.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');
/// What its path escapes; `^` by the newer rule.
const PATH: &AsciiSet = &QUERY.remove(b'\'').add(b'?').add(b'`').add(b'{').add(b'}');
const PATH_NEW: &AsciiSet = &PATH.add(b'^');
/// What is escaped in a piece of a URL that stands for itself, by RFC 3986 and by JavaScript.
const PIECE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PIECE_OF_SCRIPTS: &AsciiSet = &PIECE.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
/// As Python does for a path.
const PIECES: &AsciiSet = &PIECE.remove(b'/');

/// All that must not be shown of a hook, each text once: first every value as it is, then the other spellings, as many as
/// there is room for.
pub(super) fn of(hook: &Hook, host: Option<&str>) -> Vec<Form> {
    let mut secrets = Vec::new();
    for NamedSecret { name, value } in &hook.url_variables {
        secrets.push((mask_of(name), Cow::Borrowed(value.expose().as_str())));
    }
    for NamedSecret { name, value } in &hook.custom_headers {
        let mask = mask_of(name);
        if name.eq_ignore_ascii_case("authorization") {
            secrets.extend(of_authorization(value.expose()).into_iter().map(|part| (mask.clone(), part)));
        }
        secrets.push((mask, Cow::Borrowed(value.expose().as_str())));
    }
    if let Some(token) = &hook.token {
        secrets.push((mask_of("token"), Cow::Borrowed(token.expose().as_str())));
    }
    let full_url = hook.full_url();
    if let Some((_, pair, _)) = credentials(&full_url) {
        let mask: Arc<str> = CREDENTIALS.into();
        secrets.extend(of_credentials(pair).into_iter().map(|part| (mask.clone(), part)));
    }
    // A host with a secret part stands in errors as it is asked for: in lower case, and in ASCII.
    let shown = host_of(hook.url.expose());
    if let Some(host) = host.filter(|_| shown.contains('{')) {
        let without_port = shown.rsplit_once(':').map_or(shown, |(name, _)| name);
        secrets.push((without_port.into(), Cow::Borrowed(host)));
    }
    let mut forms = Forms { forms: Vec::new(), bytes: 0 };
    for (mask, value) in &secrets {
        forms.add(mask, value);
    }
    for (mask, value) in &secrets {
        forms.add_spellings(mask, value);
    }
    forms.forms
}

fn mask_of(name: &str) -> Arc<str> {
    format!("{{{name}}}").into()
}

/// What follows the scheme of an `Authorization`, and what that means where it is `Basic`.
fn of_authorization(value: &str) -> Vec<Cow<'_, str>> {
    let Some((scheme, rest)) = value.split_once(' ') else { return Vec::new() };
    let rest = rest.trim();
    let mut parts = vec![Cow::Borrowed(rest)];
    let pair = STANDARD.decode(rest).ok().and_then(|pair| String::from_utf8(pair).ok());
    if let Some(pair) = pair.filter(|_| scheme.eq_ignore_ascii_case("basic")) {
        parts.extend(pair.split_once(':').map(|(_, password)| Cow::Owned(password.to_owned())));
        parts.push(Cow::Owned(pair));
    }
    parts
}

/// The `user:password` of a URL: whole and in its halves, as it stands there, as it is meant and as it is sent.
fn of_credentials(pair: &str) -> Vec<Cow<'_, str>> {
    let meant: Vec<u8> = percent_decode_str(pair).collect();
    // Who leaves the password out sends an empty one.
    let colon: &[u8] = if pair.contains(':') { b"" } else { b":" };
    let mut parts = vec![Cow::Owned(STANDARD.encode([&meant, colon].concat()))];
    for text in [pair, &String::from_utf8_lossy(&meant)] {
        parts.push(Cow::Owned(text.to_owned()));
        if let Some((user, password)) = text.split_once(':') {
            parts.extend([user, password].map(|half| Cow::Owned(half.to_owned())));
        }
    }
    parts
}

struct Forms {
    forms: Vec<Form>,
    bytes: usize,
}

impl Forms {
    fn add(&mut self, mask: &Arc<str>, text: &str) {
        let text = text.to_ascii_lowercase().into_bytes();
        if text.len() >= MASKED_BYTES_MIN
            && self.bytes + text.len() <= FORMS_BYTES_MAX
            && !self.forms.iter().any(|form| form.text == text)
        {
            self.bytes += text.len();
            self.forms.push(Form { text, mask: mask.clone() });
        }
    }

    /// A value as it stands in URLs, in JSON and in base64.
    fn add_spellings(&mut self, mask: &Arc<str>, value: &str) {
        for set in [QUERY, PATH, PATH_NEW, PIECE, PIECE_OF_SCRIPTS, PIECES] {
            let escaped: Cow<'_, str> = utf8_percent_encode(value, set).into();
            self.add(mask, &escaped);
            self.add(mask, &escaped.replace("%20", "+"));
        }
        // The quotes around it are left out.
        let json = serde_json::to_string(value).unwrap_or_default();
        let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        for json in [Cow::Borrowed(json), Cow::Owned(in_ascii(json))] {
            self.add(mask, &json);
            self.add(mask, &json.replace('/', "\\/"));
        }
        self.add_base64(mask, value);
    }

    /// Base64 of a text in which a value stands, at whichever of three places in a group of letters it begins.
    fn add_base64(&mut self, mask: &Arc<str>, value: &str) {
        if value.len() < ENCODED_BYTES_MIN {
            return;
        }
        for before in 0..3 {
            let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], value.as_bytes()].concat());
            // The letters at both ends depend on what stands beside it.
            let (from, to) = (if before == 0 { 0 } else { 4 }, (before + value.len()) / 3 * 4);
            self.add(mask, encoded.get(from..to).unwrap_or_default());
        }
    }
}

/// A JSON text in which every character beyond ASCII is escaped.
fn in_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(text, "\\u{unit:04x}").expect("writing to a String does not fail");
        }
    }
    text
}
