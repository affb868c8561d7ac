//! What parses, in each of its spellings.

use super::*;

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
    check("feature set f true –project 'a/b'", is);
    check("--production feature set --project=a/b f true", is);
    check("feature --project=a/b set f true", is);
    check("feature set f 100 --project=a/b,a/b --project=a/b --production", is);
    check("feature set f 100.0 --project a/b --env=production", is);
}

#[test]
fn values() {
    check("feature set f 0", "feature set f false --env=production");
    check("feature set f 0.000 --actors", "feature set f false --env=production");
    check("feature set f 100 --actors", "feature set f true --env=production");
    check("feature set f 32.639 --actors", "feature set f 32.639 --actors --env=production");
    check("feature set f opt_out --user='@@sam'", "feature set f opt_out --user=sam --env=production");
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
fn lists_hooks_and_links() {
    check("feature list", "feature list --env=production");
    check(
        "feature list --match hook --nonproduction",
        "feature list --match=hook --env=dev,staging-canary,staging",
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
fn questions_of_releases() {
    check("/chatops run auto_deploy status", "auto_deploy status");
    check("auto_deploy status 1A2B3C4 1a2b3c4 0123456789", "auto_deploy status 1a2b3c4 0123456789");
    let url = "https://gitlab.com/gitlab-org/gitlab/-/merge_requests/89471";
    check(&format!("auto_deploy status {url}"), &format!("auto_deploy status {url}"));
    check(&format!("release check {url} 15.2"), &format!("release check {url} 15.2"));
    check("release check '<url> or so' -1", "release check \"<url> or so\" \"-1\"");
    check("release check nonsense", "release check nonsense");
    check_refused(
        "auto_deploy status ^<merge-commit-of-your-feature>",
        "`<merge-commit-of-your-feature>` is a placeholder; fill it in.",
    );
    let digits = "is no commit: write 7 to 64 hex digits of its id.";
    check_refused("auto_deploy status ^abc123", &format!("`abc123` {digits}"));
    check_refused("auto_deploy status 1a2b3c4 ^HEAD~1", &format!("`HEAD~1` {digits}"));
    check_refused(
        "auto_deploy status 1a2b3c4 ^https://a/b/c/pull/1",
        "A merge request's address stands alone; ask for the rest separately.",
    );
    let many = "1a2b3c4 ".repeat(limits::COMMITS_MAX);
    let refused = parse(&format!("auto_deploy status {many}1a2b3c4"), &ENVIRONMENTS).unwrap_err();
    assert_eq!(
        refused.message,
        "At most 20 in one command; use several: auto_deploy status [SHA... | MERGE_REQUEST_URL]"
    );
    assert!(parse(&format!("auto_deploy status {many}"), &ENVIRONMENTS).is_ok());
    check_refused("release check^", "MERGE_REQUEST_URL is missing: release check MERGE_REQUEST_URL [X.Y]");
    check_refused("release check a 1.2 ^b", "`b` is too much here: release check MERGE_REQUEST_URL [X.Y].");
    check_refused("release check a ^--dev", "`release check` runs in no environment: leave out --dev.");
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
    check("rollout note f The  \"Save\" works - mostly", "rollout note f 'The \"Save\" works - mostly'");
    check(
        "rollout announce f --to=team,#support --to support --at='at 9' --dry-run",
        "rollout announce f --at=\"at 9\" --to=team,#support,support --dry-run",
    );
    check_refused("rollout note f^", "TEXT is missing: rollout note NAME TEXT...");
    check_refused("rollout note f ^''", "The text is empty.");
    check_refused(
        "rollout announce f --to=team,^suport",
        "--to knows no `suport`; there are team, production, support, log, or a channel with its #. => support",
    );
    let quotes = "A text may not hold every kind of quote: it could not be written in any.";
    check_refused("rollout note f ^x\"'`”’", quotes);
    check_refused(
        "rollout ^nxt f",
        "`rollout` has no `nxt`; there are: start, status, next, pause, resume, tick, approve, ack, announce, note, \
         release, cleanup, rollback, close. => rollout next",
    );
}
