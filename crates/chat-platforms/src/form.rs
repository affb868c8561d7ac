//! Forms as chats send them.

use crate::limits::FORM_FIELDS_MAX;
use wigwag_ports::chat_platform::{ChatRefusal, ChatRequest};

/// The fields of a form, each once.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form.
    ///
    /// # Errors
    /// [`ChatRefusal::Unreadable`] if it is none, has too many fields, or one twice.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ChatRefusal> {
        let unreadable = |why: &str| ChatRefusal::Unreadable(format!("the request {why}"));
        if std::str::from_utf8(body).is_err() {
            return Err(unreadable("is no form: it is not UTF-8"));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if fields.len() >= FORM_FIELDS_MAX {
                return Err(unreadable("has too many fields"));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(unreadable("has a field twice"));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    pub(crate) fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A field; empty if it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, ChatRefusal> {
        match self.get(name) {
            "" => Err(ChatRefusal::Unreadable(format!("the request has no {name}"))),
            value => Ok(value),
        }
    }
}

/// A header that may stand there once.
///
/// # Errors
/// [`ChatRefusal::Forged`] if it is missing or stands there twice.
pub(crate) fn only_header<'r>(request: &ChatRequest<'r>, name: &str) -> Result<&'r str, ChatRefusal> {
    let mut found =
        request.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(ChatRefusal::Forged(format!("the header {name} is missing"))),
        (Some(_), Some(_)) => Err(ChatRefusal::Forged(format!("the header {name} is there twice"))),
    }
}
