use super::HookFields;
use super::fields::refused;
use super::named::{self, Kind};
use crate::{Engine, EngineError};
use wigwag_base::Secret;
use wigwag_hooks::hook_input::{self, InputError};
use wigwag_hooks::limits::{CUSTOM_HEADERS_MAX, FAILURE_TEXT_BYTES_MAX, URL_VARIABLES_MAX};
use wigwag_hooks::{Hook, Masks, NamedSecret, filled_url, masked_url, secrets_survive, unfilled_place};
use wigwag_ports::egress::EgressError;

/// What becomes of a hook's URL by an edit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum UrlEdit {
    /// It stays, with every secret.
    Same,
    /// Another one for the same place: secrets stay.
    Moved(String),
    /// Another place: nobody's secrets may go there.
    Redirected(String),
}

/// Compares what was sent with what is stored. Clients send back the URL that they were shown, with its credentials
/// masked: that one is the same, and a masked one for the same place keeps the credentials.
///
/// # Errors
/// [`EngineError::Invalid`] for a masked URL of another place: whose credentials should go there?
pub(super) fn url_edit(stored: &str, sent: &str) -> Result<UrlEdit, EngineError> {
    let sent = hook_input::url_text(sent).map_err(refused)?;
    let shown = masked_url(stored);
    if sent == stored || sent == shown {
        return Ok(UrlEdit::Same);
    }
    if !secrets_survive(stored, sent) {
        return match mask_of(sent) {
            Some(_) => Err(EngineError::Invalid {
                field: "url",
                rule: "has masked credentials; give them anew for another address, or leave them out".into(),
            }),
            None => Ok(UrlEdit::Redirected(sent.to_owned())),
        };
    }
    let own = mask_of(&shown).map(|(start, end)| &stored[start..stored.len() - (shown.len() - end)]);
    Ok(UrlEdit::Moved(match (mask_of(sent), own) {
        (Some((start, end)), Some(own)) => format!("{}{own}{}", &sent[..start], &sent[end..]),
        _ => sent.to_owned(),
    }))
}

/// Where a shown URL says `***:***@`, from the beginning of the mask to behind it.
fn mask_of(shown: &str) -> Option<(usize, usize)> {
    const MASK: &str = "***:***@";
    let start = shown.find("://")? + 3;
    shown[start..].starts_with(MASK).then_some((start, start + MASK.len()))
}

/// A URL without `user:password@`.
pub(super) fn without_credentials(url: &str) -> String {
    let shown = masked_url(url);
    match mask_of(&shown) {
        Some((start, end)) => format!("{}{}", &shown[..start], &shown[end..]),
        None => url.to_owned(),
    }
}

const VARIABLES: Kind = Kind {
    count_max: URL_VARIABLES_MAX,
    too_many: InputError::UrlVariablesTooMany,
    unknown: InputError::UrlVariableUnknown,
    is_same: |one, other| one == other,
    checked: hook_input::url_variable,
};

const HEADERS: Kind = Kind {
    count_max: CUSTOM_HEADERS_MAX,
    too_many: InputError::CustomHeadersTooMany,
    unknown: InputError::CustomHeaderUnknown,
    is_same: hook_input::is_same_header,
    checked: hook_input::custom_header,
};

impl Engine {
    /// Whether requests may go to a hook's URL, as far as can be told now. A hook that is switched off sends nothing, so
    /// it may lack values still: whoever moves hooks here knows their names and not what they stand for.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `url`, in words for the person who typed it.
    pub(super) async fn judge_url(&self, hook: &Hook) -> Result<(), EngineError> {
        if !hook.enabled.is_on() && is_unfilled(hook) {
            return hook_input::url_text(hook.url.expose()).map(drop).map_err(refused);
        }
        filled(hook)?;
        let refuse = |error: &EgressError| {
            let text = format!("is not one that requests may go to: {error}");
            let rule = Masks::new(hook, None).text(&text, FAILURE_TEXT_BYTES_MAX).into_owned();
            EngineError::Invalid { field: "url", rule }
        };
        let url = hook.full_url();
        let url = hook_input::url_text(&url).map_err(refused)?;
        let target = self.inner.egress.target(url).map_err(|error| refuse(&error))?;
        match self.inner.egress.judge(&target).await {
            Err(error @ (EgressError::Forbidden { .. } | EgressError::BadUrl(_))) => Err(refuse(&error)),
            // Whether it can be reached at this moment says nothing of tomorrow.
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The hook with the URL and the named values that an edit gives it. Where the address becomes another one, by the URL
    /// or by a part of it, every secret goes that was not given anew: nobody may send another's secrets elsewhere.
    pub(super) fn moved(&self, before: &Hook, fields: &HookFields) -> Result<Hook, EngineError> {
        let edit = match &fields.url {
            Some(sent) => url_edit(before.url.expose(), sent.expose())?,
            None => UrlEdit::Same,
        };
        let url = match edit {
            UrlEdit::Same => before.url.expose().clone(),
            UrlEdit::Moved(url) | UrlEdit::Redirected(url) => url,
        };
        let variables = named::edited(&before.url_variables, &fields.url_variables, false, &VARIABLES)?;
        let is_elsewhere = !secrets_survive(&before.full_url(), &filled_url(&url, &variables));
        let mut hook = Hook { url: Secret::new(url), ..before.clone() };
        if is_elsewhere {
            // The mask that answers show does not give credentials anew.
            let is_typed = fields.url.as_ref().is_some_and(|sent| mask_of(sent.expose().trim()).is_none());
            if !is_typed {
                hook.url = Secret::new(without_credentials(hook.url.expose()));
            }
            hook.redirected_at = Some(self.inner.clock.now());
            hook.token = None;
            hook.signing_keys = Vec::new();
            hook.client_identity = None;
        }
        self.with_named(hook, is_elsewhere, fields)
    }

    /// The hook with its named values edited; where it `is_elsewhere` now, none stays but what is given anew.
    pub(super) fn with_named(
        &self,
        mut hook: Hook,
        is_elsewhere: bool,
        fields: &HookFields,
    ) -> Result<Hook, EngineError> {
        hook.url_variables =
            named::edited(&hook.url_variables, &fields.url_variables, is_elsewhere, &VARIABLES)?;
        hook.custom_headers =
            named::edited(&hook.custom_headers, &fields.custom_headers, is_elsewhere, &HEADERS)?;
        let is_own = |header: &&NamedSecret| self.inner.header_style.is_own(&header.name);
        match hook.custom_headers.iter().find(is_own) {
            Some(header) => Err(refused(InputError::CustomHeaderTaken(header.name.clone()))),
            None => Ok(hook),
        }
    }
}

/// Whether a `{name}` of a hook's URL has no value.
pub(super) fn is_unfilled(hook: &Hook) -> bool {
    unfilled_place(hook.url.expose(), &hook.url_variables).is_some()
}

/// Whether there is an address at all.
///
/// # Errors
/// [`EngineError::Invalid`] names the part of the URL that has no value.
pub(super) fn filled(hook: &Hook) -> Result<(), EngineError> {
    match unfilled_place(hook.url.expose(), &hook.url_variables) {
        Some(place) => Err(refused(InputError::UrlVariableMissing(place.to_owned()))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{UrlEdit, url_edit, without_credentials};

    #[test]
    fn credentials_alone_are_left_out() {
        let check = |url: &str, rest: &str| assert_eq!(without_credentials(url), rest);
        check("https://u:p@ss@{host}/a@b", "https://{host}/a@b");
        check("https://a.example/a@b", "https://a.example/a@b");
    }

    #[test]
    fn a_url_that_was_shown_is_the_stored_one_and_no_other_gets_its_credentials() {
        let same = |stored: &str, sent: &str| assert_eq!(url_edit(stored, sent), Ok(UrlEdit::Same));
        let moved = |stored: &str, sent: &str, to: &str| {
            assert_eq!(url_edit(stored, sent), Ok(UrlEdit::Moved(to.into())), "{sent}");
        };
        let redirected = |stored: &str, sent: &str| {
            assert_eq!(url_edit(stored, sent), Ok(UrlEdit::Redirected(sent.into())));
        };
        let refused = |stored: &str, sent: &str| assert!(url_edit(stored, sent).is_err(), "{sent}");
        let plain = "https://a.example/x";
        same(plain, plain);
        same(plain, " https://a.example/x ");
        moved(plain, "https://a.example/x?y", "https://a.example/x?y");
        redirected(plain, "https://b.example/x");
        refused(plain, "");
        refused(plain, "https://***:***@b.example/x");

        let secret = "https://u:p@ss@a.example/x?k=1";
        same(secret, secret);
        same(secret, "https://***:***@a.example/x?k=1");
        moved(secret, "https://***:***@a.example/x?k=2", "https://u:p@ss@a.example/x?k=2");
        moved(secret, "https://a.example/x", "https://a.example/x");
        moved(secret, "https://v:q@a.example/x", "https://v:q@a.example/x");
        redirected(secret, "https://v:q@b.example/x");
        refused(secret, "https://***:***@b.example/x?k=1");
        refused(secret, "http://***:***@a.example/x?k=1");
    }
}
