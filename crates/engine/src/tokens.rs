//! API tokens: made, listed, revoked. A token's text is told once, when it is made.

use crate::accounts::ROOT_TOKEN_NAME;
use crate::completed::completed;
use crate::rights::{allow, pass};
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{Action, Principal, Scopes, Source, Thing, Token, TokenKind, Via, check_name, may_mint};
use wigwag_base::{ProjectId, Secret, Timestamp, TokenId, UserId};
use wigwag_ports::credentials::{TokenKey, TokenMark};

/// A token to make, as a person wrote it.
#[derive(Clone, Debug)]
pub struct TokenInput {
    /// What its owner calls it.
    pub name: String,
    /// What it shall allow; at least one scope.
    pub scopes: Scopes,
    /// From when on it is refused, if ever.
    pub expires_at: Option<Timestamp>,
    /// The one project to bind it to, if any.
    pub project: Option<ProjectId>,
    /// The environments to bind it to, by name, if to any; an empty list is refused, since it may be meant as one.
    pub environments: Option<Vec<String>>,
}

/// A token with its text, which is never told again.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The row.
    pub token: Token,
    /// What goes into `PRIVATE-TOKEN`.
    pub text: Secret<String>,
}

const MISSING: EngineError = EngineError::NotFound("token");

impl Engine {
    /// Makes a token for `user`: for oneself, or for anybody by an admin.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `name`, `scopes`, `expires_at` or `environments`; [`EngineError::Forbidden`] for scopes that only
    /// admins may give.
    pub async fn create_token(
        &self,
        principal: &Principal,
        user: UserId,
        input: TokenInput,
    ) -> Result<NewToken, EngineError> {
        allow(principal, Action::ManageOwnTokens, Thing::User(user))?;
        pass(may_mint(principal, input.scopes), "token")?;
        let now = self.inner.clock.now();
        check_input(&input, now)?;
        let environments = self.environments_to_bind(&input)?;
        if self.find_user(wigwag_ports::registry::UserKey::Id(user)).await?.is_none() {
            return Err(EngineError::NotFound("user"));
        }
        if let Some(project) = input.project {
            self.allow_at(principal, Action::ReadProject, Source::Project(project)).await?;
        }
        let bound = input.project.is_some() || environments.is_some();
        let kind = if bound { TokenKind::Bound } else { TokenKind::Personal };
        let text = self.fresh_token_text(kind);
        let token = Token {
            id: TokenId(0),
            user,
            name: input.name,
            hash: self.token_hash(text.expose()),
            scopes: input.scopes,
            project: input.project,
            environments,
            created_at: now,
            expires_at: input.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(NewToken { token: self.inner.store.create_token(token).await?, text })
    }

    /// The tokens of `user`, revoked and expired ones too, by id.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for other people's.
    pub async fn tokens_of(&self, principal: &Principal, user: UserId) -> Result<Vec<Token>, EngineError> {
        allow(principal, Action::ManageOwnTokens, Thing::User(user))?;
        Ok(self.inner.store.tokens(TokenKey::User(user)).await?)
    }

    /// One token.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for other people's too.
    pub async fn token(&self, principal: &Principal, id: TokenId) -> Result<Token, EngineError> {
        let token = self.stored_token(id).await?;
        allow(principal, Action::ManageOwnTokens, Thing::User(token.user)).map_err(as_missing)?;
        Ok(token)
    }

    /// The token in hand.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is none (a session).
    pub async fn token_in_hand(&self, principal: &Principal) -> Result<Token, EngineError> {
        allow(principal, Action::ReadSelf, Thing::User(principal.user))?;
        self.stored_token(id_in_hand(principal)?).await
    }

    /// Revokes a token: on this node at once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for other people's too.
    pub async fn revoke_token(&self, principal: &Principal, id: TokenId) -> Result<(), EngineError> {
        let token = self.token(principal, id).await?;
        self.revoke(token.id).await
    }

    /// Revokes the token in hand, whatever its scopes.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is none (a session).
    pub async fn revoke_token_in_hand(&self, principal: &Principal) -> Result<(), EngineError> {
        allow(principal, Action::RevokeSelf, Thing::User(principal.user))?;
        self.revoke(id_in_hand(principal)?).await
    }

    async fn revoke(&self, id: TokenId) -> Result<(), EngineError> {
        let inner = self.inner.clone();
        completed(async move {
            let revoked = inner.store.mark_token(id, TokenMark::Revoked, inner.clock.now()).await;
            inner.authenticator.tokens_changed();
            Ok(revoked?)
        })
        .await
    }

    fn environments_to_bind(&self, input: &TokenInput) -> Result<Option<Arc<[String]>>, EngineError> {
        let Some(asked) = &input.environments else { return Ok(None) };
        let invalid = |rule| Err(EngineError::Invalid { field: "environments", rule });
        if asked.is_empty() {
            return invalid("can't be blank; leave it out for a token that is not bound".into());
        }
        if input.project.is_some() {
            return invalid("cannot be given beside project: a token is bound to one or the other".into());
        }
        let configured = || self.inner.settings.environments.iter().map(|one| one.name.as_str());
        let unknown = |name: &&String| !configured().any(|known| known == name.as_str());
        if let Some(name) = asked.iter().find(unknown) {
            let names: Vec<&str> = configured().collect();
            return invalid(format!(
                "does not have a valid value: {name:?} is not configured; there are {}",
                names.join(", ")
            ));
        }
        // In deployment order, and each once.
        let bound = configured().filter(|name| asked.iter().any(|one| one == name));
        Ok(Some(bound.map(str::to_owned).collect()))
    }

    async fn stored_token(&self, id: TokenId) -> Result<Token, EngineError> {
        self.inner.store.tokens(TokenKey::Id(id)).await?.pop().ok_or(MISSING)
    }
}

fn check_input(input: &TokenInput, now: Timestamp) -> Result<(), EngineError> {
    let invalid = |field, rule: &str| Err(EngineError::Invalid { field, rule: rule.to_owned() });
    check_name(&input.name).map_err(|rule| EngineError::Invalid { field: "name", rule: rule.to_string() })?;
    if input.name == ROOT_TOKEN_NAME {
        return invalid("name", "is kept for the token that the server itself makes; take another one");
    }
    if input.scopes == Scopes::NONE {
        return invalid("scopes", "can't be blank");
    }
    if input.expires_at.is_some_and(|at| at <= now) {
        return invalid("expires_at", "must lie in the future");
    }
    Ok(())
}

/// Under sudo the token in hand is the admin's: its own routes keep out of it.
const fn id_in_hand(principal: &Principal) -> Result<TokenId, EngineError> {
    match (principal.via, principal.sudo_by) {
        (Via::Token { id: Some(id), .. }, None) => Ok(id),
        _ => Err(MISSING),
    }
}

/// Nobody learns by a number whether somebody else's token exists.
fn as_missing(error: EngineError) -> EngineError {
    match error {
        EngineError::NotFound(_) => MISSING,
        other => other,
    }
}
