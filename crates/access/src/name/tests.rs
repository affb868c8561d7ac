use super::{Invalid, check_depth, check_email, check_name, check_path, check_root_path, slug};
use crate::limits::{EMAIL_BYTES_MAX, GROUP_DEPTH_MAX, NAME_CHARACTERS_MAX, PATH_CHARACTERS_MAX};
use proptest::prelude::*;

#[test]
fn a_path_holds_letters_digits_and_three_signs() {
    let check = |path: &str, expected| assert_eq!(check_path(path), expected, "{path:?}");
    check("shop", Ok(()));
    check("Shop_2.old-1", Ok(()));
    check(".hidden", Ok(()));
    check("_x", Ok(()));
    check("42", Ok(()));
    check("api", Ok(()));
    check("", Err(Invalid::Blank));
    for bad in
        ["-x", "x.", ".", "..", "x.git", "x.GIT", "x.atom", "a/b", "a b", "a%2fb", "a\0b", "ä", "a\n", "a@b"]
    {
        check(bad, Err(Invalid::PathForm));
    }
    check(&"x".repeat(PATH_CHARACTERS_MAX), Ok(()));
    check(&"x".repeat(PATH_CHARACTERS_MAX + 1), Err(Invalid::TooLong(PATH_CHARACTERS_MAX)));
}

#[test]
fn the_first_part_of_a_path_is_no_id_and_no_address_of_ours() {
    let check = |path: &str, expected| assert_eq!(check_root_path(path), expected, "{path:?}");
    check("ada", Ok(()));
    check("4da", Ok(()));
    check("42", Err(Invalid::OnlyDigits));
    check("api", Err(Invalid::Reserved));
    check("API", Err(Invalid::Reserved));
    check("metrics", Err(Invalid::Reserved));
    check("-", Err(Invalid::PathForm));
}

#[test]
fn a_name_is_one_line_of_anything() {
    let check = |name: &str, expected| assert_eq!(check_name(name), expected, "{name:?}");
    check("Ada Lovelace", Ok(()));
    check("日本 <b>&amp;</b> 🎏", Ok(()));
    check("", Err(Invalid::Blank));
    check(" \t ", Err(Invalid::Blank));
    check("a\r\nb", Err(Invalid::Control));
    check("a\u{202e}b", Err(Invalid::Control));
    check(&"ä".repeat(NAME_CHARACTERS_MAX), Ok(()));
    check(&"ä".repeat(NAME_CHARACTERS_MAX + 1), Err(Invalid::TooLong(NAME_CHARACTERS_MAX)));
}

#[test]
fn an_email_address_is_one_that_mail_can_be_sent_to() {
    for good in ["a@b", "ada.l+x@mail.example.com", "o'neil@example.com", "ü@exämple.com"] {
        assert_eq!(check_email(good), Ok(()), "{good:?}");
    }
    for bad in [
        "ada",
        "@example.com",
        "ada@",
        "a@b@c",
        "a b@c",
        "a@b c",
        "a@b\r\nBcc: x@y",
        "a\0@b",
        "<a@b>",
        "a,b@c",
        "a@b,c@d",
        "a@-b",
        "a@b..c",
        ".a@b",
        "a..b@c",
        "\"a\"@b",
        "a@[1.2.3.4]",
    ] {
        assert_eq!(check_email(bad), Err(Invalid::Email), "{bad:?}");
    }
    let domain = ["x".repeat(60).as_str(); 4].join(".");
    let longest =
        |extra: usize| format!("{}@{domain}", "a".repeat(EMAIL_BYTES_MAX - 1 - domain.len() + extra));
    assert_eq!(check_email(&longest(0)), Ok(()));
    assert_eq!(check_email(&longest(1)), Err(Invalid::TooLong(EMAIL_BYTES_MAX)));
    assert_eq!(check_email(&format!("{}@b", "a".repeat(64))), Ok(()));
    assert_eq!(check_email(&format!("{}@b", "a".repeat(65))), Err(Invalid::Email));
}

#[test]
fn groups_nest_twenty_deep() {
    assert_eq!(check_depth(GROUP_DEPTH_MAX), Ok(()));
    assert_eq!(check_depth(GROUP_DEPTH_MAX + 1), Err(Invalid::TooDeep(GROUP_DEPTH_MAX)));
}

#[test]
fn a_slug_is_the_name_in_small_with_dashes() {
    let check = |name: &str, path: Option<&str>| assert_eq!(slug(name).as_deref(), path, "{name:?}");
    check("My Shop", Some("my-shop"));
    check("  Billing & Taxes (EU) ", Some("billing-taxes-eu"));
    check("v1.2_beta", Some("v1.2_beta"));
    check("mirror.git", Some("mirror"));
    check("mirror.git.atom-.", Some("mirror"));
    check("Käse", Some("k-se"));
    check("日本", None);
    check("../..", None);
    check("", None);
    check(&"x".repeat(1000), Some(&"x".repeat(PATH_CHARACTERS_MAX)));
}

proptest! {
    #[test]
    fn a_slug_is_always_a_path(name in any::<String>()) {
        if let Some(path) = slug(&name) {
            prop_assert_eq!(check_path(&path), Ok(()));
        }
    }

    #[test]
    fn a_slug_of_dots_and_endings_is_always_a_path(name in "([a-c.-]|\\.git|\\.atom){0,12}") {
        if let Some(path) = slug(&name) {
            prop_assert_eq!(check_path(&path), Ok(()));
        }
    }
}
