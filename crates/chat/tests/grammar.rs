//! The grammar, line by line: what parses, what is refused and where the caret stands.
#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use wigwag_chat::{Command, Environment, Reply, help, limits, parse};

const ENVIRONMENTS: [Environment<'_>; 5] = [
    Environment { name: "dev", is_production: false },
    Environment { name: "staging-canary", is_production: false },
    Environment { name: "staging", is_production: false },
    Environment { name: "production-canary", is_production: true },
    Environment { name: "production", is_production: true },
];

/// `text` is the command that prints as `is`, and that print parses to the same.
fn check(text: &str, is: &str) {
    let command = parse(text, &ENVIRONMENTS).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(command.to_string(), is, "{text}");
    assert_eq!(parse(is, &ENVIRONMENTS).as_ref(), Ok(&command), "{is}");
}

/// The refusal of `text` less its `^`, which marks where the error's caret stands.
fn check_refused(text: &str, is: &str) {
    let (before, after) = text.split_once('^').unwrap();
    let error =
        parse(&format!("{before}{after}"), &ENVIRONMENTS).map(|command| command.to_string()).unwrap_err();
    let meant = error.suggestion.map(|meant| format!(" => {meant}")).unwrap_or_default();
    assert_eq!(format!("{}{meant}", error.message), is, "{text}");
    assert_eq!(error.column, before.chars().count(), "{text}");
}

#[test]
fn every_feature_command_of_the_founding_document_parses() {
    let flag = "webhooks_failed_callout";
    check(
        &format!("/chatops run feature set {flag} true --dev --staging"),
        &format!("feature set {flag} true --env=dev,staging"),
    );
    let projects = "gitlab-org/gitlab,gitlab-org/gitlab-foss,gitlab-com/www-gitlab-com";
    check(
        &format!("/chatops run feature set --project={projects} {flag} true"),
        &format!("feature set {flag} true --project={projects} --env=production"),
    );
    check(
        &format!("/chatops run feature set --group=gitlab-org,gitlab-com {flag} true"),
        &format!("feature set {flag} true --group=gitlab-org,gitlab-com --env=production"),
    );
    check(
        &format!("/chatops run feature set --user=alexkalderimis {flag} true"),
        &format!("feature set {flag} true --user=alexkalderimis --env=production"),
    );
    check(
        &format!("/chatops run feature set {flag} 25 --actors"),
        &format!("feature set {flag} 25 --actors --env=production"),
    );
    check(
        &format!("/chatops run feature set {flag} 25 --random"),
        &format!("feature set {flag} 25 --random --env=production"),
    );
    check(
        &format!("/chatops run feature set {flag} true"),
        &format!("feature set {flag} true --env=production"),
    );
    check(
        &format!("/chatops run feature set {flag} false"),
        &format!("feature set {flag} false --env=production"),
    );
    check(
        &format!("/chatops run feature delete {flag} --dev --staging --production"),
        &format!("feature delete {flag} --env=dev,staging,production"),
    );
}

#[test]
fn the_same_command_in_many_ways() {
    let is = "feature set f true --project=a/b --env=production";
    check("feature set f true --project=a/b", is);
    check("feature set f true --project a/b", is);
    check("feature set --project a/b f true", is);
    check("feature set --project=a/b f true", is);
    check("run feature set f true --project=a/b", is);
    check("gitlab run feature set f true --project=a/b", is);
    check("/chatops gitlab run feature set f true --project=a/b", is);
    check("  /ChatOps Run Feature Set `f` 'TRUE' --project=\"a/b\"  ", is);
    check("`/chatops run feature set f true --project=a/b`", is);
    check("feature set “f” true —project=a/b", is);
    check("feature set f 100 --project=a/b,a/b --project=a/b --production", is);
    check("feature set f 100.0 --project a/b --env=production", is);
}

#[test]
fn values() {
    check("feature set f 0", "feature set f false --env=production");
    check("feature set f 0.000 --actors", "feature set f false --env=production");
    check("feature set f 100 --actors", "feature set f true --env=production");
    check("feature set f 32.639 --actors", "feature set f 32.639 --actors --env=production");
    check("feature set f opt_out --user=@sam", "feature set f opt_out --user=sam --env=production");
    check(
        "feature set f remove_opt_out --group=g",
        "feature set f remove_opt_out --group=g --env=production",
    );
    check("feature set f false --keep-targets", "feature set f false --keep-targets --env=production");
    check(
        "feature set f true --feature-group=staff --repository=r --namespace=n --user=a,b",
        "feature set f true --namespace=n --user=a,b --repository=r --feature-group=staff --env=production",
    );
}

#[test]
fn environments() {
    check("feature get f", "feature get f --env=production");
    check("feature get f --production --dev", "feature get f --env=dev,production");
    check("feature get f --env=staging,dev --dev", "feature get f --env=dev,staging");
    check("feature get f --env staging-canary", "feature get f --env=staging-canary");
    check("feature get f --nonproduction", "feature get f --env=dev,staging-canary,staging");
    let none_is_production = parse("feature get f", &ENVIRONMENTS[..2]).unwrap_err();
    assert_eq!(
        none_is_production.message,
        "There is no environment `production`; there are: dev, staging-canary."
    );
}

#[test]
fn reasons_and_ignored_checks() {
    check(
        "feature set f true --reason=\"it's time\" --dry-run --ignore-production-check",
        "feature set f true --ignore-production-check --dry-run --reason=\"it's time\" --env=production",
    );
    check("feature delete f --reason done", "feature delete f --reason=\"done\" --env=production");
    check(
        "feature delete f --reason 'say \"no\"'",
        "feature delete f --reason='say \"no\"' --env=production",
    );
    check(
        "feature set f 5 --random --ignore-random-deprecation-check --ignore-feature-flag-consistency-check",
        "feature set f 5 --random --ignore-random-deprecation-check --ignore-feature-flag-consistency-check \
         --env=production",
    );
}

#[test]
fn help_is_asked_for() {
    check("", "help");
    check("/chatops", "help");
    check("help", "help");
    check("help feature", "help feature");
    check("help rollout", "help rollout");
    check("help feature set", "help feature set");
    check("help set", "help feature set");
    check("feature set f --help", "help feature set");
    check_refused("help ^feature sat", "There is no command `feature sat`. => help feature set");
}

#[test]
fn wrong_commands_and_options() {
    let features =
        "There is no such command; there are: feature get, feature list, feature set, feature delete.";
    let commands = "There is no such command; there are: feature, auto_deploy status, release check, rollout, hooks failing, link, help.";
    check_refused("feature ^sett f true", &format!("{features} => feature set"));
    check_refused("run ^fetaure get f", &format!("{commands} => feature get"));
    check_refused("^rolout", &format!("{commands} => rollout"));
    check_refused("^rm -rf /", commands);
    check_refused("feature^", features);
    check_refused("feature get^", "NAME is missing: feature get NAME");
    check_refused("feature set f^", "VALUE is missing: feature set NAME VALUE");
    check_refused("feature set f true ^--projet=a", "`feature set` has no option --projet. => --project");
    check_refused(
        "feature set f true ^--prodution",
        "`feature set` has no option --prodution. => --production",
    );
    check_refused("feature set f true ^-dev", "An option begins with two dashes. => --dev");
    check_refused("feature get f ^--project=a", "`feature get` has no option --project.");
    check_refused("feature get f ^--dev=1", "--dev takes no value.");
    check_refused(
        "feature get f ^--env=stagin",
        "There is no environment `stagin`; there are: dev, staging-canary, staging, production-canary, production. => staging",
    );
    check_refused("feature set f true ^--project", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--project --dev", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--project= a/b", "--project needs a value: --project=P[,P...]");
    check_refused("feature set f true ^--dry-run=1", "--dry-run takes no value.");
    check_refused("feature delete f --reason a ^--reason b", "--reason stands here twice.");
    check_refused(
        "feature delete f --reason a ^b",
        "`b` is too much here: feature delete NAME. A reason of several words needs quotes.",
    );
}

#[test]
fn wrong_values_and_targets() {
    let values = "use true, false, opt_out, remove_opt_out or a number from 0 to 100.";
    check_refused("feature set f true ^false", "`false` is too much here: feature set NAME VALUE.");
    check_refused("feature set f ^flase", &format!("`flase` is no value; {values} => false"));
    check_refused("feature set f ^25% --actors", &format!("`25%` is no value; {values} => 25"));
    check_refused(
        "feature set f ^<rollout-percentage> --actors",
        &format!("`<rollout-percentage>` is no value; {values}"),
    );
    check_refused("feature set f ^1e2", &format!("`1e2` is no value; {values}"));
    check_refused("feature set f ^NaN", &format!("`NaN` is no value; {values}"));
    check_refused("feature set f ^-5 --actors", "-5 is not between 0 and 100.");
    check_refused("feature set f ^100.001 --actors", "100.001 is not between 0 and 100.");
    check_refused("feature set f ^1.2345 --actors", "1.2345 has more than 3 decimals.");
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
        "feature set f true ^--project=a,,b",
        "A name is empty; write names with one comma between, without spaces.",
    );
    check_refused("feature set f true --project=a, ^b", "`b` is too much here: feature set NAME VALUE.");
    check_refused(
        "feature set f true ^--user=<your-username>",
        "`<your-username>` is a placeholder; fill it in.",
    );
    check_refused("feature set ^'a b' true", "`a b` is no name: it holds a space, a comma or a quote.");
    check_refused("feature set ^'--x' true", "A flag's name does not begin with '-'.");
}

#[test]
fn hostile_text() {
    check_refused("feature set ^'f true", "This quote is never closed; end it with '");
    check_refused("feature set 'f'^true", "A space belongs behind a closing quote.");
    let one_line = "A command is one line without control or invisible characters.";
    check_refused("feature get f^\nfeature delete f", one_line);
    check_refused("feature get ^\u{1b}[31m", one_line);
    check_refused("feature get f^\u{202E}x", one_line);
    let shown = parse("feature get \u{1b}[31m", &ENVIRONMENTS).unwrap_err().to_string();
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn lengths_are_bounded() {
    let ok = |text: &str| parse(text, &ENVIRONMENTS).is_ok();
    let get = |bytes: usize| format!("feature delete f --reason={}", "r".repeat(bytes - 26));
    assert!(ok(&get(limits::TEXT_BYTES_MAX)) && !ok(&get(limits::TEXT_BYTES_MAX + 1)));
    let named = |bytes: usize| format!("feature get {}", "n".repeat(bytes));
    assert!(ok(&named(limits::NAME_BYTES_MAX)) && !ok(&named(limits::NAME_BYTES_MAX + 1)));
    let targets = |n: usize| {
        let users: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        format!("feature set f true --user={}", users.join(","))
    };
    assert!(ok(&targets(limits::TARGETS_MAX)) && !ok(&targets(limits::TARGETS_MAX + 1)));
}

#[test]
fn questions_of_releases() {
    check("/chatops run auto_deploy status", "auto_deploy status");
    check("auto_deploy status 1A2B3C4 0123456789", "auto_deploy status 1a2b3c4 0123456789");
    let url = "https://gitlab.com/gitlab-org/gitlab/-/merge_requests/89471";
    check(&format!("auto_deploy status {url}"), &format!("auto_deploy status \"{url}\""));
    check(&format!("release check {url} 15.2"), &format!("release check \"{url}\" \"15.2\""));
    check("release check nonsense", "release check \"nonsense\"");
    check_refused(
        "auto_deploy status ^<merge-commit-of-your-feature>",
        "`<merge-commit-of-your-feature>` is a placeholder; fill it in.",
    );
    let digits = "is no commit: write 7 to 64 hex digits of its id.";
    check_refused("auto_deploy status ^abc123", &format!("`abc123` {digits}"));
    check_refused("auto_deploy status 1a2b3c4 ^HEAD~1", &format!("`HEAD~1` {digits}"));
    check_refused(
        "auto_deploy status 1a2b3c4 ^https://a/b/c/pull/1",
        "A merge request stands by itself; leave out the rest.",
    );
    let many = "1a2b3c4 ".repeat(limits::COMMITS_MAX);
    let refused = parse(&format!("auto_deploy status {many}1a2b3c4"), &ENVIRONMENTS).unwrap_err();
    assert_eq!(refused.message, "At most 20 commits in one command.");
    assert!(parse(&format!("auto_deploy status {many}"), &ENVIRONMENTS).is_ok());
    check_refused("release check^", "MERGE_REQUEST_URL is missing: release check MERGE_REQUEST_URL [X.Y]");
    check_refused("release check a 1.2 ^b", "`b` is too much here: release check MERGE_REQUEST_URL [X.Y].");
    check_refused("release check a ^--dev", "`release check` has no option --dev.");
}

#[test]
fn talk_of_rollouts() {
    for verb in
        ["start", "status", "next", "pause", "resume", "tick", "approve", "release", "cleanup", "close"]
    {
        check(&format!("rollout {verb} f"), &format!("rollout {verb} f"));
    }
    check("rollout ack f --reason='we know'", "rollout ack f --reason=\"we know\"");
    check("rollout rollback f", "rollout rollback f");
    check("rollout note f it works on staging --qa", "rollout note f \"it works on staging\" --qa");
    check("rollout note f 'a \"b\" c'", "rollout note f 'a \"b\" c'");
    check(
        "rollout announce f --to=team,#support --to support --at='at 9' --dry-run",
        "rollout announce f --at=\"at 9\" --to=team,#support,support --dry-run",
    );
    check_refused("rollout note f^", "TEXT is missing: rollout note NAME TEXT...");
    check_refused("rollout note f ^''", "The text is empty.");
    check_refused(
        "rollout announce f ^--to=a@b",
        "`a@b` is nobody to tell; write team, production, support, log or #channel.",
    );
    let quotes = "A text may not hold every kind of quote: it could not be written in any.";
    check_refused("rollout note f ^x\"'`”’", quotes);
    check_refused(
        "rollout ^nxt f",
        "There is no such command; there are: rollout start, rollout status, rollout next, \
        rollout pause, rollout resume, rollout tick, rollout approve, rollout ack, rollout announce, rollout note, \
        rollout release, rollout cleanup, rollout rollback, rollout close. => rollout next",
    );
}

#[test]
fn lists_hooks_and_links() {
    check("feature list", "feature list --env=production");
    check(
        "feature list --match hook --nonproduction",
        "feature list --match=\"hook\" --env=dev,staging-canary,staging",
    );
    check("hooks failing", "hooks failing");
    check("hooks failing --project a/b", "hooks failing --project=a/b");
    check_refused("hooks failing --project=a ^--group=b", "Choose one of --project and --group.");
    check("/chatops run link ABCDE-fghjk", "link ABCDE-fghjk");
    let code = "A code is letters, digits and dashes, as `wigwag chat link` prints it.";
    check_refused("link ^a_b", code);
    check_refused(&format!("link ^{}", "a".repeat(limits::LINK_CODE_BYTES_MAX + 1)), code);
}

#[test]
fn letters_that_only_look_latin_are_refused() {
    check_refused(
        "feature set ^webh\u{43E}\u{43E}ks_failed_callout true",
        "`webh\u{43E}\u{43E}ks_failed_callout` holds the letter \u{43E} (U+043E), which only looks like a Latin o. \
         => webhooks_failed_callout",
    );
    check_refused(
        "feature set f true ^--user=\u{430}nn",
        "`\u{430}nn` holds the letter \u{430} (U+0430), which only looks like a Latin a. => ann",
    );
}

#[test]
fn a_hundred_kibibytes_are_refused_unread() {
    let error = parse(&format!("feature get {}", "x".repeat(100 << 10)), &ENVIRONMENTS).unwrap_err();
    assert!(error.message.contains("4000 bytes") && error.line.is_empty(), "{error}");
}

#[test]
fn help_and_errors_read_well() {
    insta::assert_snapshot!(help(None, &ENVIRONMENTS).to_text(), @"
    Commands:
      feature get NAME                                 Show a flag's state, gates and definition.
      feature list                                     List what is on, conditional and off, with counts.
      feature set NAME VALUE                           Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.
      feature delete NAME                              Forget what is stored of a flag: back to its default.
      auto_deploy status [SHA... | MERGE_REQUEST_URL]  Show what runs where, or where commits or a merge request run.
      release check MERGE_REQUEST_URL [X.Y]            Tell whether a merge request was released, or ships with a version.
      rollout start NAME                               Begin a rollout with steps. Not in this version yet.
      rollout status NAME                              Show where a flag stands, and what was said and done.
      rollout next NAME                                Take the next step. Not in this version yet.
      rollout pause NAME                               Hold a rollout. Not in this version yet.
      rollout resume NAME                              Go on with a rollout. Not in this version yet.
      rollout tick NAME                                Tick a condition. Not in this version yet.
      rollout approve NAME                             Approve the next step. Not in this version yet.
      rollout ack NAME                                 Acknowledge a roll-back: the flag may be turned on again.
      rollout announce NAME                            Tell the flag's own channel, production and support.
      rollout note NAME TEXT...                        Keep a remark, or a test's result, and tell the flag's own channel.
      rollout release NAME                             Set the default to on. Not in this version yet.
      rollout cleanup NAME                             Remove the flag. Not in this version yet.
      rollout rollback NAME                            Turn a flag off in every environment, at once.
      rollout close NAME                               End a rollout. Not in this version yet.
      hooks failing                                    List the hooks that fail now, as far as you may see them.
      link CODE                                        Prove in a chat who you are, by the code that `wigwag chat link` prints.
      help [COMMAND]                                   Show this, or all options of a command.
    ");
    insta::assert_snapshot!(help(Some("feature set"), &ENVIRONMENTS).to_text(), @"
    Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.
        feature set NAME VALUE
    Options, anywhere:
      --project=P[,P...]                       for these projects, by full path
      --group=G[,G...]                         for these groups, by full path
      --namespace=N[,N...]                     for these namespaces, by full path
      --user=U[,U...]                          for these users, by name
      --repository=R[,R...]                    for these repositories, by full path
      --feature-group=F[,F...]                 for these named groups of actors
      --actors                                 a percentage of actors, always the same ones
      --random                                 a percentage of calls, by chance
      --with-dependencies                      turn on what it depends on, too, at the same moment
      --large-step                             a larger step in production than the policy allows
      --keep-targets                           with false: leave it on for those listed by name
      --ignore-production-check                even during an incident or a change
      --ignore-random-deprecation-check        even though --random is deprecated
      --ignore-feature-flag-consistency-check  even if staging is behind
      --dry-run                                only say what would happen
      --reason=TEXT                            why, for the audit log
      --dev                                    run in dev
      --staging-canary                         run in staging-canary
      --staging                                run in staging
      --production-canary                      run in production-canary
      --production                             run in production (if none is named)
      --env=NAME[,NAME...]                     run in these environments
      --nonproduction                          run in every environment that is not production
    Examples:
        feature set webhooks_failed_callout true --dev --staging
        feature set webhooks_failed_callout true --project=acme/shop,acme/blog
        feature set webhooks_failed_callout 25 --actors --dry-run
        feature set webhooks_failed_callout false
    ");
    let error = parse("feature set f true --projet=a/b", &ENVIRONMENTS).unwrap_err();
    insta::assert_snapshot!(Reply::from(&error).to_text(), @r"
    `feature set` has no option --projet.
        feature set f true --projet=a/b
                           ^
    Did you mean `--project`?
    ");
    insta::assert_snapshot!(error.to_string(), @r"
    feature set f true --projet=a/b
                       ^
    `feature set` has no option --projet.
    Did you mean `--project`?
    ");
}

#[test]
fn a_reply_does_not_steer_the_terminal() {
    let reply = Reply::done().text("a\u{1b}[2Jb").code("x\ny").fields(vec![("k".into(), "v\u{7}".into())]);
    assert_eq!(reply.to_text(), "a\u{FFFD}[2Jb\n    x\n    y\n  k  v\u{FFFD}");
}

proptest! {
    #[test]
    fn any_text_is_a_command_or_an_error_within_its_line(text in any::<String>()) {
        if let Err(error) = parse(&text, &ENVIRONMENTS) {
            prop_assert!(error.column <= error.line.chars().count());
        }
    }

    #[test]
    fn whatever_parses_prints_and_parses_to_the_same(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "f", "true", "false", "25", "0.5", "opt_out", "--actors", "--random", "--user=a,b", "--project", "x/y",
            "--reason=\"it's a 'q'\"", "--reason", "“a \"b\" 'c' `d`”", "--dev", "--env=staging", "--dry-run",
            "--keep-targets", "--ignore-production-check", "'g h'", "--reason=a\"b'c`d”e’f",
            "--qa", "--to=team,#a", "--at='9 o”clock'", "--text=x", "--match", "--with-dependencies", "--large-step",
            "https://a.b/c/d/-/merge_requests/1", "15.2", "1a2b3c4", "--group=a", "--project=b",
        ]), 0..7),
        name in proptest::sample::select(vec![
            "feature get", "feature set", "feature delete", "feature set f true", "feature list", "auto_deploy status",
            "auto_deploy status 1a2b3c4", "release check", "rollout note f", "rollout announce", "rollout ack",
            "rollout rollback f", "rollout status", "hooks failing", "link", "link a-b",
        ]),
    ) {
        if let Ok(command) = parse(&format!("{name} {}", words.join(" ")), &ENVIRONMENTS) {
            let again = parse(&command.to_string(), &ENVIRONMENTS);
            prop_assert_eq!(again.as_ref(), Ok(&command), "{}", command);
            prop_assert!(!matches!(command, Command::Help(_)));
        }
    }
}
