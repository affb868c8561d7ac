//! Sign-in: by password, by a one-time link, by a banner's button. Each ends in a session, whose cookie's value is told
//! once and kept as a hash.

use crate::authenticate::secret_hash;
use crate::completed::completed;
use crate::limits::{
    HOOK_PAGES_SESSION_AGE_MAX, LOGIN_LINK_AGE_MAX, PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN,
    PASSWORDS_AT_ONCE_MAX, PASSWORDS_WAITING_MAX, RETRY_AFTER_UNAVAILABLE, SECRET_TEXT_BYTES_MAX,
    SESSION_AGE_MAX,
};
use crate::rights::allow;
use crate::{Engine, EngineError};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use wigwag_access::{Action, LoginLink, Principal, Session, SessionLimit, Thing, TokenKind, UserState};
use wigwag_base::{Secret, Timestamp, UserId};
use wigwag_ports::credentials::{LinkCall, SessionCall};
use wigwag_ports::registry::UserKey;

/// A session with its cookie's value, which is never told again.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What the cookie holds.
    pub cookie: Secret<String>,
    /// Whose, how limited, until when.
    pub session: Session,
}

/// A one-time link's secret, which is never told again.
#[derive(Clone, Debug)]
pub struct NewLoginLink {
    /// What the link's address holds.
    pub secret: Secret<String>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Lets few passwords be hashed at once.
pub(crate) struct Passwords {
    hashing: Semaphore,
    places: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            hashing: Semaphore::new(PASSWORDS_AT_ONCE_MAX),
            places: Semaphore::new(PASSWORDS_AT_ONCE_MAX + PASSWORDS_WAITING_MAX),
        }
    }
}

/// What is verified where there is no password, so that an unknown name takes as long as a wrong password. Nothing
/// hashes to it: its last bytes are all zero.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Engine {
    /// Signs a user in by password. `login` is a username or an e-mail address.
    ///
    /// # Errors
    /// [`EngineError::Unauthorized`] for whatever is wrong, alike and after the same work;
    /// [`EngineError::TooMany`] after a few wrong ones.
    pub async fn sign_in(&self, login: &str, password: &Secret<String>) -> Result<NewSession, EngineError> {
        if login.len() > SECRET_TEXT_BYTES_MAX || password.expose().chars().count() > PASSWORD_CHARACTERS_MAX
        {
            return Err(EngineError::Unauthorized);
        }
        let key = match login.contains('@') {
            true => UserKey::Email(login.to_owned()),
            false => UserKey::Username(login.to_owned()),
        };
        let user = self.find_user(key).await?;
        let (now, rates) = (self.inner.clock.now(), &self.inner.rates);
        let hash = match &user {
            Some(user) => {
                rates.sign_in_known.take(&user.id, now)?;
                self.inner.store.password_hash(user.id).await?
            }
            None => {
                rates.sign_in_unknown.take(&login.to_ascii_lowercase(), now)?;
                None
            }
        };
        let right = self.verify_password(password, hash).await?;
        match user {
            Some(user) if right && user.state == UserState::Active => {
                rates.sign_in_known.clear(&user.id);
                self.open_session(user.id, SessionLimit::Unlimited).await
            }
            _ => Err(EngineError::Unauthorized),
        }
    }

    /// Sets a user's password: one's own, or anybody's by an admin. Ends all of that user's sessions.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `password`.
    pub async fn set_password(
        &self,
        principal: &Principal,
        user: UserId,
        password: &Secret<String>,
    ) -> Result<(), EngineError> {
        allow(principal, Action::ManageOwnTokens, Thing::User(user))?;
        let hash = self.hash_password(password).await?;
        let inner = self.inner.clone();
        completed(async move {
            let set = inner.store.set_password_hash(user, Some(hash)).await;
            inner.authenticator.sessions_changed();
            Ok(set?)
        })
        .await
    }

    /// Makes a one-time link: for anybody by an admin, or for oneself.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is no such user.
    pub async fn create_login_link(
        &self,
        principal: &Principal,
        user: UserKey,
    ) -> Result<NewLoginLink, EngineError> {
        const MISSING: EngineError = EngineError::NotFound("user");
        let user = self.find_user(user).await?;
        let id = user.as_ref().map_or(UserId(0), |user| user.id);
        allow(principal, Action::ManageOwnTokens, Thing::User(id))?;
        let user = user.ok_or(MISSING)?;
        let secret = self.fresh_token_text(TokenKind::LoginLink);
        let expires_at = self.inner.clock.now() + LOGIN_LINK_AGE_MAX;
        let link = LoginLink { hash: secret_hash(secret.expose()), user: user.id, expires_at };
        self.inner.store.login_link(LinkCall::Keep(link)).await?;
        Ok(NewLoginLink { secret, expires_at })
    }

    /// Signs in by a one-time link, which is gone afterwards.
    ///
    /// # Errors
    /// [`EngineError::Unauthorized`] if it is unknown, used or too old.
    pub async fn take_login_link(&self, secret: &Secret<String>) -> Result<NewSession, EngineError> {
        if secret.expose().len() > SECRET_TEXT_BYTES_MAX {
            return Err(EngineError::Unauthorized);
        }
        let taken = self.inner.store.login_link(LinkCall::Take(secret_hash(secret.expose()))).await?;
        let link = taken.ok_or(EngineError::Unauthorized)?;
        if link.expires_at <= self.inner.clock.now() {
            return Err(EngineError::Unauthorized);
        }
        let user = self.active_user(link.user).await?;
        self.open_session(user.id, SessionLimit::Unlimited).await
    }

    /// Ends a session: on this node at once. Ending one that is none is no error.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_session(&self, cookie: &Secret<String>) -> Result<(), EngineError> {
        let (inner, hash) = (self.inner.clone(), secret_hash(cookie.expose()));
        completed(async move {
            let ended = inner.store.session(hash, SessionCall::End).await;
            if !matches!(ended, Ok(None)) {
                inner.authenticator.sessions_changed();
            }
            Ok(ended.map(drop)?)
        })
        .await
    }

    /// Makes a session.
    pub(crate) async fn open_session(
        &self,
        user: UserId,
        limit: SessionLimit,
    ) -> Result<NewSession, EngineError> {
        let cookie = self.fresh_token_text(TokenKind::Session);
        let created_at = self.inner.clock.now();
        let age = match limit {
            SessionLimit::Unlimited => SESSION_AGE_MAX,
            SessionLimit::HookPages(_) => HOOK_PAGES_SESSION_AGE_MAX,
        };
        let hash = secret_hash(cookie.expose());
        let session = Session { hash, user, limit, created_at, expires_at: created_at + age };
        self.inner.store.create_session(session.clone()).await?;
        Ok(NewSession { cookie, session })
    }

    /// Argon2id in PHC form, with the library's parameters (OWASP's: 19 MiB, 2 passes).
    pub(crate) async fn hash_password(
        &self,
        password: &Secret<String>,
    ) -> Result<Secret<String>, EngineError> {
        let length = password.expose().chars().count();
        if !(PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX).contains(&length) {
            let rule = format!("must have {PASSWORD_CHARACTERS_MIN} to {PASSWORD_CHARACTERS_MAX} characters");
            return Err(EngineError::Invalid { field: "password", rule });
        }
        let (password, random) = (password.clone(), self.inner.entropy.secret());
        self.in_turn(move || {
            let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &random[..16]);
            Secret::new(hash.expect("salt and output have the lengths that argon2 asks for").to_string())
        })
        .await
    }

    async fn verify_password(
        &self,
        password: &Secret<String>,
        hash: Option<Secret<String>>,
    ) -> Result<bool, EngineError> {
        let password = password.clone();
        self.in_turn(move || {
            let against = hash.as_ref().map_or(NOBODYS_HASH, |hash| hash.expose().as_str());
            Argon2::default().verify_password(password.expose().as_bytes(), against).is_ok() && hash.is_some()
        })
        .await
    }

    /// Runs something slow on a thread for it, few at once, and refuses when too many wait.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let busy = || EngineError::TooMany { retry_after: RETRY_AFTER_UNAVAILABLE };
        let passwords = &self.inner.passwords;
        let _place = passwords.places.try_acquire().map_err(|_| busy())?;
        let _turn = passwords.hashing.acquire().await.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| EngineError::Unavailable {
            reason: "the password could not be checked".into(),
            retry_after: RETRY_AFTER_UNAVAILABLE,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::NOBODYS_HASH;
    use argon2::password_hash::Error;
    use argon2::{Argon2, PasswordHasher, PasswordVerifier};

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let real = Argon2::default().hash_password_with_salt(b"x", &[7; 16]).unwrap().to_string();
        let cost = |hash: &str| hash.rsplitn(3, '$').last().unwrap().to_owned();
        assert_eq!(cost(NOBODYS_HASH), cost(&real));
        assert_eq!(NOBODYS_HASH.len(), real.len());
        let verdict = Argon2::default().verify_password(b"x", NOBODYS_HASH);
        assert!(matches!(verdict, Err(Error::PasswordInvalid)), "{verdict:?}");
    }
}
