use super::*;

/// The verdict on an input: `ok`, or field and rule.
fn check<T>(result: Result<T, InputError>, expected: &str) {
    let verdict = result.map_or_else(|error| error.to_string(), |_| "ok".to_owned());
    assert!(verdict.starts_with(expected), "{verdict}\n{expected}");
}

#[test]
fn a_value_at_its_limit_is_taken_and_one_more_is_refused() {
    check(url_text(&"u".repeat(URL_BYTES_MAX)), "ok");
    check(url_text(&"u".repeat(URL_BYTES_MAX + 1)), "url is too long (maximum is 2048 bytes)");
    check(name(&"ä".repeat(NAME_CHARACTERS_MAX)), "ok");
    check(name(&"ä".repeat(NAME_CHARACTERS_MAX + 1)), "name is too long (maximum is 255 characters)");
    check(description(&"ä".repeat(DESCRIPTION_CHARACTERS_MAX)), "ok");
    check(description(&"ä".repeat(DESCRIPTION_CHARACTERS_MAX + 1)), "description is too long");
    check(token(&"t".repeat(TOKEN_BYTES_MAX)), "ok");
    check(token(&"t".repeat(TOKEN_BYTES_MAX + 1)), "token is too long");
    let (name, value) = ("n".repeat(SECRET_NAME_CHARACTERS_MAX), "v".repeat(SECRET_VALUE_BYTES_MAX));
    check(custom_header(&name, &value), "ok");
    check(custom_header(&format!("{name}n"), &value), "custom_headers has the name");
    check(custom_header("n", &format!("{value}v")), "custom_headers has a wrong value for n");
    check(url_variable(&name, &value), "ok");
    check(url_variable(&format!("{name}n"), &value), "url_variables has the name");
    check(url_variable("n", &format!("{value}v")), "url_variables has a wrong value for n");
    check(branch_filter(BranchStrategy::Wildcard, &"b".repeat(5_000)), "ok");
    check(
        branch_filter(BranchStrategy::Wildcard, &"b".repeat(5_001)),
        "push_events_branch_filter is too long",
    );
    check(event_types(&vec!["a"; EVENT_TYPES_PER_HOOK_MAX]), "ok");
    check(event_types(&vec!["a"; EVENT_TYPES_PER_HOOK_MAX + 1]), "event_types must hold at most 64");
    check(rate_per_minute(1), "ok");
    check(rate_per_minute(i64::from(u32::MAX)), "ok");
    check(rate_per_minute(i64::from(u32::MAX) + 1), "rate_per_minute must be between 1 and");
}

#[test]
fn hostile_values_are_refused_with_the_rule() {
    check(url_text(" \n"), "url is missing");
    check(url_text("http://a/\r\nX-Evil: 1"), "url must not contain line breaks");
    check(url_text("http://a\t.example/"), "url must not contain line breaks");
    check(url_text("http://a/\0"), "url must not contain line breaks");
    check(name("a\nb"), "name must not contain line breaks");
    check(name("a\u{1b}[2J"), "name must not contain line breaks");
    check(token("a\r\nX-Evil: 1"), "token must not contain line breaks");
    check(token("a\0"), "token must not contain line breaks");
    check(token(" a"), "token must not contain");
    check(token("a "), "token must not contain");
    check(signing_token("secret"), "signing_token must begin with whsec_");
    check(signing_token("whsec_AAAA"), "signing_token must hold a key of 24 to 64 bytes");
    check(rate_per_minute(0), "rate_per_minute must be");
    check(rate_per_minute(i64::MIN), "rate_per_minute must be");
    check(custom_header("X-A\r\nX-Evil", "1"), "custom_headers has the name \"X-A\\r\\nX-Evil\"");
    check(custom_header("", "1"), "custom_headers has the name");
    check(custom_header("X-Ü", "1"), "custom_headers has the name");
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "CONNECTION",
        "TE",
        "Expect",
        "Proxy-X",
        "Webhook-Id",
        "Content_Length",
        "TRANSFER_ENCODING",
        "keep_Alive",
        "webhook_signature",
    ] {
        check(custom_header(name, "1"), &format!("custom_headers must not set {name}"));
    }
    for value in ["", "a\r\nb", "a\0", " a", "a ", "\u{7f}"] {
        check(custom_header("X-A", value), "custom_headers has a wrong value for X-A");
        check(url_variable("a", value), "url_variables has a wrong value for a");
    }
    for name in ["", "1a", "a b", "a}", "ä", "-a"] {
        check(url_variable(name, "1"), "url_variables has the name");
    }
    check(template("no"), "custom_webhook_template must be JSON");
    check(
        branch_filter(BranchStrategy::Wildcard, "a\r\nb"),
        "push_events_branch_filter must not contain line breaks",
    );
    check(branch_filter(BranchStrategy::Regex, "("), "push_events_branch_filter is no regular expression");
    check(event_types(&["ok.*", "no good"]), "event_types must hold patterns");
    check(event_types(&[""]), "event_types must hold patterns");
}

#[test]
fn a_certificate_and_its_key_come_together_and_go_together() {
    let own = |certificate: &str, key: &str| ClientIdentity {
        certificate: certificate.to_owned(),
        key: Secret::new(key.to_owned()),
    };
    let check =
        |before: Option<&ClientIdentity>, certificate: Option<&str>, key: Option<&str>, expected: &str| {
            let key = key.map(|key| Secret::new(key.to_owned()));
            let after = client_identity(before, certificate, key.as_ref());
            let told = after.map(|after| {
                after.map_or("none".to_owned(), |own| format!("{} {}", own.certificate, own.key.expose()))
            });
            let told = told.unwrap_or_else(|error| error.to_string());
            assert!(told.starts_with(expected), "{told}\n{expected}");
        };
    let before = own("C", "K");
    check(None, None, None, "none");
    check(None, Some("c"), Some("k"), "c k");
    check(None, Some("c"), None, "client_certificate needs its private key");
    check(None, Some("c"), Some(" "), "client_certificate needs its private key");
    check(None, None, Some("k"), "client_key needs its certificate");
    check(None, Some(""), Some("k"), "client_key needs its certificate");
    check(Some(&before), None, None, "C K");
    check(Some(&before), Some("c"), None, "c K");
    check(Some(&before), Some("c"), Some(""), "c K");
    check(Some(&before), None, Some("k"), "C k");
    check(Some(&before), Some(""), None, "none");
    check(Some(&before), Some(" "), Some(""), "none");
    let (longest, longest_key) = ("c".repeat(CLIENT_CERTIFICATE_BYTES_MAX), "k".repeat(CLIENT_KEY_BYTES_MAX));
    check(None, Some(&longest), Some(&longest_key), "cccc");
    check(None, Some(&format!("{longest}c")), Some("k"), "client_certificate is too long");
    check(None, Some("c"), Some(&format!("{longest_key}k")), "client_key is too long");
}

#[test]
fn good_values_are_taken_as_they_are() {
    assert_eq!(url_text(" https://a ").unwrap(), "https://a");
    assert_eq!(token("").unwrap(), None);
    assert_eq!(token("grün 7").unwrap().unwrap().expose(), "grün 7");
    assert_eq!(signing_token("").unwrap(), None);
    assert_eq!(template(" \n").unwrap(), None);
    assert_eq!(branch_filter(BranchStrategy::AllBranches, "(").unwrap().pattern, "");
    check(custom_header("X-Team_7", "grün 7"), "ok");
    check(custom_header("X.Team.7", "7"), "ok");
    assert!(signing_token("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap().is_some());
    check(description("two\nlines"), "ok");
    check(description("two\r\nlines\tand more"), "ok");
    check(description("a\0"), "description must not contain control characters");
    let globs = event_types(&["invoice.*", "a", "invoice.*"]).unwrap();
    assert_eq!(globs.iter().map(EventGlob::as_str).collect::<Vec<_>>(), ["invoice.*", "a"]);
}
