use super::{QuietPathError, QuietPaths};
use crate::limits::{PAGE_BYTES_MAX, QUIET_PATH_BYTES_MAX, QUIET_PATHS_MAX};
use proptest::prelude::*;

fn quiet(glob: &str, page: &str) -> bool {
    QuietPaths::new([glob]).unwrap().hold(page)
}

#[test]
fn the_hooks_own_pages_are_quiet_by_default() {
    let check = |page: &str, expected| assert_eq!(QuietPaths::default().hold(page), expected, "{page:?}");
    check("/shop/web/-/hooks", true);
    check("/shop/web/-/hooks/12/edit", true);
    check("/groups/shop/-/hooks?tab=log", true);
    check("https://platform.example/shop/web/-/hooks#top", true);
    check("/shop/web", false);
    check("/shop/web/-/hook", false);
    check("/hooks", false);
    check("/shop/web?back=/shop/web/-/hooks", false);
    check("/shop/web#/-/hooks", false);
    check("", false);
}

#[test]
fn a_star_stands_for_any_run_and_the_rest_for_itself() {
    let check =
        |glob: &str, page: &str, expected| assert_eq!(quiet(glob, page), expected, "{glob:?} {page:?}");
    check("/a", "/a", true);
    check("/a", "/a/", false);
    check("*", "", true);
    check("/a*", "/a", true);
    check("/a*b", "/ab", true);
    check("/a*b", "/a/x/b", true);
    check("ab*ba", "aba", false);
    check("ab*ba", "abba", true);
    check("*a*a*", "a", false);
    check("*a*a*", "xaxax", true);
    check("a**b", "ab", true);
    check("[a-z]?", "[a-z]?", false);
    check("[a-z]+", "[a-z]+", true);
    check("*ä*", "/ä", true);
    check("/A", "/a", false);
}

#[test]
fn limits_hold_at_n_and_n_plus_1() {
    let long = "x".repeat(QUIET_PATH_BYTES_MAX + 1);
    assert!(QuietPaths::new([&long[1..]]).is_ok());
    assert_eq!(QuietPaths::new([long.as_str()]).err(), Some(QuietPathError::TooLong));
    assert!(QuietPaths::new(vec!["x"; QUIET_PATHS_MAX]).is_ok());
    assert_eq!(QuietPaths::new(vec!["x"; QUIET_PATHS_MAX + 1]).err(), Some(QuietPathError::TooMany));
    assert_eq!(QuietPaths::new([""]).err(), Some(QuietPathError::Empty));
    assert!(!QuietPaths::new([]).unwrap().hold("/shop/web/-/hooks"));
    let end = |padding: usize| format!("{}/-/hooks", "x".repeat(padding));
    assert!(QuietPaths::default().hold(&end(PAGE_BYTES_MAX - 8)));
    assert!(!QuietPaths::default().hold(&end(PAGE_BYTES_MAX - 7)));
    assert!(!QuietPaths::default().hold(&"ä".repeat(PAGE_BYTES_MAX)));
}

/// The obvious matcher, exponential and right.
fn slow(glob: &[char], page: &[char]) -> bool {
    match (glob, page) {
        ([], []) => true,
        (['*', rest @ ..], _) => slow(rest, page) || (!page.is_empty() && slow(glob, &page[1..])),
        ([g, glob @ ..], [p, page @ ..]) => g == p && slow(glob, page),
        _ => false,
    }
}

proptest! {
    #[test]
    fn matches_as_the_obvious_matcher(glob in "[ab*]{1,8}", page in "[ab]{0,10}") {
        let (glob_characters, page_characters): (Vec<_>, Vec<_>) = (glob.chars().collect(), page.chars().collect());
        prop_assert_eq!(quiet(&glob, &page), slow(&glob_characters, &page_characters));
    }

    #[test]
    fn no_page_panics(page in any::<String>()) {
        QuietPaths::default().hold(&page);
    }
}
