//! A bounded cache that is exact: what a write changed is never served again once the write has returned.
//!
//! Every value carries the generation in which its read began; a write raises the generation after its commit. A value
//! that was read before the commit and arrives after it carries the old number and is not served. No time is involved.

use quick_cache::sync::Cache;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

/// Keeps what the store said, until a write makes all of it doubtful.
pub(crate) struct ExactCache<Key, Value> {
    generation: AtomicU64,
    values: Cache<Key, (u64, Value)>,
}

/// Taken before the store is read.
#[derive(Clone, Copy)]
pub(crate) struct Generation(u64);

impl<Key: Hash + Eq, Value: Clone> ExactCache<Key, Value> {
    /// Room for `capacity` values; beyond it the least useful go.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { generation: AtomicU64::new(0), values: Cache::new(capacity) }
    }

    /// What the store said, if no write came in between.
    pub(crate) fn get(&self, key: &Key) -> Option<Value> {
        let (read_in, value) = self.values.get(key)?;
        (read_in == self.generation.load(Ordering::Acquire)).then_some(value)
    }

    /// A number that rises with every write.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// To be called before the store is read for a value to [`keep`](Self::keep).
    pub(crate) fn before_read(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    /// Keeps what a read that began at `read_in` said.
    pub(crate) fn keep(&self, read_in: Generation, key: Key, value: Value) {
        if read_in.0 == self.generation.load(Ordering::Acquire) {
            self.values.insert(key, (read_in.0, value));
        }
    }

    /// To be called after the commit of whatever may have changed a value, and before its caller is told.
    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::ExactCache;

    #[test]
    fn a_read_that_began_before_a_write_is_not_served_after_it() {
        let cache = ExactCache::new(8);
        let early = cache.before_read();
        cache.keep(early, "k", 1);
        assert_eq!(cache.get(&"k"), Some(1));
        let under_way = cache.before_read();
        cache.forget_all();
        assert_eq!(cache.get(&"k"), None);
        cache.keep(under_way, "k", 1);
        assert_eq!(cache.get(&"k"), None);
        cache.keep(cache.before_read(), "k", 2);
        assert_eq!(cache.get(&"k"), Some(2));
    }
}
