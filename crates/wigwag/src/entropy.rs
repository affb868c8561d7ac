use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use wigwag_ports::Entropy;

/// The operating system's random source for secrets, and a cheap generator for jitter.
pub(crate) struct SystemEntropy {
    jitter: AtomicU64,
}

impl SystemEntropy {
    /// Seeds the jitter from the process's random state.
    pub(crate) fn new() -> Self {
        Self { jitter: AtomicU64::new(RandomState::new().hash_one(0_u8)) }
    }
}

impl Entropy for SystemEntropy {
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system has a random source");
        bytes
    }

    fn uniform(&self) -> f64 {
        // SplitMix64 (Steele, Lea, Flood 2014): fine for spreading retries, unfit for secrets.
        let mut z = self.jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::SystemEntropy;
    use wigwag_ports::Entropy;

    #[test]
    fn jitter_fills_the_unit_interval_and_secrets_differ() {
        let entropy = SystemEntropy::new();
        let numbers: Vec<f64> = (0..4_000).map(|_| entropy.uniform()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_ne!(entropy.secret(), entropy.secret());
    }
}
