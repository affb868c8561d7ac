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
    check("help feature", "help");
    check("help feature set", "help feature set");
    check("help set", "help feature set");
    check("feature set f --help", "help feature set");
    check_refused("help ^feature sat", "There is no command `feature sat`. => help feature set");
}

#[test]
fn wrong_commands_and_options() {
    let commands = "There is no such command; there are: feature get, feature set, feature delete, help.";
    check_refused("^feature sett f true", &format!("{commands} => feature set"));
    check_refused("run ^fetaure get f", &format!("{commands} => feature get"));
    check_refused("^rm -rf /", commands);
    check_refused("^feature", commands);
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
fn help_and_errors_read_well() {
    insta::assert_snapshot!(help(None, &ENVIRONMENTS).to_text(), @r"
    Commands:
      feature get NAME        Show a flag's state, gates and definition.
      feature set NAME VALUE  Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.
      feature delete NAME     Forget what is stored of a flag: back to its default.
      help [COMMAND]          Show this, or all options of a command.
    ");
    insta::assert_snapshot!(help(Some("feature set"), &ENVIRONMENTS).to_text(), @r"
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
        ]), 0..7),
        name in proptest::sample::select(vec!["feature get", "feature set", "feature delete", "feature set f true"]),
    ) {
        if let Ok(command) = parse(&format!("{name} {}", words.join(" ")), &ENVIRONMENTS) {
            let again = parse(&command.to_string(), &ENVIRONMENTS);
            prop_assert_eq!(again.as_ref(), Ok(&command), "{}", command);
            prop_assert!(!matches!(command, Command::Help(_)));
        }
    }
}
