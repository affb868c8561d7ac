//! Checks of what a person or a client typed for a hook's fields.

use crate::limits::{
    CLIENT_CERTIFICATE_BYTES_MAX, CLIENT_KEY_BYTES_MAX, CUSTOM_HEADERS_MAX, DESCRIPTION_CHARACTERS_MAX,
    EVENT_TYPE_CHARACTERS_MAX, EVENT_TYPES_PER_HOOK_MAX, NAME_CHARACTERS_MAX, SECRET_NAME_CHARACTERS_MAX,
    SECRET_VALUE_BYTES_MAX, SIGNING_KEYS_PER_HOOK_MAX, TOKEN_BYTES_MAX, URL_BYTES_MAX, URL_VARIABLES_MAX,
};
use crate::named_secret::is_variable_name;
use crate::{
    BranchFilter, BranchFilterError, BranchStrategy, ClientIdentity, EventGlob, NamedSecret, SigningKey,
    SigningKeyError, Template, TemplateError,
};
use std::fmt;
use wigwag_base::Secret;

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
    /// A control character other than a line break or a tab in the description.
    DescriptionControl,
    /// A token longer than [`TOKEN_BYTES_MAX`].
    TokenTooLong,
    /// A token that a header cannot carry unchanged.
    TokenCharacters,
    /// A signing token that is none.
    SigningToken(SigningKeyError),
    /// More than [`SIGNING_KEYS_PER_HOOK_MAX`] signing tokens at a time.
    SigningTokensTooMany,
    /// More than [`CUSTOM_HEADERS_MAX`] headers of the owner's own.
    CustomHeadersTooMany,
    /// A header's name that is none.
    CustomHeaderName(String),
    /// A header that says how a request is framed or routed, or that is ours.
    CustomHeaderTaken(String),
    /// A header's value that cannot be sent unchanged.
    CustomHeaderValue(String),
    /// A header that is to keep its value and has none.
    CustomHeaderUnknown(String),
    /// More than [`URL_VARIABLES_MAX`] parts of the URL.
    UrlVariablesTooMany,
    /// A part's name that is none.
    UrlVariableName(String),
    /// A part's value that no URL can hold.
    UrlVariableValue(String),
    /// A part that is to keep its value and has none.
    UrlVariableUnknown(String),
    /// A `{name}` in the URL that nothing stands for.
    UrlVariableMissing(String),
    /// A template that is none.
    Template(TemplateError),
    /// A branch filter that is none.
    BranchFilter(BranchFilterError),
    /// A certificate longer than [`CLIENT_CERTIFICATE_BYTES_MAX`].
    ClientCertificateTooLong,
    /// A certificate without a key.
    ClientCertificateAlone,
    /// A key longer than [`CLIENT_KEY_BYTES_MAX`].
    ClientKeyTooLong,
    /// A key without a certificate.
    ClientKeyAlone,
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
            Self::UrlMissing | Self::UrlTooLong | Self::UrlControl | Self::UrlVariableMissing(_) => "url",
            Self::NameTooLong | Self::NameControl => "name",
            Self::DescriptionTooLong | Self::DescriptionControl => "description",
            Self::TokenTooLong | Self::TokenCharacters => "token",
            Self::SigningToken(_) | Self::SigningTokensTooMany => "signing_token",
            Self::CustomHeadersTooMany
            | Self::CustomHeaderName(_)
            | Self::CustomHeaderTaken(_)
            | Self::CustomHeaderValue(_)
            | Self::CustomHeaderUnknown(_) => "custom_headers",
            Self::UrlVariablesTooMany
            | Self::UrlVariableName(_)
            | Self::UrlVariableValue(_)
            | Self::UrlVariableUnknown(_) => "url_variables",
            Self::Template(_) => "custom_webhook_template",
            Self::BranchFilter(_) => "push_events_branch_filter",
            Self::ClientCertificateTooLong | Self::ClientCertificateAlone => "client_certificate",
            Self::ClientKeyTooLong | Self::ClientKeyAlone => "client_key",
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
            Self::DescriptionControl => {
                "must not contain control characters but line breaks and tabs".to_owned()
            }
            Self::TokenTooLong => too_long(TOKEN_BYTES_MAX, "bytes"),
            Self::TokenCharacters => {
                "must not contain line breaks or other control characters, nor begin or end with a space"
                    .to_owned()
            }
            Self::SigningToken(error) => error.to_string(),
            Self::SigningTokensTooMany => {
                format!("has {SIGNING_KEYS_PER_HOOK_MAX} valid values already; delete one first")
            }
            Self::CustomHeadersTooMany => format!("must be at most {CUSTOM_HEADERS_MAX}"),
            Self::UrlVariablesTooMany => format!("must be at most {URL_VARIABLES_MAX}"),
            Self::CustomHeaderName(name) => format!(
                "has the name {name:?}; names are 1 to {SECRET_NAME_CHARACTERS_MAX} letters, digits and _ . -"
            ),
            Self::UrlVariableName(name) => format!(
                "has the name {name:?}; names are a letter and letters, digits and _ . -, at most {SECRET_NAME_CHARACTERS_MAX}"
            ),
            Self::CustomHeaderTaken(name) => {
                format!("must not set {name}, which is set by the server or says how a request is sent")
            }
            Self::CustomHeaderValue(name) | Self::UrlVariableValue(name) => format!(
                "has a wrong value for {name}: 1 to {SECRET_VALUE_BYTES_MAX} bytes, without line breaks or other control characters, nor a space at its ends"
            ),
            Self::CustomHeaderUnknown(name) | Self::UrlVariableUnknown(name) => {
                format!("has no value for {name}; give one, since nothing is stored under that name")
            }
            Self::UrlVariableMissing(name) => format!(
                "names {{{name}}}, and no URL variable of that name has a value; give it, anew if the address has changed"
            ),
            Self::Template(error) => error.to_string(),
            Self::BranchFilter(error) => error.to_string(),
            Self::ClientCertificateTooLong => too_long(CLIENT_CERTIFICATE_BYTES_MAX, "bytes"),
            Self::ClientCertificateAlone => "needs its private key; give client_key too".to_owned(),
            Self::ClientKeyTooLong => too_long(CLIENT_KEY_BYTES_MAX, "bytes"),
            Self::ClientKeyAlone => "needs its certificate; give client_certificate too".to_owned(),
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
/// [`InputError::DescriptionTooLong`] or [`InputError::DescriptionControl`].
pub fn description(text: &str) -> Result<String, InputError> {
    if text.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return Err(InputError::DescriptionTooLong);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(InputError::DescriptionControl);
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

/// A header of the owner's own. Whether its name is one of the server's is told by the server's settings.
///
/// # Errors
/// [`InputError::CustomHeaderName`], [`InputError::CustomHeaderTaken`] or [`InputError::CustomHeaderValue`].
pub fn custom_header(name: &str, value: &str) -> Result<NamedSecret, InputError> {
    let named = (1..=SECRET_NAME_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !named {
        return Err(InputError::CustomHeaderName(beginning(name)));
    }
    if is_reserved_header(name) {
        return Err(InputError::CustomHeaderTaken(name.to_owned()));
    }
    if !is_secret_value(value) {
        return Err(InputError::CustomHeaderValue(name.to_owned()));
    }
    Ok(NamedSecret { name: name.to_owned(), value: Secret::new(value.to_owned()) })
}

/// Whether two names are one header: `_` counts as `-`, and case does not count.
pub fn is_same_header(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// Headers that say how a request is framed, routed or read, or that carry its signature: another value there would
/// change what receivers rely on, or smuggle in a second request. `_` counts as `-`, as it does for receivers that read
/// headers as variables (CGI, WSGI).
fn is_reserved_header(name: &str) -> bool {
    const NAMES: [&str; 8] =
        ["host", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"];
    const PREFIXES: [&str; 3] = ["content-", "proxy-", "webhook-"];
    let name = folded(name);
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// A part of the URL that is secret.
///
/// # Errors
/// [`InputError::UrlVariableName`] or [`InputError::UrlVariableValue`].
pub fn url_variable(name: &str, value: &str) -> Result<NamedSecret, InputError> {
    if name.len() > SECRET_NAME_CHARACTERS_MAX || !is_variable_name(name) {
        return Err(InputError::UrlVariableName(beginning(name)));
    }
    if !is_secret_value(value) {
        return Err(InputError::UrlVariableValue(name.to_owned()));
    }
    Ok(NamedSecret { name: name.to_owned(), value: Secret::new(value.to_owned()) })
}

/// What a header can carry unchanged.
fn is_secret_value(value: &str) -> bool {
    (1..=SECRET_VALUE_BYTES_MAX).contains(&value.len())
        && !value.chars().any(char::is_control)
        && !value.starts_with(' ')
        && !value.ends_with(' ')
}

/// As much of a name as an error should show.
fn beginning(name: &str) -> String {
    name.chars().take(40).collect()
}

/// A template; an empty one is none.
///
/// # Errors
/// [`InputError::Template`].
pub fn template(text: &str) -> Result<Option<Template>, InputError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Template::parse(text).map(Some).map_err(InputError::Template)
}

/// A branch filter that can be used; where all branches pass, the pattern is forgotten.
///
/// # Errors
/// [`InputError::BranchFilter`].
pub fn branch_filter(strategy: BranchStrategy, pattern: &str) -> Result<BranchFilter, InputError> {
    let pattern = if strategy == BranchStrategy::AllBranches { "" } else { pattern };
    if pattern.chars().any(char::is_control) {
        return Err(InputError::BranchFilter(BranchFilterError::Control));
    }
    let filter = BranchFilter { strategy, pattern: pattern.to_owned() };
    filter.compiled().map_err(InputError::BranchFilter)?;
    Ok(filter)
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

/// The certificate and the key of a hook after an edit: what is not given stays, and an empty certificate removes both.
/// Whether they are of any use is told by who sends.
///
/// # Errors
/// [`InputError::ClientCertificateTooLong`], [`InputError::ClientCertificateAlone`], [`InputError::ClientKeyTooLong`] or
/// [`InputError::ClientKeyAlone`].
pub fn client_identity(
    before: Option<&ClientIdentity>,
    certificate: Option<&str>,
    key: Option<&Secret<String>>,
) -> Result<Option<ClientIdentity>, InputError> {
    let given = |text: &str| !text.trim().is_empty();
    if certificate.is_some_and(|text| !given(text)) {
        return if key.is_some_and(|key| given(key.expose())) {
            Err(InputError::ClientKeyAlone)
        } else {
            Ok(None)
        };
    }
    if certificate.is_some_and(|text| text.len() > CLIENT_CERTIFICATE_BYTES_MAX) {
        return Err(InputError::ClientCertificateTooLong);
    }
    if key.is_some_and(|key| key.expose().len() > CLIENT_KEY_BYTES_MAX) {
        return Err(InputError::ClientKeyTooLong);
    }
    let certificate = certificate.map(str::to_owned).or_else(|| before.map(|own| own.certificate.clone()));
    let key = key.filter(|key| given(key.expose())).or_else(|| before.map(|own| &own.key));
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(ClientIdentity { certificate, key: key.clone() })),
        (Some(_), None) => Err(InputError::ClientCertificateAlone),
        (None, Some(_)) => Err(InputError::ClientKeyAlone),
        (None, None) => Ok(None),
    }
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
mod tests;
