use std::fmt;
use std::str::FromStr;

/// A share from 0 to 100 per cent with at most three decimals, kept as the IEEE double that was written (exact
/// decimals would move actors between buckets; see the flags crate).
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Percentage(f64);

/// Why a text or a number is no percentage.
#[derive(Clone, PartialEq, Debug)]
pub enum PercentageError {
    /// Not a finite decimal number such as `25` or `0.5`.
    NotANumber,
    /// Below 0 or above 100.
    OutOfRange,
    /// More than three digits after the point.
    TooManyDecimals,
}

impl fmt::Display for PercentageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "is not a number; write a percentage such as 25 or 0.5",
            Self::OutOfRange => "is not between 0 and 100",
            Self::TooManyDecimals => "has more than 3 decimals",
        })
    }
}

impl std::error::Error for PercentageError {}

impl Percentage {
    /// No one.
    pub const ZERO: Percentage = Percentage(0.0);
    /// Everyone.
    pub const HUNDRED: Percentage = Percentage(100.0);

    /// Takes a double as it is; refuses what is not finite, below 0, above 100 or finer than a thousandth.
    ///
    /// # Errors
    /// [`PercentageError`] says which of these.
    pub fn new(value: f64) -> Result<Self, PercentageError> {
        if !value.is_finite() {
            return Err(PercentageError::NotANumber);
        }
        if !(0.0..=100.0).contains(&value) {
            return Err(PercentageError::OutOfRange);
        }
        // The shortest decimal that reads back as this double tells how many decimals were written.
        let decimals = value.to_string().split_once('.').map_or(0, |(_, tail)| tail.len());
        if decimals > 3 {
            return Err(PercentageError::TooManyDecimals);
        }
        Ok(Self(value))
    }

    /// The value as a double between 0 and 100.
    pub const fn as_f64(self) -> f64 {
        self.0
    }
}

impl FromStr for Percentage {
    type Err = PercentageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !plain {
            return Err(match text.strip_prefix('-').map(str::parse::<f64>) {
                Some(Ok(_)) => PercentageError::OutOfRange,
                _ => PercentageError::NotANumber,
            });
        }
        if text.split_once('.').is_some_and(|(_, tail)| tail.len() > 3) {
            return Err(PercentageError::TooManyDecimals);
        }
        Self::new(text.parse().map_err(|_| PercentageError::NotANumber)?)
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Percentage, PercentageError::*};

    #[test]
    fn reads_up_to_three_decimals_between_0_and_100() {
        for good in ["0", "100", "32.639", "0.001", "100.000"] {
            assert!(good.parse::<Percentage>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("100.001", OutOfRange),
            ("101", OutOfRange),
            ("-1", OutOfRange),
            ("1.2345", TooManyDecimals),
            ("1e2", NotANumber),
            ("NaN", NotANumber),
            ("", NotANumber),
            ("1.2.3", NotANumber),
            ("5%", NotANumber),
        ] {
            assert_eq!(bad.parse::<Percentage>(), Err(why), "{bad}");
        }
    }
}
