//! Tokens that can switch a flag off, read before they are needed: whoever must stop a feature while the store is gone is
//! let in, though this token was never used on this node before.

use crate::authenticate::KnownToken;
use crate::limits::{EMERGENCY_EVERY, EMERGENCY_REREAD_AFTER, EMERGENCY_TOKENS_MAX};
use crate::{Engine, EngineError};
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use wigwag_ports::credentials::TokenKey;

/// The tokens, as of one generation of all tokens: after a revocation nothing here opens until it was read again.
#[derive(Default)]
pub(crate) struct EmergencyTokens(ArcSwap<Held>);

#[derive(Default)]
struct Held {
    generation: u64,
    read_at: Option<Instant>,
    tokens: HashMap<[u8; 32], Arc<KnownToken>>,
}

impl EmergencyTokens {
    /// The token with this hash, if no token was revoked since all were read.
    pub(crate) fn get(&self, hash: &[u8; 32], generation: u64) -> Option<Arc<KnownToken>> {
        let held = self.0.load();
        held.tokens.get(hash).filter(|_| held.generation == generation).cloned()
    }
}

impl Engine {
    /// Reads the tokens again where that may bring something new. Called again and again by itself.
    ///
    /// # Errors
    /// The store's; what was read before stays.
    pub(crate) async fn look_at_emergency_tokens(&self) -> Result<(), EngineError> {
        let generation = self.inner.authenticator.tokens_generation();
        let held = self.inner.emergency.0.load();
        let fresh = held.read_at.is_some_and(|at| at.elapsed() < EMERGENCY_REREAD_AFTER);
        if held.generation == generation && fresh {
            return Ok(());
        }
        let mut tokens = HashMap::new();
        for token in self.inner.store.tokens(TokenKey::SwitchingOff(EMERGENCY_TOKENS_MAX)).await? {
            match self.active_user(token.user).await {
                Ok(user) => tokens.insert(token.hash, Arc::new(KnownToken::new(token, user))),
                Err(EngineError::Unauthorized) => None,
                Err(error) => return Err(error),
            };
        }
        self.inner.emergency.0.store(Arc::new(Held { generation, read_at: Some(Instant::now()), tokens }));
        Ok(())
    }
}

/// Looks until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            if let Err(error) = engine.look_at_emergency_tokens().await {
                tracing::debug!(%error, "the tokens for emergencies stay as they were");
            }
            tokio::time::sleep(EMERGENCY_EVERY).await;
        }
    });
}
