//! `< 1`: which samples stand in the way.

use std::fmt;
use std::str::FromStr;

/// A comparison with a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct RedWhen {
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

/// Longer signs first: `<` begins `<=` too.
const SIGNS: [(&str, Operator); 6] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl RedWhen {
    /// Whether `value`, which is a number, stands in the way.
    pub(super) fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::Less => value < self.number,
            Operator::LessOrEqual => value <= self.number,
            Operator::Greater => value > self.number,
            Operator::GreaterOrEqual => value >= self.number,
            Operator::Equal => value == self.number,
            Operator::Unequal => value != self.number,
        }
    }
}

impl FromStr for RedWhen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "must compare with a number, such as \"< 1\", \">= 0.05\" or \"== 0\"".to_owned();
        let text = text.trim();
        let (sign, operator) = SIGNS.into_iter().find(|(sign, _)| text.starts_with(sign)).ok_or_else(rule)?;
        let number = text[sign.len()..].trim().parse().ok().filter(|number: &f64| number.is_finite());
        Ok(Self { operator, number: number.ok_or_else(rule)? })
    }
}

impl fmt::Display for RedWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = SIGNS.iter().find(|(_, operator)| *operator == self.operator).map_or("", |(sign, _)| sign);
        write!(f, "{sign} {}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::RedWhen;

    #[test]
    fn a_comparison_holds_or_does_not() {
        let check = |text: &str, value: f64, holds: bool| {
            assert_eq!(text.parse::<RedWhen>().unwrap().holds(value), holds, "{value} {text}");
        };
        check("< 1", 0.999, true);
        check("<1", 1.0, false);
        check("<= 1", 1.0, true);
        check("> 0.05", 0.05, false);
        check(">=0.05", 0.05, true);
        check("== 0", 0.0, true);
        check("==0", -0.0, true);
        check("!= 0", 0.0, false);
        check(" != 0 ", 0.1, true);
        check("> 1e6", f64::INFINITY, true);
        check("< -5", f64::NEG_INFINITY, true);
    }

    #[test]
    fn what_is_no_comparison_with_a_number_is_refused() {
        for text in ["", "1", "~ 1", "<", "< one", "< NaN", "< inf", "=< 1", "= 1", "< 1 2", "< 1e999"] {
            assert!(text.parse::<RedWhen>().is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_shown_as_it_is_written() {
        for text in ["< 1", ">= 0.05", "== 0", "!= 0", "<= -2", "> 3"] {
            assert_eq!(text.parse::<RedWhen>().unwrap().to_string(), text);
        }
    }
}
