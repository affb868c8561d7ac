//! Faults planted on purpose, so that the proof of the promise can be seen to turn red. Without the cargo feature
//! `planted-faults` there is none, and no code for one.

/// A fault of this client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// None: the product.
    None,
    /// Judges one resolution of a name and connects to a second one: open to DNS rebinding.
    #[cfg(feature = "planted-faults")]
    ResolveTwice,
    /// Reads and keeps an answer to its end, which may never come.
    #[cfg(feature = "planted-faults")]
    ReadEndlessly,
}

impl Fault {
    /// What `WIGWAG_PLANTED_FAULT` asks for; the faults of other crates go by the same variable.
    #[cfg(feature = "planted-faults")]
    pub(crate) fn from_environment() -> Self {
        match std::env::var("WIGWAG_PLANTED_FAULT").as_deref() {
            Ok("resolve-twice") => Self::ResolveTwice,
            Ok("read-endlessly") => Self::ReadEndlessly,
            _ => Self::None,
        }
    }

    /// None, always.
    #[cfg(not(feature = "planted-faults"))]
    pub(crate) const fn from_environment() -> Self {
        Self::None
    }
}

/// Whether an answer is read and kept to its end.
#[cfg(feature = "planted-faults")]
pub(crate) fn reads_endlessly() -> bool {
    Fault::from_environment() == Fault::ReadEndlessly
}
