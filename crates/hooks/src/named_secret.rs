//! Values that an owner names and that do not come out again: parts of the URL, and headers of the owner's own.

use std::borrow::Cow;
use wigwag_base::Secret;

/// A name, which is shown, and its value, which is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedSecret {
    /// What it is called.
    pub name: String,
    /// What is sent.
    pub value: Secret<String>,
}

/// The URL with every `{name}` of `variables` replaced by its value, as it is. What is no variable's name stays.
pub fn filled_url<'a>(url: &'a str, variables: &[NamedSecret]) -> Cow<'a, str> {
    if variables.is_empty() {
        return Cow::Borrowed(url);
    }
    let mut filled = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, name, after)) = next_place(rest) {
        filled.push_str(before);
        match variables.iter().find(|variable| variable.name == name) {
            Some(variable) => filled.push_str(variable.value.expose()),
            None => filled.extend(["{", name, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

/// The first `{name}` in a URL that no variable stands for.
pub fn unfilled_place<'a>(url: &'a str, variables: &[NamedSecret]) -> Option<&'a str> {
    let mut rest = url;
    while let Some((_, name, after)) = next_place(rest) {
        if !variables.iter().any(|variable| variable.name == name) {
            return Some(name);
        }
        rest = after;
    }
    None
}

/// What lies before, in and behind the next braces that hold a name.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let close = text[open..].find('}').map(|at| open + at)?;
        let name = &text[open + 1..close];
        if is_variable_name(name) {
            return Some((&text[..open], name, &text[close + 1..]));
        }
        from = open + 1;
    }
    None
}

/// Whether a variable may have this name: a letter, then letters, digits and `_ . -`, as in GitLab.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::{NamedSecret, filled_url, unfilled_place};
    use wigwag_base::Secret;

    fn secrets(pairs: &[(&str, &str)]) -> Vec<NamedSecret> {
        let named = |(name, value): &(&str, &str)| NamedSecret {
            name: (*name).to_owned(),
            value: Secret::new((*value).to_owned()),
        };
        pairs.iter().map(named).collect()
    }

    #[test]
    fn names_in_braces_are_filled_and_nothing_else() {
        let variables = secrets(&[("key", "s3cr3t"), ("a.b-c_9", "{key}"), ("host", "a.example")]);
        let check = |url, filled| assert_eq!(filled_url(url, &variables), filled);
        check("https://a.example/{key}", "https://a.example/s3cr3t");
        check("https://{host}/{key}/{key}?k={key}", "https://a.example/s3cr3t/s3cr3t?k=s3cr3t");
        check("https://a.example/{a.b-c_9}", "https://a.example/{key}");
        check("https://a.example/{other}", "https://a.example/{other}");
        check("https://a.example/{Key}{}{9}{{key}}", "https://a.example/{Key}{}{9}{s3cr3t}");
        check("https://a.example/{key", "https://a.example/{key");
        check("https://a.example/}{", "https://a.example/}{");
        check("https://ü.example/{ü}{key}", "https://ü.example/{ü}s3cr3t");
        assert_eq!(filled_url("https://a/{key}", &[]), "https://a/{key}");
    }

    #[test]
    fn a_place_without_a_value_is_named() {
        let variables = secrets(&[("key", "1")]);
        let check = |url, place| assert_eq!(unfilled_place(url, &variables), place, "{url}");
        check("https://a/{key}", None);
        check("https://a/{key}/{team}/{x}", Some("team"));
        check("https://a/{9}{}{ key }", None);
        check("https://a/{{key}}{b}", Some("b"));
    }
}
