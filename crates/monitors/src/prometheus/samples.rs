//! What Prometheus answers to an instant query.

use crate::limits::{LABEL_CHARS_MAX, TEXT_CHARS_MAX};
use crate::text::tame;
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of the metric among the labels.
const METRIC: &str = "__name__";

/// One sample.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Sample {
    /// Its labels as they came, without the metric's own name.
    pub(super) labels: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub(super) at_s: f64,
    /// Its value; may be no number.
    pub(super) value: f64,
    /// The value as it was written, fit for a line.
    pub(super) written: String,
}

/// A whole answer.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Samples {
    pub(super) all: Vec<Sample>,
    shape: Shape,
    /// What may be missing from it: sources that did not answer behind this one.
    pub(super) warning: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Scalar,
    Vector,
}

impl Samples {
    /// The moment of a vector that is not empty; a scalar is made at the question itself.
    pub(super) fn vector_at_s(&self) -> Option<f64> {
        self.all.first().filter(|_| self.shape == Shape::Vector).map(|sample| sample.at_s)
    }
}

/// Takes an answer apart: `{"status": "success", "data": {"resultType": "vector", "result": [...]}}`.
///
/// # Errors
/// [`Trouble`] if it is another thing, or holds something else than samples of numbers.
pub(super) fn read(answer: &Value) -> Result<Samples, Trouble> {
    match answer["status"].as_str() {
        Some("success") => {}
        Some("error") => return Err(Trouble::Untold(error(answer))),
        _ => return Err(Trouble::NotA("the answer to a query")),
    }
    let result = &answer["data"]["result"];
    let warning = answer["warnings"].as_array().and_then(|all| all.first());
    let warning = warning.map(|words| tame(words.as_str().unwrap_or("no words"), TEXT_CHARS_MAX));
    match answer["data"]["resultType"].as_str() {
        Some("vector") => {
            let list = result.as_array().ok_or(Trouble::NotA("the answer to a query"))?;
            let all = list.iter().map(element).collect::<Result<_, _>>()?;
            Ok(Samples { all, shape: Shape::Vector, warning })
        }
        Some("scalar") => {
            let all = vec![sample(BTreeMap::new(), result)?];
            Ok(Samples { all, shape: Shape::Scalar, warning })
        }
        Some(other @ ("matrix" | "string")) => Err(Trouble::Untold(format!(
            "answers with a {other}, which has no single numbers. Write a query for instant values"
        ))),
        _ => Err(Trouble::NotA("the answer to a query")),
    }
}

fn error(answer: &Value) -> String {
    let word = |field: &str| tame(answer[field].as_str().unwrap_or("no words"), TEXT_CHARS_MAX);
    format!("answers with an error ({}: {}). Check the query", word("errorType"), word("error"))
}

/// `{"metric": {...}, "value": [time, "value"]}`.
fn element(one: &Value) -> Result<Sample, Trouble> {
    let metric = one["metric"].as_object().ok_or(Trouble::NotA("the answer to a query"))?;
    if one.get("value").is_none() && one.get("histogram").is_some() {
        let words = "answers with histograms. Write a query for a number, such as a quantile of them";
        return Err(Trouble::Untold(words.into()));
    }
    let labels = metric.iter().filter(|(name, _)| *name != METRIC).map(|(name, value)| {
        let value = value.as_str().ok_or(Trouble::NotA("the answer to a query"))?;
        Ok((name.clone(), value.to_owned()))
    });
    let labels: Result<_, Trouble> = labels.collect();
    sample(labels?, &one["value"])
}

/// `[time, "value"]`; times are numbers, values texts.
fn sample(labels: BTreeMap<String, String>, pair: &Value) -> Result<Sample, Trouble> {
    let nonsense = Trouble::NotA("the answer to a query");
    let Some([at, value]) = pair.as_array().map(Vec::as_slice) else { return Err(nonsense) };
    let (Some(at_s), Some(written)) = (at.as_f64(), value.as_str()) else { return Err(nonsense) };
    let Ok(value) = written.parse() else { return Err(nonsense) };
    Ok(Sample { labels, at_s, value, written: tame(written, LABEL_CHARS_MAX) })
}
