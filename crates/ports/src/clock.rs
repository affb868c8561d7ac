//! Time and chance come from outside, so that tests move the clock by hand and choose the dice.

use wigwag_base::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now; never earlier than it said before, across restarts too.
    fn now(&self) -> Timestamp;

    /// What the machine says, which may be earlier than what it said before: for what somebody else's clock has stamped.
    fn machine(&self) -> Timestamp {
        self.now()
    }
}

/// Gives random bytes.
pub trait Entropy: Send + Sync {
    /// 32 bytes fit for secrets.
    fn secret(&self) -> [u8; 32];

    /// A number uniform over `0.0..1.0`, not for secrets.
    fn uniform(&self) -> f64;
}
