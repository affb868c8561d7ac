use super::*;
use bytes::Bytes;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Answer {
        status,
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        body_bytes_read: body.len() as u64,
        duration: Duration::ZERO,
    }
}

fn check(status: u16, headers: &[(&str, &str)], body: &str, expected: Trouble) {
    assert_eq!(judge(&answer(status, headers, body)), Err(expected), "{status} {headers:?} {body}");
}

#[test]
fn json_is_read_whatever_it_calls_itself() {
    for of in
        ["application/json", "application/json; charset=utf-8", "application/vnd.github+json", "text/JSON"]
    {
        assert_eq!(judge(&answer(200, &[("content-type", of)], "[1]")), Ok(serde_json::json!([1])), "{of}");
    }
    assert!(judge(&answer(200, &[], "{}")).is_ok());
}

#[test]
fn something_else_than_json_is_a_trouble() {
    let no_json = |of: &str| Trouble::NoJson(Some(of.into()));
    check(200, &[("content-type", "text/html; charset=utf-8")], "[]", no_json("text/html; charset=utf-8"));
    check(200, &[("content-type", "application/jsonp")], "[]", no_json("application/jsonp"));
    check(200, &[], "", Trouble::NoJson(None));
    check(204, &[], "", Trouble::NoJson(None));
    check(200, &[], "[1", Trouble::NoJson(None));
    check(200, &[], &"[".repeat(100_000), Trouble::NoJson(None));
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(judge(&answer(200, &[], &deep(127))).is_ok());
    check(200, &[], &deep(128), Trouble::NoJson(None));
    let long = Answer { body_bytes_read: 3, ..answer(200, &[], "[]") };
    assert_eq!(judge(&long), Err(Trouble::TooLong));
}

#[test]
fn statuses_are_told_apart() {
    check(401, &[], "{}", Trouble::Unauthorised(401));
    check(403, &[], "{}", Trouble::Unauthorised(403));
    check(403, &[("x-ratelimit-remaining", "0")], "", Trouble::Limited(403, None));
    check(403, &[("x-ratelimit-remaining", "1")], "", Trouble::Unauthorised(403));
    check(429, &[("Retry-After", "7")], "", Trouble::Limited(429, Some(Duration::from_secs(7))));
    let to = |to: &str| Trouble::Redirects(302, Some(to.into()));
    check(302, &[("location", "https://example.com/login")], "", to("https://example.com/login"));
    check(302, &[("location", "/graph\u{202e}")], "", to("/graph"));
    check(302, &[("location", "javascript:alert(1)")], "", Trouble::Redirects(302, None));
    check(304, &[], "", Trouble::Redirects(304, None));
    check(500, &[], "oops", Trouble::Status(500, None, None));
    check(100, &[], "", Trouble::Status(100, None, None));
}

#[test]
fn what_the_server_says_is_taken_over() {
    let said = |status, words: &str| Trouble::Status(status, Some(words.into()), None);
    let parse = r#"{"status":"error","errorType":"bad_data","error":"parse error:\n unexpected }."}"#;
    check(400, &[], parse, said(400, "bad_data: parse error: unexpected }"));
    check(400, &[], r#""bad matcher format: x""#, said(400, "bad matcher format: x"));
    check(404, &[], r#"{"message":"404 Project Not Found"}"#, Trouble::Status(404, None, None));
    check(422, &[], r#"{"message":"Validation Failed"}"#, said(422, "Validation Failed"));
    check(500, &[], r#"{"message":["a"]}"#, Trouble::Status(500, None, None));
    let long = format!("\"{}\"", "x".repeat(10_000));
    check(500, &[], &long, said(500, &format!("{}…", "x".repeat(TEXT_CHARS_MAX - 1))));
}

#[test]
fn a_wait_that_is_asked_for_is_bounded() {
    let wait = |text: &str| retry_after(&answer(429, &[("retry-after", text)], ""));
    let check = |text: &str, s: u64| assert_eq!(wait(text), Some(Duration::from_secs(s)), "{text}");
    check("0", 0);
    check("3600", 3_600);
    check("3601", 3_600);
    check("99999999999999999999999", 3_600);
    check("Fri, 31 Dec 9999 23:59:59 GMT", 3_600);
    for text in ["", "-1", "soon", "1.5", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        assert_eq!(wait(text), None, "{text}");
    }
}
