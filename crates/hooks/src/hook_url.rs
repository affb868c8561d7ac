//! What can be told of a hook's URL by its text alone. Whether anything may be sent there is judged by who sends.

use std::borrow::Cow;

/// What stands for credentials in a URL that is shown.
const MASKED_CREDENTIALS: &str = "***:***@";

/// The URL as it may be shown and logged: `user:password@` masked.
pub fn masked_url(url: &str) -> Cow<'_, str> {
    match credentials(url) {
        Some((before, _, after)) => Cow::Owned(format!("{before}{MASKED_CREDENTIALS}{after}")),
        None => Cow::Borrowed(url),
    }
}

/// Whether a hook's secrets may stay when its URL changes: only if they go to the same place, by scheme, host, port
/// and path; query and credentials may change. In doubt (two spellings that are not plainly the same) they may not.
pub fn secrets_survive(old_url: &str, new_url: &str) -> bool {
    old_url == new_url || place(old_url).is_some_and(|old| place(new_url) == Some(old))
}

/// Scheme, authority without credentials and default port, and path.
fn place(url: &str) -> Option<(String, String, String)> {
    let without_query = url.split(['?', '#']).next()?;
    let (scheme, _) = without_query.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let plain = match credentials(without_query) {
        Some((before, _, after)) => Cow::Owned(format!("{before}{after}")),
        None => Cow::Borrowed(without_query),
    };
    let (_, rest) = plain.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let authority = authority.strip_suffix(default_port).unwrap_or(authority);
    let path = if path.is_empty() { "/" } else { path };
    Some((scheme, authority.to_ascii_lowercase(), path.to_owned()))
}

/// The parts before, of and after the credentials, which end with the last `@` of the authority. A backslash ends the
/// authority too, as in every parser of the WHATWG's URLs.
pub(crate) fn credentials(url: &str) -> Option<(&str, &str, &str)> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '\\', '?', '#']).map_or(url.len(), |at| start + at);
    let at = start + url[start..end].rfind('@')?;
    Some((&url[..start], &url[start..at], &url[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::{masked_url, secrets_survive};

    #[test]
    fn credentials_are_masked_and_nothing_else() {
        let check = |url, shown| assert_eq!(masked_url(url), shown);
        check("https://user:pass@example.com/a?b=c", "https://***:***@example.com/a?b=c");
        check("https://user@example.com", "https://***:***@example.com");
        check("https://u:p@ss@example.com/@x", "https://***:***@example.com/@x");
        check("https://:p@example.com", "https://***:***@example.com");
        check("https://example.com/a@b", "https://example.com/a@b");
        check("https://example.com?m=a@b", "https://example.com?m=a@b");
        check("https://example.com\\a@b", "https://example.com\\a@b");
        check("https://ü:ß@ü.example/", "https://***:***@ü.example/");
        check("example.com", "example.com");
        check("", "");
    }

    #[test]
    fn secrets_stay_where_they_are() {
        let check = |old, new, stay| {
            assert_eq!(secrets_survive(old, new), stay, "{old} {new}");
            assert_eq!(secrets_survive(new, old), stay, "{new} {old}");
        };
        let old = "https://example.com/hook";
        check(old, old, true);
        check(old, "https://example.com/hook?team=1", true);
        check(old, "https://example.com/hook?x=https://evil.example/", true);
        check(old, "https://user:pw@example.com/hook", true);
        check(old, "HTTPS://Example.COM:443/hook", true);
        check("http://example.com:80", "http://example.com/", true);
        check("not a url", "not a url", true);

        check(old, "http://example.com/hook", false);
        check(old, "https://example.org/hook", false);
        check(old, "https://example.com:8443/hook", false);
        check(old, "https://example.com:80/hook", false);
        check(old, "https://example.com/hook/", false);
        check(old, "https://example.com/Hook", false);
        check(old, "https://example.com/hook/../other", false);
        check(old, "https://example.com.evil.example/hook", false);
        check(old, "https://example.com@evil.example/hook", false);
        check(old, "https://evil.example\\@example.com/hook", false);
        check(old, "https://evil.example/@example.com/hook", false);
        check(old, "https://evil.example#@example.com/hook", false);
        check(old, "https://evil.example?@example.com/hook", false);
        check(old, "https:evil.example://@example.com/hook", false);
        check(old, "https:/\t/example.com/hook", false);
        check(old, "https://example.com\t/hook", false);
        check(old, "", false);
        check("ftp://example.com/a?b", "ftp://example.com/a", false);
    }
}
