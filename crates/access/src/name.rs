//! The form of usernames, paths, names and e-mail addresses, as GitLab's, told before anything is stored.

use crate::limits::{
    EMAIL_BYTES_MAX, EMAIL_LOCAL_BYTES_MAX, GROUP_DEPTH_MAX, NAME_CHARACTERS_MAX, PATH_CHARACTERS_MAX,
};
use std::fmt;

/// First parts of paths that the server's own addresses begin with, or may one day.
const RESERVED: [&str; 28] = [
    "-",
    "api",
    "assets",
    "audit",
    "chat",
    "console",
    "dashboard",
    "embed",
    "environments",
    "favicon.ico",
    "flags",
    "groups",
    "healthz",
    "hooks",
    "login",
    "logout",
    "metrics",
    "ofrep",
    "openapi.json",
    "overview",
    "projects",
    "readyz",
    "robots.txt",
    "rollouts",
    "settings",
    "static",
    "users",
    "v1",
];

/// Why a text will not do, in words that follow the field's name ("path is too long ...").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalid {
    /// Nothing but white space.
    Blank,
    /// Longer than this many characters (bytes of an e-mail address).
    TooLong(usize),
    /// A character that a path may not hold, or a first or last one that it may not begin or end with.
    PathForm,
    /// A word that the server's own addresses begin with.
    Reserved,
    /// Only digits: it could not be told from an id.
    OnlyDigits,
    /// Groups nested deeper than this.
    TooDeep(usize),
    /// A control character, or one that turns the direction of writing.
    Control,
    /// No e-mail address.
    Email,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("can't be blank"),
            Self::TooLong(max) => write!(f, "is too long (maximum is {max} characters)"),
            Self::PathForm => f.write_str(
                "can contain only letters, digits, '_', '-' and '.'. It cannot start with '-', or end in '.', '.git' \
                 or '.atom'",
            ),
            Self::Reserved => f.write_str("is a reserved name"),
            Self::OnlyDigits => f.write_str("cannot be digits alone, it could not be told from an id"),
            Self::TooDeep(max) => write!(f, "is nested too deep (maximum is {max} groups)"),
            Self::Control => f.write_str("cannot contain control characters"),
            Self::Email => f.write_str("is invalid"),
        }
    }
}

impl std::error::Error for Invalid {}

/// Checks one part of a path: a subgroup's or a project's.
///
/// # Errors
/// [`Invalid`] says what is wrong.
pub fn check_path(path: &str) -> Result<(), Invalid> {
    if path.is_empty() {
        return Err(Invalid::Blank);
    }
    // Bytes stand for characters here: whatever is longer in bytes alone fails by its characters.
    if path.len() > PATH_CHARACTERS_MAX && path.chars().count() > PATH_CHARACTERS_MAX {
        return Err(Invalid::TooLong(PATH_CHARACTERS_MAX));
    }
    let allowed = path.bytes().all(is_path_byte);
    if !allowed || path.starts_with('-') || has_bad_ending(path) { Err(Invalid::PathForm) } else { Ok(()) }
}

/// Checks the first part of a path: a username (which names its user's namespace) or a top-level group's path.
///
/// # Errors
/// [`Invalid`] says what is wrong.
pub fn check_root_path(path: &str) -> Result<(), Invalid> {
    check_path(path)?;
    if path.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Invalid::OnlyDigits);
    }
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(path)) { Err(Invalid::Reserved) } else { Ok(()) }
}

/// Checks a username; the rules of [`check_root_path`].
///
/// # Errors
/// [`Invalid`] says what is wrong.
pub fn check_username(username: &str) -> Result<(), Invalid> {
    check_root_path(username)
}

/// Checks how many groups a group would lie in, itself counted.
///
/// # Errors
/// [`Invalid::TooDeep`].
pub fn check_depth(groups: usize) -> Result<(), Invalid> {
    if groups > GROUP_DEPTH_MAX { Err(Invalid::TooDeep(GROUP_DEPTH_MAX)) } else { Ok(()) }
}

/// Checks a display name: whatever people write, on one line.
///
/// # Errors
/// [`Invalid`] says what is wrong.
pub fn check_name(name: &str) -> Result<(), Invalid> {
    if name.trim().is_empty() {
        return Err(Invalid::Blank);
    }
    if name.chars().count() > NAME_CHARACTERS_MAX {
        return Err(Invalid::TooLong(NAME_CHARACTERS_MAX));
    }
    if name.chars().any(|c| c.is_control() || turns_direction(c)) { Err(Invalid::Control) } else { Ok(()) }
}

/// Checks an e-mail address by what mail can be sent to without harm: one `@`, a plain part before it, a host name
/// behind it, nothing that could end a mail header. Whether somebody reads it only a mail can tell.
///
/// # Errors
/// [`Invalid`] says what is wrong.
pub fn check_email(email: &str) -> Result<(), Invalid> {
    if email.trim().is_empty() {
        return Err(Invalid::Blank);
    }
    if email.len() > EMAIL_BYTES_MAX {
        return Err(Invalid::TooLong(EMAIL_BYTES_MAX));
    }
    let (local, domain) = email.split_once('@').ok_or(Invalid::Email)?;
    let local_plain = local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let local_dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let local_good = (1..=EMAIL_LOCAL_BYTES_MAX).contains(&local.len()) && local_plain && local_dots;
    let label = |label: &str| {
        let plain = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    if local_good && domain.split('.').all(label) { Ok(()) } else { Err(Invalid::Email) }
}

/// A path made from a display name: lower-case, everything else than letters, digits, `_` and `.` a single dash.
/// `None` where nothing is left; the caller then asks for a path. What comes out passes [`check_path`].
pub fn slug(name: &str) -> Option<String> {
    let mut path = String::with_capacity(name.len().min(PATH_CHARACTERS_MAX));
    for c in name.chars() {
        if path.len() == PATH_CHARACTERS_MAX {
            break;
        }
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '_' | '.') => path.push(c),
            _ if path.ends_with('-') => {}
            _ => path.push('-'),
        }
    }
    let mut rest = path.trim_start_matches(['-', '.']);
    loop {
        let shorter = rest.trim_end_matches(['-', '.']);
        let shorter = shorter.strip_suffix(".git").or(shorter.strip_suffix(".atom")).unwrap_or(shorter);
        if shorter == rest {
            break;
        }
        rest = shorter;
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

const fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn has_bad_ending(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".", ".git", ".atom"].into_iter().any(|ending| lower.ends_with(ending))
}

/// Characters that make what follows read backwards, which a name in a list must not do to its neighbours.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
