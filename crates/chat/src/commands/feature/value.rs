use wigwag_base::{Percentage, PercentageError};

use crate::command::{ShareOf, Value};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::lookalike::note;
use crate::names::check_filled_in;
use crate::nearest::nearest;

/// The value by itself; whose share a percentage is, is not known here.
pub(super) fn read_value(word: &Word) -> Result<Value, Fault> {
    let text = word.text.to_lowercase();
    match text.as_str() {
        "true" => return Ok(Value::On),
        "false" => return Ok(Value::Off),
        "opt_out" => return Ok(Value::OptOut),
        "remove_opt_out" => return Ok(Value::RemoveOptOut),
        _ => check_filled_in(&word.text, word.inside)?,
    }
    match text.parse::<Percentage>() {
        Ok(share) if share == Percentage::ZERO => Ok(Value::Off),
        Ok(share) if share == Percentage::HUNDRED => Ok(Value::On),
        Ok(share) => Ok(Value::Share(share, ShareOf::Actors)),
        Err(PercentageError::NotANumber) => Err(no_value(word, &text)),
        Err(error) => Err(Fault::new(word.inside, format!("{} {error}.", shown(&word.text)))),
    }
}

fn no_value(word: &Word, text: &str) -> Fault {
    let words = "use true, false, opt_out, remove_opt_out or a number from 0 to 100";
    let number = |text: &str| text.parse::<Percentage>().is_ok();
    let without_sign = text.strip_suffix('%').map(str::trim_end).filter(|text| number(text));
    let with_comma = Some(text.replace(',', ".")).filter(|text| number(text));
    let near = nearest(text, ["true", "false", "opt_out", "remove_opt_out"]);
    let meant = match text {
        "on" | "yes" | "enable" | "enabled" => Some("true"),
        "off" | "no" | "disable" | "disabled" => Some("false"),
        _ => without_sign.or(with_comma.as_deref()).or(near),
    };
    let sign = if without_sign.is_some() { " A percentage has no sign." } else { "" };
    let message = format!("{} is no value; {words}.{sign}{}", shown(&word.text), note(&word.text));
    Fault::new(word.inside, message).suggest(meant)
}
