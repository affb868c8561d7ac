use super::fields::refused;
use crate::{Engine, EngineError};
use wigwag_base::Secret;
use wigwag_hooks::{hook_input, masked_url, secrets_survive};
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

impl Engine {
    /// A URL to which requests may go, as far as can be told now.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `url`, in words for the person who typed it.
    pub(super) async fn judged_url(&self, text: &str) -> Result<Secret<String>, EngineError> {
        let url = hook_input::url_text(text).map_err(refused)?;
        let refuse = |error: &EgressError| EngineError::Invalid {
            field: "url",
            rule: format!("is not one that requests may go to: {error}"),
        };
        let target = self.inner.egress.target(url).map_err(|error| refuse(&error))?;
        match self.inner.egress.judge(&target).await {
            Err(error @ (EgressError::Forbidden { .. } | EgressError::BadUrl(_))) => Err(refuse(&error)),
            // Whether it can be reached at this moment says nothing of tomorrow.
            Ok(()) | Err(_) => Ok(Secret::new(url.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{UrlEdit, url_edit};

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
