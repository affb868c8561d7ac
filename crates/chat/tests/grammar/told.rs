//! Help and errors, as people read them.

use super::*;

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
    check("help auto_deploy", "help auto_deploy status");
    check("help start", "help rollout start");
    check("help release", "help release check");
    check("help --help", "help help");
    check("rollout --help", "help rollout");
    check_refused(
        "help ^status",
        "`status` is a word of several commands: auto_deploy status, rollout status. => help auto_deploy status",
    );
    check_refused("help ^feature sat", "There is no command `feature sat`. => help feature set");
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
      help [COMMAND]                                   Show every command, or all that one of them takes.
    Options and examples: help COMMAND
    ");
    insta::assert_snapshot!(help(Some("feature set"), &ENVIRONMENTS).to_text(), @r#"
    Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.
        feature set NAME VALUE
      NAME   the flag's name
      VALUE  true, false, opt_out, remove_opt_out, or a percentage from 0 to 100 with at most three decimals
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
        feature set webhooks_failed_callout 25 --actors
        feature set webhooks_failed_callout false --reason="errors at the checkout"
    "#);
    let error = parse("feature set f true --projet=a/b", &ENVIRONMENTS).unwrap_err();
    insta::assert_snapshot!(Reply::from(&error).to_text(), @r"
    `feature set` has no option `--projet`.
        feature set f true --projet=a/b
                           ^
    Did you mean `--project`?
    ");
    insta::assert_snapshot!(error.to_string(), @r"
    feature set f true --projet=a/b
                       ^
    `feature set` has no option `--projet`.
    Did you mean `--project`?
    ");
}

#[test]
fn a_reply_does_not_steer_the_terminal() {
    let reply = Reply::done().text("a\u{1b}[2Jb").code("x\ny").fields(vec![("k".into(), "v\u{7}".into())]);
    assert_eq!(reply.to_text(), "a\u{FFFD}[2Jb\n    x\n    y\n  k  v\u{FFFD}");
}
