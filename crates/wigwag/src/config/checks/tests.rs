use super::checks;
use crate::limits::PRODUCTION_CHECKS_MAX;
use std::time::Duration;
use toml::Table;
use wigwag_monitors::{SourceConfig, SourceKind, Tracker};
use wigwag_ports::monitors::WhenSilent;

const PROMETHEUS: &str =
    "kind = \"prometheus\"\nurl = \"https://prometheus.example/\"\nquery = \"min(up)\"\nred_when = \"< 1\"\n";
const ALERTS: &str =
    "kind = \"alertmanager\"\nurl = \"https://alertmanager.example\"\nlabel = \"blocks_flags\"\n";
const ISSUES: &str =
    "kind = \"gitlab_issues\"\nurl = \"https://gitlab.example\"\nproject = \"acme/production\"\n";

fn read(text: &str) -> anyhow::Result<Vec<SourceConfig>> {
    let table: Table = text.parse().unwrap();
    checks(&table["production_checks"])
}

fn check(text: &str, told: &str) {
    let error = read(text).map(|_| "good".to_owned()).unwrap_or_else(|error| error.to_string());
    assert_eq!(error, told, "{text}");
}

/// One source `a` with these lines.
fn check_one(more: &str, told: &str) {
    let told = if told == "good" { told.into() } else { format!("production_checks, \"a\": {told}") };
    check(&format!("[[production_checks]]\nname = \"a\"\n{more}"), &told);
}

#[test]
fn every_kind_is_read_in_the_order_of_the_file() {
    let text = format!(
        "[[production_checks]]\nname = \"web\"\n{PROMETHEUS}service = \"the web\"\nwhen_silent = \"pass\"\ndeadline_s = 2\n\
         [[production_checks]]\nname = \"alerts\"\n{ALERTS}\
         [[production_checks]]\nname = \"incidents\"\n{ISSUES}labels = [\"incident\", \"blocks flags\"]\n\
         [[production_checks]]\nname = \"changes\"\nkind = \"github_issues\"\nurl = \"https://api.github.com\"\n\
         project = \"acme/changes\"\nlabels = \"change\"\n"
    );
    let all = read(&text).unwrap();
    assert_eq!(
        all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["web", "alerts", "incidents", "changes"]
    );
    assert_eq!(
        (all[0].url.as_str(), all[0].deadline),
        ("https://prometheus.example", Duration::from_secs(2))
    );
    assert_eq!((all[0].when_silent, all[1].when_silent), (WhenSilent::Pass, WhenSilent::Refuse));
    assert_eq!(all[1].deadline, Duration::from_secs(5));
    let SourceKind::Prometheus { query, red_when, service } = &all[0].kind else {
        panic!("{:?}", all[0].kind)
    };
    assert_eq!([query, red_when, service], ["min(up)", "< 1", "the web"]);
    let SourceKind::Alertmanager { label, value } = &all[1].kind else { panic!("{:?}", all[1].kind) };
    assert_eq!([label, value], ["blocks_flags", "true"]);
    let issues = |index: usize| match &all[index].kind {
        SourceKind::Issues { tracker, labels, .. } => (*tracker, labels.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!([issues(2), issues(3)], [(Tracker::Gitlab, 2), (Tracker::Github, 1)]);
}

#[test]
fn what_is_wrong_is_named_with_its_source_and_key() {
    check("production_checks = 5", "production_checks: must be tables, each under [[production_checks]]");
    check("production_checks = [5]", "production_checks, table 1: must be a table");
    check("[[production_checks]]\nkind = \"prometheus\"", "production_checks, table 1: name: is missing");
    let twice = format!("[[production_checks]]\nname = \"a\"\n{PROMETHEUS}").repeat(2);
    check(&twice, "production_checks: \"a\" is there twice");
    check_one("", "kind: is missing");
    check_one(
        "kind = \"grafana\"",
        "kind: \"grafana\" must be one of prometheus, alertmanager, gitlab_issues, github_issues",
    );
    let shape =
        "must be http:// or https://, a host, and a path if there is one, such as https://prometheus.example";
    check_one(
        &PROMETHEUS.replace("https://prometheus.example/", "prometheus:9090"),
        &format!("url: \"prometheus:9090\" {shape}"),
    );
    check_one("kind = \"alertmanager\"\nlabel = \"a\"", "url: is missing");
    check_one("kind = \"prometheus\"\nurl = \"https://x\"\nred_when = \"< 1\"", "query: is missing");
    check_one("kind = \"prometheus\"\nurl = \"https://x\"\nquery = \"up\"", "red_when: is missing");
    check_one("kind = \"alertmanager\"\nurl = \"https://x\"", "label: is missing");
    check_one(ISSUES, "labels: is missing: every open issue would stand in the way");
    check_one("kind = \"github_issues\"\nurl = \"https://x\"\nlabels = \"a\"", "project: is missing");
    check_one(
        &format!("{ALERTS}query = \"up\""),
        "query: is of no use with kind \"alertmanager\", which has label, value",
    );
    check_one(
        &format!("{ALERTS}lable = \"a\""),
        "there is no \"lable\"; there are name, kind, url, token_file, token_env, when_silent, deadline_s, label, value",
    );
    check_one(
        &format!("{ALERTS}when_silent = \"ignore\""),
        "when_silent: must be \"refuse\" or \"pass\", and is \"ignore\"",
    );
    check_one(&format!("{ALERTS}deadline_s = 0"), "deadline_s: must be a whole number from 1 to 10");
    check_one(&format!("{ALERTS}deadline_s = 10"), "good");
    check_one(&format!("{ALERTS}deadline_s = 11"), "deadline_s: must be a whole number from 1 to 10");
    check_one(
        &format!("{ALERTS}token = \"typed in\""),
        "token: a token does not belong into this file; name a file (token_file) or a variable (token_env)",
    );
}

#[test]
fn there_are_not_endlessly_many() {
    let many = |count: usize| -> String {
        (0..count).map(|n| format!("[[production_checks]]\nname = \"c{n}\"\n{PROMETHEUS}")).collect()
    };
    check(&many(PRODUCTION_CHECKS_MAX), "good");
    check(&many(PRODUCTION_CHECKS_MAX + 1), "production_checks: there may be 20; there are 21");
}
