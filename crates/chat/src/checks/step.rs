use wigwag_base::Percentage;

/// Up to this share any step is small, whatever was before.
const SMALL_UP_TO: f64 = 10.0;

/// How many times the share before a step may lead to.
const GROWTH_MAX: f64 = 2.5;

/// Whether a step lets in too many at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum StepSize {
    /// It does not.
    Ok,
    /// It does.
    Large {
        /// Up to this share, in per cent, it would not.
        allowed_to: f64,
    },
}

/// Judges a step from one share of actors to another: it is large if it leads above 10 % and above two and a half times
/// what was before.
pub fn step(before: Percentage, after: Percentage) -> StepSize {
    let allowed_to = (before.as_f64() * GROWTH_MAX).max(SMALL_UP_TO);
    if after.as_f64() > allowed_to { StepSize::Large { allowed_to } } else { StepSize::Ok }
}

#[cfg(test)]
mod tests {
    use super::{StepSize, step};

    #[test]
    fn a_step_is_large_above_ten_and_above_two_and_a_half_times_what_was() {
        let check = |before: &str, after: &str, is: StepSize| {
            assert_eq!(step(before.parse().unwrap(), after.parse().unwrap()), is, "{before} -> {after}");
        };
        let large = |allowed_to| StepSize::Large { allowed_to };
        check("0", "10", StepSize::Ok);
        check("0", "10.001", large(10.0));
        check("4", "10", StepSize::Ok);
        check("10", "25", StepSize::Ok);
        check("10", "25.001", large(25.0));
        check("25", "62.5", StepSize::Ok);
        check("25", "100", large(62.5));
        check("40", "100", StepSize::Ok);
        check("39.999", "100", large(99.9975));
        check("50", "25", StepSize::Ok);
    }
}
