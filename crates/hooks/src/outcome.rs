//! What an answer means: success, or a failure with a text that tells its hook's owner what happened and what to do.

use crate::limits::{LOCATION_CHARACTERS_MAX, RESPONSE_HEADER_BYTES_MAX, RETRY_AFTER_MAX};
use crate::{Failure, FailureClass, Masks, Outcome, Response, masked_url};
use std::time::{Duration, UNIX_EPOCH};
use wigwag_base::Timestamp;

/// What a 3xx answer counts as. It is never followed: another place may not be given the hook's secrets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Redirects {
    /// A failure that names the Location.
    #[default]
    Refuse,
    /// A success, as GitLab counts it (setting `redirects = "accept"`).
    Accept,
}

impl Outcome {
    /// Judges a complete answer that arrived at `now`. What is kept of it shows none of the secrets of `masks`.
    pub fn of_answer(response: Response, redirects: Redirects, now: Timestamp, masks: &Masks) -> Self {
        let class = match response.status {
            200..=299 => return Self::Success(masks.response(response)),
            300..=399 if redirects == Redirects::Accept => return Self::Success(masks.response(response)),
            300..=399 => FailureClass::Redirect,
            410 => FailureClass::Gone,
            400..=499 => FailureClass::ClientError,
            500..=599 => FailureClass::ServerError,
            _ => FailureClass::OddStatus,
        };
        let retry_after = match response.status {
            429 | 503 => header(&response, "retry-after").and_then(|value| wait_asked_for(value, now)),
            _ => None,
        };
        let text = told(class, &response, masks);
        Self::Failure(Failure { class, text, response: Some(masks.response(response)), retry_after })
    }
}

impl Failure {
    /// A request that brought no answer; `text` tells what happened and what to do.
    pub const fn without_answer(class: FailureClass, text: String) -> Self {
        Self { class, text, response: None, retry_after: None }
    }
}

/// The first header of this name (lower case).
fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let found = response.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

/// Reads a Retry-After (RFC 9110): seconds, or a date. `None` if it is neither or lies in the past.
fn wait_asked_for(value: &str, now: Timestamp) -> Option<Duration> {
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number holds ask for more than the limit.
        value.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        let since_1970 = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
        (Timestamp::from_millis(0) + since_1970).since(now)
    };
    (!wait.is_zero()).then(|| wait.min(RETRY_AFTER_MAX))
}

/// What happened and what to do.
fn told(class: FailureClass, response: &Response, masks: &Masks) -> String {
    let status = response.status;
    let named = match reason(status) {
        "" => format!("The receiver answered {status}"),
        reason => format!("The receiver answered {status} {reason}"),
    };
    match (class, status) {
        (FailureClass::Redirect, _) => {
            match header(response, "location").map(|location| shown(location, masks)) {
                Some(place) if !place.is_empty() => format!(
                    "{named}, a redirect to {place}. Redirects are not followed: set the hook's URL to the final address"
                ),
                _ => format!(
                    "{named}, a redirect. Redirects are not followed: set the hook's URL to the final address"
                ),
            }
        }
        (FailureClass::Gone, _) => format!(
            "{named}: it is gone for good. Correct the URL and enable the hook again, or delete the hook"
        ),
        (_, 401 | 403) => {
            format!("{named}: it refuses the request. Check the hook's token, signing token and credentials")
        }
        (_, 404) => format!("{named}: nothing is at this address. Check the path of the hook's URL"),
        (_, 405) => format!("{named}: it takes no POST at this address. Check the path of the hook's URL"),
        (_, 408 | 504) => format!("{named}: it took too long. Answer first and do the work afterwards"),
        (_, 413) => format!("{named}: it takes no body of this size. Raise the receiver's limit"),
        (_, 429) => format!("{named}: it gets more requests than it takes. Lower the hook's rate_per_minute"),
        (FailureClass::ClientError, _) => {
            format!("{named}: it does not accept the request. Look at its answer and its log")
        }
        (FailureClass::ServerError, _) => format!("{named}: it has an error of its own. Look at its log"),
        _ => format!("{named}, which is no valid final status. Check that a web server is at this address"),
    }
}

/// A Location as it may be shown: without control characters, secrets and credentials, and cut last.
fn shown(location: &str, masks: &Masks) -> String {
    let clean: String = location.chars().filter(|c| !c.is_control()).collect();
    let is_cut = location.len() >= RESPONSE_HEADER_BYTES_MAX;
    let masked = masks.text(&clean, if is_cut { clean.len() } else { RESPONSE_HEADER_BYTES_MAX });
    masked_url(&masked).chars().take(LOCATION_CHARACTERS_MAX).collect()
}

/// The usual words for a status, of the IANA registry; empty for rare ones.
const fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Redirects;
    use crate::limits::{RESPONSE_HEADER_BYTES_MAX, RETRY_AFTER_MAX};
    use crate::testing::hook;
    use crate::{Failure, Hook, HookScope, Masks, Outcome, Response};
    use bytes::Bytes;
    use std::time::Duration;
    use wigwag_base::{Secret, Timestamp};

    /// 1994-11-06T08:49:37Z, the date of RFC 9110's examples.
    const NOW: Timestamp = Timestamp::from_secs(784_111_777);

    fn of(status: u16, headers: &[(&str, &str)], redirects: Redirects) -> Outcome {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status, headers, body: Bytes::from_static(b"hm") };
        Outcome::of_answer(response, redirects, NOW, &Masks::none())
    }

    fn failure(status: u16, headers: &[(&str, &str)]) -> Failure {
        match of(status, headers, Redirects::Refuse) {
            Outcome::Failure(failure) => failure,
            Outcome::Success(_) => panic!("{status} is a success"),
        }
    }

    #[test]
    fn only_2xx_is_a_success_and_3xx_where_it_is_accepted() {
        let check = |status, redirects, good| {
            let outcome = of(status, &[], redirects);
            assert_eq!(outcome.is_success(), good, "{status}");
            assert_eq!(outcome.response().unwrap().status, status);
        };
        for (status, good, accepted) in [
            (199, false, false),
            (200, true, true),
            (299, true, true),
            (300, false, true),
            (399, false, true),
            (400, false, false),
            (503, false, false),
            (0, false, false),
            (999, false, false),
        ] {
            check(status, Redirects::Refuse, good);
            check(status, Redirects::Accept, accepted);
        }
    }

    #[test]
    fn the_class_follows_from_the_status() {
        let check = |status, class| assert_eq!(failure(status, &[]).class.name(), class, "{status}");
        check(101, "odd_status");
        check(304, "redirect");
        check(400, "client_error");
        check(409, "client_error");
        check(410, "gone");
        check(411, "client_error");
        check(499, "client_error");
        check(500, "server_error");
        check(599, "server_error");
        check(600, "odd_status");
    }

    #[test]
    fn the_text_tells_what_happened_and_what_to_do() {
        let texts: Vec<_> = [
            (302, vec![("location", "https://user:pw@other.example/x")]),
            (307, vec![]),
            (401, vec![]),
            (404, vec![]),
            (410, vec![]),
            (418, vec![]),
            (429, vec![]),
            (500, vec![]),
            (504, vec![]),
            (799, vec![]),
        ]
        .into_iter()
        .map(|(status, headers)| failure(status, &headers).text)
        .collect();
        insta::assert_snapshot!(texts.join("\n"), @r"
        The receiver answered 302 Found, a redirect to https://***:***@other.example/x. Redirects are not followed: set the hook's URL to the final address
        The receiver answered 307 Temporary Redirect, a redirect. Redirects are not followed: set the hook's URL to the final address
        The receiver answered 401 Unauthorized: it refuses the request. Check the hook's token, signing token and credentials
        The receiver answered 404 Not Found: nothing is at this address. Check the path of the hook's URL
        The receiver answered 410 Gone: it is gone for good. Correct the URL and enable the hook again, or delete the hook
        The receiver answered 418: it does not accept the request. Look at its answer and its log
        The receiver answered 429 Too Many Requests: it gets more requests than it takes. Lower the hook's rate_per_minute
        The receiver answered 500 Internal Server Error: it has an error of its own. Look at its log
        The receiver answered 504 Gateway Timeout: it took too long. Answer first and do the work afterwards
        The receiver answered 799, which is no valid final status. Check that a web server is at this address
        ");
    }

    #[test]
    fn a_hostile_location_is_cut_and_cleaned() {
        let text =
            failure(301, &[("LOCATION", &format!("https://a\u{7}\u{85}b/{}", "ä".repeat(5_000)))]).text;
        assert!(text.contains("https://ab/ä"), "{text}");
        assert!(text.chars().count() < 400, "{text}");
        assert!(!failure(301, &[("location", " ")]).text.contains("redirect to"));
    }

    #[test]
    fn a_location_is_masked_before_it_is_cut() {
        let token = Some(Secret::new("s3cr3t-of-the-hook".to_owned()));
        let masks = Masks::new(&Hook { token, ..hook(HookScope::System) }, None);
        let check = |location: &str, shown: &str| {
            let headers = vec![("location".to_owned(), location.to_owned())];
            let response = Response { status: 302, headers, body: Bytes::new() };
            let outcome = Outcome::of_answer(response, Redirects::Refuse, NOW, &masks);
            let Outcome::Failure(failure) = outcome else { panic!("a redirect is refused") };
            assert!(failure.text.contains(&format!("a redirect to {shown}. Redirects")), "{}", failure.text);
            assert!(!failure.text.contains("s3cr"), "{}", failure.text);
        };
        let until = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
        check(&format!("{}s3cr3t-of-the-hook/y", until(190)), &format!("{}{{token}}/y", until(190)));
        check(&format!("{}s3cr3t-of-the-hook/y", until(196)), &format!("{}{{tok", until(196)));
        check(&format!("{}s3cr3t-of-t", until(RESPONSE_HEADER_BYTES_MAX - 11)), &until(200));
        check("https://a.example/s3cr3t\t-of-the-hook", "https://a.example/{token}");
    }

    #[test]
    fn a_retry_after_is_read_from_429_and_503_only() {
        let check = |status, value: &str, wait_s: Option<u64>| {
            let asked = failure(status, &[("Retry-After", value)]).retry_after;
            assert_eq!(asked, wait_s.map(Duration::from_secs), "{status} {value}");
        };
        check(429, "120", Some(120));
        check(503, " 7 ", Some(7));
        check(500, "120", None);
        check(404, "120", None);
        check(301, "120", None);
        check(503, "Sun, 06 Nov 1994 08:51:37 GMT", Some(120));
        check(503, "Sunday, 06-Nov-94 08:51:37 GMT", Some(120));
        check(503, "Sun Nov  6 08:51:37 1994", Some(120));
        check(503, "Sun, 06 Nov 1994 08:49:37 GMT", None);
        check(503, "Sun, 06 Nov 1904 08:49:37 GMT", None);
        check(503, "0", None);
        check(503, "", None);
        check(503, "-5", None);
        check(503, "+5", None);
        check(503, "1.5", None);
        check(503, "soon", None);
        check(503, "٣", None);
        check(503, &RETRY_AFTER_MAX.as_secs().to_string(), Some(RETRY_AFTER_MAX.as_secs()));
        check(503, &(RETRY_AFTER_MAX.as_secs() + 1).to_string(), Some(RETRY_AFTER_MAX.as_secs()));
        check(503, &"9".repeat(900), Some(RETRY_AFTER_MAX.as_secs()));
        check(503, "Fri, 31 Dec 9999 23:59:59 GMT", Some(RETRY_AFTER_MAX.as_secs()));
        assert_eq!(failure(503, &[]).retry_after, None);
    }
}
