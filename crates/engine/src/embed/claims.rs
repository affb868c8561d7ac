use super::path_key;
use crate::limits::{EMBED_TOKEN_AGE_MAX, EMBED_TOKEN_LEEWAY};
use serde_json::Value;
use wigwag_base::{GroupId, ProjectId, Timestamp};
use wigwag_ports::registry::PathKey;

/// The audience of every embed token.
pub(super) const AUDIENCE: &str = "wigwag-callouts";

/// The project or group that a token names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Named {
    Project(PathKey<ProjectId>),
    Group(PathKey<GroupId>),
}

/// What a token with a good signature says, before anything is looked up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RawClaims {
    pub(super) username: String,
    pub(super) source: Named,
    pub(super) expires_at: Timestamp,
}

impl RawClaims {
    /// Reads the claims, judges their audience, and their times at `now`.
    ///
    /// # Errors
    /// What is wrong, for the operator's log.
    pub(super) fn read(claims: &Value, now: Timestamp) -> Result<Self, &'static str> {
        if !is_for_us(&claims["aud"]) {
            return Err("aud is not wigwag-callouts");
        }
        let iat = seconds(&claims["iat"]).ok_or("iat is no time")?;
        let exp = seconds(&claims["exp"]).ok_or("exp is no time")?;
        if exp <= iat {
            return Err("exp does not lie after iat");
        }
        if exp.since(iat) > EMBED_TOKEN_AGE_MAX {
            return Err("exp lies more than 15 minutes after iat");
        }
        if now + EMBED_TOKEN_LEEWAY < iat {
            return Err("iat lies in the future; compare the clocks");
        }
        if now >= exp + EMBED_TOKEN_LEEWAY {
            return Err("it has expired; compare the clocks");
        }
        if let Some(nbf) = claims.get("nbf")
            && seconds(nbf).is_none_or(|nbf| now + EMBED_TOKEN_LEEWAY < nbf)
        {
            return Err("nbf lies in the future");
        }
        let username = claims["sub"].as_str().ok_or("sub is no username")?.to_owned();
        let source = match (name(claims, "project"), name(claims, "group")) {
            (Some(project), None) => Named::Project(path_key(&project)),
            (None, Some(group)) => Named::Group(path_key(&group)),
            _ => return Err("it must name either a project or a group"),
        };
        Ok(Self { username, source, expires_at: exp })
    }
}

/// One audience, or several with ours among them.
fn is_for_us(aud: &Value) -> bool {
    match aud {
        Value::Array(all) => all.iter().any(|aud| aud == AUDIENCE),
        one => one == AUDIENCE,
    }
}

/// A NumericDate: seconds, perhaps with a fraction, which is dropped.
fn seconds(value: &Value) -> Option<Timestamp> {
    let s = value.as_i64().or_else(|| value.as_f64().filter(|s| s.abs() < 1e15).map(|s| s as i64))?;
    (0..=i64::MAX / 1_000_000).contains(&s).then(|| Timestamp::from_secs(s))
}

/// An id or a full path; whatever else is there counts as a name that nothing has.
fn name(claims: &Value, field: &str) -> Option<String> {
    match claims.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::{AUDIENCE, Named, RawClaims};
    use serde_json::{Value, json};
    use wigwag_base::{GroupId, ProjectId, Timestamp};
    use wigwag_ports::registry::PathKey;

    const NOW_S: i64 = 1_000_000;

    fn with(changes: Value) -> Value {
        let mut claims =
            json!({ "aud": AUDIENCE, "sub": "ada", "project": 42, "iat": NOW_S, "exp": NOW_S + 900 });
        for (field, value) in changes.as_object().into_iter().flatten() {
            match value {
                Value::Null => drop(claims.as_object_mut().map(|claims| claims.remove(field))),
                value => claims[field] = value.clone(),
            }
        }
        claims
    }

    fn read(claims: Value) -> Result<RawClaims, &'static str> {
        RawClaims::read(&claims, Timestamp::from_secs(NOW_S))
    }

    #[test]
    fn times_hold_by_our_clock_with_half_a_minute_to_spare() {
        let check = |iat: i64, exp: i64, good: bool| {
            let verdict = read(with(json!({ "iat": NOW_S + iat, "exp": NOW_S + exp })));
            assert_eq!(verdict.is_ok(), good, "{iat} {exp} {verdict:?}");
        };
        check(0, 900, true);
        check(0, 901, false);
        check(0, 0, false);
        check(5, 4, false);
        check(30, 60, true);
        check(31, 60, false);
        check(-900, 0, true);
        check(-929, -29, true);
        check(-930, -30, false);
        check(-2_000_000, -1_999_999, false);
    }

    #[test]
    fn a_project_or_group_is_named_by_id_or_path() {
        let check = |changes: Value, named| assert_eq!(read(with(changes)).map(|c| c.source), Ok(named));
        check(json!({}), Named::Project(PathKey::Id(ProjectId(42))));
        check(json!({ "project": "42" }), Named::Project(PathKey::Id(ProjectId(42))));
        check(json!({ "project": "a/b" }), Named::Project(PathKey::FullPath("a/b".into())));
        check(json!({ "project": null, "group": 7 }), Named::Group(PathKey::Id(GroupId(7))));
        check(json!({ "project": null, "group": "a" }), Named::Group(PathKey::FullPath("a".into())));
        check(json!({ "project": ["a"] }), Named::Project(PathKey::FullPath(String::new())));
    }

    #[test]
    fn whatever_is_missing_or_odd_is_refused() {
        let check = |changes: Value| assert!(read(with(changes.clone())).is_err(), "{changes}");
        for field in ["aud", "sub", "project", "iat", "exp"] {
            check(json!({ field: null }));
        }
        check(json!({ "aud": "wigwag" }));
        check(json!({ "aud": ["wigwag", 7] }));
        check(json!({ "aud": { "wigwag-callouts": true } }));
        check(json!({ "sub": 7 }));
        check(json!({ "group": 7 }));
        check(json!({ "exp": "soon" }));
        check(json!({ "exp": i64::MAX }));
        check(json!({ "exp": 1e300 }));
        check(json!({ "iat": -1 }));
        check(json!({ "nbf": NOW_S + 31 }));
        check(json!({ "nbf": "x" }));
        assert!(read(with(json!({ "iat": 1_000_000.5, "nbf": NOW_S + 30 }))).is_ok());
        assert!(RawClaims::read(&Value::Null, Timestamp::from_secs(NOW_S)).is_err());
    }
}
