//! From gates as Flipper and GitLab write them to what is stored here, gate by gate, or to why it cannot be.

use serde_json::Value;
use std::fmt::Display;
use wigwag_base::Percentage;
use wigwag_flags::{ActorId, FlagName, FlagState};

/// Ends an entry of the actors gate that stands for an opt-out.
const OPT_OUT_SUFFIX: &str = ":opt_out";

/// A flag from elsewhere.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Incoming {
    pub(super) name: String,
    /// What is to be stored, or every reason why the flag is left out.
    pub(super) state: Result<FlagState, Vec<String>>,
}

/// Gates that are being read.
#[derive(Default)]
pub(super) struct Gates {
    state: FlagState,
    faults: Vec<String>,
}

impl Gates {
    /// Takes one gate by its key.
    pub(super) fn take(&mut self, key: &str, value: &Value) {
        match key {
            "boolean" => self.state.boolean = self.switch(value),
            "actors" => self.actors(value),
            "groups" => self.state.groups = self.texts(key, value).into_iter().collect(),
            "percentage_of_actors" => self.state.percentage_of_actors = self.share(key, value),
            "percentage_of_time" => self.state.percentage_of_time = self.share(key, value),
            _ if is_unset(value) => {}
            _ => self.faults.push(format!("there is no gate {key:?} here")),
        }
    }

    /// Something that is no gate is wrong with the flag.
    pub(super) fn fault(&mut self, reason: String) {
        self.faults.push(reason);
    }

    /// The flag.
    pub(super) fn of(mut self, name: &str) -> Incoming {
        if let Err(error) = name.parse::<FlagName>() {
            self.faults.push(format!("its name {error}"));
        }
        let state = if self.faults.is_empty() { Ok(self.state) } else { Err(self.faults) };
        Incoming { name: name.to_owned(), state }
    }

    fn switch(&mut self, value: &Value) -> Option<bool> {
        match value {
            Value::Null => None,
            Value::Bool(on) => Some(*on),
            Value::Number(number) if number.as_u64() == Some(1) => Some(true),
            Value::Number(number) if number.as_u64() == Some(0) => Some(false),
            Value::String(text) if matches!(text.as_str(), "true" | "1") => Some(true),
            Value::String(text) if matches!(text.as_str(), "false" | "0" | "") => Some(false),
            other => self.wrong("boolean", other, &"is neither true nor false"),
        }
    }

    fn actors(&mut self, value: &Value) {
        for text in self.texts("actors", value) {
            let (id, opted_out) = match text.strip_suffix(OPT_OUT_SUFFIX) {
                Some(id) => (id, true),
                None => (text.as_str(), false),
            };
            match id.parse::<ActorId>() {
                Ok(id) if opted_out => drop(self.state.opt_outs.insert(id)),
                Ok(id) => drop(self.state.actors.insert(id)),
                Err(error) => self.faults.push(format!("its actor {text:?} {error}")),
            }
        }
    }

    fn texts(&mut self, key: &str, value: &Value) -> Vec<String> {
        let Value::Array(all) = value else {
            if !value.is_null() {
                let _: Option<()> = self.wrong(key, value, &"is no list");
            }
            return Vec::new();
        };
        let text = |one: &Value| one.as_str().map(str::to_owned);
        let texts: Option<Vec<String>> = all.iter().map(text).collect();
        texts.or_else(|| self.wrong(key, value, &"holds something else than texts")).unwrap_or_default()
    }

    /// The double that was written, neither rounded nor cut: it decides whose bucket is in.
    fn share(&mut self, key: &str, value: &Value) -> Option<Percentage> {
        let read = match value {
            Value::Null => return None,
            Value::String(text) => text.parse::<Percentage>().map_err(|error| error.to_string()),
            Value::Number(number) => match number.as_f64() {
                Some(double) => Percentage::new(double).map_err(|error| error.to_string()),
                None => Err("is no number".to_owned()),
            },
            _ => Err("is no number".to_owned()),
        };
        read.map_or_else(|error| self.wrong(key, value, &error), Some)
    }

    fn wrong<T>(&mut self, key: &str, value: &Value, rule: &dyn Display) -> Option<T> {
        let shown: String = value.to_string().chars().take(60).collect();
        self.faults.push(format!("its gate {key} {rule}: {shown}"));
        None
    }
}

/// Whether a gate says nothing.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}
