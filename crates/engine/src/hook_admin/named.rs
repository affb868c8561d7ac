//! Edits of values that have names: parts of the URL, and headers of the owner's own. Their values are never shown, so a
//! client that sends back what it read has names only.

use super::fields::refused;
use crate::EngineError;
use wigwag_base::Secret;
use wigwag_hooks::NamedSecret;
use wigwag_hooks::hook_input::InputError;

/// What is said of one name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NamedEdit {
    /// It gets this value.
    Set(String, Secret<String>),
    /// It keeps the value that it has.
    Keep(String),
    /// It goes.
    Remove(String),
}

/// The rules of one kind of named value.
pub(super) struct Kind {
    /// Most of them.
    pub(super) count_max: usize,
    /// What is told above that.
    pub(super) too_many: InputError,
    /// What is told of a name without a value.
    pub(super) unknown: fn(String) -> InputError,
    /// Whether two names are one.
    pub(super) is_same: fn(&str, &str) -> bool,
    /// Name and value, if they may be.
    pub(super) checked: fn(&str, &str) -> Result<NamedSecret, InputError>,
}

/// The values after these edits. What is not named stays, unless the hook now has `moved` to another address: then only
/// what was given anew goes there.
///
/// # Errors
/// [`EngineError::Invalid`] names the field.
pub(super) fn edited(
    before: &[NamedSecret],
    edits: &[NamedEdit],
    moved: bool,
    kind: &Kind,
) -> Result<Vec<NamedSecret>, EngineError> {
    let mut after = if moved { Vec::new() } else { before.to_vec() };
    let position = |named: &[NamedSecret], name: &str| {
        let exactly = named.iter().position(|secret| secret.name == name);
        exactly.or_else(|| named.iter().position(|secret| (kind.is_same)(&secret.name, name)))
    };
    for edit in edits {
        match edit {
            NamedEdit::Set(name, value) => {
                let secret = (kind.checked)(name, value.expose()).map_err(refused)?;
                match position(&after, name) {
                    Some(at) => after[at] = secret,
                    None => after.push(secret),
                }
            }
            NamedEdit::Keep(name) if position(before, name).is_none() => {
                return Err(refused((kind.unknown)(name.chars().take(40).collect())));
            }
            NamedEdit::Keep(_) => {}
            NamedEdit::Remove(name) => {
                if let Some(at) = position(&after, name) {
                    after.remove(at);
                }
            }
        }
    }
    if after.len() > kind.count_max {
        return Err(refused(kind.too_many.clone()));
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::{Kind, NamedEdit, edited};
    use wigwag_base::Secret;
    use wigwag_hooks::NamedSecret;
    use wigwag_hooks::hook_input::{self, InputError};

    const KIND: Kind = Kind {
        count_max: 2,
        too_many: InputError::CustomHeadersTooMany,
        unknown: InputError::CustomHeaderUnknown,
        is_same: hook_input::is_same_header,
        checked: hook_input::custom_header,
    };

    fn check(edits: &[NamedEdit], moved: bool, expected: &str) {
        let named = |name: &str, value: &str| NamedSecret {
            name: name.to_owned(),
            value: Secret::new(value.to_owned()),
        };
        let told = match edited(&[named("A", "1")], edits, moved, &KIND) {
            Ok(after) => {
                let shown = |one: &NamedSecret| format!("{}={}", one.name, one.value.expose());
                after.iter().map(shown).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        };
        assert!(told.starts_with(expected), "{edits:?}: {told}");
        assert_eq!(told.is_empty(), expected.is_empty(), "{edits:?}");
    }

    #[test]
    fn what_is_not_named_stays_unless_the_address_is_another_one() {
        let set = |name: &str, value: &str| NamedEdit::Set(name.to_owned(), Secret::new(value.to_owned()));
        let (keep, remove) =
            (|name: &str| NamedEdit::Keep(name.into()), |name: &str| NamedEdit::Remove(name.into()));
        check(&[], false, "A=1");
        check(&[], true, "");
        check(&[set("B", "2")], false, "A=1 B=2");
        check(&[set("B", "2")], true, "B=2");
        check(&[set("a", "2")], false, "a=2");
        check(&[remove("a"), set("X-A", "1"), set("x_a", "2")], false, "x_a=2");
        check(&[keep("a")], false, "A=1");
        check(&[keep("A")], true, "");
        check(&[keep("B")], false, "custom_headers has no value for B");
        check(&[remove("a"), remove("B")], false, "");
        check(&[set("B", "2"), set("C", "3")], false, "custom_headers must be at most 2");
        check(&[set("B", "2"), set("C", "3")], true, "B=2 C=3");
        check(&[set("Host", "x")], false, "custom_headers must not set Host");
    }
}
