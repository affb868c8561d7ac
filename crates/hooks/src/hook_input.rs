//! Checks of what a person or a client typed for a hook's fields.

use crate::limits::{
    DESCRIPTION_CHARACTERS_MAX, EVENT_TYPE_CHARACTERS_MAX, EVENT_TYPES_PER_HOOK_MAX, NAME_CHARACTERS_MAX,
    SIGNING_KEYS_PER_HOOK_MAX, TOKEN_BYTES_MAX, URL_BYTES_MAX,
};
use crate::{EventGlob, SigningKey, SigningKeyError};
use std::fmt;
use std::time::Duration;
use wigwag_base::{Secret, Timestamp};

/// A field's value that is refused; the display is the field's API name and its rule, never the value, which may be a
/// secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InputError {
    /// A hook without a URL.
    UrlMissing,
    /// A URL longer than [`URL_BYTES_MAX`].
    UrlTooLong,
    /// A line break or another control character in the URL, which parsers drop or escape in silence.
    UrlControl,
    /// A name longer than [`NAME_CHARACTERS_MAX`].
    NameTooLong,
    /// A line break or another control character in the name.
    NameControl,
    /// A description longer than [`DESCRIPTION_CHARACTERS_MAX`].
    DescriptionTooLong,
    /// A token longer than [`TOKEN_BYTES_MAX`].
    TokenTooLong,
    /// A token that a header cannot carry unchanged.
    TokenCharacters,
    /// A signing token that is none.
    SigningToken(SigningKeyError),
    /// More than [`SIGNING_KEYS_PER_HOOK_MAX`] signing tokens at a time.
    SigningTokensTooMany,
    /// A rate that is not 1 or more.
    Rate,
    /// More than [`EVENT_TYPES_PER_HOOK_MAX`] patterns.
    EventTypesTooMany,
    /// A pattern that no event type can match or that is too long.
    EventType,
}

impl InputError {
    /// The field's name in the API.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::UrlMissing | Self::UrlTooLong | Self::UrlControl => "url",
            Self::NameTooLong | Self::NameControl => "name",
            Self::DescriptionTooLong => "description",
            Self::TokenTooLong | Self::TokenCharacters => "token",
            Self::SigningToken(_) | Self::SigningTokensTooMany => "signing_token",
            Self::Rate => "rate_per_minute",
            Self::EventTypesTooMany | Self::EventType => "event_types",
        }
    }

    /// The rule that the value breaks, to be read after the field's name.
    pub fn rule(&self) -> String {
        let too_long = |limit: usize, unit| format!("is too long (maximum is {limit} {unit})");
        match self {
            Self::UrlMissing => "is missing".to_owned(),
            Self::UrlTooLong => too_long(URL_BYTES_MAX, "bytes"),
            Self::NameTooLong => too_long(NAME_CHARACTERS_MAX, "characters"),
            Self::UrlControl | Self::NameControl => {
                "must not contain line breaks or other control characters".to_owned()
            }
            Self::DescriptionTooLong => too_long(DESCRIPTION_CHARACTERS_MAX, "characters"),
            Self::TokenTooLong => too_long(TOKEN_BYTES_MAX, "bytes"),
            Self::TokenCharacters => {
                "must not contain line breaks or other control characters, nor begin or end with a space"
                    .to_owned()
            }
            Self::SigningToken(error) => error.to_string(),
            Self::SigningTokensTooMany => {
                format!("has {SIGNING_KEYS_PER_HOOK_MAX} valid values already; delete one first")
            }
            Self::Rate => format!("must be between 1 and {}, or null for no limit", u32::MAX),
            Self::EventTypesTooMany => format!("must hold at most {EVENT_TYPES_PER_HOOK_MAX} patterns"),
            Self::EventType => format!(
                "must hold patterns of 1 to {EVENT_TYPE_CHARACTERS_MAX} letters, digits, _ . : - and *, such as invoice.*"
            ),
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field(), self.rule())
    }
}

impl std::error::Error for InputError {}

/// A URL that is there, not too long and of visible characters; what it says is judged by who sends.
///
/// # Errors
/// [`InputError::UrlMissing`], [`InputError::UrlTooLong`] or [`InputError::UrlControl`].
pub fn url_text(text: &str) -> Result<&str, InputError> {
    match text.trim() {
        "" => Err(InputError::UrlMissing),
        url if url.len() > URL_BYTES_MAX => Err(InputError::UrlTooLong),
        url if url.chars().any(char::is_control) => Err(InputError::UrlControl),
        url => Ok(url),
    }
}

/// A hook's name; may be empty.
///
/// # Errors
/// [`InputError::NameTooLong`] or [`InputError::NameControl`].
pub fn name(text: &str) -> Result<String, InputError> {
    if text.chars().count() > NAME_CHARACTERS_MAX {
        return Err(InputError::NameTooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(InputError::NameControl);
    }
    Ok(text.to_owned())
}

/// A hook's description; may be empty and may have several lines.
///
/// # Errors
/// [`InputError::DescriptionTooLong`].
pub fn description(text: &str) -> Result<String, InputError> {
    if text.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return Err(InputError::DescriptionTooLong);
    }
    Ok(text.to_owned())
}

/// A token that is sent verbatim; an empty one is none.
///
/// # Errors
/// [`InputError::TokenTooLong`] or [`InputError::TokenCharacters`] (what a header would lose or refuse).
pub fn token(text: &str) -> Result<Option<Secret<String>>, InputError> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > TOKEN_BYTES_MAX {
        return Err(InputError::TokenTooLong);
    }
    if text.chars().any(char::is_control) || text.starts_with(' ') || text.ends_with(' ') {
        return Err(InputError::TokenCharacters);
    }
    Ok(Some(Secret::new(text.to_owned())))
}

/// A signing token (`whsec_...`); an empty one is none.
///
/// # Errors
/// [`InputError::SigningToken`].
pub fn signing_token(text: &str) -> Result<Option<SigningKey>, InputError> {
    if text.is_empty() {
        return Ok(None);
    }
    SigningKey::parse(text).map(Some).map_err(InputError::SigningToken)
}

/// The keys of a hook after one more was added, which signs first; the older ones run out after `overlap` at the latest,
/// and those that have run out are left out.
///
/// # Errors
/// [`InputError::SigningTokensTooMany`].
pub fn with_signing_key(
    keys: &[SigningKey],
    added: SigningKey,
    overlap: Duration,
    now: Timestamp,
) -> Result<Vec<SigningKey>, InputError> {
    let end = now + overlap;
    let older = keys.iter().filter(|key| key.is_valid_at(now)).map(|key| SigningKey {
        expires_at: Some(key.expires_at.map_or(end, |earlier| earlier.min(end))),
        ..key.clone()
    });
    let all: Vec<_> = std::iter::once(added).chain(older).collect();
    if all.len() > SIGNING_KEYS_PER_HOOK_MAX { Err(InputError::SigningTokensTooMany) } else { Ok(all) }
}

/// The most deliveries a minute, from a number that somebody sent.
///
/// # Errors
/// [`InputError::Rate`] for less than 1 or more than 2^32 - 1.
pub fn rate_per_minute(number: i64) -> Result<u32, InputError> {
    u32::try_from(number).ok().filter(|rate| *rate >= 1).ok_or(InputError::Rate)
}

/// Patterns over event types, in their order, each once.
///
/// # Errors
/// [`InputError::EventTypesTooMany`] or [`InputError::EventType`].
pub fn event_types<T: AsRef<str>>(patterns: &[T]) -> Result<Vec<EventGlob>, InputError> {
    if patterns.len() > EVENT_TYPES_PER_HOOK_MAX {
        return Err(InputError::EventTypesTooMany);
    }
    let mut globs: Vec<EventGlob> = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let glob = EventGlob::new(pattern.as_ref()).ok_or(InputError::EventType)?;
        if !globs.contains(&glob) {
            globs.push(glob);
        }
    }
    Ok(globs)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The verdict on an input: `ok`, or field and rule.
    fn check<T>(result: Result<T, InputError>, expected: &str) {
        let verdict = result.map_or_else(|error| error.to_string(), |_| "ok".to_owned());
        assert!(verdict.starts_with(expected), "{verdict}\n{expected}");
    }

    #[test]
    fn a_value_at_its_limit_is_taken_and_one_more_is_refused() {
        check(url_text(&"u".repeat(URL_BYTES_MAX)), "ok");
        check(url_text(&"u".repeat(URL_BYTES_MAX + 1)), "url is too long (maximum is 2048 bytes)");
        check(name(&"ä".repeat(NAME_CHARACTERS_MAX)), "ok");
        check(name(&"ä".repeat(NAME_CHARACTERS_MAX + 1)), "name is too long (maximum is 255 characters)");
        check(description(&"ä".repeat(DESCRIPTION_CHARACTERS_MAX)), "ok");
        check(description(&"ä".repeat(DESCRIPTION_CHARACTERS_MAX + 1)), "description is too long");
        check(token(&"t".repeat(TOKEN_BYTES_MAX)), "ok");
        check(token(&"t".repeat(TOKEN_BYTES_MAX + 1)), "token is too long");
        check(event_types(&vec!["a"; EVENT_TYPES_PER_HOOK_MAX]), "ok");
        check(event_types(&vec!["a"; EVENT_TYPES_PER_HOOK_MAX + 1]), "event_types must hold at most 64");
        check(rate_per_minute(1), "ok");
        check(rate_per_minute(i64::from(u32::MAX)), "ok");
        check(rate_per_minute(i64::from(u32::MAX) + 1), "rate_per_minute must be between 1 and");
    }

    #[test]
    fn hostile_values_are_refused_with_the_rule() {
        check(url_text(" \n"), "url is missing");
        check(url_text("http://a/\r\nX-Evil: 1"), "url must not contain line breaks");
        check(url_text("http://a\t.example/"), "url must not contain line breaks");
        check(url_text("http://a/\0"), "url must not contain line breaks");
        check(name("a\nb"), "name must not contain line breaks");
        check(name("a\u{1b}[2J"), "name must not contain line breaks");
        check(token("a\r\nX-Evil: 1"), "token must not contain line breaks");
        check(token("a\0"), "token must not contain line breaks");
        check(token(" a"), "token must not contain");
        check(token("a "), "token must not contain");
        check(signing_token("secret"), "signing_token must begin with whsec_");
        check(signing_token("whsec_AAAA"), "signing_token must hold a key of 24 to 64 bytes");
        check(rate_per_minute(0), "rate_per_minute must be");
        check(rate_per_minute(i64::MIN), "rate_per_minute must be");
        check(event_types(&["ok.*", "no good"]), "event_types must hold patterns");
        check(event_types(&[""]), "event_types must hold patterns");
    }

    #[test]
    fn an_added_signing_key_signs_first_and_the_older_ones_run_out() {
        let at = Timestamp::from_secs;
        let key = |byte, end: Option<i64>| SigningKey {
            key: Secret::new(vec![byte; 24]),
            expires_at: end.map(Timestamp::from_secs),
        };
        let hour = Duration::from_secs(3_600);
        let old = [key(1, None), key(2, Some(50)), key(3, Some(10)), key(4, Some(9_999))];
        let now_valid = with_signing_key(&old, key(5, None), hour, at(10)).unwrap();
        assert_eq!(now_valid, [key(5, None), key(1, Some(3_610)), key(2, Some(50)), key(4, Some(3_610))]);
        let full = vec![key(1, None); SIGNING_KEYS_PER_HOOK_MAX - 1];
        check(with_signing_key(&full, key(5, None), hour, at(10)), "ok");
        let full = vec![key(1, None); SIGNING_KEYS_PER_HOOK_MAX];
        check(
            with_signing_key(&full, key(5, None), hour, at(10)),
            "signing_token has 5 valid values already",
        );
        check(with_signing_key(&[], key(5, None), hour, at(10)), "ok");
    }

    #[test]
    fn good_values_are_taken_as_they_are() {
        assert_eq!(url_text(" https://a ").unwrap(), "https://a");
        assert_eq!(token("").unwrap(), None);
        assert_eq!(token("grün 7").unwrap().unwrap().expose(), "grün 7");
        assert_eq!(signing_token("").unwrap(), None);
        assert!(signing_token("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap().is_some());
        check(description("two\nlines"), "ok");
        let globs = event_types(&["invoice.*", "a", "invoice.*"]).unwrap();
        assert_eq!(globs.iter().map(EventGlob::as_str).collect::<Vec<_>>(), ["invoice.*", "a"]);
    }
}
