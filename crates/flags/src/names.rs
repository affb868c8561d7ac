//! Names that people write: a flag's and an actor's, checked once and trusted from then on.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::limits::{ACTOR_ID_BYTES_MAX, FLAG_NAME_BYTES_MAX};

/// Ends the entry by which the reference keeps an opt-out in a flag's actors gate: `User:5:opt_out`.
pub(crate) const OPT_OUT_SUFFIX: &str = ":opt_out";

/// Why a text is no name; the message says what is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// Nothing was written.
    Empty,
    /// Longer than so many bytes.
    TooLong {
        /// The limit that was passed.
        bytes_max: usize,
    },
    /// A flag's name holds something other than letters, digits, `_`, `-` and `:`, or starts with `-` or `:`.
    FlagCharacters,
    /// An actor's id is not `Type:id`, or holds white space, a comma or a control character.
    NotTypeAndId,
    /// An actor's id ends like an opt-out marker.
    OptOutMarker,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { bytes_max } => write!(f, "is longer than {bytes_max} bytes"),
            Self::FlagCharacters => f.write_str("may hold only letters, digits, '_', '-' and ':'"),
            Self::NotTypeAndId => f.write_str("is not of the form Type:id, such as Project:1"),
            Self::OptOutMarker => f.write_str("ends in ':opt_out'; use opt_out for that"),
        }
    }
}

impl std::error::Error for NameError {}

/// Declares a checked text: made by `FromStr` alone, looked up by `&str`, shared by its copies.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                $check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A flag's name, such as `webhooks_failed_callout`.
    ///
    /// Definitions keep to lower-case letters, digits and `_` ([`Definition::check`](crate::Definition::check));
    /// stored state may also bear the names that the reference builds from class names
    /// (`run_sidekiq_jobs_Ns::Worker`), which come along when flags are moved here.
    FlagName,
    check_flag_name
);

name!(
    /// Who or what a flag is on for: `Type:id`, such as `User:5`, `Project:1`, `Group:9`, or any type of the platform's
    /// own; `Type;id` as well, which is how Flipper writes it, since another spelling would be another bucket. Never an
    /// opt-out marker.
    ActorId,
    check_actor_id
);

impl FlagName {
    /// The text in the one place that copies share.
    pub(crate) fn shared(&self) -> &Arc<str> {
        &self.0
    }
}

fn check_flag_name(text: &str) -> Result<(), NameError> {
    let first = check_length(text, FLAG_NAME_BYTES_MAX)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':');
    if matches!(first, b'-' | b':') || !text.bytes().all(allowed) {
        return Err(NameError::FlagCharacters);
    }
    Ok(())
}

fn check_actor_id(text: &str) -> Result<(), NameError> {
    check_length(text, ACTOR_ID_BYTES_MAX)?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == ',';
    let of_type = |kind: &str| kind.starts_with(|c: char| c.is_ascii_alphabetic());
    match text.split_once([':', ';']) {
        Some((kind, id)) if of_type(kind) && !id.is_empty() && !text.contains(forbidden) => {}
        _ => return Err(NameError::NotTypeAndId),
    }
    if text.ends_with(OPT_OUT_SUFFIX) {
        return Err(NameError::OptOutMarker);
    }
    Ok(())
}

/// The first byte of a text that is neither empty nor too long.
fn check_length(text: &str, bytes_max: usize) -> Result<u8, NameError> {
    let first = *text.as_bytes().first().ok_or(NameError::Empty)?;
    if text.len() > bytes_max {
        return Err(NameError::TooLong { bytes_max });
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::{ActorId, FlagName, NameError};
    use crate::limits::{ACTOR_ID_BYTES_MAX, FLAG_NAME_BYTES_MAX};

    #[test]
    fn flag_names_are_checked() {
        let check = |text: &str, is: Result<(), NameError>| {
            assert_eq!(text.parse::<FlagName>().map(|_| ()), is, "{text:?}");
        };
        check("webhooks_failed_callout", Ok(()));
        check("f", Ok(()));
        check("7z", Ok(()));
        check("ci-variables", Ok(()));
        check("run_sidekiq_jobs_Ns::Worker", Ok(()));
        check("", Err(NameError::Empty));
        for bad in ["-rf", ":a", "a b", "a\n", "a/b", "../x", "a.b", "ä", "a\0", "--project", "<b>", "a'b"] {
            check(bad, Err(NameError::FlagCharacters));
        }
        check(&"a".repeat(FLAG_NAME_BYTES_MAX), Ok(()));
        let bytes_max = FLAG_NAME_BYTES_MAX;
        check(&"a".repeat(FLAG_NAME_BYTES_MAX + 1), Err(NameError::TooLong { bytes_max }));
    }

    #[test]
    fn actor_ids_are_type_and_id() {
        let check = |text: &str, is: Result<(), NameError>| {
            assert_eq!(text.parse::<ActorId>().map(|_| ()), is, "{text:?}");
        };
        check("User:5", Ok(()));
        check("Ci::Runner:5", Ok(()));
        check("User;5", Ok(()));
        check("Repository:@hashed/ab/cd.git", Ok(()));
        check("Tenant:größe", Ok(()));
        check("", Err(NameError::Empty));
        for bad in
            ["User", "User:", "User;", ":5", "5:User", "User: 5", "User:5\n", "User:5,User:6", "User:\u{85}"]
        {
            check(bad, Err(NameError::NotTypeAndId));
        }
        check("User:5:opt_out", Err(NameError::OptOutMarker));
        check("User;5:opt_out", Err(NameError::OptOutMarker));
        let of_length = |bytes: usize| format!("U:{}", "5".repeat(bytes - 2));
        check(&of_length(ACTOR_ID_BYTES_MAX), Ok(()));
        let bytes_max = ACTOR_ID_BYTES_MAX;
        check(&of_length(ACTOR_ID_BYTES_MAX + 1), Err(NameError::TooLong { bytes_max }));
    }
}
