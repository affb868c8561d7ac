//! How often something may be tried: so many times in so long, counted exactly per key, in bounded memory.

use parking_lot::Mutex;
use quick_cache::sync::Cache;
use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::{Timestamp, UserId};
use wigwag_hooks::HookScope;

use crate::EngineError;
use crate::limits::{RATE_KEYS_MAX, SIGN_IN_TRIES_PER_MINUTE, TESTS_PER_MINUTE};

/// Counts tries per key over the last [`RateLimit::WINDOW`].
pub(crate) struct RateLimit<Key> {
    count_max: usize,
    tries: Cache<Key, Arc<Mutex<VecDeque<Timestamp>>>>,
}

impl<Key: Hash + Eq + Clone> RateLimit<Key> {
    const WINDOW: Duration = Duration::from_secs(60);

    fn new(count_max: usize) -> Self {
        Self { count_max, tries: Cache::new(RATE_KEYS_MAX) }
    }

    /// Counts a try at `now`.
    ///
    /// # Errors
    /// [`EngineError::TooMany`] with the time until the oldest one no longer counts; a refused try is not counted.
    pub(crate) fn take(&self, key: &Key, now: Timestamp) -> Result<(), EngineError> {
        let made = self.tries.get_or_insert_with(key, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let Ok(tries) = made;
        let mut tries = tries.lock();
        while tries.front().is_some_and(|at| now.since(*at) >= Self::WINDOW) {
            tries.pop_front();
        }
        if let Some(oldest) = tries.front()
            && tries.len() >= self.count_max
        {
            let wait = (*oldest + Self::WINDOW).since(now);
            return Err(EngineError::TooMany {
                retry_after: Duration::from_secs(wait.as_secs_f64().ceil() as u64),
            });
        }
        tries.push_back(now);
        Ok(())
    }

    /// Forgets a key's tries: the right password clears the wrong ones before it.
    pub(crate) fn clear(&self, key: &Key) {
        self.tries.remove(key);
    }
}

/// Where somebody tests hooks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TestedAt {
    /// Who presses the button.
    pub(crate) user: UserId,
    /// In which project or group, or on the system.
    pub(crate) scope: HookScope,
}

/// Every rate limit of the administering use cases.
pub(crate) struct Rates {
    /// Sign-ins of users that exist.
    pub(crate) sign_in_known: RateLimit<UserId>,
    /// Sign-ins under names that do not: counted apart, so that made-up names push no real one out of memory.
    pub(crate) sign_in_unknown: RateLimit<String>,
    /// Tests and resends of hooks.
    pub(crate) hook_tests: RateLimit<TestedAt>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            sign_in_known: RateLimit::new(SIGN_IN_TRIES_PER_MINUTE),
            sign_in_unknown: RateLimit::new(SIGN_IN_TRIES_PER_MINUTE),
            hook_tests: RateLimit::new(TESTS_PER_MINUTE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RateLimit;
    use crate::EngineError;
    use std::time::Duration;
    use wigwag_base::Timestamp;

    #[test]
    fn the_try_above_the_limit_waits_for_the_oldest_to_pass() {
        let limit = RateLimit::new(2);
        let check = |key: &str, at_ms: i64, wait_s: Option<u64>| {
            let answer = limit.take(&key.to_owned(), Timestamp::from_millis(at_ms));
            let told = wait_s.map(|s| EngineError::TooMany { retry_after: Duration::from_secs(s) });
            assert_eq!(answer.err(), told, "{key} at {at_ms}");
        };
        check("ada", 0, None);
        check("ada", 1_000, None);
        check("ada", 1_500, Some(59));
        check("bob", 1_500, None);
        check("ada", 59_999, Some(1));
        check("ada", 60_000, None);
        check("ada", 60_001, Some(1));
        limit.clear(&"ada".to_owned());
        check("ada", 60_002, None);
    }
}
