//! Reading what clients of GitLab's API send: a form's text where JSON has numbers, `1` for true, an empty text for
//! nothing. Used as `#[serde(default, deserialize_with = "lenient::number")]`; each gives `None` for null and for an
//! empty text.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// `true`, `"1"`, `"yes"`, `0` ...
///
/// # Errors
/// Whatever is neither true nor false.
pub fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    switch_of(&value).map_err(Error::custom)
}

/// As [`switch`], from a value at hand.
///
/// # Errors
/// What was expected.
pub fn switch_of(value: &Value) -> Result<Option<bool>, &'static str> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::Bool(on) => return Ok(Some(*on)),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Array(_) | Value::Object(_) => return Err("must be true or false"),
    };
    match text.as_str() {
        "" => Ok(None),
        "true" | "t" | "1" | "yes" | "y" | "on" => Ok(Some(true)),
        "false" | "f" | "0" | "no" | "n" | "off" => Ok(Some(false)),
        _ => Err("must be true or false"),
    }
}

/// `5`, `"5"`.
///
/// # Errors
/// Whatever is no whole number.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Number(number) => {
            number.as_i64().map(Some).ok_or_else(|| Error::custom("must be a whole number"))
        }
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => {
            text.trim().parse().map(Some).map_err(|_| Error::custom("must be a whole number"))
        }
        _ => Err(Error::custom("must be a whole number")),
    }
}

/// `2.5`, `"2.5"`.
///
/// # Errors
/// Whatever is no number.
pub fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(number.as_f64()),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => text.trim().parse().map(Some).map_err(|_| Error::custom("must be a number")),
        _ => Err(Error::custom("must be a number")),
    }
}

/// A text; a number or a truth value becomes its text. An empty text stays one.
///
/// # Errors
/// Lists and objects.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text_of(Value::deserialize(deserializer)?).map_err(Error::custom)
}

fn text_of(value: Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(on) => Ok(Some(on.to_string())),
        Value::Array(_) | Value::Object(_) => Err("must be a text"),
    }
}

/// A list of texts, or one text with commas.
///
/// # Errors
/// Whatever else.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let values = match Value::deserialize(deserializer)? {
        Value::Array(values) => values,
        Value::Null => return Ok(None),
        Value::Object(_) => return Err(Error::custom("must be a list of texts")),
        other => {
            let text = text_of(other).map_err(Error::custom)?.unwrap_or_default();
            return Ok(Some(split(&text)));
        }
    };
    let texts: Result<Vec<Option<String>>, _> = values.into_iter().map(text_of).collect();
    let texts = texts.map_err(|_| Error::custom("must be a list of texts"))?;
    Ok(Some(texts.into_iter().flatten().filter(|text| !text.is_empty()).collect()))
}

/// The parts of a text between its commas, trimmed, empty ones left out.
pub fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Tells "not given" (`None`) from "given as null or empty" (`Some(None)`).
///
/// # Errors
/// Those of `T`.
pub fn nullable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Some(None)),
        Value::String(text) if text.is_empty() => Ok(Some(None)),
        value => T::deserialize(value).map(|value| Some(Some(value))).map_err(Error::custom),
    }
}

/// `[5, "30"]`, or `"5,30"`.
///
/// # Errors
/// Whatever is no list of whole numbers.
pub fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<i64>>, D::Error> {
    let wrong = || Error::custom("must be a list of whole numbers");
    let number = |text: &str| text.trim().parse().map_err(|_| wrong());
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Array(values) => {
            let each = |value: Value| match value {
                Value::Number(whole) => whole.as_i64().ok_or_else(wrong),
                Value::String(text) => number(&text),
                _ => Err(wrong()),
            };
            values.into_iter().map(each).collect::<Result<_, _>>().map(Some)
        }
        Value::String(text) => text.split(',').map(number).collect::<Result<_, _>>().map(Some),
        _ => Err(wrong()),
    }
}

/// An object in which every name is one of `fields`: what is misspelt would be taken for not given.
///
/// # Errors
/// `rule` where it is no object; else the first field that is unknown or wrong, and how.
pub fn object<T: DeserializeOwned>(value: Value, fields: &[&str], rule: &str) -> Result<T, String> {
    let Value::Object(object) = &value else { return Err(rule.to_owned()) };
    if let Some(name) = object.keys().find(|name| !fields.contains(&name.as_str())) {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        return Err(format!("has no field {name:?}; it may have {}", fields.join(", ")));
    }
    for (name, value) in object {
        let alone = Value::Object([(name.clone(), value.clone())].into_iter().collect());
        T::deserialize(alone)
            .map(drop)
            .map_err(|error| format!("has a field {name} that is wrong: it {error}"))?;
    }
    T::deserialize(value).map_err(|error| error.to_string())
}

/// Characters of an unknown name that are told back.
const NAME_CHARACTERS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize, PartialEq, Debug, Default)]
    #[serde(default)]
    struct Input {
        #[serde(deserialize_with = "super::switch")]
        switch: Option<bool>,
        #[serde(deserialize_with = "super::number")]
        number: Option<i64>,
        #[serde(deserialize_with = "super::decimal")]
        decimal: Option<f64>,
        #[serde(deserialize_with = "super::text")]
        text: Option<String>,
        #[serde(deserialize_with = "super::list")]
        list: Option<Vec<String>>,
        #[serde(deserialize_with = "super::nullable")]
        nullable: Option<Option<u32>>,
    }

    fn check(input: serde_json::Value, expected: Input) {
        assert_eq!(Input::deserialize(&input).unwrap(), expected, "{input}");
    }

    #[test]
    fn text_stands_for_other_types() {
        check(json!({}), Input::default());
        for on in [json!(true), json!("true"), json!("1"), json!(1), json!("YES")] {
            check(json!({ "switch": on }), Input { switch: Some(true), ..Input::default() });
        }
        check(json!({"switch": "0"}), Input { switch: Some(false), ..Input::default() });
        check(json!({"switch": "", "number": "", "decimal": null}), Input::default());
        check(json!({"number": "-5"}), Input { number: Some(-5), ..Input::default() });
        check(json!({"decimal": "2.5"}), Input { decimal: Some(2.5), ..Input::default() });
        check(json!({"text": 7}), Input { text: Some("7".into()), ..Input::default() });
        let ab = || Some(vec!["a".to_owned(), "b".to_owned()]);
        check(json!({"list": "a, b,"}), Input { list: ab(), ..Input::default() });
        check(json!({"list": ["a", "b", ""]}), Input { list: ab(), ..Input::default() });
        check(json!({"nullable": null}), Input { nullable: Some(None), ..Input::default() });
        check(json!({"nullable": 4}), Input { nullable: Some(Some(4)), ..Input::default() });
    }

    #[test]
    fn what_is_no_such_thing_is_refused() {
        for wrong in [
            json!({"switch": "maybe"}),
            json!({"switch": []}),
            json!({"number": 1.5}),
            json!({"number": "1e3"}),
            json!({"number": 9_223_372_036_854_775_808_u64}),
            json!({"decimal": "many"}),
            json!({"text": {}}),
            json!({"list": [[1]]}),
            json!({"list": {"0": "a"}}),
            json!({"nullable": "x"}),
        ] {
            assert!(Input::deserialize(&wrong).is_err(), "{wrong}");
        }
    }
}
