//! What could stand where.
#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use wigwag_chat::{Environment, Names, TargetKind, complete, complete_words, limits};

const ENVIRONMENTS: [Environment<'_>; 2] = [
    Environment { name: "staging", is_production: false },
    Environment { name: "production", is_production: true },
];

struct Known;

impl Names for Known {
    fn flags(&self, prefix: &str) -> Vec<String> {
        let all = ["auto_disabling_web_hooks", "webhooks_failed_callout"];
        all.iter().filter(|name| name.starts_with(prefix)).map(ToString::to_string).collect()
    }

    fn targets(&self, kind: TargetKind, prefix: &str) -> Vec<String> {
        let all = ["acme/shop", "acme/blog"];
        if kind == TargetKind::User {
            return vec!["ann".into(), "an\u{1b}n".into(), "an n".into(), "mara".into()];
        }
        let names = all.iter().filter(|name| name.starts_with(prefix) && kind == TargetKind::Project);
        names.map(ToString::to_string).collect()
    }
}

/// At `|` of `text` stand, put in place, the first of what could stand there: as many as `is` names.
fn check(text: &str, is: &[&str]) {
    let (before, after) = text.split_once('|').unwrap();
    let whole = format!("{before}{after}");
    let found = complete(&whole, before.len(), &ENVIRONMENTS, &Known);
    let put: Vec<String> = found
        .iter()
        .map(|one| format!("{}{}|{}", &whole[..one.start], one.text, &whole[one.end..]))
        .collect();
    let expected: Vec<&str> = is.to_vec();
    assert_eq!(put.iter().take(is.len().max(1)).map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn words_options_values_and_names() {
    check("|", &["feature|", "auto_deploy|", "release|", "rollout|", "hooks|", "link|", "help|"]);
    check("fea|", &["feature|"]);
    check("/chatops run FEA|", &["/chatops run feature|"]);
    check("feature |", &["feature get|", "feature list|", "feature set|", "feature delete|"]);
    check("feature se| x", &["feature set| x"]);
    check("feature set web|", &["feature set webhooks_failed_callout|"]);
    check("feature set f t|", &["feature set f true|"]);
    check("feature set --project=a f |", &["feature set --project=a f true|"]);
    check("feature set --project a f fa|", &["feature set --project a f false|"]);
    check(
        "feature set f true --pro|",
        &["feature set f true --project=|", "feature set f true --production|"],
    );
    check("feature set f true --project=acme/s|", &["feature set f true --project=acme/shop|"]);
    check(
        "feature set f true --project=acme/shop,acme/b|",
        &["feature set f true --project=acme/shop,acme/blog|"],
    );
    check("feature set f true --project acme/b|", &["feature set f true --project acme/blog|"]);
    check("feature get f --env=stag|", &["feature get f --env=staging|"]);
    check("rollout ann|", &["rollout announce|"]);
    check("rollout announce f --to=te|", &["rollout announce f --to=team|"]);
    check("help feature s|", &["help feature set|"]);
    check("help hoo|", &["help hooks|"]);
    check("feature set f true --dr|y-run x", &["feature set f true --dry-run| x"]);
    check("feature set f |false", &["feature set f true|", "feature set f false|"]);
    check("feature get `web|", &["feature get `webhooks_failed_callout|"]);
    check("feature get —env='sta|' f", &["feature get —env='staging|' f"]);
    check("feature get f –e|", &["feature get f --env=|"]);
    check("feature get f -|", &["feature get f --staging|", "feature get f --production|"]);
    check("feature get f --env=staging,|", &["feature get f --env=staging,production|"]);
    check("feature get f --env=sta|,production", &["feature get f --env=staging|,production"]);
    check("feature list --|", &["feature list --match=|", "feature list --staging|"]);
    check("feature list --match=a --staging |", &["feature list --match=a --staging --production|"]);
    check("feature list --ma| --match=a", &[]);
    check(
        "feature set f true --project=acme/shop --proj|",
        &["feature set f true --project=acme/shop --project=|"],
    );
    check("--staging feature g|", &["--staging feature get|"]);
    check("feature set f opt_out --user=@an|", &["feature set f opt_out --user=@ann|"]);
    check("rollout note web|", &["rollout note webhooks_failed_callout|"]);
    check("rollout note f some words |", &["rollout note f some words --qa|"]);
    check("hooks failing --project=acme/b|", &["hooks failing --project=acme/blog|"]);
    check("release check --d|", &[]);
    check("nonsense f|", &[]);
}

#[test]
fn a_shell_gets_whole_words() {
    let words = ["feature", "set", "f", "true", "--project=acme/shop,acme/b"].map(str::to_owned);
    let found = complete_words(&words, &ENVIRONMENTS, &Known);
    assert_eq!(
        found.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(),
        ["--project=acme/shop,acme/blog"]
    );
    let words = ["rollout", "ack", "--reason=it is known", "web"].map(str::to_owned);
    let found = complete_words(&words, &ENVIRONMENTS, &Known);
    assert_eq!((found[0].start, found[0].end, found[0].text.as_str()), (0, 3, "webhooks_failed_callout"));
    assert_eq!(complete_words(&words[..2], &ENVIRONMENTS, &Known)[0].text, "ack");
    assert_eq!(complete_words(&[], &ENVIRONMENTS, &Known)[0].text, "feature");
    let words = ["feature".to_owned(), String::new()];
    assert_eq!(complete_words(&words, &ENVIRONMENTS, &Known)[0].text, "get");
}

#[test]
fn what_is_offered_is_bounded() {
    struct Endless;
    impl Names for Endless {
        fn flags(&self, prefix: &str) -> Vec<String> {
            (0..10_000).map(|number| format!("{prefix}{number}")).collect()
        }
        fn targets(&self, _: TargetKind, prefix: &str) -> Vec<String> {
            self.flags(prefix)
        }
    }
    let offered = |text: &str| complete(text, text.len(), &ENVIRONMENTS, &Endless).len();
    assert_eq!(offered("feature get f"), limits::COMPLETIONS_MAX);
    assert_eq!(offered("feature set f true --user=a"), limits::COMPLETIONS_MAX);
    assert_eq!(offered(&format!("feature get {}", "f".repeat(limits::TEXT_BYTES_MAX))), 0);
}

proptest! {
    #[test]
    fn any_text_and_cursor_are_taken(text in any::<String>(), cursor in 0_usize..100) {
        for found in complete(&text, cursor, &ENVIRONMENTS, &Known) {
            prop_assert!(found.start <= found.end && text.is_char_boundary(found.start) && text.is_char_boundary(found.end));
        }
        prop_assert!(complete(&text, cursor, &ENVIRONMENTS, &Known).len() <= limits::COMPLETIONS_MAX);
    }
}
