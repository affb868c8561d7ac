use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{Scope, Scopes, Token, TokenKind, User, UserRole, check_root_token};
use wigwag_base::{Secret, UserId};
use wigwag_ports::credentials::{TokenKey, TokenMark};
use wigwag_ports::registry::{NewUser, UserKey};

/// The user that every server has.
pub(crate) const ROOT: UserId = UserId(1);

/// What the token that comes with the server is called; no other token of root may be called so.
pub(crate) const ROOT_TOKEN_NAME: &str = "root token";

/// What [`Engine::ensure_root`] did.
#[derive(Clone, Debug)]
pub struct RootToken {
    /// The token that was made, to be printed once; `None` if the operator gave one or there was one already.
    pub made: Option<Secret<String>>,
}

impl Engine {
    /// Makes sure that there is a user `root`, id 1, with a token: the operator's (which then is the only root token:
    /// earlier ones are revoked), else a fresh one at the first start.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `WIGWAG_ROOT_TOKEN`.
    pub async fn ensure_root(&self, root_token: Option<Secret<String>>) -> Result<RootToken, EngineError> {
        if let Some(text) = &root_token {
            check_root_token(text.expose()).map_err(|rule| EngineError::Invalid {
                field: "WIGWAG_ROOT_TOKEN",
                rule: rule.to_string(),
            })?;
        }
        let root = self.root_user().await?;
        let tokens = self.inner.store.tokens(TokenKey::User(root.id)).await?;
        let earlier: Vec<Token> = tokens.into_iter().filter(|token| token.name == ROOT_TOKEN_NAME).collect();
        let made = match root_token {
            Some(text) => {
                let kept = self.keep_root_token(&root, &text).await?;
                let now = self.inner.clock.now();
                for token in earlier.iter().filter(|token| token.id != kept.id && token.revoked_at.is_none())
                {
                    self.inner.store.mark_token(token.id, TokenMark::Revoked, now).await?;
                }
                None
            }
            None if earlier.is_empty() => {
                let text = self.fresh_token_text(TokenKind::Root);
                self.keep_root_token(&root, &text).await?;
                Some(text)
            }
            None => None,
        };
        self.inner.authenticator.tokens_changed();
        Ok(RootToken { made })
    }

    async fn root_user(&self) -> Result<Arc<User>, EngineError> {
        if let Some(root) = self.find_user(UserKey::Id(ROOT)).await? {
            return Ok(root);
        }
        let root = NewUser {
            username: "root".into(),
            name: "Administrator".into(),
            email: "root@localhost".into(),
            role: UserRole::Admin,
            password_hash: None,
            created_at: self.inner.clock.now(),
        };
        Ok(Arc::new(self.inner.store.create_user(root).await?))
    }

    async fn keep_root_token(&self, root: &User, text: &Secret<String>) -> Result<Token, EngineError> {
        let token = Token {
            id: wigwag_base::TokenId(0),
            user: root.id,
            name: ROOT_TOKEN_NAME.into(),
            hash: self.token_hash(text.expose()),
            scopes: Scopes::NONE.with(Scope::Api).with(Scope::Admin),
            project: None,
            environments: None,
            created_at: self.inner.clock.now(),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(self.inner.store.create_token(token).await?)
    }
}
