//! GitLab and GitHub, as their APIs are described: see `assumed/README.md`.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::server::{Asked, Reply, Server};
use support::{issues, look};
use wigwag_monitors::{SourceConfig, Tracker, limits};

const GITLAB_ISSUES: &str = include_str!("assumed/gitlab-issues.json");
const GITLAB_NOT_FOUND: &str = include_str!("assumed/gitlab-not-found.json");
const GITLAB_UNAUTHORIZED: &str = include_str!("assumed/gitlab-unauthorized.json");
const GITHUB_ISSUES: &str = include_str!("assumed/github-issues.json");
const GITHUB_BAD_CREDENTIALS: &str = include_str!("assumed/github-bad-credentials.json");
const GITHUB_RATE_LIMIT: &str = include_str!("assumed/github-rate-limit.json");

fn gitlab(url: &str) -> SourceConfig {
    issues(url, Tracker::Gitlab, "acme/production", &["incident", "severity::2"])
}

fn github(url: &str) -> SourceConfig {
    issues(url, Tracker::Github, "acme/shop", &["incident", "blocks flags"])
}

#[tokio::test]
async fn open_issues_of_a_gitlab_block() {
    let server = Server::always(Reply::json(GITLAB_ISSUES)).await;
    assert_eq!(
        look(gitlab(&format!("{}/", server.url()))).await,
        "Checkout answers 500 for some carts (#812) <https://gitlab.example/acme/production/-/issues/812>\n\
         Move the database to its new host (#809) <https://gitlab.example/acme/production/-/issues/809>"
    );
    let asked = server.asked().pop().unwrap();
    assert_eq!(
        asked.line(),
        "GET /api/v4/projects/acme%2Fproduction/issues?labels=incident%2Cseverity%3A%3A2&state=opened&per_page=20"
    );
    assert_eq!(
        (asked.header("private-token"), asked.header("authorization")),
        ("t0ken".into(), String::new())
    );
    assert_eq!(asked.header("accept"), "application/json");
    look(issues(&format!("{}/git", server.url()), Tracker::Gitlab, "7", &["incident"])).await;
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line(), "GET /git/api/v4/projects/7/issues?labels=incident&state=opened&per_page=20");
}

#[tokio::test]
async fn open_issues_of_a_github_block_and_pull_requests_do_not() {
    let server =
        Server::always(Reply::json(GITHUB_ISSUES).with("content-type", "application/json; charset=utf-8"))
            .await;
    assert_eq!(
        look(github(&server.url())).await,
        "Search is down (#30) <https://github.com/acme/shop/issues/30>"
    );
    let asked = server.asked().pop().unwrap();
    assert_eq!(
        asked.line(),
        "GET /repos/acme/shop/issues?labels=incident%2Cblocks%20flags&state=open&per_page=20"
    );
    assert_eq!(asked.header("authorization"), "Bearer t0ken");
    assert_eq!(asked.header("accept"), "application/vnd.github+json");
    assert_eq!(asked.header("x-github-api-version"), "2022-11-28");
    assert!(asked.header("user-agent").starts_with("Wigwag/"), "{asked:?}");
}

#[tokio::test]
async fn none_is_clear() {
    let server = Server::always(Reply::json("[]")).await;
    assert_eq!(look(gitlab(&server.url())).await, "clear");
    assert_eq!(look(SourceConfig { token: None, ..github(&server.url()) }).await, "clear");
    assert_eq!(server.asked().pop().unwrap().header("authorization"), "");
}

#[tokio::test]
async fn closed_ones_do_not_block() {
    let server = Server::always(Reply::json(GITLAB_ISSUES.replace("\"opened\"", "\"closed\""))).await;
    assert_eq!(look(gitlab(&server.url())).await, "clear");
}

#[tokio::test]
async fn a_full_page_says_that_there_may_be_more() {
    let named = async |count: usize| {
        let server = Server::always(Reply::json(list(1, count, issue).to_string())).await;
        look(gitlab(&server.url())).await.lines().last().unwrap().to_owned()
    };
    let last = limits::ISSUES_PER_PAGE;
    assert_eq!(named(last - 1).await, "Issue 19 (#19)");
    assert_eq!(named(last).await, "and perhaps more");
}

/// Entries by number.
fn list(first: usize, count: usize, entry: impl Fn(usize) -> Value) -> Value {
    (first..first + count).map(entry).collect()
}

fn issue(number: usize) -> Value {
    json!({ "title": format!("Issue {number}"), "iid": number, "number": number, "state": "opened" })
}

fn open_pull_request(number: usize) -> Value {
    json!({ "title": "Change", "number": number, "state": "open", "pull_request": {} })
}

/// What is said of a GitHub with so many pull requests with the labels, and an issue behind them; and the pages asked.
async fn behind(pull_requests: usize) -> (String, usize) {
    let mut all: Vec<Value> = (1..=pull_requests).map(open_pull_request).collect();
    all.push(json!({ "title": "Down", "number": 0, "state": "open", "pull_request": null }));
    let page = move |asked: &Asked| {
        let number: usize = asked.query.split("&page=").nth(1).map_or(1, |page| page.parse().unwrap());
        let items: Vec<&Value> = all.iter().skip((number - 1) * 20).take(20).collect();
        Reply::json(json!(items).to_string())
    };
    let server = Server::start(page).await;
    (look(github(&server.url())).await, server.asked().len())
}

#[tokio::test]
async fn an_issue_behind_pull_requests_is_found_or_it_is_silent() {
    assert_eq!(behind(19).await, ("Down (#0)\nand perhaps more".into(), 1));
    assert_eq!(behind(20).await, ("Down (#0)".into(), 2));
    let pages = limits::PAGES_MAX;
    assert_eq!(behind(20 * pages - 1).await.0, "Down (#0)\nand perhaps more");
    let (said, asked) = behind(20 * pages).await;
    assert!(
        said.starts_with("silent: GitHub at ") && said.contains("lists 5 pages of something else"),
        "{said}"
    );
    assert_eq!(asked, pages);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let check = async |config: fn(&str) -> SourceConfig, reply: Reply, expected: &str| {
        let server = Server::always(reply).await;
        let said = look(config(&server.url())).await;
        let at = server.address;
        let begin = [format!("silent: GitLab at {at} answers "), format!("silent: GitHub at {at} answers ")];
        let rest = begin.iter().find_map(|begin| said.strip_prefix(begin.as_str())).unwrap();
        assert_eq!(rest, expected);
    };
    let token = "401: it does not take what it is shown. Check the token";
    check(gitlab, Reply::json(GITLAB_UNAUTHORIZED).status(401), token).await;
    check(github, Reply::json(GITHUB_BAD_CREDENTIALS).status(401), token).await;
    let missing =
        "404: it has no such thing. Check its URL. Check the project, and whether the token may read it";
    check(gitlab, Reply::json(GITLAB_NOT_FOUND).status(404), missing).await;
    let limited = Reply::json(GITHUB_RATE_LIMIT).status(403).with("x-ratelimit-remaining", "0");
    check(github, limited, "403: it was asked too often. Try again later").await;
    let limited = Reply::json(GITHUB_RATE_LIMIT).status(429).with("retry-after", "30");
    check(github, limited, "429: it was asked too often. Try again in 30 s").await;
    check(gitlab, Reply::text("").status(502), "502. Look at its log").await;
}

#[tokio::test]
async fn a_list_that_is_not_understood_as_a_whole_is_silent() {
    let check = async |config: fn(&str) -> SourceConfig, body: Value| {
        let server = Server::always(Reply::json(body.to_string())).await;
        let said = look(config(&server.url())).await;
        assert!(said.contains("answers with something else than a list of issues"), "{body}: {said}");
    };
    for config in [gitlab as fn(&str) -> SourceConfig, github] {
        check(config, json!({})).await;
        check(config, json!("fine")).await;
        check(config, json!([1])).await;
        check(config, json!([{ "title": "No number", "state": "open" }])).await;
        check(config, json!([{ "iid": 1, "number": 1, "state": "open" }])).await;
        check(config, json!([{ "title": "No state", "iid": 1, "number": 1 }])).await;
        check(config, json!([{ "title": "x", "iid": -1, "number": 1.5, "state": "open" }])).await;
    }
}

#[tokio::test]
async fn titles_and_links_are_tame() {
    let entry = json!([{
        "title": format!("a\n\u{1b}[31m\u{202e}{}", "b".repeat(10_000)), "iid": 7, "state": "opened",
        "web_url": "javascript:alert(1)",
    }]);
    let server = Server::always(Reply::json(entry.to_string())).await;
    let title = format!("a [31m{}…", "b".repeat(limits::TEXT_CHARS_MAX - 7));
    assert_eq!(look(gitlab(&server.url())).await, format!("{title} (#7)"));
}
