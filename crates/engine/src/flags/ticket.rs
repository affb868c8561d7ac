//! Tickets for event streams: a browser's `EventSource` sends no header, so the address that it opens must say who asks.
//! A ticket is bound to one token and one environment, reads nothing by itself, and is worthless within the hour; the
//! token itself never lies in an address, which logs and histories keep.

use crate::authenticate::derived_key;
use crate::limits::{STREAM_TICKET_BYTES_MAX, STREAM_TICKET_WINDOW};
use crate::{Engine, EngineError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wigwag_access::{Principal, Via};
use wigwag_base::{Timestamp, TokenId};
use wigwag_ports::credentials::TokenKey;

/// Bytes of a ticket's seal: HMAC-SHA-256, cut to what nobody guesses.
const SEAL_BYTES: usize = 16;

/// Bytes of the number of a window, and of a token's id.
const WINDOW_BYTES: usize = 4;
const TOKEN_BYTES: usize = 8;

impl Engine {
    /// A ticket for the event stream of `environment`; none for who shows no stored token, or acts as another. It is the
    /// same for as long as [`STREAM_TICKET_WINDOW`] lasts, so that clients keep the stream that they have, and holds for
    /// one window more.
    pub fn stream_ticket(&self, principal: &Principal, environment: &str) -> Option<String> {
        let (Via::Token { id: Some(token), .. }, None) = (principal.via, principal.sudo_by) else {
            return None;
        };
        let mut ticket = Vec::with_capacity(WINDOW_BYTES + TOKEN_BYTES + environment.len() + SEAL_BYTES);
        ticket.extend_from_slice(&window(self.inner.clock.now()).to_be_bytes());
        ticket.extend_from_slice(&token.0.to_be_bytes());
        ticket.extend_from_slice(environment.as_bytes());
        let seal = self.sealing(&ticket).finalize().into_bytes();
        ticket.extend_from_slice(&seal[..SEAL_BYTES]);
        Some(URL_SAFE_NO_PAD.encode(ticket))
    }

    /// Who shows a ticket, and for which environment. The token must still hold.
    ///
    /// # Errors
    /// [`EngineError::Unauthorized`] for a ticket that is none, is too old, or is of a token that no longer holds; the
    /// store's.
    pub async fn open_stream_ticket(&self, text: &str) -> Result<(Principal, String), EngineError> {
        if text.len() > STREAM_TICKET_BYTES_MAX {
            return Err(EngineError::Unauthorized);
        }
        let ticket = URL_SAFE_NO_PAD.decode(text).map_err(|_| EngineError::Unauthorized)?;
        let (token, environment) = self.read_ticket(&ticket).ok_or(EngineError::Unauthorized)?;
        let found = self.inner.store.tokens(TokenKey::Id(token)).await?.pop();
        let token = found.filter(|token| token.revoked_at.is_none()).ok_or(EngineError::Unauthorized)?;
        if token.expires_at.is_some_and(|at| at <= self.inner.clock.now()) {
            return Err(EngineError::Unauthorized);
        }
        let user = self.active_user(token.user).await?;
        Ok((Principal::of_token(&user, &token), environment))
    }

    /// The token and the environment of a ticket that we sealed and that is not too old.
    fn read_ticket(&self, ticket: &[u8]) -> Option<(TokenId, String)> {
        let (text, seal) = ticket.split_at_checked(ticket.len().checked_sub(SEAL_BYTES)?)?;
        self.sealing(text).verify_truncated_left(seal).ok()?;
        let (of, rest) = text.split_first_chunk::<WINDOW_BYTES>()?;
        let (token, environment) = rest.split_first_chunk::<TOKEN_BYTES>()?;
        let age = window(self.inner.clock.now()).checked_sub(u32::from_be_bytes(*of))?;
        let environment = std::str::from_utf8(environment).ok()?;
        (age <= 1).then(|| (TokenId(i64::from_be_bytes(*token)), environment.to_owned()))
    }

    fn sealing(&self, text: &[u8]) -> Hmac<Sha256> {
        let key = derived_key(&self.inner.root_key, "flag stream ticket");
        let mut mac: Hmac<Sha256> =
            Hmac::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
        mac.update(text);
        mac
    }
}

/// The number of the window that `at` lies in.
fn window(at: Timestamp) -> u32 {
    u32::try_from(at.as_secs() / STREAM_TICKET_WINDOW.as_secs() as i64).unwrap_or(0)
}
