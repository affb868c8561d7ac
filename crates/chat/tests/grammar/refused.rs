//! What is refused, with which words, and where the caret stands.

use super::*;

#[test]
fn wrong_commands_and_options() {
    let begin = "they begin with feature, auto_deploy, release, rollout, hooks, link, help.";
    let none = |word: &str| format!("There is no command `{word}`; {begin}");
    let features = "get, list, set, delete.";
    check_refused(
        "feature ^sett f true",
        &format!("`feature` has no `sett`; there are: {features} => feature set"),
    );
    check_refused("run ^fetaure get f", &format!("{} => feature get", none("fetaure")));
    check_refused("^rolout", &format!("{} => rollout", none("rolout")));
    check_refused("^auto deploy status", &format!("{} => auto_deploy", none("auto")));
    check_refused("^autodeploy status", &format!("{} => auto_deploy status", none("autodeploy")));
    check_refused("^delete f", &format!("{} => feature delete", none("delete")));
    check_refused("^status f", &none("status"));
    check_refused("^rm -rf /", &none("rm"));
    check_refused(
        "^--dev",
        &format!("A command begins with {}", begin.trim_start_matches("they begin with ")),
    );
    check_refused("feature^", &format!("`feature` needs another word: {features}"));
    check_refused(
        "^fe\u{430}ture get f",
        &format!(
            "{} It holds the letter \u{430} (U+0430), which only looks like a Latin a. => feature get",
            none("fe\u{430}ture")
        ),
    );
    check_refused("feature get^", "NAME is missing: feature get NAME");
    check_refused("feature set f^", "VALUE is missing: feature set NAME VALUE");
    check_refused("feature set f true ^--projet=a", "`feature set` has no option `--projet`. => --project");
    check_refused(
        "feature set f true ^--prodution",
        "`feature set` has no option `--prodution`. => --production",
    );
    check_refused("feature set f true ^-dev", "An option begins with two dashes. => --dev");
    check_refused("feature set f true ^–dve", "`feature set` has no option `--dve`. => --dev");
    check_refused("feature get f ^--project=a", "`feature get` has no option `--project`.");
    check_refused("feature get f ^--dev=1", "--dev takes no value.");
    check_refused(
        "feature get f --env=dev,^stagin",
        "There is no environment `stagin`; there are: dev, staging-canary, staging, production-canary, production. => staging",
    );
    check_refused("feature set f true ^--project", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--project --dev", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--project= a/b", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--dry-run=1", "--dry-run takes no value.");
    check_refused("feature delete f --reason a ^--reason b", "--reason stands here twice.");
    check_refused(
        "feature delete f --reason a ^b",
        "`b` is too much here: feature delete NAME. A text of several words needs quotes.",
    );
}

#[test]
fn wrong_values_and_targets() {
    let values = "use true, false, opt_out, remove_opt_out or a number from 0 to 100.";
    check_refused("feature set f true ^false", "`false` is too much here: feature set NAME VALUE.");
    check_refused("feature set f ^flase", &format!("`flase` is no value; {values} => false"));
    check_refused(
        "feature set f ^25% --actors",
        &format!("`25%` is no value; {values} A percentage has no sign. => 25"),
    );
    check_refused(
        "feature set f '^25 %' --actors",
        &format!("`25 %` is no value; {values} A percentage has no sign. => 25"),
    );
    check_refused("feature set f ^2,5 --actors", &format!("`2,5` is no value; {values} => 2.5"));
    check_refused("feature set f ^on", &format!("`on` is no value; {values} => true"));
    check_refused("feature set f 25 ^% --actors", "`%` is too much here: feature set NAME VALUE.");
    check_refused(
        "feature set f ^<rollout-percentage> --actors",
        "`<rollout-percentage>` is a placeholder; fill it in.",
    );
    check_refused("feature set f ^1e2", &format!("`1e2` is no value; {values}"));
    check_refused("feature set f ^NaN", &format!("`NaN` is no value; {values}"));
    check_refused("feature set f ^-5 --actors", "`-5` is not between 0 and 100.");
    check_refused("feature set f ^100.001 --actors", "`100.001` is not between 0 and 100.");
    check_refused("feature set f ^1.2345 --actors", "`1.2345` has more than 3 decimals.");
    check_refused(
        "feature set f ^25",
        "25 needs --actors (always the same ones) or --random (by chance). => 25 --actors",
    );
    check_refused("feature set f 25 --actors ^--random", "Choose one of --actors and --random.");
    check_refused(
        "feature set f 25 ^--project=a",
        "A percentage is for everyone: leave out --project, or use true.",
    );
    check_refused("feature set f 25 --actors ^--project=a", "--actors is for everyone: leave out --project.");
    check_refused("feature set f true --random ^--user=a", "--random is for everyone: leave out --user.");
    check_refused("feature set f ^opt_out", "opt_out needs a target, such as --user=NAME.");
    check_refused(
        "feature set f opt_out ^--feature-group=a",
        "A feature group cannot opt out; name projects, groups or users.",
    );
    check_refused(
        "feature set f true ^--keep-targets",
        "--keep-targets goes with `false` for everyone only.",
    );
    check_refused(
        "feature set f false ^--keep-targets --user=a",
        "--keep-targets goes with `false` for everyone only.",
    );
    check_refused(
        "feature set f true --project=a,^,b",
        "A name is empty; write names with one comma between, without spaces.",
    );
    check_refused("feature set f true --project=a, ^b", "`b` is too much here: feature set NAME VALUE.");
    check_refused(
        "feature set f true --user=@ann,@^<your-username>",
        "`<your-username>` is a placeholder; fill it in.",
    );
    check_refused("feature set '^a b' true", "`a b` is no name: it holds a space, a comma or a quote.");
    check_refused("feature set '^--x' true", "A flag's name does not begin with '-'.");
}

#[test]
fn letters_that_only_look_latin_are_refused() {
    check_refused(
        "feature set webh^\u{43E}\u{43E}ks_failed_callout true",
        "`webh\u{43E}\u{43E}ks_failed_callout` holds the letter \u{43E} (U+043E), which only looks like a Latin o. \
         => webhooks_failed_callout",
    );
    check_refused(
        "feature set f true --user=\"root,^\u{430}nn\"",
        "`\u{430}nn` holds the letter \u{430} (U+0430), which only looks like a Latin a. => ann",
    );
}

#[test]
fn hostile_text() {
    check_refused("feature set ^'f true", "This quote is never closed; end it with '");
    check_refused("feature set 'f'^true", "A space belongs behind a closing quote.");
    let one_line = |number: &str| {
        format!("A command is one line without control or invisible characters; this is U+{number}.")
    };
    check_refused("feature get f^\nfeature delete f", &one_line("000A"));
    check_refused("feature get ^\u{1b}[31m", &one_line("001B"));
    check_refused("feature get f^\u{202E}x", &one_line("202E"));
    check_refused("feature get f^\u{E0041}x", &one_line("E0041"));
    let shown = parse("feature get \u{1b}[31m", &ENVIRONMENTS).unwrap_err().to_string();
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn lengths_are_bounded() {
    let ok = |text: &str| parse(text, &ENVIRONMENTS).is_ok();
    let delete = |bytes: usize| {
        let rest = "feature delete f --reason=\"\" --env=production".len();
        format!("feature delete f --reason=\"{}\" --env=production", "r".repeat(bytes - rest))
    };
    assert!(ok(&delete(limits::TEXT_BYTES_MAX)) && !ok(&delete(limits::TEXT_BYTES_MAX + 1)));
    let in_full = delete(limits::TEXT_BYTES_MAX).replace("--env=production", "--nonproduction");
    let longer = parse(&in_full, &ENVIRONMENTS).unwrap_err().message;
    assert!(
        longer.starts_with("Written in full, a command is at most 4000 bytes long, and this has 40"),
        "{longer}"
    );
    let named = |bytes: usize| format!("feature get {}", "n".repeat(bytes));
    assert!(ok(&named(limits::NAME_BYTES_MAX)) && !ok(&named(limits::NAME_BYTES_MAX + 1)));
    let targets = |n: usize| {
        let users: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        format!("feature set f true --user={}", users.join(","))
    };
    assert!(ok(&targets(limits::TARGETS_MAX)));
    let refused = parse(&targets(limits::TARGETS_MAX + 50), &ENVIRONMENTS).unwrap_err();
    assert_eq!(
        refused.message,
        "At most 100 targets in one command, and these are 150: use several commands, or a feature group that holds \
         them (--feature-group=NAME)."
    );
    assert!(refused.pointed().contains(",100,101"), "{refused}");
    let audiences = |n: usize| {
        let channels: Vec<String> = (0..n).map(|i| format!("#{i}")).collect();
        format!("rollout announce f --to={}", channels.join(","))
    };
    assert!(ok(&audiences(limits::AUDIENCES_MAX)) && !ok(&audiences(limits::AUDIENCES_MAX + 1)));
    assert!(ok("help feature set") && !ok("help feature set now"));
}

#[test]
fn a_hundred_kibibytes_are_refused_unread() {
    let error = parse(&format!("feature get {}", "x".repeat(100 << 10)), &ENVIRONMENTS).unwrap_err();
    assert!(error.message.contains("4000 bytes") && error.line.is_empty(), "{error}");
}
