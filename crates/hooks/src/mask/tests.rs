use super::{Masks, overlap};
use crate::limits::{
    RESPONSE_BODY_BYTES_MAX, RESPONSE_HEADER_BYTES_MAX, SECRET_NAME_CHARACTERS_MAX, SECRET_VALUE_BYTES_MAX,
};
use crate::testing::hook;
use crate::{Hook, HookScope, NamedSecret, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;
use wigwag_base::Secret;

fn named(pairs: &[(&str, &str)]) -> Vec<NamedSecret> {
    let one = |(name, value): &(&str, &str)| NamedSecret {
        name: (*name).to_owned(),
        value: Secret::new((*value).to_owned()),
    };
    pairs.iter().map(one).collect()
}

fn with_variables(pairs: &[(&str, &str)]) -> Hook {
    Hook { url_variables: named(pairs), ..hook(HookScope::System) }
}

fn with_headers(pairs: &[(&str, &str)]) -> Hook {
    Hook { custom_headers: named(pairs), ..hook(HookScope::System) }
}

fn with_url(url: &str) -> Hook {
    Hook { url: Secret::new(url.to_owned()), ..hook(HookScope::System) }
}

fn check(hook: &Hook, text: &str, shown: &str) {
    assert_eq!(Masks::new(hook, None).text(text, 1_000), shown, "{text}");
}

#[test]
fn values_are_masked_where_they_stand_and_short_ones_are_not() {
    let hook = with_variables(&[("key", "s3cr3t"), ("one", "1"), ("four", "abcd"), ("three", "xyz")]);
    check(&hook, "s3cr3t does not answer 1 s3cr3t, s3cr3ts", "{key} does not answer 1 {key}, {key}s");
    check(&hook, "abcdabcd xyz ABCD", "{four}{four} xyz {four}");
    check(&hook, "nothing", "nothing");
    let token = Hook { token: Some(Secret::new("t0ken".into())), ..hook };
    check(&token, "401: t0ken is none", "401: {token} is none");
    assert!(matches!(Masks::new(&token, None).text("nothing", 1_000), Cow::Borrowed(_)));
    assert!(matches!(Masks::none().text("s3cr3t", 3), Cow::Borrowed(_)));
}

#[test]
fn a_value_is_masked_in_base64_wherever_it_begins() {
    let hook = with_headers(&[("X-Key", "canary-of-24-characters!")]);
    for before in ["", "a", "ab", "abc", "user:"] {
        for behind in ["", "z", "yz", "xyz"] {
            let text = STANDARD.encode(format!("{before}canary-of-24-characters!{behind}"));
            let shown = Masks::new(&hook, None).text(&text, 1_000).into_owned();
            assert!(shown.contains("{X-Key}"), "{before} {behind}: {shown}");
            assert!(shown.len() < text.len() - 12, "{before} {behind}: {shown}");
        }
    }
    check(&with_headers(&[("X", "short")]), &STANDARD.encode("short"), &STANDARD.encode("short"));
}

#[test]
fn a_name_that_holds_another_value_does_not_make_the_text_grow() {
    let (second, third, fourth) = ("bbbb".repeat(63), "cccc".repeat(63), "dddd".repeat(63));
    let hook = with_headers(&[(&second, "aaaa"), (&third, "bbbb"), (&fourth, "cccc"), ("X-Last", "dddd")]);
    check(&hook, "<aaaa>", &format!("<{{{second}}}>"));
    let masks = Masks::new(&hook, None);
    let body = Bytes::from("a".repeat(RESPONSE_BODY_BYTES_MAX));
    let long = "a".repeat(RESPONSE_HEADER_BYTES_MAX);
    let shown = masks.response(Response { status: 200, headers: vec![("x".into(), long)], body });
    assert_eq!(shown.headers[0].1, format!("{{{second}}}"), "what touches is one");
    let body = Bytes::from("aaaa ".repeat(RESPONSE_BODY_BYTES_MAX / 5));
    let long = "aaaa ".repeat(RESPONSE_HEADER_BYTES_MAX / 5);
    let shown = masks.response(Response { status: 200, headers: vec![(long.clone(), long)], body });
    assert_eq!(shown.body.len(), RESPONSE_BODY_BYTES_MAX);
    assert_eq!((shown.headers[0].0.len(), shown.headers[0].1.len()), (1_024, 1_024));
    assert!(!shown.headers[0].1.contains("aaaa") && shown.headers[0].1.starts_with("{bbbb"));
}

#[test]
fn what_is_part_of_another_value_or_overlaps_it_goes_with_it() {
    let hook = with_variables(&[("short", "cret"), ("long", "s3cret-tail"), ("next", "tail-of-it")]);
    check(&hook, "s3cret-tail", "{long}");
    check(&hook, "s3cret-tail-of-it!", "{long}!");
    check(&hook, "cret s3cret tail-of-it", "{short} s3{short} {next}");
}

#[test]
fn a_secret_is_known_as_it_stands_in_urls_and_in_json() {
    let hook = with_variables(&[("key", "a b/ü\"{c}")]);
    for spelled in [
        "a b/ü\"{c}",
        "a%20b/%C3%BC%22%7Bc%7D",
        "a%20b/%c3%bc%22{c}",
        "a%20b%2F%C3%BC%22%7Bc%7D",
        "a+b%2F%C3%BC%22%7Bc%7D",
        "a b/ü\\\"{c}",
        "a b\\/\\u00FC\\\"{c}",
    ] {
        check(&hook, &format!("<{spelled}>"), "<{key}>");
    }
}

#[test]
fn hosts_are_known_in_lower_case_and_in_ascii() {
    let hook = Hook {
        url: Secret::new("https://{team}.example:8443/".into()),
        ..with_variables(&[("team", "Büro")])
    };
    let masks = Masks::new(&hook, Some("xn--bro-hoa.example"));
    assert_eq!(masks.text("xn--bro-hoa.example does not exist", 1_000), "{team}.example does not exist");
    check(&with_variables(&[("host", "Deep.Example")]), "deep.example is no host", "{host} is no host");
    let plain = Masks::new(&with_url("https://a.example/"), Some("a.example"));
    assert_eq!(plain.text("a.example does not exist", 1_000), "a.example does not exist");
}

#[test]
fn credentials_are_known_in_every_form() {
    let hook = with_url("https://anna:p%40ss%20w@a.example/");
    for text in ["anna:p%40ss%20w", "anna:p@ss w", "anna", "p@ss w", "p%40ss%20w", "YW5uYTpwQHNzIHc="] {
        check(&hook, &format!("<{text}>"), "<***>");
    }
    check(&with_url("https://anna@a.example/"), "YW5uYTo=", "***");
    let filled =
        Hook { url_variables: named(&[("pw", "hunter2")]), ..with_url("https://anna:{pw}@a.example/") };
    check(&filled, "YW5uYTpodW50ZXIy hunter2", "*** {pw}");
    let bearer = with_headers(&[("Authorization", "Bearer s3cr3t")]);
    check(&bearer, "the token s3cr3t; Bearer s3cr3t", "the token {Authorization}; {Authorization}");
    let basic = with_headers(&[("authorization", "Basic YW5uYTpodW50ZXIy")]);
    check(&basic, "YW5uYTpodW50ZXIy anna:hunter2 hunter2", "{authorization} {authorization} {authorization}");
}

#[test]
fn a_cut_through_a_value_does_not_show_its_beginning() {
    let hook = with_variables(&[("key", "s3cr3t-ü-part"), ("other", "aaaaaaab")]);
    let masks = Masks::new(&hook, None);
    let cut = |text: &str| masks.text(text, text.len()).into_owned();
    assert_eq!(cut("at the end s3cr3t-"), "at the end {key}");
    assert_eq!(cut("at the end s3cr3t-\u{FFFD}"), "at the end {key}\u{FFFD}", "through a character");
    assert_eq!(cut("at the end S3CR3"), "at the end {key}");
    assert_eq!(cut("at the end s3c"), "at the end s3c");
    assert_eq!(cut("aaaaaaaaaaaaa"), "aaaaaa{other}", "its longest end");
    assert_eq!(masks.text("at the end s3cr3t-", 19), "at the end s3cr3t-", "this one was not cut");
    let mut body = vec![b'x'; RESPONSE_BODY_BYTES_MAX - 9];
    body.extend_from_slice(&"s3cr3t-ü".as_bytes()[..8]);
    let shown =
        |body: Vec<u8>| masks.response(Response { status: 200, headers: vec![], body: body.into() }).body;
    assert!(!shown(body.clone()).ends_with(b"{key}"), "one byte more would have been kept");
    body.insert(0, b'x');
    assert!(shown(body).ends_with(b"x{key}"));
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let masks = Masks::new(&with_variables(&[("key", "s3cr3t")]), None);
    let body = Bytes::from_static(b"\xFF s3cr3t \xC3");
    assert_eq!(masks.response(Response { status: 200, headers: vec![], body }).body, &b"\xFF {key} \xC3"[..]);
}

#[test]
fn a_hook_with_all_that_it_may_have_is_prepared() {
    let value =
        |n: usize| format!("{n:0>2}{}", " /ü".repeat(SECRET_VALUE_BYTES_MAX)).chars().take(1_500).collect();
    let pairs: Vec<(String, String)> =
        (0..20).map(|n| (format!("n{n}{}", "x".repeat(SECRET_NAME_CHARACTERS_MAX - 4)), value(n))).collect();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let hook = Hook { custom_headers: named(&pairs), ..with_variables(&pairs) };
    let masks = Masks::new(&hook, None);
    let text = format!("<{}>", pairs[7].1);
    assert_eq!(masks.text(&text, 8_000), format!("<{{{}}}>", pairs[7].0));
    let bytes: usize = masks.forms.iter().map(|form| form.text.len()).sum();
    let memory = masks.finder.as_ref().unwrap().memory_usage();
    assert!(bytes <= 128 << 10 && memory < 4 << 20, "{bytes} {memory}");
}

proptest! {
    #[test]
    fn no_value_survives_whole(values in prop::collection::vec("[ab]{4,7}", 1..4), text in "[abc]{0,40}") {
        let names = ["1", "2", "3"];
        let pairs: Vec<(&str, &str)> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
        let masks = Masks::new(&with_variables(&pairs), None);
        let shown = masks.text(&text, 1_000).into_owned();
        prop_assert!(values.iter().all(|value| !shown.contains(value.as_str())), "{shown}");
        let parts: BTreeSet<&str> = shown.split(['{', '1', '2', '3', '}']).collect();
        prop_assert!(parts.iter().all(|part| text.contains(part)));
    }

    #[test]
    fn an_overlap_is_the_longest(text in "[ab]{1,8}", bytes in "[ab]{0,12}") {
        let slow = (0..text.len()).rev().find(|length| bytes.ends_with(&text[..*length])).unwrap();
        prop_assert_eq!(overlap(text.as_bytes(), bytes.as_bytes()), slow);
    }
}
