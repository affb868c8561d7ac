//! The fields of a definition, read one by one from a document; what is wrong with one does not hide the next.

use url::Url;

use crate::document::{Document, Entry, Scalar, Value};
use crate::limits::{TEXT_BYTES_MAX, URL_BYTES_MAX};
use crate::text::{meant, quoted};

/// Every field that a definition may have.
pub(crate) const FIELDS: [&str; 15] = [
    "name",
    "description",
    "feature_issue_url",
    "introduced_by_url",
    "rollout_issue_url",
    "milestone",
    "log_state_changes",
    "type",
    "group",
    "owners",
    "channel",
    "large_steps",
    "depends_on",
    "default_enabled",
    "intended_to_rollout_by",
];

/// Something wrong with one file, whose name is known elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) line: Option<usize>,
    pub(crate) field: Option<String>,
    /// The end of a sentence that begins with the field, or else with the file.
    pub(crate) rule: String,
}

impl Fault {
    pub(crate) fn of_file(rule: impl Into<String>) -> Self {
        Self { line: None, field: None, rule: rule.into() }
    }

    pub(crate) fn at(line: usize, field: &str, rule: impl Into<String>) -> Self {
        Self { line: Some(line), field: Some(field.into()), rule: rule.into() }
    }
}

/// Reads the fields of a document and keeps what is wrong.
pub(crate) struct Fields<'d> {
    document: &'d Document,
    pub(crate) faults: Vec<Fault>,
}

impl<'d> Fields<'d> {
    /// Finds unknown fields and such that are written twice.
    pub(crate) fn of(document: &'d Document) -> Self {
        let mut fields = Self { document, faults: Vec::new() };
        for (index, entry) in document.entries.iter().enumerate() {
            let first = document.entries[..index].iter().find(|earlier| earlier.key == entry.key);
            if !FIELDS.contains(&entry.key.as_str()) {
                let rule = format!("is no field of a definition{}", meant(&entry.key, FIELDS));
                fields.faults.push(Fault::at(entry.line, quoted(&entry.key).trim_matches('"'), rule));
            } else if let Some(first) = first {
                let rule = format!("is already set in line {}; keep one of the two", first.line);
                fields.fault(entry.line, &entry.key, rule);
            }
        }
        fields
    }

    pub(crate) fn fault(&mut self, line: usize, field: &str, rule: impl Into<String>) {
        self.faults.push(Fault::at(line, field, rule));
    }

    /// The line of a field, if it is written.
    pub(crate) fn line(&self, field: &str) -> Option<usize> {
        self.entry(field).map(|entry| entry.line)
    }

    /// A text of one line; nothing if it is empty or wrong.
    pub(crate) fn text(&mut self, field: &str) -> Option<&'d Scalar> {
        let scalar = self.text_up_to(field, TEXT_BYTES_MAX)?;
        if scalar.text.contains(char::is_control) {
            self.fault(scalar.line, field, "holds a line break or a control character");
            return None;
        }
        Some(scalar)
    }

    /// A text of several lines.
    pub(crate) fn text_up_to(&mut self, field: &str, bytes_max: usize) -> Option<&'d Scalar> {
        let scalar = self.scalar(field, "a text")?;
        if let Some(what) = scalar.other_than_text() {
            let rule = format!("is {what}, {}, where a text belongs; put it in quotes", quoted(&scalar.text));
            self.fault(scalar.line, field, rule);
            return None;
        }
        if scalar.text.len() > bytes_max {
            self.fault(scalar.line, field, format!("is longer than {bytes_max} bytes"));
            return None;
        }
        let tame = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        if !scalar.text.chars().all(tame) {
            self.fault(scalar.line, field, "holds a control character");
            return None;
        }
        Some(scalar)
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, field: &str) -> Option<&'d Scalar> {
        let faults = self.faults.len();
        let read = self.text(field).filter(|scalar| !scalar.text.trim().is_empty());
        if read.is_none() && self.faults.len() == faults {
            self.missing(field);
        }
        read
    }

    /// An address of a page.
    pub(crate) fn url(&mut self, field: &str) -> Option<&'d str> {
        let scalar = self.text_up_to(field, URL_BYTES_MAX)?;
        let whole = !scalar.text.contains(|c: char| c.is_whitespace() || c.is_control());
        let http = |url: &Url| matches!(url.scheme(), "http" | "https");
        match Url::parse(&scalar.text) {
            Ok(url) if whole && http(&url) => Some(&scalar.text),
            _ => {
                let rule = format!("is no http or https URL: {}", quoted(&scalar.text));
                self.fault(scalar.line, field, rule);
                None
            }
        }
    }

    /// An address that must be there.
    pub(crate) fn required_url(&mut self, field: &str) -> Option<&'d str> {
        let faults = self.faults.len();
        let read = self.url(field);
        if read.is_none() && self.faults.len() == faults {
            self.missing(field);
        }
        read
    }

    /// True or false.
    pub(crate) fn switch(&mut self, field: &str) -> Option<bool> {
        let scalar = self.scalar(field, "true or false")?;
        match scalar.text.as_str() {
            _ if scalar.other_than_text() != Some("a truth value") => {}
            "true" | "True" | "TRUE" => return Some(true),
            "false" | "False" | "FALSE" => return Some(false),
            _ => {}
        }
        let rule = format!("must be true or false, without quotes; it is {}", quoted(&scalar.text));
        self.fault(scalar.line, field, rule);
        None
    }

    /// True or false, which must be there.
    pub(crate) fn required_switch(&mut self, field: &str) -> Option<bool> {
        let faults = self.faults.len();
        let read = self.switch(field);
        if read.is_none() && self.faults.len() == faults {
            self.missing(field);
        }
        read
    }

    /// A list of short texts; empty if there is none.
    pub(crate) fn list(&mut self, field: &str, items_max: usize) -> Vec<&'d Scalar> {
        let Some(entry) = self.entry(field) else { return Vec::new() };
        let items = match &entry.value {
            Value::List(items) => items,
            Value::Scalar(scalar) if scalar.is_nothing() => return Vec::new(),
            other => {
                let rule = format!("must be a list, such as [a, b]; it is {}", other.what());
                self.fault(entry.line, field, rule);
                return Vec::new();
            }
        };
        if items.len() > items_max {
            self.fault(entry.line, field, format!("holds more than {items_max} entries"));
            return Vec::new();
        }
        let mut good = Vec::new();
        for item in items {
            let control = item.text.contains(char::is_control);
            let rule = match item.other_than_text() {
                Some(what) => format!("holds {what}, {}; put it in quotes", quoted(&item.text)),
                None if item.text.trim().is_empty() => "holds an empty text".into(),
                None if item.text.len() > TEXT_BYTES_MAX => {
                    format!("holds a text of more than {TEXT_BYTES_MAX} bytes")
                }
                None if control => "holds a line break or a control character".into(),
                None => {
                    good.push(item);
                    continue;
                }
            };
            self.fault(item.line, field, rule);
        }
        good
    }

    fn missing(&mut self, field: &str) {
        let line = self.line(field);
        self.faults.push(Fault { line, field: Some(field.into()), rule: "is required".into() });
    }

    fn entry(&self, field: &str) -> Option<&'d Entry> {
        self.document.entries.iter().find(|entry| entry.key == field)
    }

    /// The single value of a field that is there and not empty.
    fn scalar(&mut self, field: &str, wanted: &str) -> Option<&'d Scalar> {
        let entry = self.entry(field)?;
        match &entry.value {
            Value::Scalar(scalar) if scalar.is_nothing() => None,
            Value::Scalar(scalar) => Some(scalar),
            other => {
                self.fault(entry.line, field, format!("must be {wanted}; it is {}", other.what()));
                None
            }
        }
    }
}
