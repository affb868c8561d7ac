//! `< 1`: when a sample stands in the way.

use std::str::FromStr;

/// A comparison with a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Comparison {
    operator: Operator,
    number: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
}

impl Comparison {
    /// Whether it holds; never of what is no number.
    pub(crate) fn holds(self, sample: f64) -> bool {
        match self.operator {
            Operator::Less => sample < self.number,
            Operator::LessOrEqual => sample <= self.number,
            Operator::Greater => sample > self.number,
            Operator::GreaterOrEqual => sample >= self.number,
            Operator::Equal => sample == self.number,
            Operator::Unequal => sample != self.number && !sample.is_nan(),
        }
    }
}

impl FromStr for Comparison {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || format!("{text:?} is no comparison; write one such as \"< 1\" or \">= 0.05\"");
        let text_of = text.trim();
        let operators = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let (sign, operator) =
            operators.into_iter().find(|(sign, _)| text_of.starts_with(sign)).ok_or_else(rule)?;
        let number: f64 = text_of[sign.len()..].trim().parse().map_err(|_| rule())?;
        if number.is_nan() {
            return Err(rule());
        }
        Ok(Self { operator, number })
    }
}

#[cfg(test)]
mod tests {
    use super::Comparison;

    #[test]
    fn comparisons_hold_or_not() {
        let check = |text: &str, sample: f64, is: bool| {
            assert_eq!(text.parse::<Comparison>().unwrap().holds(sample), is, "{sample} {text}");
        };
        check("< 1", 0.999, true);
        check("<1", 1.0, false);
        check("<= 1", 1.0, true);
        check("> 0.05", 0.05, false);
        check(">=0.05", 0.05, true);
        check("== 0", 0.0, true);
        check("!= 0", 0.1, true);
        for text in ["< 1", "> 1", "== 1", "!= 1"] {
            check(text, f64::NAN, false);
        }
        for text in ["", "1", "~ 1", "< x", "< NaN", "=< 1"] {
            assert!(text.parse::<Comparison>().is_err(), "{text}");
        }
    }
}
