use jsonschema::Validator;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The OpenAPI document as a judge of answers.
pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One answer to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The request's method, lower case.
    pub method: &'a str,
    /// The request's path, without the query.
    pub path: &'a str,
    /// The answer's status.
    pub status: u16,
    /// The answer's media type, without parameters; empty if it has none.
    pub media_type: &'a str,
    /// The answer's body.
    pub body: &'a [u8],
}

impl Contract {
    /// The document of this build.
    pub fn shared() -> &'static Contract {
        static SHARED: LazyLock<Contract> = LazyLock::new(|| Contract {
            document: serde_json::to_value(wigwag_api::document()).unwrap(),
            validators: Mutex::default(),
        });
        &SHARED
    }

    /// Whether a route of the document has this path and method.
    pub fn knows(&self, method: &str, path: &str) -> bool {
        self.operation(method, path).is_some()
    }

    /// What is wrong with an answer by the document; `None` if nothing is.
    pub fn objection(&self, answer: Judged<'_>) -> Option<String> {
        let Judged { method, path, status, media_type, body } = answer;
        let what = format!("{method} {path} -> {status} {media_type}");
        let Some((template, operation)) = self.operation(method, path) else {
            return Some(format!("{what}: the document has no such route"));
        };
        let Some(response) = operation["responses"].get(status.to_string()) else {
            return Some(format!("{what}: the document does not know this status"));
        };
        let response = self.resolved(response);
        let Some(content) = response.get("content").and_then(Value::as_object) else {
            return (!body.is_empty()).then(|| format!("{what}: the document knows no body here"));
        };
        let Some(documented) = content.get(media_type) else {
            let known: Vec<&String> = content.keys().collect();
            return Some(format!("{what}: the document knows {known:?} here"));
        };
        if !media_type.ends_with("json") {
            return None;
        }
        let value: Value = match serde_json::from_slice(body) {
            Ok(value) => value,
            Err(error) => return Some(format!("{what}: the body is no JSON: {error}")),
        };
        let name = format!("{method} {template} {status} {media_type}");
        let validator = self.validator(&name, &documented["schema"]);
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        (!errors.is_empty()).then(|| format!("{what}: {}\n{value:#}", errors.join("; ")))
    }

    fn validator(&self, name: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock();
        let made = validators.entry(name.to_owned()).or_insert_with(|| {
            // References of the schema begin at the document's root, so the components lie beside it.
            let whole = json!({ "allOf": [schema], "components": self.document["components"] });
            Arc::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap())
        });
        made.clone()
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&String, &Value)> {
        let paths = self.document["paths"].as_object()?;
        let fitting =
            paths.iter().filter(|(template, item)| fits(template, path) && item.get(method).is_some());
        // A fixed segment wins over a parameter, as in the router.
        let best = fitting.min_by_key(|(template, _)| template.matches('{').count());
        best.map(|(template, item)| (template, &item[method]))
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value.get("$ref").and_then(Value::as_str).and_then(|link| link.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) if part.starts_with('{') && !segment.is_empty() => {}
            (Some(part), Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Contract, Judged};

    fn check(path: &str, status: u16, media_type: &str, body: &str, wrong: Option<&str>) {
        let answer = Judged { method: "get", path, status, media_type, body: body.as_bytes() };
        let objection = Contract::shared().objection(answer);
        match (objection, wrong) {
            (None, None) => {}
            (Some(told), Some(part)) => assert!(told.contains(part), "{told}"),
            (told, _) => panic!("{path}: {told:?} instead of {wrong:?}"),
        }
    }

    #[test]
    fn the_judge_is_awake() {
        let json = "application/json";
        check("/api/v4/version", 200, json, r#"{"version":"1","revision":"x"}"#, None);
        check("/api/v4/version", 200, json, r#"{"version":1,"revision":"x"}"#, Some("string"));
        check("/api/v4/version", 200, json, r#"{"version":"1"}"#, Some("required"));
        check("/api/v4/version", 200, json, "no JSON", Some("no JSON"));
        check("/api/v4/version", 200, "text/plain", "1", Some("the document knows"));
        check("/api/v4/version", 418, json, "{}", Some("does not know this status"));
        check("/api/v4/versions", 200, json, "{}", Some("no such route"));
        check("/api/v4/projects/a%2Fb/hooks", 200, json, "[]", None);
        check("/api/v4/projects//hooks", 200, json, "[]", Some("no such route"));
        let time = r#"{"id":1,"username":"a","name":"a","state":"active","web_url":"","created_at":"noon"}"#;
        check("/api/v4/users/1", 200, json, time, Some("date-time"));
    }
}
