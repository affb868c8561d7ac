//! How a judge's word becomes an exit code.

use std::process::ExitCode;

/// What a judge found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The promise held.
    Green,
    /// It did not.
    Red,
    /// The proof itself failed, and says nothing about the promise.
    Void,
}

/// What the caller wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// The promise holds.
    Green,
    /// A planted fault is seen.
    Red,
}

impl Verdict {
    /// 0 when it is what was expected, else 1.
    pub(crate) fn exit_code(self, expected: Expected) -> ExitCode {
        match (self, expected) {
            (Self::Green, Expected::Green) | (Self::Red, Expected::Red) => ExitCode::SUCCESS,
            (Self::Green, Expected::Red) | (Self::Red, Expected::Green) | (Self::Void, _) => {
                ExitCode::from(1)
            }
        }
    }
}

/// The exit code of a proof that could not be run.
pub(crate) fn could_not_run() -> ExitCode {
    ExitCode::from(2)
}
