//! Alertmanager: alerts that fire and have a label stand in the way.

use crate::limits::{BLOCKERS_MAX, LABEL_BYTES_MAX, TEXT_CHARS_MAX};
use crate::listed::listed;
use crate::place::{Kind, Place, TokenHeader};
use crate::source::Ask;
use crate::text::{is_tame, link, tame};
use crate::trouble::Trouble;
use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::sync::Arc;
use wigwag_ports::egress::Target;
use wigwag_ports::monitors::{Blocker, SourceAnswer};

/// Alertmanager, and what speaks the second version of its API.
pub(crate) const ALERTMANAGER: Kind = Kind {
    name: "Alertmanager",
    token_header: TokenHeader::Bearer,
    headers: &[("accept", "application/json")],
    check: "Check the label",
    narrow: "Choose a label that fewer alerts have",
};

/// Alerts with a label.
pub(crate) struct Alerts {
    target: Arc<Target>,
    label: String,
    value: String,
}

impl Alerts {
    /// Checks the settings.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub(crate) fn new(place: &Place, label: &str, value: &str) -> Result<Self, String> {
        let first = label.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !first || !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err("label: must be a label's name of letters, digits and '_'".into());
        }
        // An empty value is that of every alert without the label.
        if !is_tame(value) {
            return Err("value: must be one line of text without spaces around it".into());
        }
        if label.len().max(value.len()) > LABEL_BYTES_MAX {
            return Err(format!("label and value: must have at most {LABEL_BYTES_MAX} bytes each"));
        }
        let matcher = format!("{label}=\"{}\"", value.replace('\\', r"\\").replace('"', r#"\""#));
        let filter = utf8_percent_encode(&matcher, NON_ALPHANUMERIC);
        let path = format!("/api/v2/alerts?active=true&silenced=false&inhibited=false&filter={filter}");
        let target = place.target(&path).map_err(|error| format!("value: {error}"))?;
        Ok(Self { target, label: label.to_owned(), value: value.to_owned() })
    }

    fn judge(&self, answer: &Value) -> Result<SourceAnswer, Trouble> {
        let all = answer.as_array().ok_or(Trouble::NotA("a list of alerts"))?;
        let (mut first, mut count) = (Vec::new(), 0);
        for alert in all {
            if !self.stands_in_the_way(alert)? {
                continue;
            }
            count += 1;
            if first.len() < BLOCKERS_MAX {
                first.push(blocker(alert));
            }
        }
        if count == 0 { Ok(SourceAnswer::Clear) } else { Ok(SourceAnswer::Blocked(listed(first, count))) }
    }

    /// Whether an alert is what was asked for: what answers may not know the filter.
    fn stands_in_the_way(&self, alert: &Value) -> Result<bool, Trouble> {
        let labels = alert["labels"].as_object().ok_or(Trouble::NotA("a list of alerts"))?;
        let state = alert["status"]["state"].as_str().ok_or(Trouble::NotA("a list of alerts"))?;
        let has = labels.get(&self.label).and_then(Value::as_str) == Some(&self.value);
        Ok(has && state != "suppressed")
    }
}

#[async_trait]
impl Ask for Alerts {
    async fn ask(&self, place: &Place) -> Result<SourceAnswer, Trouble> {
        self.judge(&place.get(self.target.clone()).await?)
    }
}

/// `Name: summary`.
fn blocker(alert: &Value) -> Blocker {
    let text = |value: &Value| tame(value.as_str().unwrap_or_default(), TEXT_CHARS_MAX);
    let name = Some(text(&alert["labels"]["alertname"])).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "an alert without a name".into());
    let summary = text(&alert["annotations"]["summary"]);
    let what = if summary.is_empty() { name } else { format!("{name}: {summary}") };
    Blocker { what, url: alert["generatorURL"].as_str().and_then(link) }
}
